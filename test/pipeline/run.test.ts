import { describe, expect, test } from 'vitest';
import { assets } from '../../src/catalog/asset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { demoMarket } from '../../src/demo/market.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { collectDay, newCollectedLake, someDay } from '../support/days.ts';
import { contentsBelow, filesBelow, newFolder } from '../support/folders.ts';
import { columnByTicker, rowsOfAll, tickersIn } from '../support/lake-rows.ts';
import {
  funds,
  manyStocks,
  priced,
  smallMarket,
  stocks,
  tickersOf,
  withValues,
} from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const kindsOfDemo = {
  acoes: demoMarket.filter(({ kind }) => kind === 'acoes'),
  fiis: demoMarket.filter(({ kind }) => kind === 'fiis'),
};

/** The price of each asset in the quotes. */
const pricesAt = (root: string) =>
  columnByTicker(createLocalLake(root), specTable, someDay, 'vlr_cot');

test('a day of the demo’s market is one row a ticker in each of the five tables', async () => {
  const root = await newFolder();
  const report = await collectDay(root, demoMarket);
  const lake = createLocalLake(root);
  for (const kind of ['acoes', 'fiis'] as const) {
    for (const table of [sorTables[kind], sotTables[kind]]) {
      expect(await tickersIn(lake, table, someDay)).toEqual(tickersOf(kindsOfDemo[kind]));
    }
  }
  expect(await tickersIn(lake, specTable, someDay)).toEqual(tickersOf(demoMarket));
  for (const table of tables) {
    expect(await lake.partitions(table)).toEqual([someDay]);
    expect(await lake.files(table, someDay)).toEqual([
      { table, partition: someDay, name: 'dedup' },
    ]);
    expect(report.rows[table.name]).toBe((await tickersIn(lake, table, someDay)).length);
  }
  const { asked, stored, failed, rejected } = report.tickers;
  expect([asked, stored]).toEqual([demoMarket.length, demoMarket.length]);
  expect([failed, rejected]).toEqual([[], []]);
});

test('raw text stays as printed, typed values have the sign and are fractions, quotes follow', async () => {
  const root = await newFolder();
  const [stock] = stocks;
  if (stock === undefined) throw new Error('the demo has no stock');
  const { ticker } = stock;
  await collectDay(root, [
    withValues(stock, { Cotação: '1.234,56', Dia: '-0,66%', 'Nro. Ações': '820.400.000' }),
    ...funds,
  ]);
  const lake = createLocalLake(root);
  const cell = async (table: typeof specTable, column: string) =>
    (await columnByTicker(lake, table, someDay, column))[ticker];
  expect(await cell(sorTables.acoes, 'pct_var_dia')).toBe('-0,66%');
  expect(await cell(sotTables.acoes, 'pct_var_dia')).toBe(-0.0066);
  expect(await cell(specTable, 'pct_var_dia')).toBe(-0.0066);
  expect(await cell(sorTables.acoes, 'vlr_cot')).toBe('1.234,56');
  expect(await cell(specTable, 'vlr_cot')).toBe(1234.56);
  expect(await cell(sotTables.acoes, 'num_acoes')).toBe(820_400_000);
  expect(await cell(specTable, 'tipo_ativo')).toBe('Ação');
});

test('the same day again: the same rows, no duplicates, the same files', async () => {
  const root = await newCollectedLake();
  const lake = createLocalLake(root);
  const [rows, files] = [await rowsOfAll(lake, someDay), await filesBelow(root)];
  const report = await collectDay(root, smallMarket);
  expect(await rowsOfAll(lake, someDay)).toEqual(rows);
  expect(await filesBelow(root)).toEqual(files);
  expect(Object.values(report.rows)).toEqual([3, 2, 3, 2, 5]);
});

test('the day’s newer page replaces the older row in every table', async () => {
  const root = await newFolder();
  await collectDay(root, priced(smallMarket, '1,00'));
  await collectDay(root, priced(smallMarket, '2,00'));
  expect(new Set(Object.values(await pricesAt(root)))).toEqual(new Set([2]));
  const lake = createLocalLake(root);
  const typed = await columnByTicker(lake, sotTables.fiis, someDay, 'vlr_cot');
  expect(typed).toEqual({ [tickersOf(funds)[0] ?? '']: 2, [tickersOf(funds)[1] ?? '']: 2 });
  const raw = await columnByTicker(lake, sorTables.acoes, someDay, 'vlr_cot');
  expect(new Set(Object.values(raw))).toEqual(new Set(['2,00']));
});

test('a ticker that fails this time keeps its earlier row of the day, and the report names it', async () => {
  const root = await newFolder();
  const [failing = ''] = tickersOf(stocks);
  await collectDay(root, priced(smallMarket, '1,00'));
  const report = await collectDay(root, priced(smallMarket, '2,00'), {
    fault: (what) => (what === failing ? 500 : undefined),
  });
  expect(report.tickers.failed).toEqual([
    { ticker: failing, kind: 'unavailable', reason: expect.stringContaining('500') },
  ]);
  expect(report.tickers.stored).toBe(4);
  const expected = Object.fromEntries(tickersOf(smallMarket).map((ticker) => [ticker, 2]));
  expect(await pricesAt(root)).toEqual({ ...expected, [failing]: 1 });
  expect(Object.values(report.rows)).toEqual([3, 2, 3, 2, 5]);
});

test('a ticker that the listing no longer names keeps its row of the day', async () => {
  const root = await newFolder();
  await collectDay(root, priced(smallMarket, '1,00'));
  await collectDay(root, priced([...stocks.slice(1), ...funds], '2,00'));
  expect(Object.keys(await pricesAt(root)).sort()).toEqual(tickersOf(smallMarket));
});

