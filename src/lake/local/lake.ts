/**
 * The lake in a folder of this machine: its Parquet files, and the reports of runs.
 */

import { createHash } from 'node:crypto';
import { type BigIntStats, type Dirent, existsSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Table } from '../../catalog/dataset.ts';
import type { Partition } from '../../catalog/partition.ts';
import { BrokenFileError, MissingFileError } from '../../errors.ts';
import {
  classifyPaths,
  type DamagedCopy,
  type LakeInspector,
  type ListedPath,
} from '../inspector.ts';
import {
  type ColumnarLake,
  formatReport,
  formatReportName,
  type LakeFile,
  REPORTS_FOLDER,
  type ReportFile,
  type StoredReport,
  selectNewestNames,
} from '../lake.ts';
import { DEDUP_NAME, EXTENSION, formatPartitionFolder, parsePartitionFolder } from '../names.ts';
import { assertIntact } from '../parquet/checksum.ts';
import { type CheckedFiles, openCheckedFiles } from './checked-files.ts';
import {
  listEntries,
  listEntriesSync,
  listNamesSync,
  readFileShape,
  readLakeFile,
  removePath,
  toWriteError,
  writeLakeFile,
} from './disk.ts';
import {
  getFilePath,
  getPartitionFolder,
  getTableFolder,
  listFileNames,
  listPartitions,
} from './layout.ts';
import { findCopyFault, findPeriodCopies } from './period-copies.ts';

