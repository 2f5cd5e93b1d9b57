/** The income of an asset as a report shows it: by year, with what is not proved, and every event. Pure. */
import {
  type AuditedPayment,
  type IncomeProof,
  type IncomeSources,
  listUnprovedDays,
  type PeriodIncome,
  selectIncome,
  sumIncomeByPeriod,
  type YearlyIncome,
} from '../analysis/income.ts';
import {
  formatIsoDate,
  getDayBefore,
  getPartition,
  type Partition,
  toPartition,
} from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { findLastTradingDay } from '../catalog/trading-days.ts';
import type { OutputRow } from '../query/engine.ts';

/** A row of the ledger. */
export interface LedgerEvent {
  /** The last day with the right, YYYY-MM-DD. */
  readonly day: string;
  readonly ticker: string;
  readonly type: string;
  readonly amount: number | undefined;
  /** For one unit of today. */
  readonly adjustedAmount: number | undefined;
  readonly multiplier: number | undefined;
  readonly paidOn: string | undefined;
  readonly sources: string;
  readonly status: string;
}

export interface IncomeHistory {
  readonly lastYear: YearlyIncome;
  readonly years: readonly PeriodIncome[];
  /** The years in which a payment is not proved, or may be missing. */
  readonly unprovedYears: ReadonlySet<string>;
  readonly events: readonly LedgerEvent[];
}

export interface IncomeRequest {
  readonly from: Partition | undefined;
  /** Whether a person asked for that day: years before the first payment are then shown, too. */
  readonly isFromAsked: boolean;
  readonly to: Partition | undefined;
  readonly madeAt: string;
  /** When the events of an asset were read last, YYYY-MM-DD; undefined where nothing says it. */
  readonly findReading: (tickers: readonly Ticker[]) => string | undefined;
}

/**
 * The income of an asset; undefined where the ledger has none of it.
 * @param own its tickers, former ones too
 */
export function createIncome(
  own: readonly Ticker[],
  { ledger, proof }: IncomeSources,
  lastYear: YearlyIncome,
  { from, isFromAsked, to, madeAt, findReading }: IncomeRequest,
): IncomeHistory | undefined {
  const isAsked = (day: string): boolean => {
    const number = Number(day.replaceAll('-', ''));
    return number >= (from ?? 0) && number <= (to ?? Number.POSITIVE_INFINITY);
  };
  const rows = ledger.filter(
    ([day, ticker]) => own.some((each) => each === ticker) && isAsked(String(day)),
  );
  if (rows.length === 0 && lastYear.count === 0) return undefined;
  const today = getPartition(new Date(madeAt));
  const payments = selectIncome(rows, own);
  const income = { payments, readOn: findReading(own) };
  return {
    lastYear,
    years: sumIncomeByPeriod([income], 'year', {
      from: from && formatIsoDate(from),
      ...{ isFromAsked, to: formatIsoDate(to !== undefined && to < today ? to : today) },
    }),
    unprovedYears: findUnprovedYears(payments, proof, own),
    events: rows.map(toEvent),
  };
}

/** A right of a session was detached on the trading day before it, or earlier. */
function findUnprovedYears(
  payments: readonly AuditedPayment[],
  proof: IncomeProof,
  own: readonly string[],
): ReadonlySet<string> {
  const unproved = payments.filter(({ isProved }) => isProved === false).map(({ day }) => day);
  const doubts = listUnprovedDays(proof, own).flatMap((text) => {
    const day = toPartition(text);
    const before = day && formatIsoDate(findLastTradingDay(getDayBefore(day)));
    return [text, before ?? text];
  });
  return new Set([...unproved, ...doubts].map((day) => day.slice(0, 'YYYY'.length)));
}

function toEvent([
  day,
  ticker,
  type,
  amount,
  adjusted,
  paidOn,
  ,
  multiplier,
  sources,
  status,
]: OutputRow): LedgerEvent {
  const toNumber = (value: OutputRow[number] | undefined): number | undefined =>
    typeof value === 'number' ? value : undefined;
  return {
    ...{ day: String(day), ticker: String(ticker), type: String(type) },
    amount: toNumber(amount),
    adjustedAmount: toNumber(adjusted),
    multiplier: toNumber(multiplier),
    paidOn: paidOn === null || paidOn === undefined ? undefined : String(paidOn),
    ...{ sources: String(sources), status: String(status) },
  };
}
