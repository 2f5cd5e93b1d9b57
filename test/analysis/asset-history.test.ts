import { expect, test } from 'vitest';
import {
  getLastYear,
  readAssetSeries,
  sumIncomeByPeriod,
} from '../../src/analysis/asset-history.ts';
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

test('a year with an amount that is not known has no sum, and a year without a payment has 0', () => {
  const payments = [
    { day: '2021-05-03', amount: undefined },
    { day: '2021-09-01', amount: 1 },
    { day: '2023-02-01', amount: 0.1 },
    { day: '2023-03-01', amount: 0.2 },
  ];
  expect(sumIncomeByPeriod([payments], 'year')).toEqual([
    { label: '2021', values: [undefined] },
    { label: '2022', values: [0] },
    { label: '2023', values: [0.3] },
  ]);
});
