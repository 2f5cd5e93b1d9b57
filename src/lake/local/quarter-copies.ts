/**
 * Copies of a table's past quarters, a file each, so that a query opens some dozens and not thousands:
 * `<root>/_quarters/<table>/2026-q1-<hash>.parquet`. They stand beside the layers, so that no reader of the
 * table's folder sees a row twice, and can be deleted at any time.
 *
 * The hash covers the name, the size and the times of every daily file of the quarter, and the size and time
 * of the copy itself. So a copy and what it is bound to appear at once, and a change to either side leaves
 * a copy that nobody takes for the quarter's.
 */

import { createHash, randomUUID } from 'node:crypto';
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isoDate, type Partition } from '../../catalog/partition.ts';
import type { Table } from '../../catalog/tables.ts';
import { EXTENSION, parsePartitionFolder } from '../names.ts';
import { renameDurably, toWriteError } from './atomic-file.ts';
import { tableFolder, temporaryFolder } from './layout.ts';

/** Another number for copies that are made or read another way. */
const FORMAT_VERSION = 1;

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
  stamp: QuarterFingerprint,
  { size, mtimeNs }: BigIntStats,
): string {
  const columns = table.columns.map(({ name, type }) => `${name} ${type}`);
  const bound = [FORMAT_VERSION, table.name, ...columns, quarter, size, mtimeNs, stamp.text].map(
    String,
  );
  const hash = createHash('sha256').update(JSON.stringify(bound)).digest('hex').slice(0, 32);
  return join(copiesFolder(root, table), `${quarter}-${hash}${EXTENSION}`);
}

/** The copies that hold just what the table's files hold now; undefined where there are none. */
export function findQuarterCopies(root: string, table: Table): QuarterCopies | undefined {
  const names = listCopyNames(root, table);
  if (names.length === 0) return undefined;
  const copies = new Map<Quarter, string>();
  for (const [quarter, folders] of groupDaysByQuarter(root, table)) {
    if (!names.some((name) => belongsToQuarter(name, quarter))) continue;
    const copy = findCopy(root, table, quarter, names, computeFingerprint(folders));
    if (copy !== undefined) copies.set(quarter, copy);
  }
  if (copies.size === 0) return undefined;
  return { paths: [...copies.values()], quarters: new Set(copies.keys()) };
}

/** The quarters before the newest partition's that have no copy, in order. */
export function findQuartersToCopy(root: string, table: Table): Quarter[] {
  const names = listCopyNames(root, table);
  return [...groupDaysByQuarter(root, table)].slice(0, -1).flatMap(([quarter, folders]) => {
    const stamp = computeFingerprint(folders);
    const missing =
      stamp !== undefined && findCopy(root, table, quarter, names, stamp) === undefined;
    return missing ? [quarter] : [];
  });
}

/** The paths of what stands among the copies and is none, or none any more. */
function findStaleCopies(root: string, table: Table): string[] {
  const names = listCopyNames(root, table);
  const days = groupDaysByQuarter(root, table);
  const valid = [...days].map(([quarter, folders]) =>
    findCopy(root, table, quarter, names, computeFingerprint(folders)),
  );
  return names
    .map((name) => join(copiesFolder(root, table), name))
    .filter((path) => !valid.includes(path));
}

function findCopy(
  root: string,
  table: Table,
  quarter: Quarter,
  names: readonly string[],
  stamp: QuarterFingerprint | undefined,
): string | undefined {
  if (stamp === undefined) return undefined;
  const folder = copiesFolder(root, table);
  return names
    .filter((name) => belongsToQuarter(name, quarter))
    .map((name) => join(folder, name))
    .find((path) => {
      const copy = tryReadStats(path);
      return copy !== undefined && copyPath(root, table, quarter, stamp, copy) === path;
    });
}

function belongsToQuarter(name: string, quarter: Quarter): boolean {
  return name.startsWith(`${quarter}-`);
}

