/** Quotes of past days, worked out by hand. */
import { describe, expect, test } from 'vitest';
import type { Row } from '../../src/catalog/column.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { getTradingDays } from '../../src/catalog/trading-days.ts';
import type { Adjustment } from '../../src/transform/adjust.ts';
import {
  computeQuote,
  createQuoteSeries,
  createReferenceDays,
  type MissingDays,
  type PriceColumns,
  type Security,
} from '../../src/transform/historical-quotes.ts';
import { createMarketDays } from '../../src/transform/market-days.ts';

const stock: Security = { bdiCode: '02', shareClass: 'ON', name: 'TUCANO', currency: 'R$' };

/** `20240102 10.00`; the low is one less, the high one more. */
function prices(texts: readonly string[], security: Partial<Security> = {}): PriceColumns {
  const sessions = texts.map((text) => text.split(' ').map(Number) as [number, number]);
  return {
    days: Int32Array.from(sessions, ([day]) => day),
    closes: Float64Array.from(sessions, ([, close]) => close),
    lows: Float64Array.from(sessions, ([, close]) => close - 1),
    highs: Float64Array.from(sessions, ([, close]) => close + 1),
    securities: [[0, { ...stock, ...security }]],
  };
}

function adjustment(day: number, values: Partial<Adjustment>): Adjustment {
  return {
    ...{ ticker: 'TUCA3', startDay: 0, day, splitFactor: 1, cashFactor: 1, rights: 1, reason: '' },
    // What later days add to a factor must not be used.
    ...{ accumulatedSplitFactor: Number.NaN, accumulatedFactor: Number.NaN },
    ...{ isProved: true, isProvedSince: false, lacksNumbers: false },
    ...values,
  };
}

function quoteOn(
  day: number,
  texts: readonly string[],
  adjustments: readonly Adjustment[] = [],
  market: MissingDays = ALL_IMPORTED,
): Row {
  const series = createQuoteSeries([{ ticker: 'TUCA3', prices: prices(texts) }], adjustments);
  return computeQuote(series, createReferenceDays(day), market) ?? {};
}

const ALL_IMPORTED: MissingDays = { findMissingDay: () => undefined };

const near = (value: number) => expect.closeTo(value, 12);

const day = (date: number) => date as Partition;

/** Six years, so that every column has a value. */
const LONG = [
  ...['20171228 5', '20181228 10', '20191230 20', '20201230 15', '20211230 30', '20221229 24'],
  ...['20231107 30', '20231108 32', '20231110 33', '20231228 36', '20240930 45', '20241008 48'],
  ...['20241009 60', '20241031 50', '20241107 55', '20241108 54'],
];

describe('a quote', () => {
  test('has the price of its day, and its changes since the days that the site compares with', () => {
    expect(quoteOn(20241108, LONG)).toEqual({
      ...{ codigo_ticker_ativo: 'TUCA3', tipo_ativo: 'Ação', nome_ativo: 'TUCANO' },
      ...{ nome_setor_segmento: null, vlr_cot: 54, dt_ult_cot: '2024-11-08' },
      // From 11 November 2023 on, 52 weeks: 36 - 1 and 60 + 1.
      ...{ vlr_min_52_sem: 35, vlr_max_52_sem: 61 },
      pct_var_dia: near(54 / 55 - 1),
      pct_var_mes: near(54 / 50 - 1),
      // 30 days before is 9 October, 12 months before 8 November.
      pct_var_30d: near(54 / 60 - 1),
      pct_var_12m: near(54 / 32 - 1),
      pct_var_ano_a0: near(54 / 36 - 1),
      ...{ pct_var_ano_a1: near(36 / 24 - 1), pct_var_ano_a2: near(24 / 30 - 1) },
      ...{ pct_var_ano_a3: near(30 / 15 - 1), pct_var_ano_a4: near(15 / 20 - 1) },
      ...{ pct_var_ano_a5: near(20 / 10 - 1), origem: 'b3' },
    });
  });

  test('knows nothing of the sessions after its day', () => {
    const [quote, alone] = [
      quoteOn(20241031, LONG),
      quoteOn(
        20241031,
        LONG.filter((text) => text < '20241101'),
      ),
    ];
    expect(quote).toEqual(alone);
    expect(quote).toMatchObject({ vlr_cot: 50, pct_var_dia: near(50 / 60 - 1) });
  });

  test('is that of the last session for 30 days, without another after that', () => {
    expect(quoteOn(20241208, LONG)).toMatchObject({
      ...{ vlr_cot: 54, dt_ult_cot: '2024-11-08', pct_var_dia: near(54 / 55 - 1) },
      // Nothing was traded since the end of November.
      ...{ pct_var_mes: 0, pct_var_30d: 0 },
    });
    expect(quoteOn(20241209, LONG)).toEqual({});
    expect(quoteOn(20171227, LONG)).toEqual({});
  });

  test('counts twelve months before 29 February from the 28th', () => {
    expect(quoteOn(20240229, ['20230228 10', '20230301 20', '20240229 40'])).toMatchObject({
      pct_var_12m: near(3),
    });
  });
});

