import { expect, test } from 'vitest';
import type { Partition } from '../../src/catalog/partition.ts';
import { createDemoMarket } from '../../src/demo/market-snapshot.ts';
import { parsePrinted, scalePrinted } from '../../src/demo/site-numbers.ts';

/** A Sunday. */
const TODAY = 20261122 as Partition;
const market = createDemoMarket(TODAY);
const { listings, assets, earlierAssets } = market;

test('one day always has the same market', () => {
  expect(createDemoMarket(TODAY)).toEqual(market);
});

test('the history of each asset ends with the price that its page prints', () => {
  expect(assets).toHaveLength(22);
  for (const [at, { sessions, asset }] of listings.entries()) {
    const { values } = assets[at] ?? asset;
    expect(values['Data últ cot'], asset.ticker).toBe('19/11/2026');
    expect(parsePrinted(values['Cotação']), asset.ticker).toBe(sessions.at(-1)?.close);
  }
});

test('no session has an impossible price, and each right raises the distribution number', () => {
  for (const { sessions, events, asset } of listings) {
    // One `expect` for all of them: for each it would take longer than all else.
    const impossible = sessions.filter(
      ({ open, high, low, close, quantity }) =>
        !(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && quantity > 0),
    );
    expect(impossible, asset.ticker).toEqual([]);
    const days = new Set(events.map(({ comDay }) => comDay));
    const [first, last] = [sessions.at(0), sessions.at(-1)];
    expect((last?.distribution ?? 0) - (first?.distribution ?? 0), asset.ticker).toBe(days.size);
  }
});

test('the variations of the years are those of the sessions', () => {
  const [tuca] = assets;
  // 14,63% and 9,27% in the list, before prices have whole cents.
  expect(parsePrinted(tuca?.years[0])).toBeCloseTo(0.1463, 2);
  expect(parsePrinted(tuca?.years[1])).toBeCloseTo(0.0927, 2);
});

test('a year before, prices are those of that day, and balances are of the same quarter', () => {
  const [before, listing] = [earlierAssets[0], listings[0]];
  const session = listing?.sessions.find(({ day }) => day === market.earlierDay);
  expect(market.earlierDay).toBe(20251119);
  expect(parsePrinted(before?.values['Cotação'])).toBe(session?.close);
  expect(before?.values['Últ balanço processado']).toBe('30/09/2025');
  expect(assets[0]?.values['Últ balanço processado']).toBe('30/09/2026');
});

test('a printed number is scaled in its notation', () => {
  expect(scalePrinted('31.765.900.000', 0.5)).toBe('15.883.000.000');
  expect(scalePrinted('-4,86', 2)).toBe('-9,72');
  expect(scalePrinted('3,5%', 1.1)).toBe('3,9%');
  expect(scalePrinted('-', 2)).toBe('-');
});
