/**
 * Where the files of a local lake are: `<root>/<layer>/<table>/anomesdia_exec=YYYYMMDD/<name>.parquet`, and which
 * partitions and files its folders contain.
 */

import { constants, readdirSync, statSync } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { layers, type Table } from '../../catalog/dataset.ts';
import type { Partition } from '../../catalog/partition.ts';
import { type LakeFile, REPORTS_FOLDER } from '../lake.ts';
import { EXTENSION, formatPartitionFolder, parsePartitionFolder } from '../names.ts';
import { getTemporaryFolder, listEntries, listNamesSync } from './disk.ts';
import { findLockOwner, type LockOwnerSummary } from './lock.ts';

export function getTableFolder(root: string, table: Table): string {
  return join(root, table.layer, table.name);
}

export function getPartitionFolder(root: string, table: Table, partition: Partition): string {
  return join(getTableFolder(root, table), formatPartitionFolder(table, partition));
}

export function getFilePath(root: string, { table, partition, name }: LakeFile): string {
  return join(getPartitionFolder(root, table, partition), `${name}${EXTENSION}`);
}

/** The newest partition that has a file; reads the newest folders first, and no more than needed. */
export async function findNewestPartition(
  root: string,
  table: Table,
): Promise<Partition | undefined> {
  for (const partition of (await listPartitions(root, table)).reverse()) {
    if (await hasFiles(root, table, partition)) return partition;
  }
  return undefined;
}

/** The partitions that have a folder, in order; it may be empty. @throws BrokenFileError */
export async function listPartitions(root: string, table: Table): Promise<Partition[]> {
  return (await listEntries(getTableFolder(root, table)))
    .flatMap(({ name }) => parsePartitionFolder(table, name) ?? [])
    .sort((a, b) => a - b);
}

/** @throws BrokenFileError if the folder cannot be read */
async function hasFiles(root: string, table: Table, partition: Partition): Promise<boolean> {
  return (await listFileNames(root, table, partition)).length > 0;
}

/** The names of the Parquet files of a partition, with their extension. @throws BrokenFileError */
export async function listFileNames(
  root: string,
  table: Table,
  partition: Partition,
): Promise<string[]> {
  const entries = await listEntries(getPartitionFolder(root, table, partition));
  return entries.map(({ name }) => name).filter((name) => name.endsWith(EXTENSION));
}

/**
 * The paths of a table's files on the days that `isWanted` accepts, in order. As for every other reader, a folder
 * that is not named as a partition has no rows of the table.
 *
 * @throws BrokenFileError if a folder cannot be read
 */
export function listDailyFiles(
  root: string,
  table: Table,
  isWanted: (day: Partition) => boolean = () => true,
): string[] {
  const folder = getTableFolder(root, table);
  const days = listNamesSync(folder, ['ENOENT']).filter((name) => {
    const day = parsePartitionFolder(table, name);
    return day !== undefined && isWanted(day);
  });
  return days.sort().flatMap((day) => {
    const path = `${folder}${sep}${day}`;
    // A run may remove the folder meanwhile, and a file may be named as one.
    const names = listNamesSync(path, ['ENOENT', 'ENOTDIR']).filter((name) =>
      name.endsWith(EXTENSION),
    );
    return names.sort().map((name) => `${path}${sep}${name}`);
  });
}

export interface FolderState {
  readonly root: string;
  readonly exists: boolean;
  /** The folder, or the existing parent in which it would be created, if that cannot be used. */
  readonly inaccessiblePath: string | undefined;
  readonly lockOwner: LockOwnerSummary | undefined;
  /** Incomplete files of a run that is in progress or has died. */
  readonly temporaryFiles: number;
  /** It has files of another purpose, and no layer of a lake. */
  readonly isOtherFolder?: boolean;
  /** A demo made it: its market is fictional. */
  readonly isDemo?: boolean;
}

/** A note in the lakes that a demo has made, and the next one may replace. */
export const DEMO_NOTE = 'demo';

export function isDemoLake(root: string): Promise<boolean> {
  return pathExists(join(root, REPORTS_FOLDER, DEMO_NOTE));
}

export async function readFolderState(root: string): Promise<FolderState> {
  let nearest = root;
  while (!(await pathExists(nearest)) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const isOpen = await access(nearest, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  return {
    root,
    exists: nearest === root,
    inaccessiblePath: isOpen ? undefined : nearest,
    lockOwner: await findLockOwner(root),
    temporaryFiles: (await readdir(getTemporaryFolder(root)).catch(() => [])).length,
    isOtherFolder: isOfAnotherPurpose(await readdir(root).catch(() => [])),
    isDemo: await isDemoLake(root),
  };
}

/** Whether a folder has entries, and none of a lake's; what begins with a dot or `_` may be of anything. */
function isOfAnotherPurpose(names: readonly string[]): boolean {
  const own = names.filter((name) => layers.some((layer) => layer === name));
  return own.length === 0 && names.some((name) => !/^[._]/.test(name));
}

async function pathExists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export interface LakeSize {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Counts every file below the folder; none if it does not exist. Synchronous: for the ten thousand files of ten
 * years that takes a third of the time.
 */
export function getLakeSize(root: string): LakeSize {
  let files = 0;
  let bytes = 0;
  for (const entry of listAllEntries(root)) {
    if (!entry.isFile()) continue;
    // Undefined for a file that was removed meanwhile.
    const size = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size;
    if (size === undefined) continue;
    files += 1;
    bytes += size;
  }
  return { files, bytes };
}

function listAllEntries(root: string) {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true });
  } catch {
    // A folder that cannot be read is reported with its table.
    return [];
  }
}