describe('a series that is too short', () => {
  test('has null for what it does not reach', () => {
    expect(quoteOn(20241108, ['20241031 50', '20241107 55', '20241108 54'])).toMatchObject({
      ...{ vlr_cot: 54, pct_var_dia: near(54 / 55 - 1), pct_var_mes: near(54 / 50 - 1) },
      ...{ pct_var_30d: null, pct_var_12m: null, pct_var_ano_a0: null, pct_var_ano_a1: null },
      ...{ vlr_min_52_sem: null, vlr_max_52_sem: null },
    });
    expect(quoteOn(20241108, ['20241108 54'])).toMatchObject({ vlr_cot: 54, pct_var_dia: null });
  });

  test('has the range of 52 weeks from their first day on', () => {
    // 11 November 2023 is 363 days before, 10 November 364.
    expect(quoteOn(20241108, ['20231111 9', '20241108 54'])['vlr_min_52_sem']).toBeNull();
    expect(quoteOn(20241108, ['20231110 9', '20241108 54'])['vlr_min_52_sem']).toBe(53);
  });

  test('has no change over a year in which it was not traded', () => {
    expect(quoteOn(20241108, ['20211230 5', '20221229 10', '20241108 54'])).toMatchObject({
      pct_var_ano_a0: near(54 / 10 - 1),
      ...{ pct_var_ano_a1: null, pct_var_ano_a2: near(1), pct_var_ano_a3: null },
    });
  });

  test('ends where a session of the whole market is not imported', () => {
    const weeks = [[20211230, 20221229] as const, [20231108, 20231228] as const];
    const days = weeks.flatMap(([first, last]) => getTradingDays(day(first), day(last)));
    const until = (last: number) => getTradingDays(day(20240102), day(last));
    const market = (...lacking: number[]) =>
      createMarketDays([
        { days: [...days, ...until(20241108)].filter((each) => !lacking.includes(each)) },
      ]);
    const known = { pct_var_mes: near(54 / 50 - 1), pct_var_12m: near(54 / 32 - 1) };
    // The asset itself is not traded on most days: those are imported.
    expect(quoteOn(20241108, LONG, [], market())).toMatchObject({
      ...{ ...known, pct_var_dia: near(54 / 55 - 1), pct_var_ano_a0: near(54 / 36 - 1) },
      ...{ pct_var_ano_a2: near(24 / 30 - 1), vlr_min_52_sem: 35 },
      // Of 2023 only its last weeks are imported.
      pct_var_ano_a1: null,
    });
    // One day, between the price of the month before and today's.
    expect(quoteOn(20241108, LONG, [], market(20241105))).toMatchObject({
      ...{ pct_var_dia: near(54 / 55 - 1), pct_var_mes: null, pct_var_30d: null },
      ...{ pct_var_12m: null, pct_var_ano_a0: null, vlr_min_52_sem: null, vlr_max_52_sem: null },
      pct_var_ano_a2: near(24 / 30 - 1),
    });
    // In the session that is missing it may have been traded since.
    const untraded = LONG.filter((text) => text < '20241108');
    expect(quoteOn(20241108, untraded, [], market())).toMatchObject({ dt_ult_cot: '2024-11-07' });
    const earlier = LONG.filter((text) => text < '20241107');
    expect(quoteOn(20241108, earlier, [], market(20241107))).toEqual({});
    // The price that a change is computed from is not the last one before its day, or of its year.
    expect(quoteOn(20241107, LONG, [], market(20241101))).toMatchObject({ pct_var_dia: null });
    const noYearEnd = LONG.filter((text) => !text.startsWith('20221229'));
    const shortYear = [...noYearEnd, '20221228 24'].sort();
    expect(quoteOn(20241108, shortYear, [], market(20221229))).toMatchObject({
      pct_var_ano_a2: null,
    });
  });
});

test('sessions without a distribution number prove no change between them', () => {
  const days = ['20241106 50', '20241107 55', '20241108 54'];
  const end = (day: number, startDay: number) => [
    adjustment(day, { startDay, isProved: false, lacksNumbers: true }),
  ];
  expect(quoteOn(20241107, days, end(20241108, 20241106))).toMatchObject({ pct_var_dia: null });
  expect(quoteOn(20241108, days, end(20241107, 20241106))).toMatchObject({
    pct_var_dia: near(54 / 55 - 1),
  });
});