export function createLocalLake(root: string): ColumnarLake {
  return {
    mayHoldRawBatches: false,

    async partitions(table) {
      const folder = getTableFolder(root, table);
      const partitions = await listPartitions(root, table);
      // To join paths in general costs more than to look for a file.
      return partitions.filter((partition) =>
        mayHaveFiles(`${folder}${sep}${formatPartitionFolder(table, partition)}`),
      );
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

    async readColumns(file, names, options) {
      const path = getFilePath(root, file);
      const bytes = await readLakeFile(path);
      const { decodeColumns } = await import('../parquet/decode-columns.ts');
      return decodeColumns(file.table, bytes, path, names, options);
    },

    async writeColumns(file, batch) {
      if (batch.rowCount === 0) return 0;
      const { encodeColumns } = await import('../parquet/encode-columns.ts');
      const bytes = encodeColumns(file.table, batch);
      await writeLakeFile(root, getFilePath(root, file), bytes);
      return bytes.byteLength;
    },

    async countRows(table) {
      const counts = new Map<Partition, number>();
      for (const partition of await listPartitions(root, table)) {
        for (const name of await listFileNames(root, table, partition)) {
          const path = join(getPartitionFolder(root, table, partition), name);
          const { rows } = await readFileShape(path);
          counts.set(partition, (counts.get(partition) ?? 0) + rows);
        }
      }
      return counts;
    },

    async remove(files) {
      for (const file of files) await removePath(getFilePath(root, file));
    },
  };
}

/**
 * Whether a partition has files, synchronously: of the thousands of days of a table that takes a fourth of the time.
 * Nearly every day has the file of its deduplicated rows, and to look for that is cheaper than to list. A day that
 * cannot be listed counts as having files: a command that needs them then fails with the reason, and one that needs
 * another day does not.
 */
function mayHaveFiles(folder: string): boolean {
  try {
    if (existsSync(`${folder}${sep}${DEDUP_NAME}${EXTENSION}`)) return true;
    const names = listNamesSync(folder, ['ENOENT']);
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

/** Keeps a small text among the reports, such as what an import has done; one of the same name is replaced. */
export async function writeNote(root: string, name: string, text: string): Promise<void> {
  await writeLakeFile(root, join(root, REPORTS_FOLDER, name), text);
}

/** Undefined if there is none. */
export async function readNote(root: string, name: string): Promise<string | undefined> {
  return readFile(join(root, REPORTS_FOLDER, name), 'utf8').catch(() => undefined);
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

function getQuarantineFolder(root: string): string {
  return join(root, '_quarantine');
}

interface InspectorSettings {
  /** Whether `shape` reads every file, and not only those that changed since they were last read. */
  readonly rereads?: boolean | undefined;
  /** In milliseconds since 1970. */
  readonly now?: number;
}

export function createLocalInspector(
  root: string,
  { rereads = false, now = Date.now() }: InspectorSettings = {},
): LakeInspector {
  const checked = openCheckedFiles(root, { rereads, now });
  return {
    catalog: undefined,
    locationOf: (file) => getFilePath(root, file),

    async contents(table) {
      const folder = getTableFolder(root, table);
      const entries = await listEntries(folder);
      return classifyPaths(
        table,
        entries.flatMap((entry) => listEntry(table, folder, entry, checked)),
      );
    },

    async shape(file) {
      const path = getFilePath(root, file);
      const known = checked.find(path);
      if (known !== undefined) return known;
      const bytes = await readLakeFile(path);
      assertIntact(bytes, path);
      const beginning = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
      if (bytes.byteLength >= 4 && beginning !== 'PAR1') {
        throw new BrokenFileError(
          `${path} is not a complete Parquet file: it does not begin as one`,
        );
      }
      const { readShape, toAsyncBuffer } = await import('../parquet/structure.ts');
      const shape = await readShape(toAsyncBuffer(bytes), path);
      checked.add(path, shape);
      return shape;
    },

    async findDamagedCopies(table) {
      if (!table.hasPeriodCopies) return [];
      const damaged: DamagedCopy[] = [];
      for (const path of findPeriodCopies(root, table).values()) {
        const stats = tryReadStats(path);
        if (stats === undefined) continue;
        checked.list(path, stats);
        if (checked.find(path) !== undefined) continue;
        try {
          const bytes = await readLakeFile(path);
          const reason = findCopyFault(bytes);
          const { readShape, toAsyncBuffer } = await import('../parquet/structure.ts');
          if (reason !== undefined) damaged.push({ path, reason });
          else checked.add(path, await readShape(toAsyncBuffer(bytes), path));
        } catch (error) {
          if (error instanceof MissingFileError) continue;
          if (!(error instanceof BrokenFileError)) throw error;
          damaged.push({ path, reason: error.message });
        }
      }
      return damaged;
    },

    removeCopy: (path) => removePath(path),

    saveChecks: () => checked.save(),

    async quarantine(file) {
      const from = getFilePath(root, file);
      const bytes = await readLakeFile(from);
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
      const folder = relative(root, getPartitionFolder(root, file.table, file.partition));
      const to = join(getQuarantineFolder(root), folder, `${file.name}-${hash}.parquet.broken`);
      try {
        await mkdir(dirname(to), { recursive: true });
        await rename(from, to);
      } catch (error) {
        throw toWriteError(to, error);
      }
      return to;
    },
  };
}

/**
 * The files in an entry of the table's folder; a folder that is not a partition is not read. Synchronous: of ten
 * thousand files that takes a fourth of the time.
 */
function listEntry(
  table: Table,
  folder: string,
  entry: Dirent,
  checked: CheckedFiles,
): ListedPath[] {
  if (!entry.isDirectory()) return [{ path: entry.name, size: 0 }];
  const partition = parsePartitionFolder(table, entry.name);
  if (partition === undefined) return [{ path: `${entry.name}/`, size: 0 }];
  return listEntriesSync(join(folder, entry.name)).map((inner): ListedPath => {
    const path = `${entry.name}/${inner.name}`;
    if (inner.isDirectory()) return { path: `${path}/`, size: 0 };
    const absolute = join(folder, path);
    const stats = tryReadStats(absolute);
    if (stats === undefined) return { path, size: 0 };
    checked.list(absolute, stats);
    return { path, size: Number(stats.size) };
  });
}

/** Undefined for a file that was removed meanwhile, or that may not be looked at. */
function tryReadStats(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
