/**
 * What people see of the columns of a table: headings, and values in the notation of a locale. A column that pynvest
 * knows is written by what it measures; of any other each number has all of the digits that are exact. Pure.
 */
import { getHeadings, getReportHeadings, isKnownColumn } from '../../catalog/headings.ts';
import { getMeasure, type Measure } from '../../catalog/measure.ts';
import {
  formatIsoDate,
  getYear,
  PARTITION_COLUMN,
  type Partition,
  toPartition,
} from '../../catalog/partition.ts';
import type { LineParts } from '../../presentation/gap.ts';
import { formatDay, formatExact, formatMeasure, type Locale } from '../../presentation/notation.ts';
import { breakLine, formatSparkline } from '../../presentation/sparkline.ts';
import type { OutputRow, OutputValue } from '../../query/engine.ts';
import { escapeControls, truncate } from '../../text.ts';
import type { TableColumn } from './table.ts';
import { formatText } from './text-formats.ts';

interface CellOptions {
  readonly locale: Locale;
  /** Heads each column with its name, which options and SQL take. */
  readonly showsNames: boolean;
  /** Whether the rows are a command's report of its work. */
  readonly isReport?: boolean;
}

interface TableOfCells {
  readonly columns: readonly TableColumn[];
  readonly cells: readonly (readonly string[])[];
}

/** @param types the engine's names of the columns' types, as far as they are known */
export function formatCells(
  names: readonly string[],
  types: readonly string[] | undefined,
  rows: readonly OutputRow[],
  { locale, showsNames, isReport = false }: CellOptions,
): TableOfCells {
  const found = isReport ? getReportHeadings(names) : getHeadings(names, findYear(names, rows));
  const headings = showsNames ? names : found;
  const formatters = names.map((name, at) => {
    const measure = findMeasure(name) ?? (isReport && name !== 'year' ? 'count' : undefined);
    return createFormatter(name, measure, types?.[at] ?? '', locale);
  });
  return {
    columns: names.map((name, at) => ({
      name,
      // SQL may give a column any name.
      heading: toOneLine(truncate(headings[at] ?? name, MAX_CELL_LENGTH)),
      isNumeric: findMeasure(name) !== 'day' && isNumeric(types?.[at] ?? '', rows, at),
      isSigned: findMeasure(name) === 'variation',
    })),
    cells: rows.map((row) => row.map((value, at) => formatters[at]?.(value) ?? '')),
  };
}

/** Undefined of a column that is a person's own. */
function findMeasure(name: string): Measure | undefined {
  return isKnownColumn(name) ? getMeasure(name) : undefined;
}

/** The year of all rows, if it is one. */
function findYear(names: readonly string[], rows: readonly OutputRow[]): number | undefined {
  const at = names.indexOf(PARTITION_COLUMN);
  const years = new Set(rows.map((row) => getYear(Number(row[at]) as Partition)));
  const [year] = years;
  return years.size === 1 && Number.isInteger(year) ? year : undefined;
}

function isNumeric(type: string, rows: readonly OutputRow[], at: number): boolean {
  if (NUMERIC_TEXT.test(type)) return true;
  const values = rows.map((row) => row[at] ?? null).filter((value) => value !== null);
  return values.length > 0 && values.every((value) => NUMBERS.includes(typeof value));
}

const NUMBERS: readonly string[] = ['number', 'bigint'];

/** The types whose values beyond the digits of a double are text. */
const NUMERIC_TEXT = /^(?:decimal|u?hugeint)/i;
/** Of partitions: the number of a day has no thousands. */
const WHOLE_TYPE = /^(?:integer|int)$/i;
const TIME_TYPE = /^(?:date|timestamp)/i;

function createFormatter(
  name: string,
  measure: Measure | undefined,
  type: string,
  locale: Locale,
): (value: OutputValue) => string {
  const isExactText = NUMERIC_TEXT.test(type);
  const isTime = TIME_TYPE.test(type) || name === 'datetime_exec';
  return (value) => {
    if (typeof value === 'boolean') return BOOLEANS[locale][value ? 0 : 1];
    if (typeof value === 'number' || typeof value === 'bigint') {
      if (measure !== undefined) return formatMeasure(Number(value), measure, locale);
      const isDay = WHOLE_TYPE.test(type) && toPartition(String(value)) !== undefined;
      return isDay ? String(value) : formatExact(value, locale);
    }
    if (typeof value === 'string') {
      if (isExactText) return formatExact(value, locale);
      if (isTime) return formatTime(value, locale);
    }
    return toOneLine(truncate(formatText(value), MAX_CELL_LENGTH));
  };
}

const BOOLEANS: Readonly<Record<Locale, readonly [string, string]>> = {
  'pt-BR': ['sim', 'não'],
  en: ['yes', 'no'],
};

/** A day, or a day and a time; an instant that was stored with its offset without the seconds. */
function formatTime(text: string, locale: Locale): string {
  const [, day = '', separator = '', minute = '', rest = ''] =
    /^(\d{4}-\d{2}-\d{2})(?:([T ])(\d{2}:\d{2})(.*))?$/.exec(text) ?? [];
  if (day === '') return toOneLine(text);
  if (minute === '') return formatDay(day, locale);
  return `${formatDay(day, locale)} ${minute}${separator === 'T' ? '' : rest}`;
}

interface Course extends CellOptions, LineParts {
  /** The columns of the day and of the value. */
  readonly day: string;
  readonly value: string;
  /** Whether the values may be compared: raw prices from both sides of a split may not. */
  readonly isComparable: boolean;
  readonly isUnicode: boolean;
}

/** Fewer values show no course. */
const MIN_COURSE_LENGTH = 3;

/**
 * The course of a value of one asset in a line: `Cotação ▁▃█  38,10 → 38,72  +1,63%`, oldest first.
 * Empty where there are too few values.
 */
export function formatCourse(
  names: readonly string[],
  rows: readonly OutputRow[],
  width: number,
  { day, value, isComparable, locale, showsNames, isUnicode, ...parts }: Course,
): string {
  const [dayAt, valueAt] = [names.indexOf(day), names.indexOf(value)];
  const points = rows
    .flatMap((row) => {
      const price = row[valueAt];
      return typeof price === 'number' ? [{ day: toIsoDay(row[dayAt]), value: price }] : [];
    })
    .sort((a, b) => (a.day < b.day ? -1 : 1));
  const values = points.map((point) => point.value);
  const [first, last] = [values.at(0), values.at(-1)];
  if (first === undefined || last === undefined || values.length < MIN_COURSE_LENGTH) return '';
  const [from, to] = [first, last].map((each) => formatMeasure(each, getMeasure(value), locale));
  const change = isComparable ? `  ${formatMeasure(last / first - 1, 'variation', locale)}` : '';
  const heading = showsNames ? value : (getHeadings([value])[0] ?? value);
  const text = `  ${from} ${isUnicode ? '→' : 'to'} ${to}${change}`;
  const room = Math.min(MAX_COURSE_WIDTH, width - text.length - heading.length - 1);
  const line = breakLine(points, parts);
  return `${heading} ${formatSparkline(line, room, isUnicode)}${text}\n`;
}

const MAX_COURSE_WIDTH = 40;

/** Of a day or of the number of a partition. */
function toIsoDay(value: OutputValue | undefined): string {
  const partition = toPartition(String(value));
  return partition === undefined ? String(value) : formatIsoDate(partition);
}

/** The longest text of a cell that is useful on a screen. */
const MAX_CELL_LENGTH = 2_000;

/** On one line, control characters visible. */
function toOneLine(text: string): string {
  return escapeControls(text).replaceAll('\n', '\\n');
}
