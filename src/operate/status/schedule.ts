/** When the schedule of an EventBridge rule fires. Pure. */
import { LAST_YEAR, lengthOf, parseCron } from './cron.ts';

/**
 * The first instant after `after` at which an expression such as `cron(45 21 * * ? *)` fires, in UTC;
 * undefined where it never does, or where the expression does not say. A `rate(...)` does not: it counts
 * from a moment that AWS keeps to itself.
 */
export function nextFiring(expression: string, after: Date): Date | undefined {
  const fields = /^cron\((.*)\)$/.exec(expression.trim())?.[1];
  const cron = fields === undefined ? undefined : parseCron(fields);
  if (cron === undefined) return undefined;
  // A rule fires on whole minutes.
  const from = Math.floor(after.getTime() / 60_000) * 60_000 + 60_000;
  const start = new Date(from);
  for (let year = start.getUTCFullYear(); year <= LAST_YEAR; year += 1) {
    if (!cron.years.has(year)) continue;
    for (let month = 1; month <= 12; month += 1) {
      if (!cron.months.has(month) || Date.UTC(year, month, 1) <= from) continue;
      for (let day = 1; day <= lengthOf(year, month); day += 1) {
        const midnight = Date.UTC(year, month - 1, day);
        if (midnight + 86_400_000 <= from || !cron.fits(year, month, day)) continue;
        const minute = firstMinute(cron.hours, cron.minutes, (from - midnight) / 60_000);
        if (minute !== undefined) return new Date(midnight + minute * 60_000);
      }
    }
  }
  return undefined;
}

/** The first minute of a day, from `least` on, that falls on these hours and minutes. */
function firstMinute(
  hours: ReadonlySet<number>,
  minutes: ReadonlySet<number>,
  least: number,
): number | undefined {
  let first: number | undefined;
  for (const hour of hours) {
    for (const minute of minutes) {
      const ofDay = hour * 60 + minute;
      if (ofDay >= least && (first === undefined || ofDay < first)) first = ofDay;
    }
  }
  return first;
}
