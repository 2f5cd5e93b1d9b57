/**
 * The logs of the system: its log groups, and their lines as one stream in order of time.
 */

import { type LogEventQuery, readLogEvents } from '../aws/logs.ts';
import { PollPauses } from '../aws/poll-pauses.ts';
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

/** The lines that match the query until now, the oldest first by their own times. */
export function readLogs(
  aws: AwsSession,
  { groups, from, ...filter }: LogQuery,
): AsyncIterable<LogLine> {
  const query = { from, filterPattern: createFilterPattern(filter) };
  const streams = groups.map((group) => readLogGroup(aws, group, query));
  return sortByTime(filterLines(mergeStreams(streams), filter));
}

async function* filterLines(
  lines: AsyncIterable<LogLine>,
  filter: LogFilter,
): AsyncIterable<LogLine> {
  for await (const line of lines) if (matchesFilter(line, filter)) yield line;
}

/** Lines arrive late: each poll reads this much of the time before it once more. */
const POLL_OVERLAP_MS = 120_000;
const MIN_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 8_000;

/**
 * The lines that match the query and those that arrive later, each once, until `signal` is aborted. The lines of one
 * poll are in order; those of the next may be older. The pauses between polls grow while no lines arrive.
 */
export async function* followLogs(
  aws: AwsSession,
  query: LogQuery,
  signal: AbortSignal,
): AsyncIterable<LogLine> {
  const tail = new LogTail(aws, query);
  const pauses = new PollPauses(MIN_PAUSE_MS, MAX_PAUSE_MS);
  while (!signal.aborted) {
    for await (const line of tail.next()) {
      if (signal.aborted) return;
      pauses.reset();
      yield line;
    }
    await pauses.wait(signal).catch(() => undefined);
  }
}

/** Polls the logs, and gives each line once. */
export class LogTail {
  readonly #aws: AwsSession;
  readonly #query: LogQuery;
  #from: Date;
  /** The lines that the next poll may read again, with the time when each was written. */
  readonly #given = new Map<string, number>();

  constructor(aws: AwsSession, query: LogQuery) {
    this.#aws = aws;
    this.#query = query;
    this.#from = query.from;
  }

  /** The lines that arrived since the last call. */
  async *next(): AsyncIterable<LogLine> {
    const from = new Date(Math.max(this.#query.from.getTime(), Date.now() - POLL_OVERLAP_MS));
    for await (const line of readLogs(this.#aws, { ...this.#query, from: this.#from })) {
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

/** Merges streams that are each in the order in which CloudWatch received their lines. */
async function* mergeStreams(streams: readonly AsyncGenerator<LogLine>[]): AsyncIterable<LogLine> {
  const heads: { stream: AsyncGenerator<LogLine>; result: IteratorResult<LogLine> }[] = [];
  // In turn: CloudWatch answers five requests a second.
  for (const stream of streams) heads.push({ stream, result: await stream.next() });
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
 * How far a line's own time may be from the time at which CloudWatch received it, in milliseconds: the clocks of
 * two hosts differ, and a busy host delivers its lines seconds later.
 */
const MAX_CLOCK_DIFFERENCE_MS = 10_000;

/**
 * Sorts lines that arrive in the order in which CloudWatch received them by their own times; lines of one time
 * keep their order. A line is buffered until no later one can belong before it, by the lines' times and not by the
 * clock, so nothing waits; the rest of the buffer follows at the end. A line whose two times differ by more than the
 * maximum stays where it arrived.
 */
export async function* sortByTime(lines: AsyncIterable<LogLine>): AsyncIterable<LogLine> {
  let sorted: readonly LogLine[] = [];
  let unsorted: LogLine[] = [];
  let lastSort = Number.NEGATIVE_INFINITY;
  for await (const line of lines) {
    unsorted.push(line);
    // Sorting at every line would sort the whole buffer each time.
    if (line.writtenAt - lastSort < MAX_CLOCK_DIFFERENCE_MS) continue;
    lastSort = line.writtenAt;
    const buffer = [...sorted, ...unsorted].sort(compareTimes);
    const complete = line.writtenAt - 2 * MAX_CLOCK_DIFFERENCE_MS;
    const end = buffer.findLastIndex(({ writtenAt }) => writtenAt <= complete) + 1;
    yield* buffer.slice(0, end);
    sorted = buffer.slice(end);
    unsorted = [];
  }
  yield* [...sorted, ...unsorted].sort(compareTimes);
}

function compareTimes(a: LogLine, b: LogLine): number {
  return a.time - b.time;
}

export interface LogGroup {
  /** Its name in CloudWatch. */
  readonly name: string;
  /** The name of its function or state machine without the prefix, such as `get-tickers`. */
  readonly source: string;
  /** The full name of the function or state machine. */
  readonly writer: string;
}

const LOG_GROUP_PREFIXES = ['/aws/lambda/', '/aws/vendedlogs/states/'];

export async function findLogGroups({ stack, resources }: RunningSystem): Promise<LogGroup[]> {
  const prefix = `${stack.parameters['NamePrefix'] ?? 'pynvest'}-`;
  const groups = [...(await resources()).values()].flatMap((name) => {
    const folder = LOG_GROUP_PREFIXES.find((each) => name.startsWith(each));
    if (folder === undefined) return [];
    const writer = name.slice(folder.length);
    const source = writer.replace(prefix, '').replace(/^lambda-/, '');
    return [{ name, source, writer }];
  });
  return groups.sort((a, b) => (a.source < b.source ? -1 : 1));
}

/**
 * The groups of the function that was named: all groups where none was.
 * @throws UsageError when there is no such function
 */
export function selectLogGroups(groups: readonly LogGroup[], name: string | undefined): LogGroup[] {
  if (name === undefined) return [...groups];
  const chosen = groups.filter(({ source, writer }) => source === name || writer === name);
  if (chosen.length > 0) return chosen;
  const names = groups.map(({ source }) => source);
  const closest = findClosest(name, names);
  throw new UsageError(`the system has no function ${JSON.stringify(name)}`, {
    hint:
      closest === undefined ? `Its functions: ${names.join(', ')}.` : `Did you mean ${closest}?`,
  });
}
