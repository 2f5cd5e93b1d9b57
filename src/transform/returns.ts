/**
 * What a series of adjusted prices returned: in total, a year, how much it varied, its deepest fall; and what an index
 * such as CDI made of the same days. Pure.
 */

import { type Partition, toPartition } from '../catalog/partition.ts';
import { getTradingDays, isTradingDay, isWeekday } from '../catalog/trading-days.ts';
import { compareEvents, formatEvents, type RightEvent } from './right-events.ts';

export interface PricePoint {
  /** YYYY-MM-DD */
  readonly day: string;
  /** Adjusted: every change is a return. */
  readonly price: number;
}

/** The deepest fall from a highest price to the lowest one after it. */
interface Drawdown {
  /** A fraction, at most 0: -0.25 is a fall by a quarter. */
  readonly depth: number;
  /** The day of the highest price before it. */
  readonly start: string;
  /** The day of the lowest price. */
  readonly lowest: string;
  /** The first day with a price as high as before it; undefined if there is none yet. */
  readonly recovery: string | undefined;
  /** Calendar days from the highest price to the recovery, or to the last price. */
  readonly days: number;
}

export interface ReturnSummary {
  readonly first: string;
  readonly last: string;
  readonly sessions: number;
  /** A fraction: 0.1 is 10% over the whole time. */
  readonly totalReturn: number;
  /** The yearly return that compounds to the total; undefined for less than a year, of which it would tell little. */
  readonly annualReturn: number | undefined;
  /**
   * The standard deviation of the logarithmic returns of sessions, over as many sessions as the asset has in a year:
   * 252 if it is traded on each day of the exchange, and the same share of them as of the range's days otherwise.
   * Undefined for fewer than 20.
   */
  readonly volatility: number | undefined;
  /** Undefined if the price never fell. */
  readonly drawdown: Drawdown | undefined;
}

/** B3 has about 252 sessions a year: the usual base of its rates. */
const SESSIONS_PER_YEAR = 252;
const MIN_RETURNS_FOR_VOLATILITY = 20;
const DAYS_PER_YEAR = 365.25;
const DAYS_OF_SHORTEST_YEAR = 365;
const DAY_MS = 86_400_000;

/**
 * @param points the sessions, the oldest first
 * @returns undefined for fewer than two prices
 */
export function summarizeReturns(points: readonly PricePoint[]): ReturnSummary | undefined {
  const [first, last] = [points.at(0), points.at(-1)];
  if (first === undefined || last === undefined || points.length < 2) return undefined;
  const totalReturn = last.price / first.price - 1;
  const days = countDays(first.day, last.day);
  const years = days / DAYS_PER_YEAR;
  return {
    first: first.day,
    last: last.day,
    sessions: points.length,
    totalReturn,
    annualReturn: days < DAYS_OF_SHORTEST_YEAR ? undefined : (1 + totalReturn) ** (1 / years) - 1,
    volatility: computeVolatility(points),
    drawdown: findDeepestDrawdown(points),
  };
}

function computeVolatility(points: readonly PricePoint[]): number | undefined {
  const returns = points
    .slice(1)
    .map(({ price }, at) => Math.log(price / (points[at]?.price ?? price)));
  if (returns.length < MIN_RETURNS_FOR_VOLATILITY) return undefined;
  const mean = returns.reduce((sum, each) => sum + each, 0) / returns.length;
  const squares = returns.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return Math.sqrt((squares / (returns.length - 1)) * countSessionsPerYear(points));
}

/** A return of an asset that is traded once a week is that of a week: a year has 52 of them, not 252. */
function countSessionsPerYear(points: readonly PricePoint[]): number {
  const [first, last] = [points.at(0), points.at(-1)].map((point) => toPartition(point?.day ?? ''));
  if (first === undefined || last === undefined) return SESSIONS_PER_YEAR;
  const share = points.length / getTradingDays(first, last).length;
  return SESSIONS_PER_YEAR * Math.min(1, share);
}

