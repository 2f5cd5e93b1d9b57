/**
 * The logs of the system: its log groups, and their lines as one stream in order of time.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type LogEventQuery, readLogEvents } from '../aws/logs.ts';
import type { AwsSession } from '../aws/session.ts';
import type { RunningSystem } from '../aws/system.ts';
import { UsageError } from '../errors.ts';
import { findClosest } from '../suggest.ts';
import {
  createFilterPattern,
  type LogFilter,
  type LogLine,
  matchesFilter,
  parseLogEvent,
} from './log-line.ts';

export interface LogQuery extends LogFilter {
  readonly groups: readonly LogGroup[];
  readonly from: Date;
}

/** The wanted lines from a moment until now, the oldest first by the time that each says. */
export function readLogs(
  aws: AwsSession,
  { groups, from, ...wanted }: LogQuery,
): AsyncIterable<LogLine> {
  const query = { from, filterPattern: createFilterPattern(wanted) };
  const streams = groups.map((group) => readLogGroup(aws, group, query));
  return sortByTime(filterLines(mergeStreams(streams), wanted));
}

async function* filterLines(
  lines: AsyncIterable<LogLine>,
  wanted: LogFilter,
): AsyncIterable<LogLine> {
  for await (const line of lines) if (matchesFilter(line, wanted)) yield line;
}

/** Lines come late: of each look so much is looked at once more by the next one. */
const POLL_OVERLAP_MS = 120_000;
const MIN_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 8_000;

/**
 * The wanted lines from a moment on, and those that come after, each once, until `signal` is aborted.
 * The lines of one look are in order; what comes after it may be older. The pauses between two looks grow
 * while nothing comes.
 */
export async function* followLogs(
  aws: AwsSession,
  question: LogQuery,
  signal: AbortSignal,
): AsyncIterable<LogLine> {
  const tail = new LogTail(aws, question);
  let pause = MIN_PAUSE_MS;
  while (!signal.aborted) {
    let came = false;
    for await (const line of tail.next()) {
      if (signal.aborted) return;
      came = true;
      yield line;
    }
    pause = came ? MIN_PAUSE_MS : Math.min(MAX_PAUSE_MS, pause * 1.5);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

/** Looks again and again, and gives each line once. */
export class LogTail {
  readonly #aws: AwsSession;
  readonly #question: LogQuery;
  #from: Date;
  /** The lines given that the next look may see again, and when each was written. */
  readonly #given = new Map<string, number>();

  constructor(aws: AwsSession, question: LogQuery) {
    this.#aws = aws;
    this.#question = question;
    this.#from = question.from;
  }

  /** The lines that have come since the last time. */
  async *next(): AsyncIterable<LogLine> {
    const from = new Date(Math.max(this.#question.from.getTime(), Date.now() - POLL_OVERLAP_MS));
    for await (const line of readLogs(this.#aws, { ...this.#question, from: this.#from })) {
      if (this.#given.has(line.id)) continue;
      if (line.writtenAt >= from.getTime()) this.#given.set(line.id, line.writtenAt);
      yield line;
    }
    this.#from = from;
    for (const [id, writtenAt] of this.#given) {
      if (writtenAt < from.getTime()) this.#given.delete(id);
    }
  }
}

async function* readLogGroup(
  aws: AwsSession,
  group: LogGroup,
  query: LogEventQuery,
): AsyncGenerator<LogLine> {
  for await (const event of readLogEvents(aws, group.name, query)) {
    yield parseLogEvent(event, group.source);
  }
}

/** Streams in the order in which CloudWatch took their lines, as one: the oldest of their heads comes next. */
async function* mergeStreams(streams: readonly AsyncGenerator<LogLine>[]): AsyncIterable<LogLine> {
  const heads = await Promise.all(
    streams.map(async (stream) => ({ stream, result: await stream.next() })),
  );
  for (;;) {
    let oldest: (typeof heads)[number] | undefined;
    let line: LogLine | undefined;
    for (const head of heads) {
      if (head.result.done) continue;
      if (line === undefined || head.result.value.writtenAt < line.writtenAt) {
        oldest = head;
        line = head.result.value;
      }
    }
    if (oldest === undefined || line === undefined) return;
    yield line;
    oldest.result = await oldest.stream.next();
  }
}

/**
 * How far the time that a line says may be from the time at which CloudWatch took it, in milliseconds: the
 * clocks of two hosts differ by some, and a busy host hands its lines on seconds later.
 */
const MAX_CLOCK_DIFFERENCE_MS = 10_000;

/**
 * Lines that come in the order in which CloudWatch took them, by the time that they say; those of one time
 * stay as they came. A line is held until no later one can belong before it, by the lines' own times: nobody
 * waits for that, and all that is held comes at the end. One whose two times differ by more stands where it
 * came.
 */
export async function* sortByTime(lines: AsyncIterable<LogLine>): AsyncIterable<LogLine> {
  let held: readonly LogLine[] = [];
  let coming: LogLine[] = [];
  let since = Number.NEGATIVE_INFINITY;
  for await (const line of lines) {
    coming.push(line);
    // Not at every line: each time all that is held is put in order.
    if (line.writtenAt - since < MAX_CLOCK_DIFFERENCE_MS) continue;
    since = line.writtenAt;
    const ordered = [...held, ...coming].sort(compareTimes);
    const settled = line.writtenAt - 2 * MAX_CLOCK_DIFFERENCE_MS;
    const end = ordered.findLastIndex(({ writtenAt }) => writtenAt <= settled) + 1;
    yield* ordered.slice(0, end);
    held = ordered.slice(end);
    coming = [];
  }
  yield* [...held, ...coming].sort(compareTimes);
}

function compareTimes(a: LogLine, b: LogLine): number {
  return a.time - b.time;
}

export interface LogGroup {
  /** What CloudWatch calls it. */
  readonly name: string;
  /** The part of its function's or state machine's name behind the prefix, such as `get-tickers`. */
  readonly source: string;
  /** The whole name of what writes it. */
  readonly writer: string;
}

const LOG_GROUP_PREFIXES = ['/aws/lambda/', '/aws/vendedlogs/states/'];

export async function findLogGroups({ stack, resources }: RunningSystem): Promise<LogGroup[]> {
  const prefix = `${stack.parameters['NamePrefix'] ?? 'pynvest'}-`;
  const groups = [...(await resources()).values()].flatMap((name) => {
    const place = LOG_GROUP_PREFIXES.find((each) => name.startsWith(each));
    if (place === undefined) return [];
    const writer = name.slice(place.length);
    const source = writer.replace(prefix, '').replace(/^lambda-/, '');
    return [{ name, source, writer }];
  });
  return groups.sort((a, b) => (a.source < b.source ? -1 : 1));
}

/**
 * The groups that `typed` means: all of them without it.
 * @throws UsageError where it names none
 */
export function selectLogGroups(
  groups: readonly LogGroup[],
  typed: string | undefined,
): LogGroup[] {
  if (typed === undefined) return [...groups];
  const chosen = groups.filter(({ source, writer }) => source === typed || writer === typed);
  if (chosen.length > 0) return chosen;
  const names = groups.map(({ source }) => source);
  const near = findClosest(typed, names);
  throw new UsageError(`${JSON.stringify(typed)} is no function of the system`, {
    hint: near === undefined ? `It has ${names.join(', ')}.` : `Did you mean ${near}?`,
  });
}