describe('adjustments', () => {
  // A split by two on 31 October, a tenth in cash on 8 November.
  const both = [
    adjustment(20241031, { splitFactor: 0.5 }),
    adjustment(20241108, { cashFactor: 0.9 }),
  ];

  test('change the earlier prices that a quote is compared with', () => {
    expect(quoteOn(20241108, LONG, both)).toMatchObject({
      vlr_cot: 54,
      pct_var_dia: near(54 / (55 * 0.9) - 1),
      pct_var_mes: near(54 / (50 * 0.9) - 1),
      pct_var_30d: near(54 / (60 * 0.45) - 1),
      pct_var_12m: near(54 / (32 * 0.45) - 1),
      // Both of its prices are from before.
      pct_var_ano_a1: near(36 / 24 - 1),
      vlr_min_52_sem: near(35 * 0.45),
      // Of the day itself: 56 of the day before is 50.4 without its right.
      vlr_max_52_sem: 55,
    });
  });

  test('of later days do not count', () => {
    expect(quoteOn(20241107, LONG, both)).toMatchObject({
      ...{ vlr_cot: 55, pct_var_dia: near(55 / 50 - 1), pct_var_30d: near(55 / (48 * 0.5) - 1) },
      ...{ vlr_min_52_sem: 16, vlr_max_52_sem: 56 },
    });
    expect(quoteOn(20241009, LONG, both)).toEqual(quoteOn(20241009, LONG));
  });

  test('that are not proved make null of what rests on them, and of nothing else', () => {
    const unproved = [adjustment(20241031, { isProved: false, isProvedSince: false })];
    expect(quoteOn(20241108, LONG, unproved)).toMatchObject({
      ...{ vlr_cot: 54, pct_var_dia: near(54 / 55 - 1), pct_var_mes: near(54 / 50 - 1) },
      ...{ pct_var_30d: null, pct_var_12m: null, pct_var_ano_a0: null },
      ...{ pct_var_ano_a1: near(36 / 24 - 1), vlr_min_52_sem: null, vlr_max_52_sem: null },
    });
    expect(quoteOn(20241009, LONG, unproved)).toEqual(quoteOn(20241009, LONG));
    // Once it is older than 52 weeks, the range no longer rests on it.
    const later = [...LONG, '20251030 50', '20251031 50', '20251103 50'];
    expect(quoteOn(20251103, later, unproved)).toMatchObject({
      ...{ vlr_min_52_sem: 49, vlr_max_52_sem: 56, pct_var_12m: 0, pct_var_ano_a1: null },
    });
  });
});

describe('an asset', () => {
  const renamed = createQuoteSeries(
    [
      { ticker: 'VELH3', prices: prices(['20241106 40', '20241107 42'], { name: 'VELHA' }) },
      { ticker: 'NOVO3', prices: prices(['20241108 21'], { name: 'NOVA' }) },
    ],
    [adjustment(20241108, { splitFactor: 0.5 })],
  );

  test('has the ticker and the name of the day, and its life under both', () => {
    expect(computeQuote(renamed, createReferenceDays(20241107), ALL_IMPORTED)).toMatchObject({
      ...{ codigo_ticker_ativo: 'VELH3', nome_ativo: 'VELHA', pct_var_dia: near(0.05) },
    });
    expect(computeQuote(renamed, createReferenceDays(20241108), ALL_IMPORTED)).toMatchObject({
      ...{ codigo_ticker_ativo: 'NOVO3', nome_ativo: 'NOVA', vlr_cot: 21, pct_var_dia: near(0) },
    });
  });

  test.each([
    ['a round lot', '02', 'PNA', 'Ação'],
    ['of a company in recovery', '08', 'UNT', 'Ação'],
    ['outside the round lots', '58', 'PN', 'Ação'],
    ['a real-estate fund', '12', 'CI', 'Fundo Imobiliário'],
    ['a Fiagro', '13', 'CI', 'Fundo Imobiliário'],
    ['an ETF', '14', 'CI', undefined],
    ['a BDR', '34', 'DRN', undefined],
    ['a BDR of units', '35', 'UNT', undefined],
    ['a right of a stock', '10', 'DIR', undefined],
    ['a right of a fund', '12', 'DIR', undefined],
    ['a bonus', '22', 'BNS', undefined],
    ['a convertible security', '58', 'CPA', undefined],
  ])('that is %s, code %s and class %s, is %s', (_, bdiCode, shareClass, kind) => {
    const own = prices(['20241108 10'], { bdiCode, shareClass });
    const series = createQuoteSeries([{ ticker: 'TUCA3', prices: own }], []);
    const quote = computeQuote(series, createReferenceDays(20241108), ALL_IMPORTED);
    expect(quote?.['tipo_ativo']).toBe(kind);
  });

  test('has no quote in an earlier currency', () => {
    const own = prices(['19940630 10'], { currency: 'CR$' });
    const series = createQuoteSeries([{ ticker: 'TUCA3', prices: own }], []);
    expect(computeQuote(series, createReferenceDays(19940630), ALL_IMPORTED)).toBeUndefined();
  });
});
