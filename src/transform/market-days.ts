/**
 * The days on which a market traded, as the imported sessions show them, and what is missing between them. Pure.
 */
import { getYear, type Partition } from '../catalog/partition.ts';
import { getTradingDays } from '../catalog/trading-days.ts';

/** Days as YYYYMMDD numbers: the last one before sessions of the market are missing, and the first one after it. */
interface HistoryGap {
  readonly before: number;
  readonly after: number;
}

export interface MarketDays {
  /** On which any paper was traded, in order. */
  readonly days: readonly number[];
  /** Where whole weeks or years are missing. */
  readonly gaps: readonly HistoryGap[];
  /** The gaps between two days. */
  findHistoryGap(from: number, to: number): HistoryGap | undefined;
  /** The first trading day after one day, and not after another, of which there is no session of any paper. */
  findMissingDay(after: number, until: number): number | undefined;
}

/** Without a session for more days than these, the market was not imported: B3 was never closed for as many. */
const MAX_CLOSED_DAYS = 10;
const DAY_MS = 86_400_000;

/** @param papers the days on which each paper was traded */
export function createMarketDays(
  papers: readonly { readonly days: Iterable<number> }[],
): MarketDays {
  const traded = new Set<number>();
  for (const { days } of papers) for (const day of days) traded.add(day);
  const days = [...traded].sort((a, b) => a - b);
  const gaps = findHistoryGaps(days);
  let missing: readonly number[] | undefined;
  return {
    days,
    gaps,
    findHistoryGap: (from, to) => gaps.find(({ before, after }) => before < to && after > from),
    findMissingDay(after, until) {
      missing ??= findMissingDays(days, traded);
      const first = missing[findFirstAfter(missing, after)];
      return first !== undefined && first <= until ? first : undefined;
    },
  };
}

/** @param days in order */
function findHistoryGaps(days: readonly number[]): HistoryGap[] {
  return days.flatMap((after, at): HistoryGap[] => {
    const before = days[at - 1];
    const isGap = before !== undefined && toTime(after) - toTime(before) > MAX_CLOSED_DAYS * DAY_MS;
    return isGap ? [{ before, after }] : [];
  });
}

/** The trading days of B3's calendar that are not among the days. A day that B3 took off out of turn is among them. */
function findMissingDays(days: readonly number[], traded: ReadonlySet<number>): number[] {
  const [first, last] = [days.at(0), days.at(-1)];
  if (first === undefined || last === undefined) return [];
  const expected = getTradingDays(first as Partition, last as Partition);
  return expected.filter((day) => !traded.has(day));
}

/** Until then B3 may have taken off a day that its calendar here does not know. */
const FIRST_YEAR_OF_CALENDAR = 2000;
const DAYS_AROUND = 7;

/**
 * The trading days from one day to another, both included, of which no session is known. Where the calendar is not
 * certain, a day between two sessions of the same days counts as one without trading.
 */
export function findMissingSessions(
  sessions: readonly number[],
  from: Partition,
  to: Partition,
): Partition[] {
  if (from > to) return [];
  const known = new Set(sessions);
  return getTradingDays(from, to).filter(
    (day) => !known.has(day) && !isProbablyClosed(sessions, day),
  );
}

function isProbablyClosed(sessions: readonly number[], day: Partition): boolean {
  if (getYear(day) >= FIRST_YEAR_OF_CALENDAR) return false;
  const near = sessions.filter(
    (each) => Math.abs(toTime(each) - toTime(day)) <= DAYS_AROUND * DAY_MS,
  );
  return near.some((each) => each < day) && near.some((each) => each > day);
}

function findFirstAfter(days: readonly number[], day: number): number {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((days[middle] ?? 0) <= day) low = middle + 1;
    else high = middle;
  }
  return low;
}

function toTime(day: number): number {
  return Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100);
}
