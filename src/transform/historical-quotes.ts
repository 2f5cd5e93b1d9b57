/**
 * Quotes of past days from the sessions of B3's history, as the site shows those of today: the last price, its changes,
 * and the range of 52 weeks. Changes are of prices that are adjusted as of the day: what happened to the asset later
 * does not count. What the history does not reach, or what rests on an adjustment that is not proved, is null. Pure.
 */

import { createRowFactory, type Row } from '../catalog/column.ts';
import { getTable } from '../catalog/dataset.ts';
import { B3_ORIGIN, ORIGIN_COLUMN, quotes } from '../catalog/datasets/cotacoes.ts';
import { formatIsoDate, type Partition } from '../catalog/partition.ts';
import type { Adjustment } from './adjust.ts';
import type { MarketDays } from './market-days.ts';

const createRow = createRowFactory(getTable(quotes, 'spec').columns);

/** What the sessions of a ticker say beside its prices, from a session on. */
export interface Security {
  readonly bdiCode: string;
  /** Such as ON, PNA, UNT or CI. */
  readonly shareClass: string;
  readonly name: string;
  readonly currency: string;
}

/** The sessions of one ticker as columns, the oldest first. */
export interface PriceColumns {
  /** YYYYMMDD as numbers. */
  readonly days: Int32Array;
  /** Prices of one unit. */
  readonly closes: Float64Array;
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** By the position of the first session that it is true of. */
  readonly securities: readonly (readonly [from: number, security: Security])[];
}

/** The prices of an asset under all its tickers. */
export interface QuoteSeries extends Omit<PriceColumns, 'securities'> {
  readonly securities: readonly (readonly [
    from: number,
    security: Security & { readonly ticker: string },
  ])[];
  readonly adjustments: readonly Adjustment[];
}

/** @param parts the tickers of the asset, the oldest first */
export function createQuoteSeries(
  parts: readonly { readonly ticker: string; readonly prices: PriceColumns }[],
  adjustments: readonly Adjustment[],
): QuoteSeries {
  let start = 0;
  const securities = parts.flatMap(({ ticker, prices }) => {
    const from = start;
    start += prices.days.length;
    return prices.securities.map(([at, security]) => [from + at, { ...security, ticker }] as const);
  });
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return { ...only.prices, securities, adjustments };
  return {
    days: Int32Array.from(parts.flatMap(({ prices }) => [...prices.days])),
    closes: Float64Array.from(parts.flatMap(({ prices }) => [...prices.closes])),
    lows: Float64Array.from(parts.flatMap(({ prices }) => [...prices.lows])),
    highs: Float64Array.from(parts.flatMap(({ prices }) => [...prices.highs])),
    securities,
    adjustments,
  };
}

/**
 * The kinds of asset that the site has, by B3's BDI codes (B3, "Layout do arquivo – cotações históricas", table
 * CODBDI): 02 is the round lot, 05 to 09 and 11 are securities under sanctions, reorganisation, recovery, special
 * administration and intervention, 58 others. A code may also hold other securities, such as rights: the class tells.
 */
function findKind({ bdiCode, shareClass }: Security): string | undefined {
  if (STOCK_CODES.has(bdiCode) && STOCK_CLASS.test(shareClass)) return 'Ação';
  return FUND_CODES.has(bdiCode) && shareClass === 'CI' ? 'Fundo Imobiliário' : undefined;
}

const STOCK_CODES = new Set(['02', '05', '06', '07', '08', '09', '11', '58']);
const STOCK_CLASS = /^(ON|PN[A-H]?|UNT)\b/;
/** Real-estate funds, and those of agribusiness (Fiagro). */
const FUND_CODES = new Set(['12', '13']);

const CURRENCY = 'R$';
/** The first day on which prices are in reais: earlier ones give no quote. */
export const FIRST_DAY_IN_REAIS = 19_940_701 as Partition;

/** An asset that has not traded for longer has no quote. */
const MAX_DAYS_WITHOUT_TRADE = 30;
const DAYS_OF_52_WEEKS = 364;
const YEARS_BACK = 5;

/** A day, and the days with which its prices are compared. */
interface ReferenceDays {
  readonly day: number;
  readonly thirtyDaysBefore: number;
  readonly oldestTrade: number;
  readonly twelveMonthsBefore: number;
  readonly monthStart: number;
  readonly rangeStart: number;
  readonly yearStart: number;
}

export function createReferenceDays(day: number): ReferenceDays {
  const before = addDays(day, -MAX_DAYS_WITHOUT_TRADE);
  return {
    day,
    thirtyDaysBefore: addDays(day, -30),
    oldestTrade: before,
    // The 28th before a 29 February.
    twelveMonthsBefore: day % 10_000 === 229 ? day - 10_001 : day - 10_000,
    monthStart: day - (day % 100) + 1,
    rangeStart: addDays(day, -DAYS_OF_52_WEEKS),
    yearStart: day - (day % 10_000) + 101,
  };
}

/** What tells a session that is not imported from one in which an asset was not traded. */
export type MissingDays = Pick<MarketDays, 'findMissingDay'>;

/**
 * The quote of an asset on a day: of its last session, if that was in the last 30 days and none of the market is
 * missing since. Undefined if there is none, for securities that the site does not have, and for prices in an earlier
 * currency.
 */
