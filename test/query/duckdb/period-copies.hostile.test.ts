/** Lakes made up at random, changed at random, with copies and without: the same answers after every step. */
import { mkdir, rm } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import { PARTITION_COLUMN } from '../../../src/catalog/partition.ts';
import { getFilePath, getPartitionFolder } from '../../../src/lake/local/layout.ts';
import { selectQuotes } from '../../support/engines.ts';
import { newFolder } from '../../support/folders.ts';
import { day, olderEdition, quote, writeRowsTo } from '../../support/made-up-lake.ts';
import { copiedPeriods, copyPeriods, expectSameAnswers } from '../../support/period-copies.ts';
import { specTable } from '../../support/tables.ts';

const TABLE = `${specTable.database}.${specTable.name}`;
const TICKERS = ['PETR4', 'VALE3', 'HGLG11'];
const DAYS = ['2023-01-02', '2023-12-29', '2024-02-29', '2024-03-01', '2025-01-02', '2026-11-20'];
const NAMES = ['dedup', 'acoes-1.cotacao'];

const rows: fc.Arbitrary<Row[]> = fc.array(
  fc
    .record({
      ticker: fc.constantFrom(...TICKERS),
      price: fc.oneof(
        fc.constantFrom(0, -0, null),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
      ),
      name: fc.option(fc.string({ unit: 'grapheme', maxLength: 8 })),
      quoted: fc.option(fc.constantFrom('2023-01-02', '1970-01-01', '0001-01-01', '9999-12-31')),
    })
    .map(({ ticker, price, name, quoted }) =>
      quote(ticker, price, { nome_ativo: name, dt_ult_cot: quoted }),
    ),
  { minLength: 1, maxLength: 6 },
);

type Step =
  | { readonly what: 'write' | 'write as an older edition'; readonly rows: readonly Row[] }
  | { readonly what: 'remove a file' | 'remove a day' | 'copy quarters' };
type StepAt = Step & { readonly date: string; readonly name: string };

const step: fc.Arbitrary<StepAt> = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ what: fc.constant('write' as const), rows }) },
      fc.record({ what: fc.constant('write as an older edition' as const), rows }),
      fc.record({
        what: fc.constantFrom<Exclude<Step, { rows: unknown }>['what']>(
          'remove a file',
          'remove a day',
          'copy quarters',
        ),
      }),
    ),
    fc.constantFrom(...DAYS),
    fc.constantFrom(...NAMES),
  )
  .map(([change, date, name]) => ({ ...change, date, name }));

async function take(root: string, { date, name, ...change }: StepAt): Promise<void> {
  const file = { table: specTable, partition: day(date), name };
  switch (change.what) {
    case 'write':
      await writeRowsTo(root, specTable, date, change.rows, name);
      break;
    case 'write as an older edition':
      await writeRowsTo(root, olderEdition(specTable, 2), date, change.rows, name);
      break;
    case 'remove a file':
      await rm(getFilePath(root, file), { force: true });
      break;
    case 'remove a day':
      await rm(getPartitionFolder(root, specTable, file.partition), {
        recursive: true,
        force: true,
      });
      break;
    case 'copy quarters':
      await copyPeriods(root);
  }
}

const questions = [
  selectQuotes([], {}).sql,
  selectQuotes([], { from: day('2023-12-29'), to: day('2025-01-02') }).sql,
  `SELECT * FROM ${TABLE} WHERE codigo_ticker_ativo >= 'P' AND dt_ult_cot > DATE '1970-01-01'`,
  `SELECT ${PARTITION_COLUMN}, count(*), min(nome_ativo) FROM ${TABLE} GROUP BY ALL`,
  `DESCRIBE ${TABLE}`,
];

test('copies change no answer', async () => {
  let everCopied = 0;
  // In the same folder each time: to open the engine of another one takes as long as some answers.
  const root = await newFolder();
  await fc.assert(
    fc.asyncProperty(
      fc.array(rows, { minLength: DAYS.length, maxLength: DAYS.length }),
      fc.array(step, { minLength: 1, maxLength: 4 }),
      async (days, steps) => {
        await rm(root, { recursive: true });
        await mkdir(root);
        for (const [at, date] of DAYS.entries()) {
          await writeRowsTo(root, specTable, date, days[at] ?? []);
        }
        const start: StepAt = { what: 'copy quarters', date: '2023-01-02', name: 'dedup' };
        for (const each of [start, ...steps]) {
          await take(root, each);
          everCopied += copiedPeriods(root).length;
          const answer = await expectSameAnswers(root, questions);
          expect(answer).toContainEqual(expect.stringMatching(/^4.*DOUBLE/));
        }
      },
    ),
    { numRuns: 12 },
  );
  expect(everCopied).toBeGreaterThan(12);
}, 240_000);
