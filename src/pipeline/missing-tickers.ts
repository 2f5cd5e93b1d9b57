/**
 * Tickers that the site lists and has no page of, such as a fund that was closed. Each run's report says since how many
 * runs, and the next one reads it there: after a few, such a ticker is asked for once a week, and is no failure. Pure.
 */
import { formatIsoDate, type Partition } from '../catalog/partition.ts';
import type { FailedTicker } from './collect.ts';

/** As a run's report stores it. */
export interface MissingTicker {
  readonly ticker: string;
  /** How many runs asked for it, one after the other, and were answered that there is no such ticker. */
  readonly runs: number;
  /** The day of the last of them, `YYYY-MM-DD`. */
  readonly asked_on: string;
}

/** After this many runs it is known that the site has no page of a ticker. */
export const RUNS_UNTIL_KNOWN = 5;

const DAYS_BETWEEN_REQUESTS = 7;

/** One that no listing names any more is forgotten after so many days. */
const DAYS_UNTIL_FORGOTTEN = 60;

/** Whether the site has answered so often that it has no page of the ticker that it is known. */
export function isKnownAsMissing({ runs }: MissingTicker): boolean {
  return runs >= RUNS_UNTIL_KNOWN;
}

/** Whether a run of a day leaves the ticker out. */
export function isLeftOut(missing: MissingTicker, partition: Partition): boolean {
  return isKnownAsMissing(missing) && countDaysSince(missing, partition) < DAYS_BETWEEN_REQUESTS;
}

/** A day later than the run's own, as a clock that was wrong leaves it, counts as long ago. */
function countDaysSince({ asked_on: askedOn }: MissingTicker, partition: Partition): number {
  const days = (Date.parse(formatIsoDate(partition)) - Date.parse(askedOn)) / 86_400_000;
  return days < 0 || Number.isNaN(days) ? Number.POSITIVE_INFINITY : days;
}

/** What is known after a run, from what was known before it. */
export function updateMissingTickers(
  before: readonly MissingTicker[],
  partition: Partition,
  asked: readonly string[],
  {
    stored,
    failed,
  }: { readonly stored: readonly string[]; readonly failed: readonly FailedTicker[] },
): MissingTicker[] {
  const runsBefore = new Map(before.map((missing) => [missing.ticker, missing.runs]));
  const notFound = new Set(
    failed.flatMap(({ ticker, kind }) => (kind === 'not-found' ? ticker : [])),
  );
  const found = new Set(stored);
  const known = before.filter(
    (missing) =>
      !notFound.has(missing.ticker) &&
      !found.has(missing.ticker) &&
      countDaysSince(missing, partition) < DAYS_UNTIL_FORGOTTEN,
  );
  const now = asked
    .filter((ticker) => notFound.has(ticker))
    .map((ticker) => ({
      ticker,
      runs: (runsBefore.get(ticker) ?? 0) + 1,
      asked_on: formatIsoDate(partition),
    }));
  return [...known, ...now].sort((a, b) => (a.ticker < b.ticker ? -1 : 1));
}
