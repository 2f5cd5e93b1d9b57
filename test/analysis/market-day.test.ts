import { expect, test } from 'vitest';
import { findMedian } from '../../src/analysis/market-day.ts';

test.each([
  [[], undefined],
  [[3, 1, 2], 2],
  [[0.79, 1.03], 0.91],
  [[0.1, 0.2], 0.15],
  [[0.1 + 0.2, 0.1 + 0.2], 0.1 + 0.2],
  [[1e308, 1.2e308], 1.1e308],
])('the median of %j is %d', (values, median) => {
  expect(findMedian(values)).toBe(median);
});
