/** Lines of several log groups as one stream, by time, a page of each in memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { plainly } from '../deploy/aws.ts';
import { awsCode } from '../lake/aws-errors.ts';
import type { LogGroup } from './log-groups.ts';
import { type LogLine, parseLogEvent } from './log-line.ts';
import { filterPattern, isWanted, type WantedLines } from './log-pattern.ts';
import { inOrderOfTime } from './order-lines.ts';

export interface LogsQuestion extends WantedLines {
  readonly groups: readonly LogGroup[];
  readonly from: Date;
}

/** The wanted lines from a moment until now, the oldest first by the time that each says. */
export function readLogs(
  client: CloudWatchLogsClient,
  { groups, from, ...wanted }: LogsQuestion,
): AsyncIterable<LogLine> {
  const pattern = filterPattern(wanted);
  const streams = groups.map((group) => linesOfGroup(client, group, from, pattern));
  return inOrderOfTime(chosen(merged(streams), wanted));
}

async function* chosen(lines: AsyncIterable<LogLine>, wanted: WantedLines): AsyncIterable<LogLine> {
  for await (const line of lines) if (isWanted(line, wanted)) yield line;
}

/** Lines come late: of each look so much is looked at once more by the next one. */
const OVERLAP_MS = 120_000;
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 8_000;

/**
 * The wanted lines from a moment on, and those that come after, each once, until `signal` is aborted.
 * The lines of one look are in order; what comes after it may be older. The pauses between two looks grow
 * while nothing comes.
 */
export async function* followLogs(
  client: CloudWatchLogsClient,
  question: LogsQuestion,
  signal: AbortSignal,
): AsyncIterable<LogLine> {
  const tail = new LogTail(client, question);
  let pause = SHORTEST_PAUSE_MS;
  while (!signal.aborted) {
    let came = false;
    for await (const line of tail.next()) {
      if (signal.aborted) return;
      came = true;
      yield line;
    }
    pause = came ? SHORTEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, pause * 1.5);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

/** Looks again and again, and gives each line once. */
export class LogTail {
  readonly #client: CloudWatchLogsClient;
  readonly #question: LogsQuestion;
  #from: Date;
  /** The lines given that the next look may see again, and when each was written. */
  readonly #given = new Map<string, number>();

  constructor(client: CloudWatchLogsClient, question: LogsQuestion) {
    this.#client = client;
    this.#question = question;
    this.#from = question.from;
  }

  /** The lines that have come since the last time. */
  async *next(): AsyncIterable<LogLine> {
    const from = new Date(Math.max(this.#question.from.getTime(), Date.now() - OVERLAP_MS));
    for await (const line of readLogs(this.#client, { ...this.#question, from: this.#from })) {
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

async function* linesOfGroup(
  client: CloudWatchLogsClient,
  group: LogGroup,
  from: Date,
  pattern: string | undefined,
): AsyncGenerator<LogLine> {
  let nextToken: string | undefined;
  do {
    const page = await plainly(() =>
      client.send(
        new FilterLogEventsCommand({
          logGroupName: group.name,
          startTime: from.getTime(),
          filterPattern: pattern,
          nextToken,
        }),
      ),
    ).catch((error: unknown) => {
      // Nothing has been logged there yet.
      if (isMissingGroup(error)) return { events: [], nextToken: undefined };
      throw error;
    });
    for (const { eventId, timestamp = 0, message = '', logStreamName } of page.events ?? []) {
      const id = eventId ?? `${group.name} ${logStreamName} ${timestamp} ${message}`;
      yield parseLogEvent({ id, timestamp, message }, group.source);
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

function isMissingGroup(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return awsCode(cause) === 'ResourceNotFoundException';
}

/** Streams in the order in which CloudWatch took their lines, as one: the oldest of their heads comes next. */
async function* merged(streams: readonly AsyncGenerator<LogLine>[]): AsyncIterable<LogLine> {
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
