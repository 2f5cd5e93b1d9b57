/** Steps may run twice, late or in another order, as events bring them: the rows come out the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AssetKind, assets } from '../../src/catalog/asset.ts';
import type { Row } from '../../src/catalog/column.ts';
import { quotes } from '../../src/catalog/datasets/cotacoes.ts';
import { READ_AT_COLUMN } from '../../src/catalog/datasets/shared-indicators.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import type { Lake, LakeFile } from '../../src/lake/lake.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { formatTypedName } from '../../src/lake/names.ts';
import { deduplicatePartition } from '../../src/pipeline/deduplicate-partition.ts';
import { someDay } from '../support/days.ts';
import { newFolder } from '../support/folders.ts';
import { rowsOf, rowsOfAll } from '../support/lake-rows.ts';
import { wholeRow } from '../support/rows.ts';
import { prepareFile, specializeFile } from '../support/steps.ts';
import { sorTables, sotTables } from '../support/tables.ts';

interface Batch {
  readonly kind: AssetKind;
  readonly file: LakeFile;
  readonly rows: readonly Row[];
}

function batch(kind: AssetKind, name: string, hour: number, tickers: readonly string[]): Batch {
  const table = sorTables[kind];
  const rows = tickers.map((ticker) =>
    wholeRow(table, {
      [table.tickerColumn]: ticker,
      vlr_cot: `${hour},00`,
      [READ_AT_COLUMN]: `2026-11-20T${hour}:00:00.000-03:00`,
    }),
  );
  return { kind, file: { table, partition: someDay, name: `${kind}-${name}.raw` }, rows };
}

/** Three batches of stocks that overlap, two of funds; the newest of each ticker is not the last. */
const batches: readonly Batch[] = [
  batch('acoes', 'c', 20, ['TUCA3', 'JABU4']),
  batch('acoes', 'a', 18, ['TUCA3', 'JABU4', 'ARAF4']),
  batch('acoes', 'b', 19, ['ARAF4', 'JABU4']),
  batch('fiis', 'b', 20, ['DEMO11']),
  batch('fiis', 'a', 18, ['DEMO11', 'XPTO11']),
];

type Step = (lake: Lake) => Promise<unknown>;

const prepareSteps = batches.map(
  ({ kind, file }): Step =>
    (lake) =>
      prepareFile(lake, kind, file),
);

/** Asked for by the event of a typed file; where a deduplication has removed that, there is none. */
const specializeSteps = batches.map(
  ({ kind, file }): Step =>
    async (lake) => {
      const name = formatTypedName(file.name);
      const files = await lake.files(sotTables[kind], someDay);
      const typed = files.find((each) => each.name === name);
      return typed && specializeFile(lake, kind, typed);
    },
);

const deduplicateSteps: readonly Step[] = [
  (lake) => deduplicatePartition(lake, assets.acoes.dataset, 'sot', someDay),
  (lake) => deduplicatePartition(lake, assets.fiis.dataset, 'sot', someDay),
  (lake) => deduplicatePartition(lake, quotes, 'spec', someDay),
];

async function rowsAfter(steps: readonly Step[]): Promise<Record<string, Row[]>> {
  const lake = createLocalLake(await newFolder());
  for (const { file, rows } of batches) await lake.write(file, rows);
  for (const step of steps) await step(lake);
  for (const table of tables.filter(({ layer }) => layer !== 'sor')) {
    expect(await lake.files(table, someDay)).toHaveLength(1);
  }
  return rowsOfAll(lake, someDay);
}

test('in the plain order, one row a ticker is left: the one read last', async () => {
  const lake = createLocalLake(await newFolder());
  for (const { file, rows } of batches) await lake.write(file, rows);
  for (const step of [...prepareSteps, ...specializeSteps, ...deduplicateSteps]) await step(lake);
  const prices = (await rowsOf(lake, sotTables.acoes, someDay)).map((row) => [
    row['nome_papel'],
    row['vlr_cot'],
  ]);
  expect(prices).toEqual([
    ['ARAF4', 19],
    ['JABU4', 20],
    ['TUCA3', 20],
  ]);
});

test('whatever ran before, how often and in which order, the rows are the same', async () => {
  const expected = await rowsAfter([...prepareSteps, ...specializeSteps, ...deduplicateSteps]);
  const everyStep = [...prepareSteps, ...specializeSteps, ...deduplicateSteps];
  const anySteps = fc.array(fc.constantFrom(...everyStep), { maxLength: 16 });
  const allEvents = fc.shuffledSubarray([...prepareSteps, ...specializeSteps], {
    minLength: prepareSteps.length + specializeSteps.length,
  });
  const [ofStocks, ofFunds, ofQuotes] = deduplicateSteps;
  if (!ofStocks || !ofFunds || !ofQuotes) throw new Error('three tables are deduplicated');
  // The state machine's order: the typed tables beside each other, then the quotes.
  const atLast = fc.constantFrom([ofStocks, ofFunds, ofQuotes], [ofFunds, ofStocks, ofQuotes]);
  await fc.assert(
    fc.asyncProperty(anySteps, allEvents, atLast, async (before, events, last) => {
      expect(await rowsAfter([...before, ...events, ...last])).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});