function findDeepestDrawdown(points: readonly PricePoint[]): Drawdown | undefined {
  let deepest: { depth: number; start: PricePoint; lowest: PricePoint } | undefined;
  let highest = points[0];
  for (const point of points) {
    if (highest === undefined || point.price >= highest.price) {
      highest = point;
      continue;
    }
    const depth = point.price / highest.price - 1;
    if (deepest === undefined || depth < deepest.depth) {
      deepest = { depth, start: highest, lowest: point };
    }
  }
  const last = points.at(-1);
  if (deepest === undefined || last === undefined) return undefined;
  const { depth, start, lowest } = deepest;
  const recovery = points.find(({ day, price }) => day > lowest.day && price >= start.price)?.day;
  return {
    depth,
    start: start.day,
    lowest: lowest.day,
    recovery,
    days: countDays(start.day, recovery ?? last.day),
  };
}

function countDays(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

/** A value of a series of the central bank. */
export interface RatePoint {
  /** YYYY-MM-DD; of a monthly series the first day of the month. */
  readonly day: string;
  /** In per cent, of the day or of the month. */
  readonly percent: number;
}

/**
 * What a daily rate such as CDI returns from the close of one day to the close of another: the rate of a day is earned
 * from that day to the next business day, so the last day's does not count.
 *
 * @param rates the oldest first
 * @returns a fraction; undefined if the rate of any business day is missing: what it was is never guessed
 */
export function compoundDaily(
  rates: readonly RatePoint[],
  first: string,
  last: string,
): number | undefined {
  const counted = rates.filter(({ day }) => day >= first && day < last);
  if (counted.length === 0 || findMissingRateDay(counted, first, last) !== undefined) return;
  return compound(counted);
}

/** From this year on the days of the rate are known by rule; before it, banks were closed on other days, too. */
const FIRST_KNOWN_YEAR = 2001;
/** The longest pause of a daily rate before that year. */
const MAX_GAP_DAYS = 7;

/**
 * The first business day from `first` to the one before `last` of which a daily series has no value.
 * @param rates those of these days, the oldest first
 */
export function findMissingRateDay(
  rates: readonly RatePoint[],
  first: string,
  last: string,
): string | undefined {
  let next = first;
  for (const day of [...rates.map((rate) => rate.day), last]) {
    const missing = findBusinessDay(next, day);
    if (missing !== undefined) return missing;
    next = addDay(day);
  }
  return undefined;
}

/** The first day from one day on and before another that surely has a rate. */
function findBusinessDay(from: string, until: string): string | undefined {
  const isLong = countDays(from, until) > MAX_GAP_DAYS;
  for (let day = from; day < until; day = addDay(day)) {
    const partition = toPartition(day);
    if (partition === undefined) return undefined;
    if (day >= `${FIRST_KNOWN_YEAR}` ? isBankDay(partition) : isLong) return day;
  }
  return undefined;
}

/** Banks work on the days on which B3 trades, and at the end of December also on some on which it does not. */
function isBankDay(day: Partition): boolean {
  const isYearEnd = [1224, 1229, 1230, 1231].includes(day % 10_000);
  return isTradingDay(day) || (isYearEnd && isWeekday(day));
}

/** The day after a day, YYYY-MM-DD. */
export function addDay(day: string): string {
  return new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/**
 * What a monthly rate such as IPCA makes of whole months: from the month of the first day to the one before that of the
 * last.
 *
 * @returns a fraction, 0 within one month; undefined if a month is missing
 */
export function compoundMonthly(
  rates: readonly RatePoint[],
  first: string,
  last: string,
): number | undefined {
  const [from, to] = [first.slice(0, 7), last.slice(0, 7)];
  const counted = rates.filter(({ day }) => day.slice(0, 7) >= from && day.slice(0, 7) < to);
  return counted.length === countMonths(from, to) ? compound(counted) : undefined;
}

/** From one month, YYYY-MM, to another. */
export function countMonths(from: string, to: string): number {
  const [[fromYear = 0, fromMonth = 0], [toYear = 0, toMonth = 0]] = [from, to].map((month) =>
    month.split('-').map(Number),
  ) as [number[], number[]];
  return (toYear - fromYear) * 12 + toMonth - fromMonth;
}

/**
 * What 100 became by each of some days under a rate, as `compoundDaily` and `compoundMonthly` count it; without the
 * days of which that is not known.
 * @param days the oldest first
 */
export function accumulateRates(
  rates: readonly RatePoint[],
  days: readonly string[],
  period: 'day' | 'month',
): PricePoint[] {
  const [first] = days;
  if (first === undefined) return [];
  const keyOf = (day: string): string => (period === 'day' ? day : day.slice(0, 'YYYY-MM'.length));
  const counted = rates.filter(({ day }) => keyOf(day) >= keyOf(first));
  const last = days.at(-1) ?? first;
  const missing =
    period === 'day'
      ? findMissingRateDay(
          counted.filter(({ day }) => day < last),
          first,
          last,
        )
      : undefined;
  const points: PricePoint[] = [];
  let factor = 1;
  let next = 0;
  for (const day of days) {
    for (let rate = counted[next]; rate && keyOf(rate.day) < keyOf(day); rate = counted[next]) {
      factor *= 1 + rate.percent / 100;
      next += 1;
    }
    const isKnown =
      period === 'day'
        ? missing === undefined || day <= missing
        : next === countMonths(keyOf(first), keyOf(day));
    if (day !== first && !isKnown) continue;
    points.push({ day, price: factor * 100 });
  }
  return points;
}

function compound(rates: readonly RatePoint[]): number {
  return rates.reduce((product, { percent }) => product * (1 + percent / 100), 1) - 1;
}

/** Cash that an adjustment rests on, for one unit as it was on the day. */
export interface CashPayment {
  /** The first session without the right, YYYY-MM-DD. */
  readonly exDay: string;
  /** Undefined where it is not known which events the adjustment rests on. */
  readonly cash: number | undefined;
  /** What a price of the last day with the right is multiplied by for later changes of units. */
  readonly splitFactor: number;
}

/** A sum of decimals as doubles is inexact in its last digits: 0.1 + 0.2 is not 0.3. */
const SUM_DIGITS = 12;

/**
 * What one unit of the first day was paid until the last: units of later days are more, or fewer, after each split.
 *
 * @param splitFactor of the first day
 * @returns null where any of it is not known
 */
export function sumCash(
  payments: readonly CashPayment[],
  first: string,
  last: string,
  splitFactor: number,
): number | null {
  let sum = 0;
  for (const { exDay, cash, splitFactor: own } of payments) {
    if (exDay <= first || exDay > last) continue;
    if (cash === undefined) return null;
    sum += cash * (own / splitFactor);
  }
  return Number(sum.toPrecision(SUM_DIGITS));
}

/** What the reason of an adjustment names beside its events. */
const REASON_END = /(?:, without the cash of (?<unpriced>.*))?; distribution number .*$/s;

/** Events of the ledger that an adjustment rests on. */
interface NamedEvents<Event> {
  /** In the order of their days. */
  readonly applied: readonly Event[];
  /** Those of them whose cash no price was adjusted for. */
  readonly unpriced: readonly Event[];
}

/**
 * The events that the reason of an adjustment names: it was formatted from them, in their order.
 *
 * @param events those of the ledger that may be named
 * @returns undefined if it names others: the ledger has changed since
 */
export function findNamedEvents<Event extends RightEvent>(
  reason: string,
  events: readonly Event[],
): NamedEvents<Event> | undefined {
  const end = REASON_END.exec(reason);
  if (end === null) return reason.startsWith('distribution number ') ? NONE : undefined;
  const applied = takeNamed(reason.slice(0, end.index), events.toSorted(compareEvents));
  const unpriced = applied && takeNamed(end.groups?.['unpriced'] ?? '', applied);
  return applied && unpriced && { applied, unpriced };
}

const NONE = { applied: [], unpriced: [] };

function takeNamed<Event extends RightEvent>(
  text: string,
  events: readonly Event[],
): readonly Event[] | undefined {
  const named: Event[] = [];
  let rest = text;
  for (const event of events) {
    const name = formatEvents([event]);
    if (rest !== name && !rest.startsWith(`${name} + `)) continue;
    named.push(event);
    rest = rest.slice(name.length + ' + '.length);
  }
  return rest === '' ? named : undefined;
}
