import { describe, expect, test } from 'vitest';
import { type Partition, parsePartition } from '../../src/catalog/partition.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import {
  backfill,
  createNothingToRebuildError,
  findDaysWithRawText,
} from '../../src/pipeline/rebuild.ts';
import { clockFrom, collectDay } from '../support/days.ts';
import { contentsBelow, newFolder } from '../support/folders.ts';
import { columnByTicker, rowsOfAll } from '../support/lake-rows.ts';
import { wholeRow } from '../support/rows.ts';
import { priced, smallMarket } from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const day = (text: string): Partition => parsePartition(text);

test('a past day is rebuilt from its raw text; the days around it stay as they are', async () => {
  const root = await newFolder();
  const days = ['2026-11-18', '2026-11-19', '2026-11-20'].map(day);
  for (const [at, partition] of days.entries()) {
    await collectDay(root, priced(smallMarket, `${at + 1},00`), { partition });
  }
  const lake = createLocalLake(root);
  const middle = day('2026-11-19');
  const [whole, before] = [await rowsOfAll(lake, middle), await contentsBelow(root)];
  for (const table of [sotTables.acoes, sotTables.fiis, specTable]) {
    await lake.remove(await lake.files(table, middle));
  }
  const report = await backfill(lake, middle, clockFrom('2026-11-21T12:00:00Z'));
  expect(await rowsOfAll(lake, middle)).toEqual(whole);
  expect(await contentsBelow(root)).toEqual(before);
  expect(report).toMatchObject({
    command: 'backfill',
    partition: 20261119,
    date: '2026-11-19',
    started_at: '2026-11-21T09:00:01.000-03:00',
    seconds: 1,
    tickers: { asked: 0, stored: 0, failed: [], rejected: [] },
    drift: { unknownLabels: [], vanishedColumns: [] },
  });
  expect(Object.values(report.rows)).toEqual([3, 2, 3, 2, 5]);
  expect(report.bytes_written).toBeGreaterThan(0);
});

test('the years of a day are those of its partition, whenever it is rebuilt', async () => {
  const root = await newFolder();
  const partition = day('2026-11-20');
  await collectDay(root, smallMarket, { partition });
  const lake = createLocalLake(root);
  const before = await columnByTicker(lake, specTable, partition, 'pct_var_ano_a0');
  await lake.remove(await lake.files(specTable, partition));
  await backfill(lake, partition, clockFrom('2031-01-01T00:00:00Z'));
  expect(await columnByTicker(lake, specTable, partition, 'pct_var_ano_a0')).toEqual(before);
});

describe('the days that can be rebuilt', () => {
  async function lakeWith(dates: readonly string[]) {
    const lake = createLocalLake(await newFolder());
    for (const [at, date] of dates.entries()) {
      const table = at % 2 === 0 ? sorTables.acoes : sorTables.fiis;
      const row = wholeRow(table, { [table.tickerColumn]: 'TUCA3' });
      await lake.write({ table, partition: day(date), name: 'dedup' }, [row]);
    }
    return lake;
  }

  test('are those with raw text of stocks or funds, in order, both ends included', async () => {
    const lake = await lakeWith(['2026-11-20', '2026-11-02', '2025-12-31', '2026-11-20']);
    const first = day('2026-11-02');
    expect(await findDaysWithRawText(lake, first, day('2026-11-20'))).toEqual([20261102, 20261120]);
    expect(await findDaysWithRawText(lake, day('2025-01-01'), first)).toEqual([20251231, 20261102]);
    expect(await findDaysWithRawText(lake, first, first)).toEqual([20261102]);
  });

  test('are none where only typed rows are there, and the error says which days have raw text', async () => {
    const lake = await lakeWith(['2026-11-02', '2026-11-03', '2026-11-06']);
    const wanted = day('2026-11-20');
    const row = wholeRow(specTable, { codigo_ticker_ativo: 'TUCA3' });
    await lake.write({ table: specTable, partition: wanted, name: 'dedup' }, [row]);
    expect(await findDaysWithRawText(lake, wanted, wanted)).toEqual([]);
    expect(await createNothingToRebuildError(lake, wanted, wanted, false)).toMatchObject({
      message: 'the lake has no raw text of 2026-11-20, and no session of B3',
      hint: 'It has raw text from 2026-11-02 to 2026-11-06.\n' + 'B3 did not trade then.',
    });
    const session = day('2026-11-19');
    expect(await createNothingToRebuildError(lake, session, session, false)).toMatchObject({
      hint: expect.stringContaining(
        "\nQuotes of other days follow from B3's prices: `pynvest import cotahist --year 2026`, and then this backfill again.",
      ),
    });
    const [from, to] = [day('2025-11-04'), day('2026-11-05')];
    expect(await createNothingToRebuildError(lake, from, to, true)).toMatchObject({
      message: 'the lake has no raw text of 2025-11-04 to 2026-11-05, and no session of B3',
      hint: expect.stringContaining("The lake's history of B3 lacks sessions then"),
    });
  });

  test('are none in an empty lake, and the error says how to begin', async () => {
    const wanted = day('2026-11-20');
    const lake = await lakeWith([]);
    expect(await findDaysWithRawText(lake, wanted, wanted)).toEqual([]);
    expect((await createNothingToRebuildError(lake, wanted, wanted, false)).hint).toContain(
      'pynvest run',
    );
  });
});
