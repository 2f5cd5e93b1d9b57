import { describe, expect, test } from 'vitest';
import { assets } from '../../src/catalog/asset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import type { FailedTicker } from '../../src/pipeline/collect.ts';
import { createReport } from '../../src/pipeline/report.ts';
import { clockFrom, collectDay, newCollectedLake, someDay } from '../support/days.ts';
import { newFolder } from '../support/folders.ts';
import { funds, manyStocks, stocks, withValues } from '../support/small-market.ts';

const facts = {
  command: 'run',
  partition: someDay,
  startedAt: new Date('2026-11-20T21:45:00Z'),
  endedAt: new Date('2026-11-20T21:46:30.500Z'),
  rows: {},
  unparsed: [],
  bytes: 0,
} as const;

describe('a report', () => {
  test('says when it began, in São Paulo, and how long it took', () => {
    expect(createReport(facts)).toMatchObject({
      partition: 20261120,
      date: '2026-11-20',
      started_at: '2026-11-20T18:45:00.000-03:00',
      seconds: 90.5,
    });
  });

  test('lists what failed in the order of tickers, and changes no list that it is given', () => {
    const failed = ['VREG3', 'ARAF4', 'TUCA3'].map(
      (ticker): FailedTicker => ({ ticker: parseTicker(ticker), kind: 'blocked', reason: '' }),
    );
    const { tickers } = createReport({ ...facts, failed: Object.freeze(failed) });
    expect(tickers.failed.map(({ ticker }) => ticker)).toEqual(['ARAF4', 'TUCA3', 'VREG3']);
  });

  test('counts the values of a column that do not parse, and shows the first five', () => {
    const unparsed = Array.from({ length: 7 }, (_, at) => ({
      ticker: `AAA${at}`,
      column: at === 3 ? 'num_acoes' : 'vlr_cot',
      text: `text ${at}`,
    }));
    const of = (...at: number[]) => at.map((n) => ({ ticker: `AAA${n}`, text: `text ${n}` }));
    expect(createReport({ ...facts, unparsed }).unparsed).toEqual([
      { column: 'vlr_cot', values: 6, examples: of(0, 1, 2, 4, 5) },
      { column: 'num_acoes', values: 1, examples: of(3) },
    ]);
  });

  test('survives being kept as JSON', () => {
    const report = createReport({ ...facts, rejected: ['não é'], rows: { tb: 3 } });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});

describe('the report of a day', () => {
  test('names unparsed values, drift and what in a listing is no ticker', async () => {
    const [first, second, third] = stocks;
    if (!first || !second || !third) throw new Error('the demo has too few stocks');
    const { 'P/L': _, ...withoutRatio } = third.values;
    const noRatio = [first, second].map((asset) => {
      const { 'P/L': __, ...values } = asset.values;
      return { ...asset, values };
    });
    const [odd, drifted] = noRatio;
    if (!odd || !drifted) throw new Error('the demo has too few stocks');
    const report = await collectDay(
      await newFolder(),
      [
        withValues(odd, { Cotação: 'caro' }),
        { ...drifted, extra: { 'Nota de risco': 'A+' } },
        { ...third, values: withoutRatio, extra: { 'Nota de risco': 'B' } },
        { ...third, ticker: 'não é' },
        ...funds,
      ],
      { now: clockFrom('2026-11-20T21:45:00Z') },
    );
    const examples = [{ ticker: odd.ticker, text: 'caro' }];
    expect(report.unparsed).toEqual([{ column: 'vlr_cot', values: 1, examples }]);
    const [unknown, ...more] = report.drift.unknownLabels;
    expect(more).toEqual([]);
    expect(unknown).toMatchObject({ kind: 'acoes', label: 'Nota de risco', pages: 2 });
    expect([drifted.ticker, third.ticker]).toContain(unknown?.firstTicker);
    expect(report.drift.vanishedColumns).toContainEqual(
      expect.objectContaining({ kind: 'acoes', column: 'vlr_ind_p_sobre_l', retired: false }),
    );
    expect(report.tickers.rejected).toHaveLength(1);
    expect(report.tickers).toMatchObject({ asked: 5, stored: 5 });
    expect(report.bytes_written).toBeGreaterThan(0);
  });

  test('of chosen tickers calls no label vanished: others may have it', async () => {
    const chosen = manyStocks(60);
    const tickers = chosen.map(({ ticker }) => parseTicker(ticker));
    const listed = await collectDay(await newFolder(), chosen, {
      selection: { datasets: [assets.acoes.dataset] },
    });
    // A market without a bank lacks the labels of banks.
    expect(listed.drift.vanishedColumns.length).toBeGreaterThan(0);
    const named = await collectDay(await newFolder(), chosen, { selection: { tickers } });
    expect(named.tickers.stored).toBe(60);
    expect(named.drift.vanishedColumns).toEqual([]);
  });

  test('has the rows of every table, also of a kind that was not asked for', async () => {
    const root = await newCollectedLake();
    const { rows } = await collectDay(root, [...manyStocks(2), ...funds], {
      selection: { datasets: [assets.acoes.dataset] },
    });
    const [rawStocks, rawFunds, typedStocks, typedFunds, quotes] = tables.map(
      ({ name }) => rows[name],
    );
    expect([rawStocks, rawFunds, typedStocks, typedFunds, quotes]).toEqual([5, 2, 5, 2, 7]);
  });
});
