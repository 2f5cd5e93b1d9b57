/** Why messages ended as dead letters: the reasons stand in the functions' log. */
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { AssetKind } from '../catalog/asset.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { LogGroup } from './log-groups.ts';
import type { LogLine } from './log-line.ts';
import { readLogs } from './read-logs.ts';

export interface Reason {
  /** A stable word such as `not-found` or `unavailable`; empty where only the function failed. */
  readonly kind: string;
  readonly reason: string;
}

/** The newest reason of each letter, by its id; those of which the log says nothing are absent. */
export async function reasonsOf(
  client: CloudWatchLogsClient,
  groups: readonly LogGroup[],
  letters: readonly DeadLetter[],
): Promise<ReadonlyMap<string, Reason>> {
  const oldest = Math.min(...letters.map(({ sentAt }) => sentAt.getTime()));
  if (!Number.isFinite(oldest)) return new Map();
  const sources = new Set(letters.map(({ queue }) => sourceOf(queue)));
  const readers = groups.filter(({ source }) => sources.has(source));
  const errors = readLogs(client, { groups: readers, from: new Date(oldest), errors: true });
  return matched(letters, errors);
}

/** The function that reads the queue of a kind. */
function sourceOf(kind: AssetKind): string {
  return `get-financial-data-for-${kind}`;
}

/**
 * Each letter with the newest line about it: about its ticker and day, about its very message, or, where
 * there is none, about its function as a whole, which failed with all that it held.
 * @param errors the oldest first
 */
export async function matched(
  letters: readonly DeadLetter[],
  errors: AsyncIterable<LogLine>,
): Promise<ReadonlyMap<string, Reason>> {
  const byTicker = new Map<string, DeadLetter[]>();
  const byId = new Map(letters.map((letter) => [letter.id, letter]));
  for (const letter of letters) {
    if (!letter.parsed.ok) continue;
    const { ticker, partition } = letter.parsed.message;
    const key = `${ticker} ${partition}`;
    byTicker.set(key, [...(byTicker.get(key) ?? []), letter]);
  }
  const own = new Map<string, Reason>();
  const ofFunction = new Map<string, Reason>();
  for await (const line of errors) {
    const reason = { kind: textOf(line.fields['kind']), reason: reasonIn(line) };
    const letter = byId.get(textOf(line.fields['messageId']));
    if (line.ticker !== undefined) {
      const about = byTicker.get(`${line.ticker} ${line.partition}`) ?? [];
      for (const { id } of about) own.set(id, reason);
    } else if (letter !== undefined) own.set(letter.id, reason);
    else {
      const failed = { kind: '', reason: `the function: ${reason.reason}` };
      for (const each of letters) {
        const isItsOwn = sourceOf(each.queue) === line.source;
        if (isItsOwn && line.writtenAt >= each.sentAt.getTime()) ofFunction.set(each.id, failed);
      }
    }
  }
  return new Map([...ofFunction, ...own]);
}

function reasonIn(line: LogLine): string {
  return textOf(line.fields['reason']) || line.message;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
