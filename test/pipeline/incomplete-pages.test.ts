/** Pages and files that must never take the place of what is stored. */

import { describe, expect, it } from 'vitest';
import { stocks as stocksDataset } from '../../src/catalog/datasets/acoes.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import { type DemoAsset, demoMarket } from '../../src/demo/market.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { createFundamentusSource } from '../../src/pipeline/data-source.ts';
import type { RunReport } from '../../src/pipeline/report.ts';
import { run } from '../../src/pipeline/run.ts';
import { createSite, defaultSiteSettings } from '../../src/sources/fundamentus/site.ts';
import { collectDay, newCollectedLake, someDay } from '../support/days.ts';
import { newFolder } from '../support/folders.ts';
import { columnByTicker, rowsOfAll } from '../support/lake-rows.ts';
import { startTestSite } from '../support/site.ts';
import { blanked, smallMarket, tickersOf, withValues } from '../support/small-market.ts';
import { sorTables, specTable } from '../support/tables.ts';

const DAY = parsePartition('2026-11-20');
const stocks = demoMarket.filter(({ kind }) => kind === 'acoes');

async function collectFrom(root: string, assets: readonly DemoAsset[]): Promise<RunReport> {
  const server = await startTestSite(assets);
  const { signal } = new AbortController();
  try {
    const settings = { ...defaultSiteSettings, baseUrl: server.url, pauseMs: 0, retries: 0 };
    return await run({
      source: createFundamentusSource(createSite(settings, signal)),
      lake: createLocalLake(root),
      partition: DAY,
      selection: { datasets: [stocksDataset] },
      concurrency: 2,
      signal,
      now: () => new Date(),
    });
  } finally {
    await server.close();
  }
}

describe('a page', () => {
  it('with next to no labels replaces no row: its ticker fails as a changed layout', async () => {
    const root = await newFolder();
    const first = await collectFrom(root, stocks);
    const lake = createLocalLake(root);
    const [file] = await lake.files(sorTables.acoes, DAY);
    const before = file && (await lake.read(file));
    const bare = stocks.map((asset) => ({
      ...asset,
      values: {},
      balance: {},
      last12Months: {},
      last3Months: {},
    }));
    const second = await collectFrom(root, bare);
    expect(first.tickers.failed).toEqual([]);
    expect(second.tickers.stored).toBe(0);
    expect(new Set(second.tickers.failed.map(({ kind }) => kind))).toEqual(
      new Set(['layout-changed']),
    );
    expect(file && (await lake.read(file))).toEqual(before);
  });

  it.each([
    ['nothing', ''],
    ['a dash', '-'],
  ] as const)('with all its labels and %s for every number replaces no row', async (_, text) => {
    const root = await newCollectedLake();
    const lake = createLocalLake(root);
    const before = await rowsOfAll(lake, someDay);
    const report = await collectDay(
      root,
      smallMarket.map((asset) => blanked(asset, text)),
    );
    expect(report.tickers).toMatchObject({ asked: 5, stored: 0 });
    expect(report.tickers.failed).toEqual(
      tickersOf(smallMarket).map((ticker) => ({
        ticker,
        kind: 'layout-changed',
        reason: expect.stringMatching(/^\w+: the page has \d+ known labels and only 5 values$/),
      })),
    );
    expect(await rowsOfAll(lake, someDay)).toEqual(before);
  });

  it('of a paper that has a price and little else is stored', async () => {
    const root = await newFolder();
    const poor = smallMarket.map((asset) =>
      withValues(blanked(asset, '-'), {
        Cotação: '12,00',
        'Data últ cot': '20/11/2026',
        'Min 52 sem': '12,00',
      }),
    );
    const report = await collectDay(root, poor);
    expect(report.tickers).toMatchObject({ stored: 5, failed: [] });
    const prices = await columnByTicker(createLocalLake(root), specTable, someDay, 'vlr_cot');
    expect(prices).toEqual(Object.fromEntries(tickersOf(poor).map((ticker) => [ticker, 12])));
  });

  it('with a second label Papel keeps its own ticker, so that no two rows are taken for one', async () => {
    const root = await newFolder();
    const odd = stocks.map((asset) => ({ ...asset, extra: { Papel: 'ON' } }));
    const report = await collectFrom(root, odd);
    expect(report.tickers.failed).toEqual([]);
    expect(report.rows[sorTables.acoes.name]).toBe(stocks.length);
    expect(report.drift.unknownLabels.map(({ label }) => label)).toEqual(['Papel']);
  });
});