test('a site that refuses every page takes nothing away from the day', async () => {
  const root = await newFolder();
  const market = [...manyStocks(40), ...funds];
  await collectDay(root, market);
  const rows = await rowsOfAll(createLocalLake(root), someDay);
  const report = await collectDay(root, market, {
    retries: 0,
    fault: (what) => (what === 'acoes' || what === 'fiis' ? undefined : 403),
  });
  expect(report.tickers.stored).toBe(0);
  expect(report.tickers.failed).toHaveLength(42);
  expect(report.tickers.failed.some(({ kind }) => kind === 'not-asked')).toBe(true);
  expect(await rowsOfAll(createLocalLake(root), someDay)).toEqual(rows);
});

describe('a listing that cannot be read leaves its kind untouched, and the other is collected', () => {
  test.each([
    ['refused', 'acoes', 403],
    ['cut short', 'fiis', 'truncated'],
    ['empty', 'acoes', 'empty'],
    ['not a listing', 'fiis', 'no-tables'],
    ['of no tickers', 'fiis', { html: '<html><table class="resultado"></table></html>' }],
  ] as const)('%s', async (_, kind, fault) => {
    const root = await newFolder();
    await collectDay(root, priced(smallMarket, '1,00'));
    const report = await collectDay(root, priced(smallMarket, '2,00'), {
      fault: (what) => (what === kind ? fault : undefined),
    });
    expect(report.listing_faults).toEqual([expect.stringContaining(`${kind}: `)]);
    const expected = smallMarket.map((each) => [each.ticker, each.kind === kind ? 1 : 2]);
    expect(await pricesAt(root)).toEqual(Object.fromEntries(expected));
  });
});

test('listings of which none can be read leave the lake untouched', async () => {
  const root = await newFolder();
  await collectDay(root, priced(smallMarket, '1,00'));
  const before = await contentsBelow(root);
  const second = collectDay(root, priced(smallMarket, '2,00'), {
    fault: (what) => (what === 'acoes' || what === 'fiis' ? 'no-tables' : undefined),
  });
  await expect(second).rejects.toMatchObject({ message: expect.stringContaining('acoes') });
  expect(await contentsBelow(root)).toEqual(before);
});

test('a listing with less than half of the day before is reported, and what it names is collected', async () => {
  const root = await newFolder();
  const market = manyStocks(9);
  const next = (someDay + 3) as typeof someDay;
  expect(await collectDay(root, [...market, ...funds])).not.toHaveProperty('listing_faults');
  const half = await collectDay(root, [...market.slice(0, 5), ...funds], { partition: next });
  expect(half).not.toHaveProperty('listing_faults');
  const later = (someDay + 4) as typeof someDay;
  const cut = await collectDay(root, [...market.slice(0, 2), ...funds], { partition: later });
  expect(cut.listing_faults).toEqual([
    'acoes: the listing names 2 tickers, and the lake has 5 of 2026-11-23',
  ]);
  const expected = tickersOf([...market.slice(0, 2), ...funds]);
  expect(await tickersIn(createLocalLake(root), specTable, later)).toEqual(expected);
});

test('chosen tickers alone are asked for; the others stay as they are', async () => {
  const root = await newFolder();
  await collectDay(root, priced(smallMarket, '1,00'));
  const chosen = [tickersOf(stocks)[0] ?? '', tickersOf(funds)[0] ?? ''];
  const listed: string[] = [];
  const report = await collectDay(root, priced(smallMarket, '2,00'), {
    selection: { tickers: chosen.map(parseTicker) },
    events: { onListed: (tickers) => listed.push(...tickers) },
  });
  expect(listed).toEqual(chosen);
  expect(report.tickers.asked).toBe(2);
  const expected = tickersOf(smallMarket).map((each) => [each, chosen.includes(each) ? 2 : 1]);
  expect(await pricesAt(root)).toEqual(Object.fromEntries(expected));
});

test('one kind alone leaves the other as it is', async () => {
  const root = await newFolder();
  await collectDay(root, priced(smallMarket, '1,00'));
  await collectDay(root, priced(smallMarket, '2,00'), {
    selection: { datasets: [assets.fiis.dataset] },
    fault: (what) => (what === 'acoes' ? 500 : undefined),
  });
  const expected = smallMarket.map(({ ticker, kind }) => [ticker, kind === 'fiis' ? 2 : 1]);
  expect(await pricesAt(root)).toEqual(Object.fromEntries(expected));
});

test('an interrupted day is completed by the next run', async () => {
  const root = await newFolder();
  const market = manyStocks(20);
  const controller = new AbortController();
  const events = { onTicker: () => controller.abort(new Error('Ctrl-C')) };
  const interrupted = collectDay(root, [...market, ...funds], {
    signal: controller.signal,
    latencyMs: 3,
    events,
  });
  await expect(interrupted).rejects.toThrow('Ctrl-C');
  const lake = createLocalLake(root);
  expect((await tickersIn(lake, sorTables.acoes, someDay)).length).toBeGreaterThan(0);
  await collectDay(root, [...market, ...funds]);
  expect(await tickersIn(lake, specTable, someDay)).toEqual(tickersOf([...market, ...funds]));
});

test('another day has a partition of its own', async () => {
  const root = await newFolder();
  await collectDay(root, priced(smallMarket, '1,00'));
  const before = await contentsBelow(root);
  const next = (someDay + 3) as typeof someDay;
  await collectDay(root, priced(smallMarket, '2,00'), { partition: next });
  expect(await contentsBelow(root)).toMatchObject(before);
  expect(await createLocalLake(root).partitions(specTable)).toEqual([someDay, next]);
});
