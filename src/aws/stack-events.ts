/**
 * Reads the events of a CloudFormation stack from a given position on.
 */

import { paginateDescribeStackEvents, type StackEvent } from '@aws-sdk/client-cloudformation';
import type { AwsSession } from './session.ts';
import { isStackMissing } from './stack.ts';

export interface StackEventRecord {
  readonly id: string;
  readonly time: number;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

/** A position in a stack's events: those after it belong to the next operation. */
export interface EventCursor {
  /** In milliseconds since 1970. */
  readonly time: number;
  /** The known events of that time, which events of the next operation may share. */
  readonly ids: ReadonlySet<string>;
}

const BEGINNING: EventCursor = { time: Number.NEGATIVE_INFINITY, ids: new Set() };

/** After every event, so that only the first page, with the newest, is read. */
const NEWEST: EventCursor = { time: Number.POSITIVE_INFINITY, ids: new Set() };

/** The position after the last event so far. */
export async function readEventCursor(aws: AwsSession, stackId: string): Promise<EventCursor> {
  const events = (await readEventsSince(aws, stackId, NEWEST)) ?? [];
  const time = Math.max(...events.map((event) => event.time), Number.NEGATIVE_INFINITY);
  return { time, ids: new Set(events.filter((event) => event.time === time).map(({ id }) => id)) };
}

/** The position before the operation in progress, by which that can be followed from its start. */
export async function readCursorBeforeOperation(
  aws: AwsSession,
  stackId: string,
): Promise<EventCursor> {
  const events = (await readEventsSince(aws, stackId, BEGINNING)) ?? [];
  const start = events.findLastIndex(
    (event) => isStackEvent(event) && OPERATION_START.test(event.status),
  );
  const before = events.slice(0, Math.max(0, start));
  const time = before.at(-1)?.time;
  if (time === undefined) return BEGINNING;
  return { time, ids: new Set(before.filter((event) => event.time === time).map(({ id }) => id)) };
}

const OPERATION_START = /^(CREATE|UPDATE|DELETE|IMPORT)_IN_PROGRESS$/;

/** The events from the cursor's time on, the oldest first; undefined where the stack no longer exists. */
export async function readEventsSince(
  aws: AwsSession,
  stackId: string,
  since: EventCursor,
): Promise<StackEventRecord[] | undefined> {
  const events: StackEventRecord[] = [];
  try {
    // The newest events are on the first page.
    const pages = paginateDescribeStackEvents(
      { client: aws.cloudformation },
      { StackName: stackId },
    );
    for await (const page of pages) {
      const records = (page.StackEvents ?? []).map(parseStackEvent);
      events.push(...records.filter(({ time }) => time >= since.time || since === NEWEST));
      if (records.some(({ time }) => time < since.time)) break;
    }
  } catch (error) {
    if (isStackMissing(error)) return undefined;
    throw error;
  }
  // Events of the same time arrive in any order; the end of an operation follows its start.
  return events
    .reverse()
    .sort((a, b) => a.time - b.time || Number(isFinished(a.status)) - Number(isFinished(b.status)));
}

export function isFinished(status: string): boolean {
  return !status.endsWith('_IN_PROGRESS');
}

function parseStackEvent(event: StackEvent): StackEventRecord {
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

/** Whether an event is about the stack itself and not one of its resources. */
export function isStackEvent({ type, logicalId, physicalId }: StackEventRecord): boolean {
  // A nested stack is a resource of its parent, with a logical ID of the template.
  return (
    type === 'AWS::CloudFormation::Stack' &&
    (physicalId === '' || physicalId.includes(`:stack/${logicalId}/`))
  );
}
