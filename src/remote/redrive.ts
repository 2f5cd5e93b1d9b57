/**
 * Dead letters with the reason of their failure from the logs, and whether they can be redriven.
 */

import type { AwsSession } from '../aws/session.ts';
import type { RunningSystem } from '../aws/system.ts';
import type { AssetKind } from '../catalog/asset.ts';
import {
  formatInSaoPaulo,
  type Partition,
  partitionOf,
  toPartition,
} from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { findLastTradingDay, isTradingDay } from '../catalog/trading-days.ts';
import { type DeadLetter, readDeadLetters } from './dead-letters.ts';
import type { LogLine } from './log-line.ts';
import { findLogGroups, type LogGroup, readLogs } from './logs.ts';

/**
 * What sending a letter back would do:
 *
 *     ready       collect its page for its day
 *     too-late    store the page of another day as its day's
 *     unreadable  nothing: it is no message of ours, and would fail again
 */
type RedriveStatus = 'ready' | 'too-late' | 'unreadable';

export interface ExplainedDeadLetter extends DeadLetter {
  readonly redriveStatus: RedriveStatus;
  readonly failure: FailureReason | undefined;
}

interface ExplainedDeadLetters {
  readonly deadLetters: readonly ExplainedDeadLetter[];
  readonly inFlight: number;
}

export async function explainDeadLetters(
  system: RunningSystem,
  kinds: readonly AssetKind[],
  now: Date,
): Promise<ExplainedDeadLetters> {
  const { deadLetters: letters, inFlight: held } = await readDeadLetters(system, kinds);
  const reasons = await findFailureReasons(system.aws, await findLogGroups(system), letters);
  const explained = letters.map(
    (letter): ExplainedDeadLetter => ({
      ...letter,
      redriveStatus: classifyDeadLetter(letter, now),
      failure: letter.parsed.ok
        ? reasons.get(letter.id)
        : { kind: 'unreadable', reason: letter.parsed.reason },
    }),
  );
  return { deadLetters: explained.sort(compareByDayAndTicker), inFlight: held };
}

function classifyDeadLetter({ parsed }: DeadLetter, now: Date): RedriveStatus {
  if (!parsed.ok) return 'unreadable';
  return hasNewerSession(parsed.message.partition, now) ? 'too-late' : 'ready';
}

export function getDeadLetterTicker({ parsed }: DeadLetter): Ticker | undefined {
  return parsed.ok ? parsed.message.ticker : undefined;
}

/** Which of the letters a person chose can be sent back, and which not. Pure. */
export function selectRedrivable(
  chosen: readonly ExplainedDeadLetter[],
  late: boolean,
): {
  readonly sendable: readonly ExplainedDeadLetter[];
  readonly left: readonly ExplainedDeadLetter[];
} {
  const canBe = ({ redriveStatus: standing }: ExplainedDeadLetter): boolean =>
    standing === 'ready' || (late && standing === 'too-late');
  return { sendable: chosen.filter(canBe), left: chosen.filter((letter) => !canBe(letter)) };
}

function compareByDayAndTicker(a: DeadLetter, b: DeadLetter): number {
  return createSortKey(a) < createSortKey(b) ? -1 : 1;
}

function createSortKey({ parsed, id }: DeadLetter): string {
  return parsed.ok ? `${parsed.message.partition} ${parsed.message.ticker} ${id}` : `9 ${id}`;
}

interface FailureReason {
  /** A stable word such as `not-found` or `unavailable`; empty where only the function failed. */
  readonly kind: string;
  readonly reason: string;
}

/** The newest reason of each letter, by its id; those of which the log says nothing are absent. */
async function findFailureReasons(
  aws: AwsSession,
  groups: readonly LogGroup[],
  letters: readonly DeadLetter[],
): Promise<ReadonlyMap<string, FailureReason>> {
  const oldest = Math.min(...letters.map(({ sentAt }) => sentAt.getTime()));
  if (!Number.isFinite(oldest)) return new Map();
  const sources = new Set(letters.map(({ queue }) => getReaderFunction(queue)));
  const readers = groups.filter(({ source }) => sources.has(source));
  const errors = readLogs(aws, { groups: readers, from: new Date(oldest), errorsOnly: true });
  return matchFailureReasons(letters, errors);
}

/** The function that reads the queue of a kind. */
function getReaderFunction(kind: AssetKind): string {
  return `get-financial-data-for-${kind}`;
}

/**
 * Each letter with the newest line about it: about its ticker and day, about its very message, or, where
 * there is none, about its function as a whole, which failed with all that it held.
 * @param errors the oldest first
 */
export async function matchFailureReasons(
  letters: readonly DeadLetter[],
  errors: AsyncIterable<LogLine>,
): Promise<ReadonlyMap<string, FailureReason>> {
  const byTicker = new Map<string, DeadLetter[]>();
  const byId = new Map(letters.map((letter) => [letter.id, letter]));
  for (const letter of letters) {
    if (!letter.parsed.ok) continue;
    const { ticker, partition } = letter.parsed.message;
    const key = `${ticker} ${partition}`;
    byTicker.set(key, [...(byTicker.get(key) ?? []), letter]);
  }
  const own = new Map<string, FailureReason>();
  const ofFunction = new Map<string, FailureReason>();
  for await (const line of errors) {
    const reason = { kind: toText(line.fields['kind']), reason: getFailureReason(line) };
    const letter = byId.get(toText(line.fields['messageId']));
    if (line.ticker !== undefined) {
      const about = byTicker.get(`${line.ticker} ${line.partition}`) ?? [];
      for (const { id } of about) own.set(id, reason);
    } else if (letter !== undefined) own.set(letter.id, reason);
    else {
      const failed = { kind: '', reason: `the function: ${reason.reason}` };
      for (const each of letters) {
        const isItsOwn = getReaderFunction(each.queue) === line.source;
        if (isItsOwn && line.writtenAt >= each.sentAt.getTime()) ofFunction.set(each.id, failed);
      }
    }
  }
  return new Map([...ofFunction, ...own]);
}

function getFailureReason(line: LogLine): string {
  return toText(line.fields['reason']) || line.message;
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** When B3's opening auction begins, in São Paulo. */
const OPENING_TIME = '09:45';

/** Whether a session has opened after the day: its page shows another day's values by now. */
export function hasNewerSession(day: Partition, now: Date): boolean {
  return findNewestSession(now) > day;
}

/** The day of the session that opened last. */
function findNewestSession(now: Date): Partition {
  const today = partitionOf(now);
  const hasOpened = isTradingDay(today) && formatInSaoPaulo(now).slice(11, 16) >= OPENING_TIME;
  return hasOpened ? today : findLastTradingDay(getDayBefore(today));
}

function getDayBefore(day: Partition): Partition {
  const [year, month, date] = [Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100];
  const before = new Date(Date.UTC(year, month - 1, date - 1)).toISOString().slice(0, 10);
  return toPartition(before) ?? day;
}
