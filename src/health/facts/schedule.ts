/**
 * When an EventBridge schedule fires, and which day the lake should hold by then. Cron expressions have minutes,
 * hours, day of month, month, day of week and year, in UTC, where one of the two days is `?`. Pure.
 *
 * No library takes exactly these: they have seconds in place of the year, count Sunday as 0, or lack `W`.
 */

import { tz } from '@date-fns/tz';
import { startOfDay } from 'date-fns';
import { getPartition, type Partition, TIME_ZONE } from '../../catalog/partition.ts';
import { findLastTradingDay } from '../../catalog/trading-days.ts';

/** The parsed fields of an expression. */
interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  /** Whether the expression fires on a day; months are 1 to 12. */
  readonly matchesDay: (year: number, month: number, day: number) => boolean;
}

type DayRule = Cron['matchesDay'];

const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;
const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const WEEKDAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');

/** Undefined for fields that no EventBridge rule takes. */
function parseCron(fields: string): Cron | undefined {
  const [minute, hour, dayOfMonth, month, dayOfWeek, year, ...rest] = fields
    .trim()
    .toUpperCase()
    .split(/\s+/);
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek || !year || rest.length > 0) return;
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) return;
  const minutes = parseNumbers(minute, 0, 59);
  const hours = parseNumbers(hour, 0, 23);
  const months = parseNumbers(month, 1, 12, MONTHS);
  const years = parseNumbers(year, FIRST_YEAR, LAST_YEAR);
  const fits = dayOfWeek === '?' ? parseDayOfMonth(dayOfMonth) : parseDayOfWeek(dayOfWeek);
  if (!minutes || !hours || !months || !years || !fits) return;
  return { minutes, hours, months, years, matchesDay: fits };
}

function parseDayOfMonth(field: string): DayRule | undefined {
  if (field === 'L') return (year, month, day) => day === countDaysInMonth(year, month);
  const nearest = /^(\d{1,2})W$/.exec(field)?.[1];
  if (nearest !== undefined) {
    const wanted = Number(nearest);
    if (wanted < 1 || wanted > 31) return;
    return (year, month, day) => day === findNearestWorkday(year, month, wanted);
  }
  const days = parseNumbers(field, 1, 31);
  return days && ((_year, _month, day) => days.has(day));
}

function parseDayOfWeek(field: string): DayRule | undefined {
  const special = /^([1-7]|[A-Z]{3})(L|#([1-5]))$/.exec(field);
  if (special) {
    const [, name = '', , count] = special;
    const weekday = parseNumber(name, WEEKDAYS);
    if (weekday === undefined) return;
    return (year, month, day) => {
      if (getWeekday(year, month, day) !== weekday) return false;
      return count === undefined
        ? day + 7 > countDaysInMonth(year, month)
        : Math.ceil(day / 7) === Number(count);
    };
  }
  // The last day of the week is its seventh, Saturday.
  const weekdays = field === 'L' ? new Set([7]) : parseNumbers(field, 1, 7, WEEKDAYS);
  return weekdays && ((year, month, day) => weekdays.has(getWeekday(year, month, day)));
}

/** The numbers of a field of values, ranges and steps; undefined for any other text. */
function parseNumbers(
  field: string,
  least: number,
  most: number,
  names: readonly string[] = [],
): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const match = /^(\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
    if (!match) return;
    const [, all, first, last, every] = match;
    const step = every === undefined ? 1 : Number(every);
    const from = all === '*' ? least : parseNumber(first ?? '', names);
    // `5/15` is from 5 to the end of the field.
    const open = all === '*' || (last === undefined && every !== undefined);
    const to = open ? most : last === undefined ? from : parseNumber(last, names);
    if (from === undefined || to === undefined || step < 1) return;
    if (from < least || from > most || to < least || to > most) return;
    // A range may wrap around: FRI-MON.
    const until = to < from ? to + (most - least + 1) : to;
    for (let value = from; value <= until; value += step) {
      found.add(value > most ? value - (most - least + 1) : value);
    }
  }
  return found;
}

function parseNumber(text: string, names: readonly string[]): number | undefined {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  const index = names.indexOf(text);
  return index === -1 ? undefined : index + 1;
}

/** 1 is Sunday, 7 Saturday. */
function getWeekday(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

function countDaysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The day from Monday to Friday nearest to a day, within its month; 0 where the month lacks the day. */
function findNearestWorkday(year: number, month: number, day: number): number {
  if (day > countDaysInMonth(year, month)) return 0;
  const weekday = getWeekday(year, month, day);
  if (weekday === 7) return day === 1 ? 3 : day - 1;
  if (weekday === 1) return day === countDaysInMonth(year, month) ? day - 2 : day + 1;
  return day;
}

/**
 * The first instant after `after` at which an expression such as `cron(45 21 * * ? *)` fires, in UTC;
 * undefined where it never does, and for a `rate(...)`, which counts from a time that AWS does not publish.
 */
export function findNextFiring(expression: string, after: Date): Date | undefined {
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
      for (let day = 1; day <= countDaysInMonth(year, month); day += 1) {
        const midnight = Date.UTC(year, month - 1, day);
        if (midnight + 86_400_000 <= from || !cron.matchesDay(year, month, day)) continue;
        const minute = findFirstMinute(cron.hours, cron.minutes, (from - midnight) / 60_000);
        if (minute !== undefined) return new Date(midnight + minute * 60_000);
      }
    }
  }
  return undefined;
}

/** The first minute of a day, from `least` on, that falls on these hours and minutes. */
function findFirstMinute(
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

/** When the day's collection ends without a schedule: 19:00 in São Paulo, an hour after B3 closes. */
const DUE_HOUR = 19;

export interface DueDay {
  /** The newest trading day whose collection should have ended. */
  readonly day: Partition;
  /** Today, until its collection should have ended. */
  readonly inProgress: Partition | undefined;
}

/**
 * Today is due when the schedule that ends its collection has fired (`cron(...)`, in UTC); without a schedule, or with
 * a `rate(...)`, at 19:00 in São Paulo.
 */
export function findDueDay(now: Date, schedule?: string): DueDay {
  const midnight = startOfDay(now, { in: tz(TIME_ZONE) }).getTime();
  const beforeToday = new Date(midnight - 1);
  const fires = schedule === undefined ? undefined : findNextFiring(schedule, beforeToday);
  const dueAt = fires?.getTime() ?? midnight + DUE_HOUR * 3_600_000;
  const today = getPartition(now);
  return now.getTime() >= dueAt
    ? { day: findLastTradingDay(today), inProgress: undefined }
    : { day: findLastTradingDay(getPartition(beforeToday)), inProgress: today };
}
