/**
 * Until when a page of the site can still be taken for a day. Pure.
 *
 * The site shows the newest session alone. A message carries the day that its row belongs to; once another
 * session has opened, the page of now would be stored as the quotes of then.
 */
import { isoInSaoPaulo, type Partition, partitionOf, toPartition } from '../catalog/partition.ts';
import { isTradingDay, tradingDayUpTo } from '../catalog/trading-days.ts';

/** When B3's opening auction begins, in São Paulo. */
const OPENING = '09:45';

/** Whether a session has opened after the day: its page shows another day's values by now. */
export function isTooLate(day: Partition, now: Date): boolean {
  return newestSession(now) > day;
}

/** The day of the session that opened last. */
export function newestSession(now: Date): Partition {
  const today = partitionOf(now);
  const hasOpened = isTradingDay(today) && isoInSaoPaulo(now).slice(11, 16) >= OPENING;
  return hasOpened ? today : tradingDayUpTo(dayBefore(today));
}

function dayBefore(day: Partition): Partition {
  const [year, month, date] = [Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100];
  const before = new Date(Date.UTC(year, month - 1, date - 1)).toISOString().slice(0, 10);
  return toPartition(before) ?? day;
}
