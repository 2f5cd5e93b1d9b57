/**
 * The lake in a folder of this machine: its Parquet files, and the reports of runs.
 */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Table } from '../../catalog/dataset.ts';
import type { Partition } from '../../catalog/partition.ts';
import { BrokenFileError } from '../../errors.ts';
import {
  formatReport,
  formatReportName,
  type Lake,
  type LakeFile,
  REPORTS_FOLDER,
  type ReportFile,
  type StoredReport,
  selectNewestNames,
} from '../lake.ts';
import { EXTENSION } from '../names.ts';
import { listNamesSync, readLakeFile, removePath, writeLakeFile } from './disk.ts';
import { getFilePath, getPartitionFolder, listFileNames, listPartitions } from './layout.ts';

export function createLocalLake(root: string): Lake {
  return {
    mayHoldRawBatches: false,

    async partitions(table) {
      const partitions: Partition[] = [];
      for (const partition of await listPartitions(root, table)) {
        if (mayHaveFiles(root, table, partition)) partitions.push(partition);
      }
      return partitions;
    },

    async files(table, partition) {
      const names = await listFileNames(root, table, partition);
      const dated = await Promise.all(
        names.sort().map(async (fileName) => {
          const name = fileName.slice(0, -EXTENSION.length);
          const file: LakeFile = { table, partition, name };
          return { file, time: await readChangeTime(getFilePath(root, file)) };
        }),
      );
      return dated
        .filter(({ time }) => time !== undefined)
        .sort((a, b) => compareTimes(a.time, b.time))
        .map(({ file }) => file);
    },

    async read(file, options) {
      const path = getFilePath(root, file);
      const bytes = await readLakeFile(path);
      const { decodeRows } = await import('../parquet/decode.ts');
      return decodeRows(file.table, bytes, path, options);
    },

    async write(file, rows) {
      if (rows.length === 0) return 0;
      const { encodeRows } = await import('../parquet/encode.ts');
      const bytes = encodeRows(file.table, rows);
      await writeLakeFile(root, getFilePath(root, file), bytes);
      return bytes.byteLength;
    },

    async remove(files) {
      for (const file of files) await removePath(getFilePath(root, file));
    },
  };
}

/**
 * Whether a partition has files, synchronously: of the thousands of days of a table that takes a fourth of the time. One
 * that cannot be listed counts as having some: a command that needs its files
 * then fails with the reason, and one that needs another day does not.
 */
function mayHaveFiles(root: string, table: Table, partition: Partition): boolean {
  try {
    const names = listNamesSync(getPartitionFolder(root, table, partition), ['ENOENT']);
    return names.some((name) => name.endsWith(EXTENSION));
  } catch (error) {
    if (error instanceof BrokenFileError) return true;
    throw error;
  }
}

/** In nanoseconds; undefined if another process has removed the file meanwhile. */
async function readChangeTime(path: string): Promise<bigint | undefined> {
  return (await stat(path, { bigint: true }).catch(() => undefined))?.mtimeNs;
}

function compareTimes(a = 0n, b = 0n): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Writes a report into the lake; returns the path of its file. */
export async function writeReport(root: string, report: StoredReport): Promise<string> {
  const path = join(root, REPORTS_FOLDER, formatReportName(report));
  await writeLakeFile(root, path, formatReport(report));
  return path;
}

/** The `most` newest reports, the newest first; the text of one that cannot be read is empty. */
export async function readNewestReports(root: string, most: number): Promise<ReportFile[]> {
  const folder = join(root, REPORTS_FOLDER);
  const names = selectNewestNames(await readdir(folder).catch(() => []), most);
  return Promise.all(
    names.map(async (name) => ({
      name,
      text: await readFile(join(folder, name), 'utf8').catch(() => ''),
    })),
  );
}
