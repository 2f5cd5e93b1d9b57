/** One hostile page or listing fails alone: everything else of the day is collected. */
import { expect, test } from 'vitest';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { collectDay, someDay } from '../support/days.ts';
import { newFolder } from '../support/folders.ts';
import { tickersIn } from '../support/lake-rows.ts';
import { funds, manyStocks, tickersOf } from '../support/small-market.ts';
import { sorTables, specTable } from '../support/tables.ts';

const nested = `<html><table class="resultado">${'<div>'.repeat(100_000)}</table></html>`;

test('a hostile page fails alone', async () => {
  const root = await newFolder();
  const market = manyStocks(12);
  const [deep, wide, large, ...others] = tickersOf(market);
  const pages: Readonly<Record<string, string>> = {
    [String(deep)]: `<html>${'<table class="w728"><tr><td>'.repeat(1_000)}</html>`,
    [String(wide)]:
      `<html><table class="w728"><tr>${'<td colspan="1000" rowspan="0">'.repeat(3_000)}</html>`,
    [String(large)]: `<html><!--${'x'.repeat(1 << 20)}--></html>`,
  };
  const report = await collectDay(root, [...market, ...funds], {
    fault: (what) => (pages[what] === undefined ? undefined : { html: pages[what] }),
  });
  expect(report.tickers.failed.map(({ ticker, kind }) => [ticker, kind])).toEqual(
    [deep, wide, large].map((ticker) => [ticker, 'not-a-page']),
  );
  const stored = await tickersIn(createLocalLake(root), specTable, someDay);
  expect(stored).toEqual([...others, ...tickersOf(funds)].sort());
});

test.each([
  ['deep', nested],
  ['large', `<html>${' '.repeat(5 << 20)}</html>`],
])('a listing that is too %s does not keep the other from being collected', async (_, html) => {
  const root = await newFolder();
  const report = await collectDay(root, [...manyStocks(3), ...funds], {
    fault: (what) => (what === 'acoes' ? { html } : undefined),
  });
  expect(report.listing_faults).toEqual([
    expect.stringContaining('acoes: the answer is not a page of the site'),
  ]);
  expect(await tickersIn(createLocalLake(root), sorTables.fiis, someDay)).toEqual(tickersOf(funds));
});

test.each([429, 503])('one page that asks for a wait of a day fails alone (%i)', async (status) => {
  const root = await newFolder();
  const market = manyStocks(30);
  const [first] = tickersOf(market);
  const report = await collectDay(root, market, {
    fault: (what) => (what === first ? { status, retryAfter: '99999' } : undefined),
  });
  expect(report.tickers.failed.map(({ ticker }) => ticker)).toEqual([first]);
  expect(report.tickers.stored).toBe(29);
});

test('a site that asks for a wait of a day on every page is left alone', async () => {
  const report = await collectDay(await newFolder(), manyStocks(30), {
    concurrency: 1,
    fault: (what) => (what.startsWith('AA') ? { status: 429, retryAfter: '99999' } : undefined),
  });
  const kinds = report.tickers.failed.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'blocked')).toHaveLength(3);
  expect(kinds.filter((kind) => kind === 'not-asked')).toHaveLength(27);
});

test('a listing that is short beside what the same day has is reported', async () => {
  const root = await newFolder();
  await collectDay(root, [...manyStocks(40), ...funds]);
  const report = await collectDay(root, [...manyStocks(6), ...funds]);
  expect(report.listing_faults).toEqual([
    'acoes: the listing names 6 tickers, and the lake has 40 of 2026-11-20',
  ]);
  expect(await tickersIn(createLocalLake(root), sorTables.acoes, someDay)).toHaveLength(40);
});
