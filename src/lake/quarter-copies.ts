/**
 * Copies of a table's past quarters, a file each, so that a query opens some dozens and not thousands:
 * `<root>/_quarters/<table>/2026-q1-<hash>.parquet`. They stand beside the layers, so that no reader of the
 * table's folder sees a row twice, and can be deleted at any time.
 *
 * The hash covers the name, the size and the times of every daily file of the quarter, and the size and time
 * of the copy itself. So a copy and what it is bound to appear at once, and a change to either side leaves
 * a copy that nobody takes for the quarter's.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from '../catalog/tables.ts';
import { partitionOfFolder } from './foreign.ts';
import { tableFolder } from './local-lake.ts';
import { type Quarter, quarterOf } from './quarters.ts';

/** Another number for copies that are made or read another way. */
const EDITION = 1;

const EXTENSION = '.parquet';

export interface QuarterCopies {
  /** The paths of the copies. */
  readonly paths: readonly string[];
  /** The quarters that they hold; the days of all others answer for themselves. */
  readonly quarters: ReadonlySet<Quarter>;
}

/** What the daily files of a quarter look like from outside. */
export interface QuarterStamp {
  readonly text: string;
  /** When the last of them was changed, in nanoseconds since 1970. */
  readonly changedAt: bigint;
}

export function allCopiesFolder(root: string): string {
  return join(root, '_quarters');
}

export function copiesFolder(root: string, table: Table): string {
  return join(allCopiesFolder(root), table.name);
}

export function copyPath(
  root: string,
  table: Table,
  quarter: Quarter,
  stamp: QuarterStamp,
  { size, mtimeNs }: BigIntStats,
): string {
  const columns = table.columns.map(({ name, type }) => `${name} ${type}`);
  const bound = [EDITION, table.name, ...columns, quarter, size, mtimeNs, stamp.text].map(String);
  const hash = createHash('sha256').update(JSON.stringify(bound)).digest('hex').slice(0, 32);
  return join(copiesFolder(root, table), `${quarter}-${hash}${EXTENSION}`);
}

// All that follows asks the file system thousands of times before a query begins: not by promises.

/** The copies that hold just what the table's files hold now; undefined where there are none. */
export function quarterCopies(root: string, table: Table): QuarterCopies | undefined {
  const names = copyNames(root, table);
  if (names.length === 0) return undefined;
  const copies = new Map<Quarter, string>();
  for (const [quarter, folders] of daysByQuarter(root, table)) {
    if (!names.some((name) => isOfQuarter(name, quarter))) continue;
    const copy = copyOf(root, table, quarter, names, stampOf(folders));
    if (copy !== undefined) copies.set(quarter, copy);
  }
  if (copies.size === 0) return undefined;
  return { paths: [...copies.values()], quarters: new Set(copies.keys()) };
}

/** The quarters before the newest partition's that have no copy, in order. */
export function quartersToCopy(root: string, table: Table): Quarter[] {
  const names = copyNames(root, table);
  return [...daysByQuarter(root, table)].slice(0, -1).flatMap(([quarter, folders]) => {
    const stamp = stampOf(folders);
    const missing = stamp !== undefined && copyOf(root, table, quarter, names, stamp) === undefined;
    return missing ? [quarter] : [];
  });
}

/** The paths of what stands among the copies and is none, or none any more. */
export function staleCopies(root: string, table: Table): string[] {
  const names = copyNames(root, table);
  const days = daysByQuarter(root, table);
  const valid = [...days].map(([quarter, folders]) =>
    copyOf(root, table, quarter, names, stampOf(folders)),
  );
  return names
    .map((name) => join(copiesFolder(root, table), name))
    .filter((path) => !valid.includes(path));
}

/** The stamp of a quarter; undefined where it has no files or they cannot be looked at. */
export function stampOfQuarter(
  root: string,
  table: Table,
  quarter: Quarter,
): QuarterStamp | undefined {
  return stampOf(daysByQuarter(root, table).get(quarter) ?? []);
}

function copyOf(
  root: string,
  table: Table,
  quarter: Quarter,
  names: readonly string[],
  stamp: QuarterStamp | undefined,
): string | undefined {
  if (stamp === undefined) return undefined;
  const folder = copiesFolder(root, table);
  return names
    .filter((name) => isOfQuarter(name, quarter))
    .map((name) => join(folder, name))
    .find((path) => {
      const copy = statsOf(path);
      return copy !== undefined && copyPath(root, table, quarter, stamp, copy) === path;
    });
}

function isOfQuarter(name: string, quarter: Quarter): boolean {
  return name.startsWith(`${quarter}-`);
}

function copyNames(root: string, table: Table): string[] {
  return namesIn(copiesFolder(root, table)).filter((name) => name.endsWith(EXTENSION));
}

/** The folders of a table's days, by quarter, in order. */
function daysByQuarter(root: string, table: Table): Map<Quarter, string[]> {
  const folder = tableFolder(root, table);
  const days = new Map<Quarter, string[]>();
  for (const name of namesIn(folder).sort()) {
    const day = partitionOfFolder(name);
    if (day === undefined) continue;
    const quarter = quarterOf(day);
    const ofQuarter = days.get(quarter) ?? [];
    ofQuarter.push(join(folder, name));
    days.set(quarter, ofQuarter);
  }
  return days;
}

function stampOf(folders: readonly string[]): QuarterStamp | undefined {
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
