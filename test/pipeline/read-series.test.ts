/** What is asked of the central bank, and what the lake has of its series afterwards. */
import { beforeEach, describe, expect, test } from 'vitest';
import { getTable } from '../../src/catalog/dataset.ts';
import { series } from '../../src/catalog/datasets/bcb.ts';
import { LakeError, SiteUnavailableError } from '../../src/errors.ts';
import type { Lake } from '../../src/lake/lake.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { readSeries } from '../../src/pipeline/read-series.ts';
import type { SeriesValue } from '../../src/sources/bcb/series.ts';
import { newFolder } from '../support/folders.ts';

let lake: Lake;
let asked: [code: number, from: number, to: number][];
let isOffline = false;

beforeEach(async () => {
  lake = createLocalLake(await newFolder());
  asked = [];
  isOffline = false;
});

/** The first of each month; of the daily series 12, all weekdays. */
function listDays(code: number, from: number, to: number): string[] {
  const days: string[] = [];
  for (let at = Date.UTC(from, 0, 1); at < Date.UTC(to + 1, 0, 1); at += 86_400_000) {
    const date = new Date(at);
    const isIn = code === 12 ? date.getUTCDay() % 6 !== 0 : date.getUTCDate() === 1;
    if (isIn) days.push(date.toISOString().slice(0, 10));
  }
  return days;
}

/** A value on each of those days until `newest`, but for the `lost` ones. */
function read(code: number, first: string, last: string, newest = '2099-12-31', lost = '') {
  const source = {
    async read(asking: number, from: number, to: number): Promise<SeriesValue[]> {
      asked.push([asking, from, to]);
      if (isOffline) throw new SiteUnavailableError('no network');
      return listDays(asking, from, to)
        .filter((day) => day <= newest && day !== lost)
        .map((day) => ({ day, value: asking }));
    },
  };
  return readSeries({ lake, source, code, first, last, withExclusiveAccess: (work) => work() });
}

describe('a series', () => {
  test('is asked for in ranges of ten years, and each year only once', async () => {
    const { rates, error } = await read(12, '2000-05-10', '2023-05-10');
    expect(error).toBeUndefined();
    expect(asked).toEqual([
      [12, 2000, 2009],
      [12, 2010, 2019],
      [12, 2020, 2023],
    ]);
    expect(rates).toHaveLength(listDays(12, 2000, 2023).length);
    expect(rates[0]).toEqual({ day: '2000-01-03', percent: 12 });
    const again = await read(12, '2001-01-01', '2022-12-01');
    expect(again.rates).toHaveLength(listDays(12, 2001, 2022).length);
    expect(asked).toHaveLength(3);
    expect(await lake.partitions(getTable(series, 'sot'))).toHaveLength(24);
  });

  test('of the newest year is asked for again until it has the last day', async () => {
    await read(433, '2024-01-01', '2024-03-01', '2024-02-01');
    await read(433, '2024-01-01', '2024-03-01', '2024-03-01');
    const { rates } = await read(433, '2024-01-01', '2024-03-01');
    expect(asked).toHaveLength(2);
    expect(rates.map(({ day }) => day)).toEqual(['2024-01-01', '2024-02-01', '2024-03-01']);
  });

  test.each(['2024-06-03', '2024-12-04', '2024-12-30'])(
    'of a year that was stored until %s is asked for again once later days are needed',
    async (newest) => {
      await read(12, '2024-01-01', newest, newest);
      await read(12, '2024-01-01', newest, newest);
      expect(asked).toHaveLength(1);
      const { rates } = await read(12, '2024-01-01', '2025-03-03');
      expect(asked.at(-1)).toEqual([12, 2024, 2025]);
      const days = rates.map(({ day }) => day).filter((day) => day < '2025');
      expect(days).toEqual(listDays(12, 2024, 2024));
      await read(12, '2024-01-01', '2025-03-03');
      expect(asked).toHaveLength(2);
    },
  );

  test('with a hole inside is asked for again', async () => {
    await read(12, '2024-01-01', '2024-12-02', '2024-12-31', '2024-05-16');
    await read(12, '2024-05-16', '2024-05-16');
    expect(asked).toHaveLength(2);
  });

  test('beside another: both are in the file of their year', async () => {
    await read(12, '2024-01-01', '2024-12-01');
    await read(433, '2024-01-01', '2024-12-01');
    expect((await read(12, '2024-01-01', '2024-12-01')).rates[0]?.percent).toBe(12);
    expect((await read(433, '2024-01-01', '2024-12-01')).rates[0]?.percent).toBe(433);
    expect(asked).toHaveLength(2);
  });

  test('without the network is what the lake has, and why the rest is missing', async () => {
    await read(12, '2023-01-01', '2023-12-01');
    isOffline = true;
    const { rates, error } = await read(12, '2023-01-01', '2024-12-01');
    expect(rates).toHaveLength(listDays(12, 2023, 2023).length);
    expect(error?.message).toBe('no network');
  });

  test('answers also where the lake cannot be written', async () => {
    const writable = lake;
    const fault = new LakeError('cannot write here');
    lake = {
      ...writable,
      async write() {
        throw fault;
      },
    };
    const { rates, storeError } = await read(433, '2024-01-01', '2024-03-01', '2024-03-01');
    expect(rates).toHaveLength(3);
    expect(storeError).toBe(fault);
    lake = writable;
    expect((await read(433, '2024-01-01', '2024-03-01', '2024-03-01')).storeError).toBeUndefined();
    expect(asked).toHaveLength(2);
  });
});
