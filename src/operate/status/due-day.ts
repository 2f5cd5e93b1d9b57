/** Which day the lake should hold by now. Pure. */
import { tz } from '@date-fns/tz';
import { startOfDay } from 'date-fns';
import { type Partition, partitionOf, TIME_ZONE } from '../../catalog/partition.ts';
import { tradingDayUpTo } from '../../catalog/trading-days.ts';
import { nextFiring } from './schedule.ts';

/** Where no schedule says when the day's collection ends: 19:00 in São Paulo, an hour after B3 closes. */
const DUE_HOUR = 19;

export interface Due {
  /** The newest trading day whose collection should have ended. */
  readonly day: Partition;
  /** Today, as long as its own collection may still be under way or to come. */
  readonly unsettled: Partition | undefined;
}

/**
 * Today is due when the schedule that ends its collection has fired (`cron(...)`, in UTC); without a
 * schedule, or with one that does not say when it fires, at 19:00 in São Paulo.
 */
export function dueDay(now: Date, schedule?: string): Due {
  const midnight = startOfDay(now, { in: tz(TIME_ZONE) }).getTime();
  const beforeToday = new Date(midnight - 1);
  const fires = schedule === undefined ? undefined : nextFiring(schedule, beforeToday);
  const dueAt = fires?.getTime() ?? midnight + DUE_HOUR * 3_600_000;
  const today = partitionOf(now);
  return now.getTime() >= dueAt
    ? { day: tradingDayUpTo(today), unsettled: undefined }
    : { day: tradingDayUpTo(partitionOf(beforeToday)), unsettled: today };
}
