/** What commands say of sessions that were asked for and that the lake has no quotes of. */

import { readSessions } from '../analysis/market-day.ts';
import { formatIsoDate, getDayBefore, getPartition, type Partition } from '../catalog/partition.ts';
import { BrokenFileError } from '../errors.ts';
import { findQuoteGaps, listFillingCommands, type QuoteGap } from '../pipeline/quote-gaps.ts';
import type { Gap } from '../presentation/gap.ts';
import { quotesTable } from '../query/columns.ts';
import type { QueryEngine } from '../query/engine.ts';
import type { DayRange } from '../query/select.ts';
import { formatQuantity } from '../text.ts';
import type { LakeHandle } from './open-lake.ts';

/** What the lake lacks of the days that were asked for. */
export interface MissingQuotes {
  /** At least one, in order. */
  readonly gaps: readonly QuoteGap[];
  /** The first day of which the lake has quotes. */
  readonly firstStored: Partition | undefined;
}

/**
 * Undefined where it lacks none. Days before the lake's first count where a first day was asked for, and those after
 * its last, up to yesterday, where a last day was: today's collection may be to come. With `last` they are those
 * from the first of the newest days on. None is known where a file of the history is damaged.
 */
export async function findMissingQuotes(
  { engine, lake: { lake, notes } }: { readonly engine: QueryEngine; readonly lake: LakeHandle },
  { from, to, last }: DayRange,
): Promise<MissingQuotes | undefined> {
  const stored = await lake.partitions(quotesTable);
  const yesterday = getDayBefore(getPartition(new Date()));
  const firstStored = stored.at(0);
  const asked = stored.filter((day) => to === undefined || day <= to);
  const newest = last === undefined ? undefined : asked.at(-last);
  const start = Math.max(from ?? 0, newest ?? 0) || firstStored;
  if (start === undefined) return undefined;
  const end = to ?? asked.at(-1) ?? yesterday;
  const gaps = await findQuoteGaps({
    ...{ stored, notes, from: start as Partition },
    to: Math.min(end, yesterday) as Partition,
    readSessions: (first, until) => readSessions(engine, first, until),
  }).catch((error: unknown) => {
    // The answer is of the quotes, and complete without a look at the history.
    if (error instanceof BrokenFileError) return [];
    throw error;
  });
  return gaps.length === 0 ? undefined : { gaps, firstStored };
}

/** More are counted, and not named one by one. */
const MOST_GAPS = 3;

/** Which sessions the lake has no quotes of. */
export function formatMissingQuotes(missing: MissingQuotes, subject: string): string {
  const { gaps, firstStored } = missing;
  const later = gaps.filter(({ first }) => firstStored === undefined || first > firstStored);
  if (firstStored === undefined || later.length === gaps.length) {
    return `The lake has no ${subject} ${formatGaps(later)}.`;
  }
  const begins = `The lake's ${subject} begin on ${formatIsoDate(firstStored)}`;
  return later.length === 0 ? `${begins}.` : `${begins}, and it has none ${formatGaps(later)}.`;
}

/** Such as `from 2020-01-02 to 2022-12-29 (748 sessions)`; of several gaps the sessions, and then each. */
export function formatGaps(gaps: readonly QuoteGap[]): string {
  const [first, last] = [gaps.at(0), gaps.at(-1)];
  if (first === undefined || last === undefined) return 'of no session';
  const days = [formatIsoDate(first.first), formatIsoDate(last.last)] as const;
  const count = gaps.reduce((sum, each) => sum + each.sessions, 0);
  const sessions = formatQuantity(count, 'session');
  if (count === 1) return `of ${days[0]}`;
  if (gaps.length === 1) return `from ${days[0]} to ${days[1]} (${sessions})`;
  if (gaps.length > MOST_GAPS) return `of ${sessions} between ${days[0]} and ${days[1]}`;
  const each = gaps.map((gap) =>
    [...new Set([gap.first, gap.last].map(formatIsoDate))].join(' to '),
  );
  return `of ${sessions}: ${each.join(', ')}`;
}

/** The commands that fill them, in order. */
export function formatRemedy({ gaps, firstStored }: MissingQuotes): string {
  const [first, last] = [gaps.at(0)?.first, gaps.at(-1)?.last];
  if (first === undefined || last === undefined) return '';
  const isBefore = firstStored === undefined || last < firstStored;
  const what = `${isBefore ? 'earlier days' : 'them'} from B3's history`;
  const years = [...new Set(gaps.flatMap((each) => each.years))];
  const commands = listFillingCommands({ first, last }, years);
  return commands.length === 1
    ? `${commands.join('')} fills ${what}.`
    : `${commands.join(', and then ')}, fill ${what}.`;
}

/** Shorter gaps are not seen in a line: a lake that is collected once a week has many. */
const FEWEST_SESSIONS = 5;

/** The gaps over which a line is not to be drawn. */
export function listChartGaps(missing: MissingQuotes | undefined): Gap[] {
  const long = (missing?.gaps ?? []).filter(({ sessions }) => sessions >= FEWEST_SESSIONS);
  return long.map(({ first, last }) => ({
    first: formatIsoDate(first),
    last: formatIsoDate(last),
  }));
}
