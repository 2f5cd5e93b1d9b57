/** What commands say of sessions that were asked for and that the lake has no quotes of. */

import { readSessions } from '../analysis/market-day.ts';
import { formatIsoDate, getDayBefore, getPartition, type Partition } from '../catalog/partition.ts';
import { BrokenFileError } from '../errors.ts';
import { findLackingSessions, formatYears, type Stretch } from '../pipeline/lacking-sessions.ts';
import type { Gap } from '../presentation/gap.ts';
import { quotesTable } from '../query/columns.ts';
import type { QueryEngine } from '../query/engine.ts';
import type { DayRange } from '../query/select.ts';
import { formatQuantity } from '../text.ts';
import type { LakeHandle } from './open-lake.ts';

/** What the lake lacks of the days that were asked for. */
export interface LackingDays {
  /** At least one, in order. */
  readonly stretches: readonly Stretch[];
  /** The first day of which the lake has quotes. */
  readonly firstStored: Partition | undefined;
}

/**
 * Undefined where it lacks none. Days before the lake's first count where a first day was asked for, and those after
 * its last, up to yesterday, where a last day was: today's collection may be to come. With `last` they are those
 * from the first of the newest days on. None is known where a file of the history is damaged.
 */
export async function findLackingDays(
  { engine, lake: { lake, notes } }: { readonly engine: QueryEngine; readonly lake: LakeHandle },
  { from, to, last }: DayRange,
): Promise<LackingDays | undefined> {
  const stored = await lake.partitions(quotesTable);
  const yesterday = getDayBefore(getPartition(new Date()));
  const firstStored = stored.at(0);
  const asked = stored.filter((day) => to === undefined || day <= to);
  const newest = last === undefined ? undefined : asked.at(-last);
  const start = Math.max(from ?? 0, newest ?? 0) || firstStored;
  if (start === undefined) return undefined;
  const end = to ?? asked.at(-1) ?? yesterday;
  const stretches = await findLackingSessions({
    ...{ stored, notes, from: start as Partition },
    to: Math.min(end, yesterday) as Partition,
    readSessions: (first, until) => readSessions(engine, first, until),
  }).catch((error: unknown) => {
    // The answer is of the quotes, and complete without a look at the history.
    if (error instanceof BrokenFileError) return [];
    throw error;
  });
  return stretches.length === 0 ? undefined : { stretches, firstStored };
}

/** More are counted, and not named one by one. */
const MOST_STRETCHES = 3;

/** Which sessions the lake has no quotes of. */
export function formatLackingDays(lacking: LackingDays, subject: string): string {
  const { stretches, firstStored } = lacking;
  const later = stretches.filter(({ first }) => firstStored === undefined || first > firstStored);
  if (firstStored === undefined || later.length === stretches.length) {
    return `The lake has no ${subject} ${formatStretches(later)}.`;
  }
  const begins = `The lake's ${subject} begin on ${formatIsoDate(firstStored)}`;
  return later.length === 0
    ? `${begins}.`
    : `${begins}, and it has none ${formatStretches(later)}.`;
}

/** Such as `from 2020-01-02 to 2022-12-29 (748 sessions)`; of several stretches the sessions, and then each. */
export function formatStretches(stretches: readonly Stretch[]): string {
  const [first, last] = [stretches.at(0), stretches.at(-1)];
  if (first === undefined || last === undefined) return 'of no session';
  const days = [formatIsoDate(first.first), formatIsoDate(last.last)] as const;
  const count = stretches.reduce((sum, each) => sum + each.sessions, 0);
  const sessions = formatQuantity(count, 'session');
  if (count === 1) return `of ${days[0]}`;
  if (stretches.length === 1) return `from ${days[0]} to ${days[1]} (${sessions})`;
  if (stretches.length > MOST_STRETCHES) return `of ${sessions} between ${days[0]} and ${days[1]}`;
  const each = stretches.map((stretch) =>
    [...new Set([stretch.first, stretch.last].map(formatIsoDate))].join(' to '),
  );
  return `of ${sessions}: ${each.join(', ')}`;
}

/** The commands that fill them, in order. */
export function formatRemedy({ stretches, firstStored }: LackingDays): string {
  const [first, last] = [stretches.at(0)?.first, stretches.at(-1)?.last];
  if (first === undefined || last === undefined) return '';
  const isBefore = firstStored === undefined || last < firstStored;
  const what = `${isBefore ? 'earlier days' : 'them'} from B3's history`;
  const backfill = `\`pynvest backfill --from ${formatIsoDate(first)} --to ${formatIsoDate(last)}\``;
  const years = [...new Set(stretches.flatMap((each) => each.years))];
  if (years.length === 0) return `${backfill} fills ${what}.`;
  return `\`pynvest import cotahist --year ${formatYears(years)}\`, and then ${backfill}, fill ${what}.`;
}

/** Shorter stretches are not seen in a line: a lake that is collected once a week has many. */
const FEWEST_SESSIONS = 5;

/** The stretches over which a line is not to be drawn. */
export function listGaps(lacking: LackingDays | undefined): Gap[] {
  const long = (lacking?.stretches ?? []).filter(({ sessions }) => sessions >= FEWEST_SESSIONS);
  return long.map(({ first, last }) => ({
    first: formatIsoDate(first),
    last: formatIsoDate(last),
  }));
}
