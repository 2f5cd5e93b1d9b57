/**
 * Copies of a table's past quarters, one file each, so that a query opens some dozens of files and not thousands:
 * `<root>/_quarters/<table>/2026-q1-<hash>.parquet`. They are beside the layers, so that no reader of a table's
 * folder sees a row twice, and can be deleted at any time.
 *
 * The hash covers the name, size and times of every daily file of the quarter, and the size and time of the copy
 * itself. So a copy and what it is bound to appear at once, and after a change on either side the copy no longer
 * matches and is not used. A copy has a checksum too, which `doctor` verifies: a damaged disk leaves sizes and times.
 */

import { createHash, randomUUID } from 'node:crypto';
import { type BigIntStats, statSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFolder, renameDurably } from '../../atomic-file.ts';
import type { Table } from '../../catalog/dataset.ts';
import { formatIsoDate, type Partition } from '../../catalog/partition.ts';
import { LakeError } from '../../errors.ts';
import { EXTENSION, parsePartitionFolder } from '../names.ts';
import { sealChecksum, verifyChecksum } from '../parquet/checksum.ts';
import { getTemporaryFolder, listNamesSync, removePath, toWriteError } from './disk.ts';
import { getTableFolder } from './layout.ts';

/** Part of the hash: increased when copies are written or read in another way. */
const FORMAT_VERSION = 2;

/** Such as `2026-q1`. */
export type Quarter = `${string}-q${number}`;

export function getQuarter(day: Partition): Quarter {
  const [year = '', month] = formatIsoDate(day).split('-');
  return `${year}-q${Math.ceil(Number(month) / 3)}`;
}

/** The path of the copy of each quarter that has one; the days of all others are read from their daily files. */
export type QuarterCopies = ReadonlyMap<Quarter, string>;

export function getAllCopiesFolder(root: string): string {
  return join(root, '_quarters');
}

export function getCopiesFolder(root: string, table: Table): string {
  return join(getAllCopiesFolder(root), table.name);
}

export function getCopyPath(
  root: string,
  table: Table,
  quarter: Quarter,
  fingerprint: QuarterFingerprint,
  { size, mtimeNs }: BigIntStats,
): string {
  const columns = table.columns.map(({ name, type }) => `${name} ${type}`);
  const identity = [FORMAT_VERSION, table.name, ...columns, quarter, size, mtimeNs];
  const text = JSON.stringify([...identity, fingerprint.text].map(String));
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return join(getCopiesFolder(root, table), `${quarter}-${hash}${EXTENSION}`);
}

/** The copies, of the quarters with days within the bounds, that match the daily files as they are now. */
export function findQuarterCopies(
  root: string,
  table: Table,
  { from, to }: { readonly from?: Partition | undefined; readonly to?: Partition | undefined } = {},
): QuarterCopies {
  const names = listCopyNames(root, table);
  if (names.length === 0) return new Map();
  const copies = new Map<Quarter, string>();
  const first = from === undefined ? '' : getQuarter(from);
  const last = to === undefined ? undefined : getQuarter(to);
  for (const [quarter, folders] of groupDaysByQuarter(root, table)) {
    if (quarter < first || (last !== undefined && quarter > last)) continue;
    if (!names.some((name) => belongsToQuarter(name, quarter))) continue;
    const copy = findCopy(root, table, quarter, names, computeFingerprint(folders));
    if (copy !== undefined) copies.set(quarter, copy);
  }
  return copies;
}

interface CopiesReview {
  /** The quarters before that of the newest partition that have no copy, in order. */
  readonly toCopy: readonly Quarter[];
  /** What is among the copies and matches no quarter. */
  readonly stale: readonly string[];
}

/** Compares the copies of a table with its daily files, each of which is looked at once. */
export function reviewQuarterCopies(root: string, table: Table): CopiesReview {
  const names = listCopyNames(root, table);
  const valid = new Set<string>();
  const toCopy: Quarter[] = [];
  const quarters = [...groupDaysByQuarter(root, table)];
  const [newest] = quarters.at(-1) ?? [];
  for (const [quarter, folders] of quarters) {
    const isCopied = names.some((name) => belongsToQuarter(name, quarter));
    if (quarter === newest && !isCopied) continue;
    const fingerprint = computeFingerprint(folders);
    const copy = findCopy(root, table, quarter, names, fingerprint);
    if (copy !== undefined) valid.add(copy);
    else if (quarter !== newest && fingerprint !== undefined) toCopy.push(quarter);
  }
  const paths = names.map((name) => join(getCopiesFolder(root, table), name));
  return { toCopy, stale: paths.filter((path) => !valid.has(path)) };
}

/** Removes stale copies. The caller has the lock of the lake. */
export async function removeStaleCopies({ stale }: CopiesReview): Promise<void> {
  for (const path of stale) await removePath(path, { recursive: true });
}

