/**
 * Durations and points in time as a person types them. Pure.
 */

import { TZDate } from '@date-fns/tz';
import { formatIsoDate, TIME_ZONE, toPartition } from './catalog/partition.ts';
import { UsageError } from './errors.ts';

const UNIT_MILLISECONDS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Milliseconds of a length of time such as `90s`, `15m`, `1h` or `2d`.
 * @throws UsageError where it is none
 */
export function parseDuration(option: string, text: string): number {
  const duration = parseMilliseconds(text);
  if (duration !== undefined) return duration;
  throw new UsageError(`${option} is ${JSON.stringify(text)}: it takes a length of time`, {
    hint: 'Such as 90s, 15m, 1h or 2d.',
  });
}

/**
 * The moment that `text` names: so long before `now`, or a day or a time of day in São Paulo.
 * @throws UsageError where it is neither, or is in the future
 */
export function parseSince(option: string, text: string, now: Date): Date {
  const duration = parseMilliseconds(text);
  const moment = duration === undefined ? parseMoment(text) : new Date(now.getTime() - duration);
  if (moment === undefined) {
    throw new UsageError(
      `${option} is ${JSON.stringify(text)}: it takes a length of time or a date`,
      {
        hint: 'Such as 90s, 15m, 1h, 2d, 2026-11-19 or 2026-11-19T18:45 (in São Paulo).',
      },
    );
  }
  if (moment.getTime() <= now.getTime()) return moment;
  throw new UsageError(`${option} ${text} is in the future`);
}

function parseMilliseconds(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text.trim().toLowerCase()) ?? [];
  const duration = Number(count) * (UNIT_MILLISECONDS[unit] ?? 0);
  return duration > 0 ? duration : undefined;
}

const MOMENT_PATTERN =
  /^(\d{4}-?\d{2}-?\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/i;

function parseMoment(text: string): Date | undefined {
  const [, date = '', hour = '00', minute = '00', second = '00', offset] =
    MOMENT_PATTERN.exec(text.trim()) ?? [];
  const day = toPartition(date);
  if (day === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    return undefined;
  }
  if (offset !== undefined) {
    return new Date(`${formatIsoDate(day)}T${hour}:${minute}:${second}${offset.toUpperCase()}`);
  }
  const [year = 0, month = 1, dayOfMonth = 1] = formatIsoDate(day).split('-').map(Number);
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  return new Date(new TZDate(year, month - 1, dayOfMonth, h, m, s, TIME_ZONE).getTime());
}
