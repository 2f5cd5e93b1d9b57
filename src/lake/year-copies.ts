/**
 * Copies of a table's past years, a file each, so that a query opens ten files and not thousands:
 * `<root>/_years/<table>/<year>-<hash>.parquet`. They stand beside the layers, so that no reader of the
 * table's folder sees a row twice, and can be deleted at any time.
 *
 * The hash covers the name, the size and the times of every daily file of the year, and the size and time
 * of the copy itself. So a copy and what it is bound to appear at once, and a change to either side leaves
 * a copy that nobody takes for the year's.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { tableFolder } from './local-lake.ts';

/** Another number for copies that are made or read another way. */
const EDITION = 1;

const EXTENSION = '.parquet';

export interface YearCopies {
  /** The paths of the copies. */
  readonly paths: readonly string[];
  /** The years without a copy that have files, in order: those answer for themselves. */
  readonly otherYears: readonly number[];
  /** The first file of those years by the names of its folder and its own; undefined where there is none. */
  readonly firstOther: string | undefined;
}

/** What the daily files of a year look like from outside. */
export interface YearStamp {
  readonly text: string;
  /** When the last of them was changed, in nanoseconds since 1970. */
  readonly changedAt: bigint;
}

export function allCopiesFolder(root: string): string {
  return join(root, '_years');
}

export function copiesFolder(root: string, table: Table): string {
  return join(allCopiesFolder(root), table.name);
}

export function copyPath(
  root: string,
  table: Table,
  year: number,
  stamp: YearStamp,
  { size, mtimeNs }: BigIntStats,
): string {
  const columns = table.columns.map(({ name, type }) => `${name} ${type}`);
  const bound = [EDITION, table.name, ...columns, year, size, mtimeNs, stamp.text].map(String);
  const hash = createHash('sha256').update(JSON.stringify(bound)).digest('hex').slice(0, 32);
  return join(copiesFolder(root, table), `${year}-${hash}${EXTENSION}`);
}

// All that follows asks the file system thousands of times before a query begins, which takes a quarter
// of the time without a promise for each answer.

/** The copies that hold just what the table's files hold now; undefined where there are none. */
export function yearCopies(root: string, table: Table): YearCopies | undefined {
  const names = copyNames(root, table);
  if (names.length === 0) return undefined;
  const days = daysByYear(root, table);
  const paths: string[] = [];
  const otherYears: number[] = [];
  let firstOther: string | undefined;
  for (const [year, folders] of days) {
    const copy = names.some((name) => isOfYear(name, year))
      ? copyOf(root, table, year, names, stampOf(folders))
      : undefined;
    if (copy !== undefined) {
      paths.push(copy);
      continue;
    }
    const first = firstFileIn(folders);
    firstOther ??= first;
    if (first !== undefined) otherYears.push(year);
  }
  return paths.length === 0 ? undefined : { paths, otherYears, firstOther };
}

/** The years before the newest partition's that have no copy, in order. */
export function yearsToCopy(root: string, table: Table): number[] {
  const names = copyNames(root, table);
  return [...daysByYear(root, table)].slice(0, -1).flatMap(([year, folders]) => {
    const stamp = stampOf(folders);
    const missing = stamp !== undefined && copyOf(root, table, year, names, stamp) === undefined;
    return missing ? [year] : [];
  });
}

/** The paths of what stands among the copies and is none, or none any more. */
export function staleCopies(root: string, table: Table): string[] {
  const names = copyNames(root, table);
  const days = daysByYear(root, table);
  const valid = [...days].map(([year, folders]) =>
    copyOf(root, table, year, names, stampOf(folders)),
  );
  return names
    .map((name) => join(copiesFolder(root, table), name))
    .filter((path) => !valid.includes(path));
}

/** The stamp of a year; undefined where it has no files or they cannot be looked at. */
export function stampOfYear(root: string, table: Table, year: number): YearStamp | undefined {
  return stampOf(daysByYear(root, table).get(year) ?? []);
}

function copyOf(
  root: string,
  table: Table,
  year: number,
  names: readonly string[],
  stamp: YearStamp | undefined,
): string | undefined {
  if (stamp === undefined) return undefined;
  const folder = copiesFolder(root, table);
  return names
    .filter((name) => isOfYear(name, year))
    .map((name) => join(folder, name))
    .find((path) => {
      const copy = statsOf(path);
      return copy !== undefined && copyPath(root, table, year, stamp, copy) === path;
    });
}

function isOfYear(name: string, year: number): boolean {
  return name.startsWith(`${year}-`);
}

function copyNames(root: string, table: Table): string[] {
  return namesIn(copiesFolder(root, table)).filter((name) => name.endsWith(EXTENSION));
}

const DAY = new RegExp(`^${PARTITION_COLUMN}=(\\d{4})\\d{4}$`);

/**
 * The folders of a table's days, by year, in order. None at all where one is named as the lake names none:
 * only a look at all of them can tell what to make of it.
 */
function daysByYear(root: string, table: Table): Map<number, string[]> {
  const folder = tableFolder(root, table);
  const days = new Map<number, string[]>();
  for (const name of namesIn(folder).sort()) {
    if (!name.startsWith(`${PARTITION_COLUMN}=`)) continue;
    const [, digits] = DAY.exec(name) ?? [];
    if (digits === undefined) return new Map();
    const year = Number(digits);
    const ofYear = days.get(year) ?? [];
    ofYear.push(join(folder, name));
    days.set(year, ofYear);
  }
  return days;
}

function stampOf(folders: readonly string[]): YearStamp | undefined {
  const lines: string[] = [];
  let changedAt = 0n;
  let anyRows = false;
  for (const folder of folders) {
    for (const name of namesIn(folder).sort()) {
      const stats = statsOf(join(folder, name));
      if (!stats?.isFile()) return undefined;
      anyRows ||= name.endsWith(EXTENSION);
      const { size, mtimeNs, ctimeNs } = stats;
      // A file put in place of another can bring that one's time of writing along, but not its ctime.
      lines.push(`${folder.slice(-8)} ${size} ${mtimeNs} ${ctimeNs} ${JSON.stringify(name)}`);
      if (ctimeNs > changedAt) changedAt = ctimeNs;
    }
  }
  return anyRows ? { text: lines.join('\n'), changedAt } : undefined;
}

function firstFileIn(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const [first] = namesIn(folder)
      .filter((name) => name.endsWith(EXTENSION))
      .sort();
    if (first !== undefined) return join(folder, first);
  }
  return undefined;
}

/** None where the folder cannot be read: whoever reads the table itself says what is wrong with it. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
