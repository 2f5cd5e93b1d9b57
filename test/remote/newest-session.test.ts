import { expect, test } from 'vitest';
import type { Partition } from '../../src/catalog/partition.ts';
import { hasNewerSession } from '../../src/remote/redrive.ts';

test.each<[day: number, now: string, late: boolean, why: string]>([
  [20261123, '2026-11-23T21:45:00Z', false, 'the evening of the day itself'],
  [20261123, '2026-11-24T05:21:00Z', false, 'the night after, when five tries are over'],
  [20261123, '2026-11-24T12:44:00Z', false, 'a minute before the next opening'],
  [20261123, '2026-11-24T12:45:00Z', true, 'the next session opens'],
  [20261119, '2026-11-22T20:00:00Z', false, 'a holiday and a week-end after a Thursday'],
  [20261119, '2026-11-23T13:00:00Z', true, 'the Monday after them'],
  [20261122, '2026-11-23T12:00:00Z', false, 'a Sunday run, before Monday opens'],
  [20261122, '2026-11-23T20:00:00Z', true, 'a Sunday run, after Monday opened'],
  [20261101, '2026-11-24T00:00:00Z', true, 'weeks ago'],
  [20261124, '2026-11-24T08:00:00Z', false, 'a day whose own session is still to open'],
])('%s at %s is too late: %s (%s)', (day, now, late) => {
  expect(hasNewerSession(day as Partition, new Date(now))).toBe(late);
});
