import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatNumber } from '../../src/presentation/notation.ts';
import {
  packNumbers,
  packSeries,
  thinSeries,
  unpackNumbers,
  unpackSeries,
} from '../../src/report/packed-series.ts';
import { listWeekdays } from '../support/long-history.ts';

const sessions = listWeekdays('2016-11-21', '2026-11-19').map((day, at) => ({
  day,
  value: 20 + 5 * Math.sin(at / 90) + at / 300,
}));

test('whole numbers of any sign and size come back', () => {
  const whole = fc.array(fc.integer({ min: -(2 ** 45), max: 2 ** 45 }));
  fc.assert(
    fc.property(whole, (numbers) => {
      expect(unpackNumbers(packNumbers(numbers))).toEqual(numbers);
    }),
  );
});

test('a value comes back as it is shown', () => {
  const prices = fc.array(fc.double({ min: 0.0001, max: 100_000, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(prices, fc.constantFrom(2, 4), (values, decimals) => {
      const points = values.map((value, at) => ({ day: `20${10 + (at % 80)}-01-04`, value }));
      const { days, values: shown } = unpackSeries(packSeries(points, decimals));
      expect(days.map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10))).toEqual(
        points.map(({ day }) => day),
      );
      expect(shown.map((value) => formatNumber(value, 'pt-BR', decimals))).toEqual(
        values.map((value) => formatNumber(value, 'pt-BR', decimals)),
      );
    }),
  );
});

describe('thinning', () => {
  const kept = thinSeries(sessions);

  test('keeps each session of two years, and before the last one of each week', () => {
    const recent = sessions.filter(({ day }) => day >= '2024-11-19');
    expect(kept.filter(({ day }) => day >= '2024-11-19')).toEqual(recent);
    const fridays = kept.filter(({ day }) => day < '2024-11-18' && new Date(day).getUTCDay() === 5);
    expect(fridays).toHaveLength(417);
    // The first, the highest and the lowest may be others.
    expect(kept.length - recent.length - 417).toBeLessThanOrEqual(3);
  });

  test('keeps the first, the last, the highest and the lowest, each as it is', () => {
    const values = sessions.map(({ value }) => value);
    expect(kept.at(0)).toBe(sessions.at(0));
    expect(kept.at(-1)).toBe(sessions.at(-1));
    expect(Math.max(...kept.map(({ value }) => value))).toBe(Math.max(...values));
    expect(Math.min(...kept.map(({ value }) => value))).toBe(Math.min(...values));
    for (const point of kept) expect(sessions).toContain(point);
    expect(thinSeries([])).toEqual([]);
  });
});