function findCopy(
  root: string,
  table: Table,
  quarter: Quarter,
  names: readonly string[],
  fingerprint: QuarterFingerprint | undefined,
): string | undefined {
  if (fingerprint === undefined) return undefined;
  const folder = getCopiesFolder(root, table);
  return names
    .filter((name) => belongsToQuarter(name, quarter))
    .map((name) => join(folder, name))
    .find((path) => {
      const stats = tryReadStats(path);
      return stats !== undefined && getCopyPath(root, table, quarter, fingerprint, stats) === path;
    });
}

function belongsToQuarter(name: string, quarter: Quarter): boolean {
  return name.startsWith(`${quarter}-`);
}

function listCopyNames(root: string, table: Table): string[] {
  return tryListNames(getCopiesFolder(root, table)).filter((name) => name.endsWith(EXTENSION));
}

/** The names, sizes and times of the daily files of a quarter. */
interface QuarterFingerprint {
  readonly text: string;
  /** When the last of them was changed, in nanoseconds since 1970. */
  readonly changedAt: bigint;
}

// The file system is asked thousands of times before a query starts. Synchronously, that takes a fourth of the time.

/** The folders of a table's days by quarter, in order. */
function groupDaysByQuarter(root: string, table: Table): Map<Quarter, string[]> {
  const folder = getTableFolder(root, table);
  const foldersByQuarter = new Map<Quarter, string[]>();
  for (const name of tryListNames(folder).sort()) {
    const day = parsePartitionFolder(table, name);
    if (day === undefined) continue;
    const quarter = getQuarter(day);
    const folders = foldersByQuarter.get(quarter) ?? [];
    folders.push(join(folder, name));
    foldersByQuarter.set(quarter, folders);
  }
  return foldersByQuarter;
}

/** The fingerprint of a quarter; undefined if it has no files or they cannot be read. */
export function computeQuarterFingerprint(
  root: string,
  table: Table,
  quarter: Quarter,
): QuarterFingerprint | undefined {
  return computeFingerprint(groupDaysByQuarter(root, table).get(quarter) ?? []);
}

function computeFingerprint(folders: readonly string[]): QuarterFingerprint | undefined {
  const lines: string[] = [];
  let changedAt = 0n;
  let hasRows = false;
  for (const folder of folders) {
    for (const name of tryListNames(folder).sort()) {
      const stats = tryReadStats(join(folder, name));
      if (!stats?.isFile()) return undefined;
      hasRows ||= name.endsWith(EXTENSION);
      const { size, mtimeNs, ctimeNs } = stats;
      // A file that replaces another may keep that one's mtime, but not its ctime.
      lines.push(`${folder.slice(-8)} ${size} ${mtimeNs} ${ctimeNs} ${JSON.stringify(name)}`);
      if (ctimeNs > changedAt) changedAt = ctimeNs;
    }
  }
  return hasRows ? { text: lines.join('\n'), changedAt } : undefined;
}

/** None if the folder cannot be read: a reader of the table itself reports that. */
function tryListNames(folder: string): string[] {
  return listNamesSync(folder, 'all');
}

function tryReadStats(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** A file that is changed again so soon may keep its time: file systems count in ticks of some milliseconds. */
const MIN_AGE_MS = 50;

/**
 * Lets `write` write the copy of a quarter into a temporary file with the place for
 * a checksum, and gives it its name, unless `write` skips the
 * quarter, or another program has changed the quarter meanwhile. The caller has the lock of the lake.
 *
 * @throws LakeError if the copy cannot be written; nothing is left of it then
 */
export async function writeQuarterCopy(
  root: string,
  table: Table,
  quarter: Quarter,
  write: (temporary: string) => Promise<'written' | 'skipped'>,
): Promise<void> {
  const temporary = join(getTemporaryFolder(root), randomUUID());
  try {
    const fingerprint = computeQuarterFingerprint(root, table, quarter);
    if (fingerprint === undefined) return;
    const age = Date.now() - Number(fingerprint.changedAt / 1_000_000n);
    if (age < MIN_AGE_MS) await sleep(MIN_AGE_MS);
    await createFolder(getTemporaryFolder(root));
    if ((await write(temporary)) === 'skipped') return;
    await sealCopy(temporary);
    if (computeQuarterFingerprint(root, table, quarter)?.text !== fingerprint.text) return;
    const stats = await stat(temporary, { bigint: true });
    await renameDurably(temporary, getCopyPath(root, table, quarter, fingerprint, stats));
  } catch (error) {
    throw error instanceof LakeError ? error : toWriteError(`a copy of ${quarter}`, error);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Writes the checksum into the place that the writer has left for it, and the file to the disk. */
async function sealCopy(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    const bytes = await handle.readFile();
    sealChecksum(bytes);
    await handle.write(bytes, 0, bytes.byteLength, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Why a copy must not be used; undefined if it is as it was written. */
export function findCopyFault(bytes: Uint8Array): string | undefined {
  const state = verifyChecksum(bytes);
  if (state === 'valid') return undefined;
  return state === 'absent' ? 'it has no checksum' : 'its checksum does not match its bytes';
}
