/**
 * Dead letters with the reason of their failure from the logs, and whether they can be redriven.
 */

import type { AwsSession } from '../aws/session.ts';
import type { RunningSystem } from '../aws/system.ts';
import type { AssetKind } from '../catalog/asset.ts';
import {
  formatInSaoPaulo,
  getDayBefore,
  getPartition,
  type Partition,
} from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { findLastTradingDay, isTradingDay } from '../catalog/trading-days.ts';
import { type DeadLetter, readDeadLetters } from './dead-letters.ts';
import { getFailureReason, type LogLine } from './log-line.ts';
import { findLogGroups, type LogGroup, readLogs } from './logs.ts';

/**
 * What redriving a dead letter would do:
 *
 *     ready       collects its page for its day
 *     too-late    stores the page of another day as its day's
 *     unreadable  fails again: it is not a message of pynvest
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
  const { deadLetters, inFlight } = await readDeadLetters(system, kinds);
  const reasons = await findFailureReasons(system.aws, await findLogGroups(system), deadLetters);
  const explained = deadLetters.map(
    (deadLetter): ExplainedDeadLetter => ({
      ...deadLetter,
      redriveStatus: classifyDeadLetter(deadLetter, now),
      failure: deadLetter.parsed.ok
        ? reasons.get(deadLetter.id)
        : { kind: 'unreadable', reason: deadLetter.parsed.reason },
    }),
  );
  return { deadLetters: explained.sort(compareByDayAndTicker), inFlight };
}

function classifyDeadLetter({ parsed }: DeadLetter, now: Date): RedriveStatus {
  if (!parsed.ok) return 'unreadable';
  return hasNewerSession(parsed.message.partition, now) ? 'too-late' : 'ready';
}

export function getDeadLetterTicker({ parsed }: DeadLetter): Ticker | undefined {
  return parsed.ok ? parsed.message.ticker : undefined;
}

/** Which of the chosen dead letters can be redriven, and which cannot. Pure. */
export function selectRedrivable(
  chosen: readonly ExplainedDeadLetter[],
  includeTooLate: boolean,
): {
  readonly sendable: readonly ExplainedDeadLetter[];
  readonly left: readonly ExplainedDeadLetter[];
} {
  const isSendable = ({ redriveStatus: status }: ExplainedDeadLetter): boolean =>
    status === 'ready' || (includeTooLate && status === 'too-late');
  return { sendable: chosen.filter(isSendable), left: chosen.filter((each) => !isSendable(each)) };
}

function compareByDayAndTicker(a: DeadLetter, b: DeadLetter): number {
  return createSortKey(a) < createSortKey(b) ? -1 : 1;
}

function createSortKey({ parsed, id }: DeadLetter): string {
  return parsed.ok ? `${parsed.message.partition} ${parsed.message.ticker} ${id}` : `9 ${id}`;
}

interface FailureReason {
  /** A stable word such as `not-found` or `unavailable`; empty where the whole function failed. */
  readonly kind: string;
  readonly reason: string;
}

/** The newest reason of each dead letter, by its id; absent where the log has none. */
async function findFailureReasons(
  aws: AwsSession,
  groups: readonly LogGroup[],
  deadLetters: readonly DeadLetter[],
): Promise<ReadonlyMap<string, FailureReason>> {
  const oldest = Math.min(...deadLetters.map(({ sentAt }) => sentAt.getTime()));
  if (!Number.isFinite(oldest)) return new Map();
  const sources = new Set(deadLetters.map(({ queue }) => getReaderFunction(queue)));
  const readers = groups.filter(({ source }) => sources.has(source));
  const errors = readLogs(aws, { groups: readers, from: new Date(oldest), errorsOnly: true });
  return matchFailureReasons(deadLetters, errors);
}

/** The function that reads the queue of a kind. */
function getReaderFunction(kind: AssetKind): string {
  return `get-financial-data-for-${kind}`;
}

/**
 * The reason in the newest line about each dead letter: about its ticker and day, or its message; else about its
 * function as a whole, which failed with all the messages that it had received.
 * @param errors the oldest first
 */
export async function matchFailureReasons(
  deadLetters: readonly DeadLetter[],
  errors: AsyncIterable<LogLine>,
): Promise<ReadonlyMap<string, FailureReason>> {
  const byTicker = new Map<string, DeadLetter[]>();
  const ids = new Set(deadLetters.map(({ id }) => id));
  for (const deadLetter of deadLetters) {
    if (!deadLetter.parsed.ok) continue;
    const { ticker, partition } = deadLetter.parsed.message;
    const key = `${ticker} ${partition}`;
    byTicker.set(key, [...(byTicker.get(key) ?? []), deadLetter]);
  }
  const ofMessages = new Map<string, FailureReason>();
  const ofFunctions = new Map<string, FailureReason>();
  for await (const line of errors) {
    const reason = { kind: toText(line.fields['kind']), reason: getFailureReason(line) };
    const messageId = toText(line.fields['messageId']);
    if (line.ticker !== undefined) {
      const about = byTicker.get(`${line.ticker} ${line.partition}`) ?? [];
      for (const { id } of about) ofMessages.set(id, reason);
    } else if (ids.has(messageId)) {
      ofMessages.set(messageId, reason);
    } else {
      const failure = { kind: '', reason: `the function: ${reason.reason}` };
      for (const { id, queue, sentAt } of deadLetters) {
        const isReader = getReaderFunction(queue) === line.source;
        if (isReader && line.writtenAt >= sentAt.getTime()) ofFunctions.set(id, failure);
      }
    }
  }
  return new Map([...ofFunctions, ...ofMessages]);
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** When B3's opening auction begins, in São Paulo. */
const OPENING_TIME = '09:45';

/** Whether a session has opened since the day: the site's pages then show the values of another day. */
export function hasNewerSession(day: Partition, now: Date): boolean {
  return findNewestSession(now) > day;
}

/** The day of the session that opened last. */
function findNewestSession(now: Date): Partition {
  const today = getPartition(now);
  const hasOpened = isTradingDay(today) && formatInSaoPaulo(now).slice(11, 16) >= OPENING_TIME;
  return hasOpened ? today : findLastTradingDay(getDayBefore(today));
}
