/**
 * The partition `anomesdia_exec`: the day of a collection, YYYYMMDD as an integer, in São Paulo.
 *
 * It is fixed once, when a run starts, and travels with the data from there on; no later step reads
 * the clock for it.
 */
import { tz } from '@date-fns/tz';
import { format } from 'date-fns';
import { UsageError } from '../errors.ts';

export const PARTITION_COLUMN = 'anomesdia_exec';
export const TIME_ZONE = 'America/Sao_Paulo';

export type Partition = number & { readonly __brand: 'Partition' };

const inSaoPaulo = { in: tz(TIME_ZONE) };

/** The partition that an instant belongs to. */
export function getPartition(instant: Date): Partition {
  return Number(format(instant, 'yyyyMMdd', inSaoPaulo)) as Partition;
}

/** An instant as ISO 8601 with São Paulo's offset, to the millisecond: the text of `datetime_exec`. */
export function formatInSaoPaulo(instant: Date): string {
  return format(instant, "yyyy-MM-dd'T'HH:mm:ss.SSSxxx", inSaoPaulo);
}

/** The partition of a date written `YYYY-MM-DD` or `YYYYMMDD`, or undefined where there is no such day. */
export function toPartition(text: string): Partition | undefined {
  const digits = /^(\d{4})(-?)(\d{2})\2(\d{2})$/.exec(text.trim());
  if (!digits) return undefined;
  const [, year = '', , month = '', day = ''] = digits;
  return toExistingDay(Number(`${year}${month}${day}`));
}

/** By arithmetic alone, since a lake has thousands of days and every query reads their names. */
function toExistingDay(digits: number): Partition | undefined {
  const [year, month, day] = [
    Math.floor(digits / 10_000),
    Math.floor(digits / 100) % 100,
    digits % 100,
  ];
  const exists = year >= 1 && day >= 1 && day <= getDaysOfMonth(year, month);
  return exists ? (digits as Partition) : undefined;
}

