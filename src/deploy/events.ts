/** Following what CloudFormation does, event by event, to its end. */
import { setTimeout as wait } from 'node:timers/promises';
import { paginateDescribeStackEvents, type StackEvent } from '@aws-sdk/client-cloudformation';
import type { Aws } from './aws.ts';
import { type Cause, firstCause, isStackEvent, type StackEventFacts } from './failure.ts';
import type { DeployHost } from './host.ts';
import { isMissing } from './stack.ts';

/** Up to where a stack's events are known: what comes later belongs to what is done next. */
export interface Mark {
  readonly time: number;
  /** Those of that very moment, which events of the next operation may share. */
  readonly ids: ReadonlySet<string>;
}

export const fromTheBeginning: Mark = { time: Number.NEGATIVE_INFINITY, ids: new Set() };

/** No event is as late as this: the first page, which has the newest, will do. */
const theNewest: Mark = { time: Number.POSITIVE_INFINITY, ids: new Set() };

/** How an operation of CloudFormation ended. */
export type Ending =
  | { readonly kind: 'done'; readonly status: string }
  | { readonly kind: 'failed'; readonly status: string; readonly cause: Cause | undefined };

/** Asks again after this long while nothing happens, and at once more often when something does. */
const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3_000;

/** The mark after the last event so far. */
export async function markNow(aws: Aws, stackId: string): Promise<Mark> {
  const events = (await eventsSince(aws, stackId, theNewest)) ?? [];
  const time = Math.max(...events.map((event) => event.time), Number.NEGATIVE_INFINITY);
  return { time, ids: new Set(events.filter((event) => event.time === time).map(({ id }) => id)) };
}

/** The mark before the operation that is under way, for whoever comes to it late. */
export async function markBeforeOperation(aws: Aws, stackId: string): Promise<Mark> {
  const events = (await eventsSince(aws, stackId, fromTheBeginning)) ?? [];
  const start = events.findLastIndex((event) => isStackEvent(event) && STARTS.test(event.status));
  const before = events.slice(0, Math.max(0, start));
  const time = before.at(-1)?.time;
  if (time === undefined) return fromTheBeginning;
  return { time, ids: new Set(before.filter((event) => event.time === time).map(({ id }) => id)) };
}

const STARTS = /^(CREATE|UPDATE|DELETE|IMPORT)_IN_PROGRESS$/;

export interface Following {
  readonly what: string;
  readonly stackId: string;
  readonly since: Mark;
  /** How many resources it is about, as far as is known. */
  readonly total: number;
  /** Their names in the template, where they are known; of others only failures are shown. */
  readonly named?: ReadonlySet<string>;
}

/**
 * Shows what happens since the mark until the stack has come to rest. It ends by the stack's own event,
 * not by its status: just after a start that is still the old one.
 */
export async function follow(host: DeployHost, aws: Aws, request: Following): Promise<Ending> {
  const { stackId, since, what } = request;
  const progress = host.progress(what, request.total);
  const seen = new Set(since.ids);
  const past: StackEventFacts[] = [];
  const done = new Set<string>();
  const touched = new Set<string>();
  const show = (line: string, isOver: boolean): void => {
    const total = Math.max(request.total, touched.size);
    progress.step({ line, isOver, done: done.size, total });
  };
  let pause = SHORTEST_PAUSE_MS;
  try {
    for (;;) {
      const events = await eventsSince(aws, stackId, since);
      if (events === undefined) return { kind: 'done', status: 'DELETE_COMPLETE' };
      const fresh = events.filter(({ id }) => !seen.has(id));
      for (const event of fresh) {
        seen.add(event.id);
        past.push(event);
        if (isStackEvent(event)) {
          // What is said to be updated from here on is put back as it was.
          if (event.status.endsWith('ROLLBACK_IN_PROGRESS'))
            show('taking back what was done', true);
          continue;
        }
        const isNamed = request.named?.has(event.logicalId) ?? true;
        if (!isNamed && !event.status.endsWith('_FAILED')) continue;
        if (isNamed) touched.add(event.logicalId);
        if (/_(COMPLETE|SKIPPED)$/.test(event.status)) done.add(event.logicalId);
        show(describe(event), isOver(event.status));
      }
      const end = past.findLast(isStackEvent);
      if (end !== undefined && !end.status.endsWith('_IN_PROGRESS')) return endingOf(end, past);
      pause = fresh.length > 0 ? SHORTEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, pause * 1.5);
      await wait(pause);
    }
  } finally {
    progress.stop();
  }
}

function endingOf({ status }: StackEventFacts, past: readonly StackEventFacts[]): Ending {
  const isDone = status.endsWith('_COMPLETE') && !status.includes('ROLLBACK');
  return isDone ? { kind: 'done', status } : { kind: 'failed', status, cause: firstCause(past) };
}

function describe({ status, logicalId, type, reason }: StackEventFacts): string {
  const words = status.toLowerCase().replaceAll('_', ' ');
  const why = status.endsWith('_FAILED') && reason !== '' ? `: ${reason}` : '';
  return `${words}  ${logicalId} (${type.replace(/^AWS::/, '')})${why}`;
}

/** The events from the mark's moment on, the oldest first; undefined where the stack is gone. */
async function eventsSince(
  aws: Aws,
  stackId: string,
  since: Mark,
): Promise<StackEventFacts[] | undefined> {
  const events: StackEventFacts[] = [];
  try {
    // Pages come the newest first.
    const pages = paginateDescribeStackEvents(
      { client: aws.cloudformation },
      { StackName: stackId },
    );
    for await (const page of pages) {
      const facts = (page.StackEvents ?? []).map(factsOf);
      events.push(...facts.filter(({ time }) => time >= since.time || since === theNewest));
      if (facts.some(({ time }) => time < since.time)) break;
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  // Events of one moment come in either order; an end follows its beginning.
  return events
    .reverse()
    .sort((a, b) => a.time - b.time || Number(isOver(a.status)) - Number(isOver(b.status)));
}

function isOver(status: string): boolean {
  return !status.endsWith('_IN_PROGRESS');
}

function factsOf(event: StackEvent): StackEventFacts {
  return {
    id: event.EventId ?? '',
    time: event.Timestamp?.getTime() ?? 0,
    logicalId: event.LogicalResourceId ?? '',
    physicalId: event.PhysicalResourceId ?? '',
    type: event.ResourceType ?? '',
    status: event.ResourceStatus ?? '',
    reason: event.ResourceStatusReason ?? '',
  };
}
