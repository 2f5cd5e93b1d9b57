/** The days below a chart: where they are, and which of them have a label. Pure. */

import type { Characters } from './chart-style.ts';
import { formatDayOfYear, type Locale } from './notation.ts';

const DAY_MS = 86_400_000;

export interface DayRange {
  readonly first: number;
  readonly last: number;
}

export function toDayNumber(day: string): number {
  return Date.parse(day) / DAY_MS;
}

function toDay(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

export function scale(value: number, first: number, last: number, most: number): number {
  return first === last ? 0 : Math.round(((value - first) / (last - first)) * most);
}

/** The time from one label to the next: the first step whose labels have room is taken. */
const DAY_STEPS: readonly { readonly days?: number; readonly months?: number }[] = [
  ...[{ days: 1 }, { days: 2 }, { days: 7 }, { days: 14 }],
  ...[1, 3, 6, 12, 24, 60, 120, 240, 600].map((months) => ({ months })),
];

/** The line below the plot with its ticks, and their days. */
export function formatDayAxis(
  range: DayRange,
  width: number,
  locale: Locale,
  { horizontal, dayTick }: Characters,
): readonly [string, string] {
  const column = (day: number): number => scale(day, range.first, range.last, width - 1);
  const ruler = Array.from({ length: width }, () => horizontal);
  let labels = '';
  for (const step of DAY_STEPS) {
    const ticks = listTicks(range, step);
    const texts = ticks.map((day) => formatTick(toDay(day), step, locale));
    const isCrowded = ticks.some((day, at) => {
      const before = ticks[at - 1];
      return before !== undefined && column(day) - column(before) < (texts[at]?.length ?? 0) + 2;
    });
    if (isCrowded) continue;
    for (const [at, day] of ticks.entries()) {
      const text = texts[at] ?? '';
      const middle = column(day) - Math.floor((text.length - 1) / 2);
      const start = Math.min(Math.max(middle, 0), width - text.length);
      // Moved away from the edge, a label may be where its neighbour is.
      if (labels !== '' && start <= labels.length) continue;
      ruler[column(day)] = dayTick;
      labels = labels.padEnd(start) + text;
    }
    break;
  }
  return [ruler.join(''), labels];
}

/** The days at which a step of the calendar begins. */
function listTicks(
  { first, last }: DayRange,
  { days, months = 0 }: { readonly days?: number; readonly months?: number },
): number[] {
  const found: number[] = [];
  if (days !== undefined) {
    // Weeks begin on Monday: day 4 of the count was one.
    const start = days < 7 ? first : first + ((((4 - first) % 7) + 7) % 7);
    for (let day = start; day <= last; day += days) found.push(day);
    return found;
  }
  const [year = 0, month = 1] = toDay(first).split('-').map(Number);
  let index = Math.ceil((year * 12 + month - 1) / months) * months;
  for (;;) {
    const day = Date.UTC(Math.floor(index / 12), index % 12, 1) / DAY_MS;
    if (day > last) return found;
    if (day >= first) found.push(day);
    index += months;
  }
}

function formatTick(
  day: string,
  { months }: { readonly days?: number; readonly months?: number },
  locale: Locale,
): string {
  if (months === undefined) return formatDayOfYear(day, locale);
  if (months % 12 === 0) return day.slice(0, 'YYYY'.length);
  const [year, month] = day.split('-');
  return locale === 'pt-BR' ? `${month}/${year}` : `${year}-${month}`;
}
