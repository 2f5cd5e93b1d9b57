/** The trading days that a lake should hold by now, for tests of commands that read the clock themselves. */
import type { Partition } from '../../src/catalog/partition.ts';
import { getTradingDays } from '../../src/catalog/trading-days.ts';
import { findDueDay } from '../../src/health/facts/schedule.ts';

/** The last `count` trading days up to the one that is due now, in order. */
export function dueDays(count: number): Partition[] {
  const due = findDueDay(new Date()).day;
  return getTradingDays((due - 10_000) as Partition, due).slice(-count);
}

/** Waits where the due day changes so soon that a test could begin before and end after. */
export async function awayFromDueTime(minutes: number): Promise<void> {
  const soon = (): Date => new Date(Date.now() + minutes * 60_000);
  while (findDueDay(soon()).day !== findDueDay(new Date()).day) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
