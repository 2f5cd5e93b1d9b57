/** The day that an event is about. Only the first function may read it off a clock. */
import { getPartition, type Partition, toPartition } from '../src/catalog/partition.ts';
import { UsageError } from '../src/errors.ts';

/** What starts a day: its number, or the rule's event, whose `time` says when it was due. */
export interface DayEvent {
  readonly partition?: number | string;
  readonly time?: string;
}

/** The day that an event names; undefined where it names none. @throws UsageError where it is no day */
export function findDay({ partition, time }: DayEvent): Partition | undefined {
  if (partition !== undefined) return parseDay(partition);
  if (time === undefined) return undefined;
  const instant = new Date(time);
  if (!Number.isNaN(instant.getTime())) return getPartition(instant);
  throw new UsageError(`the event's time ${JSON.stringify(time)} is not a time`);
}

/** The day that an event must name. */
export function getRequiredDay(event: DayEvent): Partition {
  const day = findDay(event);
  if (day !== undefined) return day;
  throw new UsageError('the event names no day', {
    hint: 'Send { "partition": 20261119 }, or an event of EventBridge with its time.',
  });
}

export function parseDay(partition: unknown): Partition {
  const day = toPartition(String(partition));
  if (day !== undefined) return day;
  throw new UsageError(`the event's partition ${JSON.stringify(partition)} is not a day`, {
    hint: 'Write a day that exists as YYYYMMDD, such as 20261119.',
  });
}
