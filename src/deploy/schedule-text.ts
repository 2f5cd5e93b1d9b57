/** When a deployed system collects, in plain words. Pure. */
import type { Values } from './settings.ts';

/** São Paulo has no summer time any more. */
const HOURS_BEHIND_UTC = 3;

/** Such as `It collects every day at 18:45 (São Paulo)`; undefined of a template without a schedule. */
export function whenItCollects(parameters: Values): string | undefined {
  const schedule = parameters['CollectSchedule'];
  if (schedule === undefined) return undefined;
  if (parameters['SchedulesEnabled'] === 'DISABLED') {
    return 'It does not collect by itself: SchedulesEnabled is DISABLED';
  }
  const daily = /^cron\((\d{1,2}) (\d{1,2}) \* \* \? \*\)$/.exec(schedule);
  if (daily === null) return `It collects by the schedule ${schedule}, which is in UTC`;
  const [, minute = '', hour = ''] = daily;
  const local = (Number(hour) + 24 - HOURS_BEHIND_UTC) % 24;
  return `It collects every day at ${twoDigits(local)}:${twoDigits(minute)} (São Paulo)`;
}

function twoDigits(value: number | string): string {
  return String(value).padStart(2, '0');
}
