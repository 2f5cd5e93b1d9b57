/**
 * The income of assets by the ledger: sums of periods and of twelve months, the yield, and whether a payment may be
 * missing.
 */
import type { Table } from '../catalog/dataset.ts';
import {
  formatIsoDate,
  getDayBefore,
  getPartition,
  getYear,
  getYearsBefore,
  type Partition,
  toPartition,
} from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { groupBy } from '../collections.ts';
import { quotesTable } from '../query/columns.ts';
import {
  buildNewestClosesSelect,
  buildQuotesOfDaySelect,
  buildUnprovedDaysSelect,
  CAPITAL_TYPES,
} from '../query/dividends.ts';
import type { OutputRow, QueryEngine, Statement } from '../query/engine.ts';
import { adjustmentsTable, historyTable } from '../query/history.ts';
import { readAll } from '../query/read-rows.ts';
import { removeRepeatedEvents } from '../transform/lineage.ts';
import { findMissingSessions } from '../transform/market-days.ts';
import { findNewestDay, readSessions } from './market-day.ts';

/** Cash for one unit of today. */
export interface Payment {
  /** The last day with the right, YYYY-MM-DD. */
  readonly day: string;
  /** Undefined where the changes of units since are not known. */
  readonly amount: number | undefined;
}

export interface AuditedPayment extends Payment {
  /** Whether a proved adjustment rests on it; undefined where the lake has no prices of its time. */
  readonly isProved: boolean | undefined;
}

/**
 * The income of one asset, each payment once: cash that is in force and gives back no capital.
 * @param rows of the ledger
 * @param own all tickers of the asset
 */
export function selectIncome(rows: readonly OutputRow[], own: readonly string[]): AuditedPayment[] {
  const inForce = rows.filter(
    ([, ticker, type, , , , , , , status]) =>
      own.includes(String(ticker)) && !CAPITAL_TYPES.has(String(type)) && status === 'vigente',
  );
  return removeRepeatedEvents(inForce, ([day, ticker, type]) => ({
    ...{ day: String(day), type: String(type), ticker: String(ticker) },
  })).flatMap((row) => {
    const [day, , , cash, amount] = row;
    const isProved = row.at(-1);
    if (typeof cash !== 'number') return [];
    return {
      day: String(day),
      amount: typeof amount === 'number' ? amount : undefined,
      isProved: typeof isProved === 'boolean' ? isProved : undefined,
    };
  });
}

/** A sum of decimals as doubles is inexact in its last digits: 0.1 + 0.2 is not 0.3. */
const SUM_DIGITS = 12;

/** Undefined where an amount is: what is not known is neither zero, nor the amount of another unit. */
export function sumPayments(payments: readonly Pick<Payment, 'amount'>[]): number | undefined {
  let sum = 0;
  for (const { amount } of payments) {
    if (amount === undefined) return undefined;
    sum += amount;
  }
  return Number(sum.toPrecision(SUM_DIGITS));
}

export interface PeriodIncome {
  /** YYYY or YYYY-MM. */
  readonly label: string;
  /** A sum for each asset, in their order; undefined where an amount of the period is not known. */
  readonly values: readonly (number | undefined)[];
  /** The first day that counts, YYYY-MM-DD, where that is not the period's own. */
  readonly since?: string;
  /** The last day that counts, where that is not the period's own. */
  readonly until?: string;
}

/** The income of one asset, and how far it is known. */
export interface KnownIncome {
  readonly payments: readonly Payment[];
  /** When its events were read last, YYYY-MM-DD; undefined where nothing says it. */
  readonly readOn: string | undefined;
}

/** The days that sums are asked of, YYYY-MM-DD. */
interface IncomeSpan {
  /** Undefined for all. */
  readonly from: string | undefined;
  /** Whether the periods before the first payment count, too: with 0. */
  readonly isFromAsked: boolean;
  /** Not after today. */
  readonly to: string;
}

/**
 * The income of each year or month of a span, 0 where nothing was paid; none where nothing was paid at all. A period of
 * which the span has a part has the days of that part; what is after an asset's last reading is not known.
 */
