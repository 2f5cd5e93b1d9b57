import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { getPartition, type Partition } from '../../src/catalog/partition.ts';
import {
  findLastTradingDay,
  findMissingTradingDays,
  getTradingDays,
  isTradingDay,
} from '../../src/catalog/trading-days.ts';

const day = (number: number): Partition => number as Partition;

describe('the days on which B3 trades', () => {
  // B3's own calendars, weekdays only.
  test.each([
    // Those of July 9 are the state's since 1997; on June 12 of 2014 the World Cup opened in São Paulo.
    [2014, [101, 303, 304, 418, 421, 501, 612, 619, 709, 1120, 1224, 1225, 1231]],
    [2019, [101, 125, 304, 305, 419, 501, 620, 709, 1115, 1120, 1224, 1225, 1231]],
    [2022, [228, 301, 415, 421, 616, 907, 1012, 1102, 1115, 1230]],
    [2023, [220, 221, 407, 421, 501, 608, 907, 1012, 1102, 1115, 1225, 1229]],
    [2024, [101, 212, 213, 329, 501, 530, 1115, 1120, 1224, 1225, 1231]],
    [2025, [101, 303, 304, 418, 421, 501, 619, 1120, 1224, 1225, 1231]],
    [2026, [101, 216, 217, 403, 421, 501, 604, 907, 1012, 1102, 1120, 1224, 1225, 1231]],
  ])('are the weekdays of %i but for its holidays', (year, holidays) => {
    const closed: number[] = [];
    for (let date = new Date(Date.UTC(year, 0, 1)); date.getUTCFullYear() === year; ) {
      const number = Number(date.toISOString().slice(0, 10).replaceAll('-', ''));
      const isWeekday = date.getUTCDay() % 6 !== 0;
      if (isWeekday && !isTradingDay(day(number))) closed.push(number % 10_000);
      if (!isWeekday) expect(isTradingDay(day(number))).toBe(false);
      date = new Date(date.getTime() + 86_400_000);
    }
    expect(closed).toEqual(holidays);
  });

  test.each([19960709, 20240125, 20240709, 20231120, 20201120, 20200709, 20260218])(
    '%i is one',
    (number) => {
      expect(isTradingDay(day(number))).toBe(true);
    },
  );

  test('between two days, both included', () => {
    expect(getTradingDays(day(20261118), day(20261124))).toEqual([
      20261118, 20261119, 20261123, 20261124,
    ]);
    expect(getTradingDays(day(20261124), day(20261118))).toEqual([]);
    expect(getTradingDays(day(20251230), day(20260102))).toEqual([20251230, 20260102]);
  });

  test('up to a day: the newest that is not after it', () => {
    expect(findLastTradingDay(day(20261122))).toBe(20261119);
    expect(findLastTradingDay(day(20261124))).toBe(20261124);
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-15'), max: new Date('2200-01-01'), noInvalidDate: true }),
        (date) => {
          const number = day(Number(date.toISOString().slice(0, 10).replaceAll('-', '')));
          const found = findLastTradingDay(number);
          expect(found).toBeLessThanOrEqual(number);
          expect(getTradingDays(found, number)).toEqual([found]);
        },
      ),
    );
  });
});

const days = (...list: number[]): Partition[] => list.map(day);

describe('missing trading days', () => {
  test.each([
    ['of nothing at all', [], 20261124, []],
    ['of a first day', [20261124], 20261124, []],
    ['of a first day that is not due yet', [20261124], 20261123, []],
    [
      'of days without a gap, over a holiday and a weekend',
      [20261118, 20261119, 20261123, 20261124],
      20261124,
      [],
    ],
    ['with a gap', [20261117, 20261119, 20261124], 20261124, [20261118, 20261123]],
    ['at the end', [20261118, 20261119], 20261124, [20261123, 20261124]],
    // What a Saturday's run collects are the quotes of the trading day before it.
    ['where a Saturday stands for Thursday', [20261118, 20261121, 20261123], 20261123, []],
    ['where a Monday does not stand for Thursday', [20261118, 20261123], 20261123, [20261119]],
    ['of a lake that began on a Sunday', [20261122, 20261123], 20261123, []],
  ])('%s', (_, partitions, due, expected) => {
    expect(findMissingTradingDays(days(...partitions), day(due))).toEqual(expected);
  });
});

test('what is missing is what was not there: with it, nothing is', () => {
  const date = fc.date({
    min: new Date('2024-01-01T12:00:00Z'),
    max: new Date('2026-12-31T12:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(fc.array(date, { maxLength: 30 }), date, (dates, last) => {
      const due = getPartition(last);
      const there = [...new Set(dates.map(getPartition))].sort((a, b) => a - b);
      const missing = findMissingTradingDays(there, due);
      // One `expect` for all of them: for each it would take longer than all else.
      const wrong = missing.filter(
        (each) =>
          !isTradingDay(each) || there.includes(each) || !(each > (there[0] ?? each)) || each > due,
      );
      expect(wrong).toEqual([]);
      const whole = [...there, ...missing].sort((a, b) => a - b);
      expect(findMissingTradingDays(whole, due)).toEqual([]);
    }),
  );
});