/** None of a month that does not exist. */
function getDaysOfMonth(year: number, month: number): number {
  if (month < 1 || month > 12) return 0;
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** A day in another notation, 19/11/2026, 2026.11.19 or 2026-1-5, as `YYYY-MM-DD`; undefined where it is none. */
export function suggestIsoDate(text: string): string | undefined {
  const [, year, , month, day] = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/.exec(text.trim()) ?? [];
  const [, first, , second, last] = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/.exec(text.trim()) ?? [];
  const padded = [month ?? second ?? '', day ?? first ?? ''].map((part) => part.padStart(2, '0'));
  const iso = [year ?? last, ...padded].join('-');
  return toPartition(iso) === undefined ? undefined : iso;
}

/**
 * The partition of a date that a person typed.
 * @param what it is the value of, such as `--from`
 * @throws UsageError where there is no such day
 */
export function parsePartition(text: string, what?: string, hint: string = DAY_HINT): Partition {
  const partition = toPartition(text);
  if (partition !== undefined) return partition;
  const named = what === undefined ? '' : `${what}: `;
  throw new UsageError(`${named}${JSON.stringify(text)} is not a date`, {
    hint,
  });
}

const DAY_HINT = 'Write a day that exists, such as `2026-11-19`.';

/** The words for a day, counted back from today. */
const DAY_WORDS: Readonly<Record<string, number>> = { hoje: 0, today: 0, ontem: 1, yesterday: 1 };

interface DayContext {
  /** What it is the value of, such as `--from`. */
  readonly what: string;
  /** Which day a month or a year means; without it, such a text is an error. */
  readonly edge?: 'first' | 'last';
  readonly today: Partition;
}

/** A day, or the days from the first to the last one of a month or a year. */
interface DaySpan {
  readonly first: Partition;
  readonly last: Partition;
}

/**
 * The days that a person means: `2026-11-19`, `20261119`, `19/11/2026`, `hoje`, `ontem`, `30d` (so many days ago), or
 * all of `2026-11` or `2026`; undefined where there are none.
 */
export function findDays(text: string, today: Partition): DaySpan | undefined {
  const word = text.trim().toLowerCase();
  const [, digits] = /^(\d{1,5})d$/.exec(word) ?? [];
  const ofWord = isDayWord(word) ? DAY_WORDS[word] : undefined;
  const back = digits === undefined ? ofWord : Number(digits);
  const day =
    back === undefined ? toPartition(suggestIsoDate(word) ?? word) : getDayBefore(today, back);
  if (day !== undefined) return { first: day, last: day };
  const [, year, , month] = /^(\d{4})(-(\d{2}))?$/.exec(word) ?? [];
  if (year === undefined) return undefined;
  const [first, last] =
    month === undefined
      ? [`${year}-01-01`, `${year}-12-31`]
      : [`${word}-01`, `${word}-${getDaysOfMonth(Number(year), Number(month))}`];
  const bounds = [toPartition(first), toPartition(last)] as const;
  return bounds[0] === undefined || bounds[1] === undefined
    ? undefined
    : { first: bounds[0], last: bounds[1] };
}

/** Whether a word means a day, such as `hoje`. */
export function isDayWord(word: string): boolean {
  return Object.hasOwn(DAY_WORDS, word.toLowerCase());
}

/**
 * The day that a person means, one of `findDays`: of a month or a year its first or last.
 * @throws UsageError
 */
export function parseDay(text: string, { what, edge, today }: DayContext): Partition {
  const days = findDays(text, today);
  if (days === undefined) {
    const otherwise = edge === undefined ? '' : '; or a month or a year, 2026-11 or 2026';
    const hint = `Write a day that exists, as \`2026-11-19\`, 19/11/2026, hoje, ontem or 30d (days ago)${otherwise}.`;
    return parsePartition(text, what, hint);
  }
  if (edge !== undefined) return days[edge];
  if (days.first === days.last) return days.first;
  throw new UsageError(`${what}: ${text.trim().toLowerCase()} is more than a day`, {
    hint: `Write one day, such as ${formatIsoDate(days.first)}.`,
  });
}

/** A partition as `YYYY-MM-DD`. */
export function formatIsoDate(partition: Partition): string {
  const digits = String(partition).padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

/** The calendar day before, or so many days before. */
export function getDayBefore(day: Partition, days = 1): Partition {
  const [year, month, date] = [Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100];
  const before = new Date(Date.UTC(year, month - 1, date - days)).toISOString().slice(0, 10);
  return toPartition(before) ?? day;
}

/** The same day so many years before; of 29 February the 28th where there is none. */
export function getYearsBefore(day: Partition, years = 1): Partition {
  const before = (day - years * 10_000) as Partition;
  return toPartition(formatIsoDate(before)) ?? ((before - 1) as Partition);
}

export function getYear(partition: Partition): number {
  return Math.floor(partition / 10_000);
}

/**
 *     day    the day of a collection, which brings the whole day
 *     year   a calendar year of data
 *     event  the year in which an event falls: one collection brings rows of many years, and a row that a later
 *            collection no longer brings stays
 */
type Grain = 'day' | 'year' | 'event';

export interface PartitionScheme {
  readonly grain: Grain;
  readonly column: string;
  /** What the column is, in Portuguese: shown in the catalogs of Glue and Athena. */
  readonly description: string;
  /** Of the grain `event`: the column of the date whose year is the partition of a row. */
  readonly dateColumn?: string;
}

export const byDay: PartitionScheme = {
  grain: 'day',
  column: PARTITION_COLUMN,
  description: 'Dia da coleta em São Paulo, como inteiro AAAAMMDD (partição)',
};

export const byYear: PartitionScheme = {
  grain: 'year',
  column: 'ano',
  description: 'Ano dos dados, como inteiro AAAA (partição)',
};

export function byYearOfEvent(dateColumn: string): PartitionScheme {
  return {
    grain: 'event',
    column: 'ano',
    description: 'Ano do evento, como inteiro AAAA (partição)',
    dateColumn,
  };
}

/** The partition of a value as it is written in a folder's name or in Glue; undefined where it is none. */
export function parsePartitionValue(
  { grain }: PartitionScheme,
  value: string,
): Partition | undefined {
  if (grain === 'day') return /^\d{8}$/.test(value) ? toExistingDay(Number(value)) : undefined;
  return /^[1-9]\d{3}$/.test(value) ? (Number(value) as Partition) : undefined;
}

/** A partition as people write it: `2026-11-19`, or the year alone. */
export function formatPartition(partition: Partition): string {
  return isYear(partition) ? String(partition) : formatIsoDate(partition);
}

/** Whether a partition is one of such a scheme, by its length alone. */
export function isInScheme({ grain }: PartitionScheme, partition: Partition): boolean {
  return (grain === 'day') !== isYear(partition);
}

/** Whether a partition is a year, and not a day. */
export function isYear(partition: Partition): boolean {
  return partition < 10_000;
}

/** Days from one to another, both included; undefined where open. */
export interface DayBounds {
  readonly from?: Partition | undefined;
  readonly to?: Partition | undefined;
}

/** Whether a partition has days within the bounds. */
export function isWithin({ from, to }: DayBounds, partition: Partition): boolean {
  const [first, last] = isYear(partition) ? [from && getYear(from), to && getYear(to)] : [from, to];
  return (first === undefined || first <= partition) && (last === undefined || partition <= last);
}
