/**
 * Where the files of a local lake are: `<root>/<layer>/<table>/anomesdia_exec=YYYYMMDD/<name>.parquet`, and which
 * partitions and files its folders contain.
 */

import { join } from 'node:path';
import type { Table } from '../../catalog/dataset.ts';
import type { Partition } from '../../catalog/partition.ts';
import type { LakeFile } from '../lake.ts';
import { EXTENSION, formatPartitionFolder, parsePartitionFolder } from '../names.ts';
import { listEntries, listNamesSync } from './disk.ts';

export function tableFolder(root: string, table: Table): string {
  return join(root, table.layer, table.name);
}

export function partitionFolder(root: string, table: Table, partition: Partition): string {
  return join(tableFolder(root, table), formatPartitionFolder(table, partition));
}

export function filePath(root: string, { table, partition, name }: LakeFile): string {
  return join(partitionFolder(root, table, partition), `${name}${EXTENSION}`);
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
  return (await listEntries(tableFolder(root, table)))
    .flatMap(({ name }) => parsePartitionFolder(table, name) ?? [])
    .sort((a, b) => a - b);
}

/** @throws BrokenFileError if the folder cannot be read */
export async function hasFiles(root: string, table: Table, partition: Partition): Promise<boolean> {
  return (await listFileNames(root, table, partition)).length > 0;
}

/** The names of the Parquet files of a partition, with their extension. @throws BrokenFileError */
export async function listFileNames(
  root: string,
  table: Table,
  partition: Partition,
): Promise<string[]> {
  const entries = await listEntries(partitionFolder(root, table, partition));
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
  const folder = tableFolder(root, table);
  const days = listNamesSync(folder, ['ENOENT']).filter((name) => {
    const day = parsePartitionFolder(table, name);
    return day !== undefined && isWanted(day);
  });
  return days.sort().flatMap((day) => {
    const path = join(folder, day);
    // A run may remove the folder meanwhile, and a file may be named as one.
    const names = listNamesSync(path, ['ENOENT', 'ENOTDIR']).filter((name) =>
      name.endsWith(EXTENSION),
    );
    return names.sort().map((name) => join(path, name));
  });
}
