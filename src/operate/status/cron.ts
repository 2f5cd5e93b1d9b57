/**
 * The cron expressions of EventBridge rules: minutes, hours, day of month, month, day of week and year, in
 * UTC, where one of the two days is `?`. Pure.
 *
 * No library takes exactly these: they have seconds in place of the year, count Sunday as 0, or lack `W`.
 */

/** What an expression allows, field by field. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  /** Whether a day of a month (1 to 12) fits. */
  readonly fits: (year: number, month: number, day: number) => boolean;
}

type DayRule = Cron['fits'];

const FIRST_YEAR = 1970;
export const LAST_YEAR = 2199;
const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const WEEKDAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');

/** Reads the six fields; undefined where they are none that a rule takes. */
export function parseCron(fields: string): Cron | undefined {
  const [minute, hour, dayOfMonth, month, dayOfWeek, year, ...rest] = fields
    .trim()
    .toUpperCase()
    .split(/\s+/);
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek || !year || rest.length > 0) return;
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) return;
  const minutes = numbersIn(minute, 0, 59);
  const hours = numbersIn(hour, 0, 23);
  const months = numbersIn(month, 1, 12, MONTHS);
  const years = numbersIn(year, FIRST_YEAR, LAST_YEAR);
  const fits = dayOfWeek === '?' ? dayOfMonthRule(dayOfMonth) : dayOfWeekRule(dayOfWeek);
  if (!minutes || !hours || !months || !years || !fits) return;
  return { minutes, hours, months, years, fits };
}

function dayOfMonthRule(field: string): DayRule | undefined {
  if (field === 'L') return (year, month, day) => day === lengthOf(year, month);
  const nearest = /^(\d{1,2})W$/.exec(field)?.[1];
  if (nearest !== undefined) {
    const wanted = Number(nearest);
    if (wanted < 1 || wanted > 31) return;
    return (year, month, day) => day === nearestWorkday(year, month, wanted);
  }
  const days = numbersIn(field, 1, 31);
  return days && ((_year, _month, day) => days.has(day));
}

function dayOfWeekRule(field: string): DayRule | undefined {
  const special = /^([1-7]|[A-Z]{3})(L|#([1-5]))$/.exec(field);
  if (special) {
    const [, name = '', , count] = special;
    const weekday = numberOf(name, WEEKDAYS);
    if (weekday === undefined) return;
    return (year, month, day) => {
      if (weekdayOf(year, month, day) !== weekday) return false;
      return count === undefined
        ? day + 7 > lengthOf(year, month)
        : Math.ceil(day / 7) === Number(count);
    };
  }
  // The last day of the week is its seventh, Saturday.
  const weekdays = field === 'L' ? new Set([7]) : numbersIn(field, 1, 7, WEEKDAYS);
  return weekdays && ((year, month, day) => weekdays.has(weekdayOf(year, month, day)));
}

/** The numbers that a field of values, ranges and steps names; undefined where it is no such field. */
function numbersIn(
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
    const from = all === '*' ? least : numberOf(first ?? '', names);
    // `5/15` goes on from 5 to the end of the field.
    const open = all === '*' || (last === undefined && every !== undefined);
    const to = open ? most : last === undefined ? from : numberOf(last, names);
    if (from === undefined || to === undefined || step < 1) return;
    if (from < least || from > most || to < least || to > most) return;
    // A range may go round the end: FRI-MON.
    const until = to < from ? to + (most - least + 1) : to;
    for (let value = from; value <= until; value += step) {
      found.add(value > most ? value - (most - least + 1) : value);
    }
  }
  return found;
}

function numberOf(text: string, names: readonly string[]): number | undefined {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  const index = names.indexOf(text);
  return index === -1 ? undefined : index + 1;
}

/** 1 is Sunday, 7 Saturday. */
function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

export function lengthOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The day from Monday to Friday nearest to a day, within its month; 0 where the month lacks the day. */
function nearestWorkday(year: number, month: number, day: number): number {
  if (day > lengthOf(year, month)) return 0;
  const weekday = weekdayOf(year, month, day);
  if (weekday === 7) return day === 1 ? 3 : day - 1;
  if (weekday === 1) return day === lengthOf(year, month) ? day - 2 : day + 1;
  return day;
}