export function sumIncomeByPeriod(
  incomes: readonly KnownIncome[],
  period: 'year' | 'month',
  { from, isFromAsked, to }: IncomeSpan,
): PeriodIncome[] {
  const length = period === 'year' ? 'YYYY'.length : 'YYYY-MM'.length;
  const toLabel = (day: string): string => day.slice(0, length);
  const days = incomes.flatMap(({ payments }) => payments.map(({ day }) => day)).sort();
  const [firstPaid, lastPaid] = [days.at(0), days.at(-1)];
  if (firstPaid === undefined || lastPaid === undefined) return [];
  const byPeriod = incomes.map(({ payments }) => groupBy(payments, ({ day }) => toLabel(day)));
  // A payment may be announced for a day to come.
  const end = lastPaid > to ? lastPaid : to;
  const knownUntil = incomes.map(
    ({ payments, readOn = end }) =>
      [readOn, ...payments.map(({ day }) => day)].sort().at(-1) ?? end,
  );
  const [until = end] = [end, ...knownUntil].sort();
  const first = toLabel(from !== undefined && isFromAsked ? from : firstPaid);
  return listPeriods(first, toLabel(end)).map((label): PeriodIncome => {
    const [start, last] = getPeriodBounds(label);
    return {
      label,
      values: byPeriod.map((own, at) =>
        (knownUntil[at] ?? end) < start ? undefined : sumPayments(own.get(label) ?? []),
      ),
      ...(from !== undefined && toLabel(from) === label && from > start && { since: from }),
      ...(toLabel(until) === label && until < last && { until }),
    };
  });
}

/** The first and the last day of a year or a month, YYYY-MM-DD. */
function getPeriodBounds(label: string): readonly [first: string, last: string] {
  const [year = 0, month] = label.split('-').map(Number);
  // The day before the first one of what follows.
  const last = new Date(Date.UTC(year, month ?? 12, 0)).toISOString().slice(0, 10);
  return [month === undefined ? `${label}-01-01` : `${label}-01`, last];
}

function listPeriods(first: string, last: string): string[] {
  const isMonth = first.length > 'YYYY'.length;
  const found: string[] = [];
  let [year = 0, month = 1] = first.split('-').map(Number);
  for (;;) {
    const label = isMonth ? `${year}-${String(month).padStart(2, '0')}` : String(year);
    found.push(label);
    if (label >= last) return found;
    month = isMonth && month < 12 ? month + 1 : 1;
    if (month === 1) year += 1;
  }
}

/** The price of one unit. */
interface NewestPrice {
  readonly ticker: string;
  readonly day: string;
  readonly value: number;
  /** Whether it is a close of the history, and not a collected quote. */
  readonly isClose: boolean;
}

/** The newest closes of the history up to a day; of tickers without one, the quotes of the newest collected day. */
export async function readNewestPrices(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  to?: Partition,
): Promise<NewestPrice[]> {
  const nameOf = (table: Table): string => engine.nameOf(table);
  const read = async (statement: Statement, isClose: boolean): Promise<NewestPrice[]> =>
    (await readAll(engine, statement)).map(([ticker, day, value]) => ({
      ...{ ticker: String(ticker), day: String(day), value: Number(value), isClose },
    }));
  const newest = await engine.newestPartition(historyTable);
  const asked = to === undefined ? undefined : (getYear(to) as Partition);
  const year = newest !== undefined && asked !== undefined && asked < newest ? asked : newest;
  const closes =
    year === undefined ? [] : await read(buildNewestClosesSelect(tickers, year, nameOf, to), true);
  const others = tickers.filter((ticker) => !closes.some((close) => close.ticker === ticker));
  const day = others.length === 0 ? undefined : await findNewestDay(engine, quotesTable, to);
  const quotes =
    day === undefined ? [] : await read(buildQuotesOfDaySelect(others, day, nameOf), false);
  return [...closes, ...quotes];
}

/** What shows whether the ledger has all income of some months. */
export interface IncomeProof {
  /** Whether the factors are those of the prices: otherwise nothing is proved. */
  readonly isDerived: boolean;
  /** By asset, the sessions over which the distribution number and the events disagree, or nothing is known. */
  readonly unprovedDays: ReadonlyMap<string, readonly string[]>;
  /** The first days of the months of which the history has every session. */
  readonly coveredMonths: ReadonlySet<string>;
}

/**
 * @param codes the assets, or all of their tickers
 * @param prices with which the months end
 */
