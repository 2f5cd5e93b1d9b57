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
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import type { Table } from '../catalog/tables.ts';
import { EXTENSION } from './names.ts';
import { daysByQuarter, namesIn, type QuarterStamp, stampOf, statsOf } from './quarter-files.ts';
import type { Quarter } from './quarters.ts';

/** Another number for copies that are made or read another way. */
const EDITION = 1;

export interface QuarterCopies {
  /** The paths of the copies. */
  readonly paths: readonly string[];
  /** The quarters that they hold; the days of all others answer for themselves. */
  readonly quarters: ReadonlySet<Quarter>;
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
