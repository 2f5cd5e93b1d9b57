/** Returns worked out by hand. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accumulateRates,
  compoundDaily,
  compoundMonthly,
  findNamedEvents,
  sumCash,
  summarizeReturns,
} from '../../src/transform/returns.ts';

const series = (...prices: readonly (readonly [string, number])[]) =>
  prices.map(([day, price]) => ({ day, price }));

describe('a series of prices', () => {
  test('of two years: the total, and the yearly return that compounds to it', () => {
    const summary = summarizeReturns(series(['2022-01-03', 10], ['2024-01-03', 12.1]));
    expect(summary).toMatchObject({ first: '2022-01-03', last: '2024-01-03', sessions: 2 });
    expect(summary?.totalReturn).toBeCloseTo(0.21, 12);
    expect(summary?.annualReturn).toBeCloseTo(0.1, 3);
    expect(summary?.volatility).toBeUndefined();
    expect(summary?.drawdown).toBeUndefined();
  });

  test('of less than a year has no yearly return, and of one price nothing at all', () => {
    const summary = summarizeReturns(series(['2024-01-02', 10], ['2024-06-03', 11]));
    expect(summary?.annualReturn).toBeUndefined();
    const year = summarizeReturns(series(['2023-01-02', 10], ['2024-01-02', 11]));
    expect(year?.annualReturn).toBeCloseTo(0.1, 3);
    expect(
      summarizeReturns(series(['2023-01-02', 10], ['2024-01-01', 11]))?.annualReturn,
    ).toBeUndefined();
    expect(summarizeReturns(series(['2024-01-02', 10]))).toBeUndefined();
    expect(summarizeReturns([])).toBeUndefined();
  });

  test('its deepest fall, and how long it lasted', () => {
    const prices = series(
      ...([
        ['2024-01-02', 10],
        ['2024-01-03', 9],
        ['2024-01-04', 12],
        ['2024-01-05', 8],
        ['2024-01-08', 6],
        ['2024-01-09', 9],
        ['2024-01-12', 12],
        ['2024-01-15', 11],
      ] as const),
    );
    expect(summarizeReturns(prices)?.drawdown).toEqual({
      ...{
        depth: -0.5,
        start: '2024-01-04',
        lowest: '2024-01-08',
        recovery: '2024-01-12',
        days: 8,
      },
    });
    expect(summarizeReturns(prices.slice(0, 6))?.drawdown).toEqual({
      ...{ depth: -0.5, start: '2024-01-04', lowest: '2024-01-08', recovery: undefined, days: 5 },
    });
  });

  test('its volatility: the deviation of its logarithmic returns, over 252 sessions', () => {
    // Up and down by the same logarithm: each return deviates by it from a mean of zero.
    const prices = Array.from({ length: 21 }, (_, at) => ({
      day: `2024-01-${String(at + 1).padStart(2, '0')}`,
      price: at % 2 === 0 ? 10 : 10 * Math.exp(0.01),
    }));
    expect(summarizeReturns(prices)?.volatility).toBeCloseTo(
      Math.sqrt((20 / 19) * 0.0001 * 252),
      12,
    );
    expect(summarizeReturns(prices.slice(1))?.volatility).toBeUndefined();
  });

  test('its volatility of one session a week, over the 52 of a year', () => {
    const prices = Array.from({ length: 157 }, (_, at) => ({
      day: new Date(Date.UTC(2021, 0, 6 + 7 * at)).toISOString().slice(0, 10),
      price: at % 2 === 0 ? 10 : 10 * Math.exp(0.01),
    }));
    // Of the 745 days of B3 from 6 January 2021 to 3 January 2024 it is traded on 157.
    expect(summarizeReturns(prices)?.volatility).toBeCloseTo(
      Math.sqrt((156 / 155) * 0.0001 * 252 * (157 / 745)),
      12,
    );
  });

  test('the same for prices in another unit', () => {
    const day = (at: number): string =>
      new Date(Date.UTC(2020, 0, 1 + at)).toISOString().slice(0, 10);
    const prices = fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(prices, (list) => {
        const [one, other] = [1, 64].map((unit) =>
          summarizeReturns(list.map((price, at) => ({ day: day(at), price: price * unit }))),
        );
        expect(other).toEqual(one);
        expect(one?.drawdown?.depth ?? 0).toBeLessThanOrEqual(0);
        expect(one?.drawdown?.depth ?? 0).toBeGreaterThan(-1);
      }),
    );
  });
});

describe('a daily rate', () => {
  const rates = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05'].map((day) => ({
    day,
    percent: 1,
  }));

  test('compounds from the first day to the one before the last', () => {
    expect(compoundDaily(rates, '2024-01-02', '2024-01-05')).toBeCloseTo(1.01 ** 3 - 1, 12);
  });

  test('is not known where the series does not reach', () => {
    expect(compoundDaily(rates, '2023-12-01', '2024-01-05')).toBeUndefined();
    expect(compoundDaily(rates, '2024-01-02', '2024-02-05')).toBeUndefined();
    expect(compoundDaily([], '2024-01-02', '2024-01-05')).toBeUndefined();
  });

  test.each([
    ['a weekday', '2024-01-03', '2024-01-02', '2024-01-05'],
    ['the last weekday of a year', '2023-12-29', '2023-12-28', '2024-01-03'],
    ['the day before the last', '2024-01-04', '2024-01-02', '2024-01-05'],
  ])('is not known without the rate of %s', (_, lost, first, last) => {
    const days = ['2023-12-28', '2023-12-29', ...rates.map(({ day }) => day)];
    const all = days.map((day) => ({ day, percent: 1 }));
    const counted = all.filter(({ day }) => day >= first && day < last).length;
    expect(compoundDaily(all, first, last)).toBeCloseTo(1.01 ** counted - 1, 12);
    const holed = all.filter(({ day }) => day !== lost);
    expect(compoundDaily(holed, first, last)).toBeUndefined();
    expect(accumulateRates(holed, [first, last], 'day')).toHaveLength(1);
  });

  test('has none on holidays, and before 2001 pauses of days that no rule gives', () => {
    const rate = (day: string) => ({ day, percent: 1 });
    const carnival = ['2024-02-09', '2024-02-14'].map(rate);
    expect(compoundDaily(carnival, '2024-02-09', '2024-02-15')).toBeCloseTo(1.01 ** 2 - 1, 12);
    const closedBanks = ['1990-03-13', '1990-03-19'].map(rate);
    expect(compoundDaily(closedBanks, '1990-03-13', '1990-03-20')).toBeCloseTo(1.01 ** 2 - 1, 12);
    const hole = ['1990-03-13', '1990-03-26'].map(rate);
    expect(compoundDaily(hole, '1990-03-13', '1990-03-27')).toBeUndefined();
  });
});

describe('a monthly rate', () => {
  const rates = ['2023-12-01', '2024-01-01', '2024-02-01'].map((day) => ({ day, percent: 0.5 }));

  test('compounds over whole months', () => {
    expect(compoundMonthly(rates, '2023-12-15', '2024-02-20')).toBeCloseTo(1.005 ** 2 - 1, 12);
    expect(compoundMonthly(rates, '2024-01-02', '2024-01-31')).toBe(0);
  });

  test('is not known if a month is missing', () => {
    expect(compoundMonthly(rates, '2023-12-15', '2024-04-20')).toBeUndefined();
  });
});

describe('the events that an adjustment rests on', () => {
  const cash = (comDay: number, amount: number) => ({
    ...{ ticker: 'ABCD3', type: 'DIVIDENDO', comDay, cash: amount, multiplier: undefined },
    ...{ sourceCount: 1, isShown: true },
  });
  const [phantom, paid, later] = [cash(20240304, 0.2), cash(20240305, 6), cash(20240306, 0.5)];
  const all = [later, phantom, paid];

  test.each([
    ['DIVIDENDO 6; distribution number 105 to 106', [paid], []],
    ['DIVIDENDO 6 + DIVIDENDO 0.5; distribution number 105 to 107', [paid, later], []],
    [
      'DIVIDENDO 0.2 + DIVIDENDO 6, without the cash of DIVIDENDO 6; distribution number 1 to 3',
      [phantom, paid],
      [paid],
    ],
    ['distribution number 105 to 106', [], []],
  ])('%s', (reason, applied, unpriced) => {
    expect(findNamedEvents(reason, all)).toEqual({ applied, unpriced });
  });

  test('are not known where the ledger has others', () => {
    const reason = 'DIVIDENDO 7; distribution number 105 to 106';
    expect(findNamedEvents(reason, all)).toBeUndefined();
    const unknown = { exDay: '2024-03-06', cash: undefined, splitFactor: 1 };
    expect(sumCash([unknown], '2024-03-05', '2024-03-06', 1)).toBeNull();
    expect(sumCash([unknown], '2024-03-06', '2024-03-07', 1)).toBe(0);
  });
});