export function computeQuote(
  series: QuoteSeries,
  reference: ReferenceDays,
  market: MissingDays,
): Row | undefined {
  const { days, closes } = series;
  const last = findLast(days, reference.day);
  const lastDay = days[last];
  if (lastDay === undefined || lastDay < reference.oldestTrade) return undefined;
  // In a session that is not imported it may have been traded since.
  if (lacksSession(market, lastDay, reference.day)) return undefined;
  const security = findSecurity(series, last);
  const kind = security && findKind(security);
  if (security === undefined || kind === undefined || security.currency !== CURRENCY)
    return undefined;
  const changeTo = (to: number, from: number): number | null =>
    computeChange(series, from, to, market);
  const changeSince = (day: number): number | null => changeTo(last, findLast(days, day));
  const { thirtyDaysBefore, twelveMonthsBefore, monthStart, yearStart } = reference;
  const row = createRow();
  row['codigo_ticker_ativo'] = security.ticker;
  row['tipo_ativo'] = kind;
  row['nome_ativo'] = security.name;
  row['vlr_cot'] = closes[last] ?? null;
  row['dt_ult_cot'] = formatIsoDate(lastDay as Partition);
  const range = computeRange(series, last, reference.rangeStart, market);
  row['vlr_min_52_sem'] = range?.low ?? null;
  row['vlr_max_52_sem'] = range?.high ?? null;
  row['pct_var_dia'] = changeTo(last, last - 1);
  row['pct_var_mes'] = changeSince(monthStart - 1);
  row['pct_var_30d'] = changeSince(thirtyDaysBefore);
  row['pct_var_12m'] = changeSince(twelveMonthsBefore);
  row['pct_var_ano_a0'] = changeSince(yearStart - 1);
  for (let back = 1; back <= YEARS_BACK; back += 1) {
    const start = yearStart - back * 10_000;
    const end = findLast(days, start + 10_000 - 1);
    const endDay = days[end] ?? 0;
    // Of a year in which it was not traded nothing is known, and of one whose last sessions are missing not its end.
    const isKnown = endDay >= start && !lacksSession(market, endDay, start + 10_000 - 1);
    row[`pct_var_ano_a${back}`] = isKnown ? changeTo(end, findLast(days, start - 1)) : null;
  }
  row[ORIGIN_COLUMN] = B3_ORIGIN;
  return row;
}

/**
 * A fraction; null where a session of the market is missing from the first price to the last, or what happened in
 * between is not known.
 */
function computeChange(
  series: QuoteSeries,
  from: number,
  to: number,
  market: MissingDays,
): number | null {
  const { days, closes } = series;
  const [first, last, before, after] = [days[from], days[to], closes[from], closes[to]];
  if (first === undefined || last === undefined || before === undefined || after === undefined) {
    return null;
  }
  if (lacksSession(market, first, last)) return null;
  let price = before;
  for (const {
    startDay,
    day,
    splitFactor,
    cashFactor,
    isProved,
    lacksNumbers,
  } of series.adjustments) {
    if (lacksNumbers && startDay < last && day > first) return null;
    if (day <= first || day > last) continue;
    if (!isProved) return null;
    price *= splitFactor * cashFactor;
  }
  return after / price - 1;
}

interface PriceRange {
  readonly low: number;
  readonly high: number;
}

/** Undefined if the asset, or the history, is younger than its first day, or lacks sessions since. */
function computeRange(
  { days, lows, highs, adjustments }: QuoteSeries,
  last: number,
  startDay: number,
  market: MissingDays,
): PriceRange | undefined {
  const [firstDay = Number.POSITIVE_INFINITY, lastDay = 0] = [days[0], days[last]];
  if (firstDay > startDay || lacksSession(market, startDay, lastDay)) return undefined;
  const first = findLast(days, startDay) + 1;
  let [low, high, factor] = [Number.POSITIVE_INFINITY, 0, 1];
  let step = adjustments.findLastIndex(({ day }) => day <= lastDay);
  // From one adjustment back to the one before it all sessions have the same factor.
  for (let end = last; end >= first; step -= 1) {
    if (adjustments[step + 1]?.lacksNumbers === true) return undefined;
    const { day, splitFactor, cashFactor, isProved } = adjustments[step] ?? UNCHANGED;
    const start = Math.max(first, findLast(days, day - 1) + 1);
    const extremes = findExtremes(lows, highs, start, end);
    low = Math.min(low, extremes.low * factor);
    high = Math.max(high, extremes.high * factor);
    if (start === first) break;
    if (!isProved) return undefined;
    factor *= splitFactor * cashFactor;
    end = start - 1;
  }
  return low <= high ? { low, high } : undefined;
}

const UNCHANGED = { day: 0, splitFactor: 1, cashFactor: 1, isProved: true };

/** Of the sessions from `start` to `end`, both included: there are some hundred for each asset and day. */
function findExtremes(
  lows: Float64Array,
  highs: Float64Array,
  start: number,
  end: number,
): PriceRange {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (let at = start; at <= end; at += 1) {
    const [lowAt, highAt] = [lows[at] as number, highs[at] as number];
    if (lowAt < low) low = lowAt;
    if (highAt > high) high = highAt;
  }
  return { low, high };
}

/** Whether a session of the whole market, after one day and not after another, is not imported. */
function lacksSession(market: MissingDays, after: number, until: number): boolean {
  return market.findMissingDay(after, until) !== undefined;
}

function findSecurity({ securities }: QuoteSeries, at: number) {
  return securities.findLast(([from]) => from <= at)?.[1];
}

/** The position of the last day that is not after another; -1 if there is none. */
function findLast(days: Int32Array, day: number): number {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((days[middle] ?? 0) <= day) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function addDays(day: number, count: number): number {
  const date = new Date(
    Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, (day % 100) + count),
  );
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}