export async function readIncomeProof(
  engine: QueryEngine,
  codes: readonly Ticker[],
  prices: readonly NewestPrice[],
  isDerived: boolean,
): Promise<IncomeProof> {
  const nameOf = (table: Table): string => engine.nameOf(table);
  const hasFactors = (await engine.newestPartition(adjustmentsTable)) !== undefined;
  const rows = hasFactors ? await readAll(engine, buildUnprovedDaysSelect(codes, nameOf)) : [];
  const days = [...groupBy(rows, ([code]) => String(code))];
  const ends = new Set(prices.filter(({ isClose }) => isClose).map(({ day }) => day));
  const coveredMonths = new Set<string>();
  for (const end of ends) {
    const start = findFirstDay(end);
    const [from, to] = [toPartition(start), toPartition(end)];
    if (from === undefined || to === undefined) continue;
    const sessions = await readSessions(engine, from, to);
    if (findMissingSessions(sessions, from, to).length === 0) coveredMonths.add(start);
  }
  return {
    isDerived,
    unprovedDays: new Map(days.map(([code, own]) => [code, own.map(([, day]) => String(day))])),
    coveredMonths,
  };
}

/** The unproved sessions of one asset. @param own all its tickers */
export function listUnprovedDays(
  { unprovedDays }: IncomeProof,
  own: readonly string[],
): readonly string[] {
  return own.flatMap((ticker) => unprovedDays.get(ticker) ?? []);
}

export interface YearlyIncome {
  readonly ticker: Ticker;
  /** The first and the last day of the twelve months. */
  readonly start: string;
  readonly end: string;
  readonly count: number;
  /** Undefined where some amount is not known for one unit of today. */
  readonly sum: number | undefined;
  readonly price: number | undefined;
  readonly priceDay: string | undefined;
  readonly yield: number | undefined;
  /** How many of the payments rest on no proved adjustment. */
  readonly unproved: number;
  /**
   * Whether a payment of these months may be missing: the number shows a right that the events do not explain, or is
   * not known.
   */
  readonly mayLackPayments: boolean;
  /**
   * Whether all payments are proved, and none can be missing; undefined where the lake has no prices of the time of
   * some, or not those of all the months.
   */
  readonly isProved: boolean | undefined;
}

/** The ledger, and what a sum of it is held against. */
export interface IncomeSources {
  /** The rows of `readLedger`. */
  readonly ledger: readonly OutputRow[];
  readonly prices: readonly NewestPrice[];
  readonly proof: IncomeProof;
}

/** The income of the twelve months that end with the newest price, or else with `to`, of one unit of today. */
export function sumLastYear(
  ticker: Ticker,
  own: readonly Ticker[],
  { ledger, prices, proof }: IncomeSources,
  to: Partition = getPartition(new Date()),
): YearlyIncome {
  const newest = prices
    .filter((price) => own.some((name) => name === price.ticker))
    .reduce<NewestPrice | undefined>(
      (a, b) => (a !== undefined && a.day >= b.day ? a : b),
      undefined,
    );
  const end = newest?.day ?? formatIsoDate(to);
  const start = findFirstDay(end);
  const payments = selectIncome(ledger, own).filter(({ day }) => day >= start && day <= end);
  const unproved = payments.filter(({ isProved }) => isProved === false).length;
  // The right of a session was detached on a day before it.
  const doubts = listUnprovedDays(proof, own).filter((day) => day > start && day <= end);
  const isContradicted = unproved > 0 || doubts.length > 0 || !proof.isDerived;
  const isUnknown =
    newest?.isClose !== true ||
    !proof.coveredMonths.has(start) ||
    payments.some(({ isProved }) => isProved === undefined);
  const sum = sumPayments(payments);
  return {
    ...{ ticker, start, end, sum, unproved },
    mayLackPayments: doubts.length > 0,
    isProved: isContradicted ? false : isUnknown ? undefined : true,
    count: payments.length,
    price: newest?.value,
    priceDay: newest?.day,
    yield: newest === undefined || sum === undefined ? undefined : sum / newest.value,
  };
}

/** The first of the twelve months that end with a day, YYYY-MM-DD: the day after the same one of the year before. */
function findFirstDay(end: string): string {
  const before = getYearsBefore(Number(end.replaceAll('-', '')) as Partition);
  return formatIsoDate(getDayBefore(before, -1));
}
