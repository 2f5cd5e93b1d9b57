/**
 * The periods that copies have the days of, and the state of the daily files of each: what a copy is bound to.
 */

import { type BigIntStats, statSync } from 'node:fs';
import { sep } from 'node:path';
import type { Table } from '../../catalog/dataset.ts';
import { getYear, type Partition } from '../../catalog/partition.ts';
import { groupBy } from '../../collections.ts';
import { EXTENSION, parsePartitionFolder } from '../names.ts';
import { listNamesSync } from './disk.ts';
import { getTableFolder } from './layout.ts';

/** Such as `2026-q1`. */
export type Quarter = `${Year}-q${number}`;

/** Such as `2019`. */
export type Year = `${number}`;

/** Such as `2026-10`. */
export type Month = `${Year}-${number}`;

/** What a copy has the days of. */
export type Period = Year | Quarter | Month;

export function getQuarter(day: Partition): Quarter {
  return `${getYearOf(day)}-q${getQuarterNumber(day)}`;
}

/** From 1 to 4. */
function getQuarterNumber(day: Partition): number {
  return Math.ceil(getMonthNumber(day) / 3);
}

function getYearOf(day: Partition): Year {
  return String(getYear(day)).padStart(4, '0') as Year;
}

export function isWholeYear(period: Period): period is Year {
  return /^\d+$/.test(period);
}

function getMonth(day: Partition): Month {
  return `${getYearOf(day)}-${String(getMonthNumber(day)).padStart(2, '0')}` as Month;
}

function getMonthNumber(day: Partition): number {
  return Math.floor(day / 100) % 100;
}

/** The periods that a copy with this day may have, the longer ones first. */
export function getPeriods(day: Partition): readonly [Year, Quarter, Month] {
  return [getYearOf(day), getQuarter(day), getMonth(day)];
}

/** The names, sizes and times of the daily files of a period. */
export interface PeriodFingerprint {
  readonly text: string;
  /** When the last of them was changed, in nanoseconds since 1970. */
  readonly changedAt: bigint;
}

export interface DayFolder {
  readonly day: Partition;
  readonly path: string;
}

/** The days of a period, and within it the shorter ones that a copy may have. */
export interface PeriodDays<P extends Period = Period, Part = undefined> {
  readonly period: P;
  readonly days: readonly DayFolder[];
  readonly parts: readonly Part[];
  /** The state of their files, by months; the files are looked at once. */
  readonly readFiles: () => readonly (FileStates | undefined)[];
}

export type MonthDays = PeriodDays<Month>;
export type QuarterDays = PeriodDays<Quarter, MonthDays>;
export type YearDays = PeriodDays<Year, QuarterDays>;

// The file system is asked thousands of times before a query starts. Synchronously, that takes a fourth of the time.

/** The folders of a table's days by year, quarter and month, in order. */
export function groupDays(root: string, table: Table): YearDays[] {
  const folder = getTableFolder(root, table);
  const days = tryListNames(folder)
    .sort()
    .flatMap((name) => {
      const day = parsePartitionFolder(table, name);
      // To join paths in general costs more than to look at a file.
      return day === undefined ? [] : [{ day, path: `${folder}${sep}${name}` }];
    });
  // By numbers: a text for each of thousands of days costs more than all else here.
  return [...groupBy(days, ({ day }) => getYear(day)).values()].map((ofYear) => {
    const quarters = [...groupBy(ofYear, ({ day }) => getQuarterNumber(day)).values()];
    return joinParts(getYearOf(getFirst(ofYear)), ofYear, quarters.map(groupMonths));
  });
}

function groupMonths(ofQuarter: readonly DayFolder[]): QuarterDays {
  const months = [...groupBy(ofQuarter, ({ day }) => getMonthNumber(day)).values()];
  const parts = months.map((days): MonthDays => {
    const readFiles = rememberResult(() => [readFileStates(days)]);
    return { period: getMonth(getFirst(days)), days, parts: [], readFiles };
  });
  return joinParts(getQuarter(getFirst(ofQuarter)), ofQuarter, parts);
}

function joinParts<P extends Period, Part extends Pick<MonthDays, 'readFiles'>>(
  period: P,
  days: readonly DayFolder[],
  parts: readonly Part[],
): PeriodDays<P, Part> {
  return { period, days, parts, readFiles: () => parts.flatMap(({ readFiles }) => readFiles()) };
}

function getFirst([first]: readonly DayFolder[]): Partition {
  if (first === undefined) throw new RangeError('a group has at least one day');
  return first.day;
}

function rememberResult<T>(read: () => T): () => T {
  let known: { readonly result: T } | undefined;
  return () => {
    known ??= { result: read() };
    return known.result;
  };
}

/** The fingerprint of a period; undefined if it has no files or they cannot be read. */
export function computePeriodFingerprint(
  root: string,
  table: Table,
  period: Period,
): PeriodFingerprint | undefined {
  const years = groupDays(root, table);
  const quarters = years.flatMap(({ parts }) => parts);
  const months = quarters.flatMap(({ parts }) => parts);
  const found = [...years, ...quarters, ...months].find((each) => each.period === period);
  return found && toFingerprint(found.readFiles());
}

interface FileStates {
  readonly lines: readonly string[];
  readonly changedAt: bigint;
  readonly hasRows: boolean;
}

/** Undefined where one of the files cannot be read. */
function readFileStates(days: readonly DayFolder[]): FileStates | undefined {
  const lines: string[] = [];
  let changedAt = 0n;
  let hasRows = false;
  for (const { path } of days) {
    const names = tryListDay(path);
    if (names === undefined) return undefined;
    for (const name of names.sort()) {
      const stats = tryReadStats(`${path}${sep}${name}`);
      if (!stats?.isFile()) return undefined;
      hasRows ||= name.endsWith(EXTENSION);
      const { size, mtimeNs, ctimeNs } = stats;
      // A file that replaces another may keep that one's mtime, but not its ctime.
      lines.push(`${path.slice(-8)} ${size} ${mtimeNs} ${ctimeNs} ${JSON.stringify(name)}`);
      if (ctimeNs > changedAt) changedAt = ctimeNs;
    }
  }
  return { lines, changedAt, hasRows };
}

/** Of several months together; undefined if they have no files, or one has a file that cannot be read. */
export function toFingerprint(
  months: readonly (FileStates | undefined)[],
): PeriodFingerprint | undefined {
  const read = months.filter((states) => states !== undefined);
  if (read.length < months.length || !read.some(({ hasRows }) => hasRows)) return undefined;
  const text = read.flatMap(({ lines }) => lines).join('\n');
  let changedAt = 0n;
  for (const each of read) if (each.changedAt > changedAt) changedAt = each.changedAt;
  return { text, changedAt };
}

/** None if the folder cannot be read: a reader of the table itself reports that. */
export function tryListNames(folder: string): string[] {
  return listNamesSync(folder, 'all');
}

export function tryReadStats(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** Undefined where the folder is there and cannot be read: then what a copy has of it may be less than it holds. */
function tryListDay(path: string): string[] | undefined {
  try {
    return listNamesSync(path, ['ENOENT', 'ENOTDIR']);
  } catch {
    return undefined;
  }
}
