import { describe, expect, test } from 'vitest';
import { getLastYear, readAssetSeries } from '../../src/analysis/asset-history.ts';
import { sumIncomeByPeriod } from '../../src/analysis/income.ts';
import { readPriceCourse } from '../../src/analysis/price-course.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import { writeExchange } from '../support/exchange.ts';
import { newFolder } from '../support/folders.ts';
import { day } from '../support/made-up-lake.ts';

test('the last twelve months are the same ones of every answer', async () => {
  const root = await newFolder();
  await writeExchange(createLocalLake(root));
  const engine = await openDuckDb(root);
  try {
    const [ticker, until] = [parseTicker('NOVO3'), day('2025-01-01')];
    const course = await readPriceCourse(engine, ticker, until);
    const series = await readAssetSeries(engine, [ticker], {
      ...getLastYear(until),
      isDerived: true,
    });
    const points = series.get(ticker)?.points;
    expect(points?.map((point) => point.day)).toEqual(['2023-12-28', '2024-01-02', '2024-01-03']);
    expect(course?.points).toEqual(points);
  } finally {
    engine.close();
  }
});

describe('the income of each period', () => {
  const payments = [
    { day: '2021-05-03', amount: undefined },
    { day: '2021-09-01', amount: 1 },
    { day: '2023-02-01', amount: 0.1 },
    { day: '2023-03-01', amount: 0.2 },
  ];
  const income = { payments, readOn: undefined };
  const all = { from: undefined, isFromAsked: true };

  test('a year with an amount that is not known has no sum, and a year without a payment has 0', () => {
    expect(sumIncomeByPeriod([income], 'year', { ...all, to: '2024-12-31' })).toEqual([
      { label: '2021', values: [undefined] },
      { label: '2022', values: [0] },
      { label: '2023', values: [0.3] },
      { label: '2024', values: [0] },
    ]);
  });

  test('a span has all its years, and of those in part the days say which', () => {
    const span = { from: '2020-03-02', isFromAsked: true, to: '2023-11-19' };
    expect(sumIncomeByPeriod([income], 'year', span)).toEqual([
      { label: '2020', values: [0], since: '2020-03-02' },
      { label: '2021', values: [undefined] },
      { label: '2022', values: [0] },
      { label: '2023', values: [0.3], until: '2023-11-19' },
    ]);
    // Of a bound that nobody asked for, the years before the first payment say nothing.
    expect(sumIncomeByPeriod([income], 'year', { ...span, isFromAsked: false })[0]?.label).toBe(
      '2021',
    );
    const withinYear = { from: '2021-06-01', isFromAsked: false, to: '2021-12-31' };
    const [, ...later] = payments;
    expect(
      sumIncomeByPeriod([{ ...income, payments: later.slice(0, 1) }], 'year', withinYear),
    ).toEqual([{ label: '2021', values: [1], since: '2021-06-01' }]);
  });

  test('what is after the last reading of an asset is not known', () => {
    const read = { payments, readOn: '2023-06-30' };
    const span = { ...all, to: '2025-02-03' };
    expect(sumIncomeByPeriod([read, income], 'year', span).slice(2)).toEqual([
      { label: '2023', values: [0.3, 0.3], until: '2023-06-30' },
      { label: '2024', values: [undefined, 0] },
      { label: '2025', values: [undefined, 0] },
    ]);
  });

  test('months have their own last days', () => {
    const span = { from: '2023-01-01', isFromAsked: true, to: '2023-04-30' };
    expect(sumIncomeByPeriod([{ ...income, payments: payments.slice(2) }], 'month', span)).toEqual([
      { label: '2023-01', values: [0] },
      { label: '2023-02', values: [0.1] },
      { label: '2023-03', values: [0.2] },
      { label: '2023-04', values: [0] },
    ]);
  });

  test('without any payment there is nothing to show', () => {
    const none = { payments: [], readOn: '2023-06-30' };
    expect(sumIncomeByPeriod([none], 'year', { ...all, to: '2023-12-31' })).toEqual([]);
  });
});
