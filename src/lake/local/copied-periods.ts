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

/** What a copy has the days of. */
export type Period = Quarter | Year;

export function getQuarter(day: Partition): Quarter {
  return `${getYearOf(day)}-q${getQuarterNumber(day)}`;
}

/** From 1 to 4. */
function getQuarterNumber(day: Partition): number {
  return Math.ceil((Math.floor(day / 100) % 100) / 3);
}

function getYearOf(day: Partition): Year {
  return String(getYear(day)).padStart(4, '0') as Year;
}

export function isYear(period: Period): period is Year {
  return /^\d+$/.test(period);
}

/** The periods that a copy with this day may have, the longer one first. */
export function getPeriods(day: Partition): readonly [Year, Quarter] {
  return [getYearOf(day), getQuarter(day)];
}

/** The names, sizes and times of the daily files of a period. */
export interface QuarterFingerprint {
  readonly text: string;
  /** When the last of them was changed, in nanoseconds since 1970. */
  readonly changedAt: bigint;
}

export interface DayFolder {
  readonly day: Partition;
  readonly path: string;
}

export interface QuarterDays {
  readonly quarter: Quarter;
  readonly days: readonly DayFolder[];
  /** The files of these days; they are looked at once. */
  readonly readFiles: () => FileStates | undefined;
}

export interface YearDays {
  readonly year: Year;
  readonly days: readonly DayFolder[];
  readonly quarters: readonly QuarterDays[];
}

// The file system is asked thousands of times before a query starts. Synchronously, that takes a fourth of the time.

/** The folders of a table's days by year and quarter, in order. */
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
  return [...groupBy(days, ({ day }) => getYear(day)).values()].map((ofYear) => ({
    year: getYearOf(getFirst(ofYear)),
    days: ofYear,
    quarters: [...groupBy(ofYear, ({ day }) => getQuarterNumber(day)).values()].map(
      (ofQuarter) => ({
        quarter: getQuarter(getFirst(ofQuarter)),
        days: ofQuarter,
        readFiles: rememberResult(() => readFileStates(ofQuarter)),
      }),
    ),
  }));
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
export function computeQuarterFingerprint(
  root: string,
  table: Table,
  period: Period,
): QuarterFingerprint | undefined {
  const quarters = groupDays(root, table).flatMap((each) => each.quarters);
  const within = quarters.filter(({ quarter }) => `${quarter}-`.startsWith(`${period}-`));
  return toFingerprint(within.map(({ readFiles }) => readFiles()));
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
    for (const name of tryListNames(path).sort()) {
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

/** Of several quarters together; undefined if they have no files, or one has a file that cannot be read. */
export function toFingerprint(
  quarters: readonly (FileStates | undefined)[],
): QuarterFingerprint | undefined {
  const read = quarters.filter((states) => states !== undefined);
  if (read.length < quarters.length || !read.some(({ hasRows }) => hasRows)) return undefined;
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
