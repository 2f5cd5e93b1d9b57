import { expect, test } from 'vitest';
import { daysPattern, type Quarter, quarterOf } from '../../src/lake/quarters.ts';
import { duckdb } from '../support/duckdb.ts';

const QUARTERS: readonly Quarter[] = ['2026-q1', '2026-q2', '2026-q3', '2026-q4'];

test('every month is of the quarter whose pattern matches its days, and of no other', async () => {
  for (let month = 1; month <= 12; month += 1) {
    const folder = `anomesdia_exec=2026${String(month).padStart(2, '0')}15`;
    const quarter = QUARTERS[Math.floor((month - 1) / 3)];
    expect(quarterOf(folder)).toBe(quarter);
    const patterns = QUARTERS.map((each) => `('${each}', '${daysPattern(each)}')`).join(', ');
    const { rows } = await duckdb(
      `SELECT quarter FROM (VALUES ${patterns}) AS t(quarter, days) WHERE '${folder}' GLOB days`,
    );
    expect(rows).toEqual([{ quarter }]);
  }
});

test.each([
  'anomesdia_exec=20260015',
  'anomesdia_exec=20261315',
  'anomesdia_exec=2026-01-15',
  'anomesdia_exec=202601',
  'anomesdia_exec=__HIVE_DEFAULT_PARTITION__',
  'other=20260115',
])('%s is of no quarter', (folder) => {
  expect(quarterOf(folder)).toBeUndefined();
});
