import { expect, test } from 'vitest';
import { getQuarter } from '../../../src/lake/local/copied-periods.ts';
import { day } from '../../support/made-up-lake.ts';

test.each([
  ['2026-01-01', '2026-q1'],
  ['2026-03-31', '2026-q1'],
  ['2026-04-01', '2026-q2'],
  ['2026-06-30', '2026-q2'],
  ['2026-07-01', '2026-q3'],
  ['2026-09-30', '2026-q3'],
  ['2026-10-01', '2026-q4'],
  ['2026-12-31', '2026-q4'],
  ['0001-01-01', '0001-q1'],
])('%s is of %s', (date, quarter) => {
  expect(getQuarter(day(date))).toBe(quarter);
});