function listCopyNames(root: string, table: Table): string[] {
  return tryListNames(copiesFolder(root, table)).filter((name) => name.endsWith(EXTENSION));
}

/** What the daily files of a quarter look like from outside. */
interface QuarterFingerprint {
  readonly text: string;
  /** When the last of them was changed, in nanoseconds since 1970. */
  readonly changedAt: bigint;
}

// All that follows asks the file system thousands of times before a query begins, which takes a fourth
// of the time without a promise for each answer.

/** The folders of a table's days, by quarter, in order. */
function groupDaysByQuarter(root: string, table: Table): Map<Quarter, string[]> {
  const folder = tableFolder(root, table);
  const days = new Map<Quarter, string[]>();
  for (const name of tryListNames(folder).sort()) {
    const day = parsePartitionFolder(name);
    if (day === undefined) continue;
    const quarter = quarterOf(day);
    const ofQuarter = days.get(quarter) ?? [];
    ofQuarter.push(join(folder, name));
    days.set(quarter, ofQuarter);
  }
  return days;
}

/** The stamp of a quarter; undefined where it has no files or they cannot be looked at. */
export function computeQuarterFingerprint(
  root: string,
  table: Table,
  quarter: Quarter,
): QuarterFingerprint | undefined {
  return computeFingerprint(groupDaysByQuarter(root, table).get(quarter) ?? []);
}

/** The same of the quarter whose days have these folders. */
function computeFingerprint(folders: readonly string[]): QuarterFingerprint | undefined {
  const lines: string[] = [];
  let changedAt = 0n;
  let anyRows = false;
  for (const folder of folders) {
    for (const name of tryListNames(folder).sort()) {
      const stats = tryReadStats(join(folder, name));
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
function tryListNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Undefined where there is no such file, or it cannot be looked at. */
function tryReadStats(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** A file changed again so soon may carry the same time: file systems count in ticks of some milliseconds. */
const MIN_AGE_MS = 50;

/**
 * Lets `write` make the copy of a quarter in a temporary file and gives it its name, unless `write` answers
 * that the quarter is not to be copied, or another program has changed the quarter meanwhile. For whoever holds
 * the lake's lock.
 *
 * @throws LakeError where the copy cannot be made; nothing is left of it then
 */
export async function writeQuarterCopy(
  root: string,
  table: Table,
  quarter: Quarter,
  write: (temporary: string) => Promise<'written' | 'not to be copied'>,
): Promise<void> {
  const temporary = join(temporaryFolder(root), randomUUID());
  try {
    const stamp = computeQuarterFingerprint(root, table, quarter);
    if (stamp === undefined) return;
    const age = Date.now() - Number(stamp.changedAt / 1_000_000n);
    if (age < MIN_AGE_MS) await sleep(MIN_AGE_MS);
    await mkdir(temporaryFolder(root), { recursive: true });
    if ((await write(temporary)) === 'not to be copied') return;
    await syncFile(temporary);
    if (computeQuarterFingerprint(root, table, quarter)?.text !== stamp.text) return;
    const copy = await stat(temporary, { bigint: true });
    await renameDurably(temporary, copyPath(root, table, quarter, stamp, copy));
  } catch (error) {
    throw toWriteError(`a copy of ${quarter}`, error);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Removes the copies that hold no longer what their quarters hold. For whoever holds the lake's lock. */
export async function removeStaleCopies(root: string, table: Table): Promise<void> {
  for (const path of findStaleCopies(root, table)) {
    await rm(path, { force: true, recursive: true }).catch((error: unknown) => {
      throw toWriteError(path, error);
    });
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Such as `2026-q1`. */
export type Quarter = `${string}-q${number}`;

export function quarterOf(day: Partition): Quarter {
  const [year = '', month] = isoDate(day).split('-');
  return `${year}-q${Math.ceil(Number(month) / 3)}`;
}
