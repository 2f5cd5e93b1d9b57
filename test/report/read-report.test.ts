import { expect, test } from 'vitest';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import { readReport } from '../../src/report/read-report.ts';
import { writeExchange } from '../support/exchange.ts';
import { newFolder } from '../support/folders.ts';
import { day } from '../support/made-up-lake.ts';

test('a report up to a day knows nothing later, and has 52 weeks beside the days asked for', async () => {
  const root = await newFolder();
  await writeExchange(createLocalLake(root));
  const engine = await openDuckDb(root);
  try {
    const { assets } = await readReport(engine, {
      tickers: [parseTicker('NOVO3')],
      ...{ from: day('2024-01-02'), to: day('2024-01-02'), isDerived: true },
      ...{ isFromAsked: true, findReading: () => undefined },
      madeAt: '2024-01-04T12:00:00-03:00',
      readRates: () => Promise.resolve([]),
    });
    const [{ prices, income } = { prices: undefined, income: undefined }] = assets;
    expect(prices?.points.map((point) => point.day)).toEqual(['2024-01-02']);
    expect(prices?.band).toMatchObject({
      low: { value: 18 },
      high: { value: 20 },
      from: '2023-12-27',
    });
    expect(income?.lastYear).toMatchObject({
      ...{ start: '2023-01-03', end: '2024-01-02', price: 18, priceDay: '2024-01-02' },
    });
  } finally {
    engine.close();
  }
});
