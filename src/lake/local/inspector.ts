/**
 * The inspector of a local lake.
 */

import { createHash } from 'node:crypto';
import { type BigIntStats, type Dirent, statSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Table } from '../../catalog/dataset.ts';
import { BrokenFileError } from '../../errors.ts';
import { classifyPaths, type LakeInspector, type ListedPath } from '../inspector.ts';
import { parsePartitionFolder } from '../names.ts';
import { assertIntact } from '../parquet/checksum.ts';
import { readShape, toAsyncBuffer } from '../parquet/structure.ts';
import { type CheckedFiles, openCheckedFiles } from './checked-files.ts';
import { listEntries, listEntriesSync, readLakeFile, toWriteError } from './disk.ts';
import { getFilePath, getPartitionFolder, getTableFolder } from './layout.ts';

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
      const shape = await readShape(toAsyncBuffer(bytes), path);
      checked.add(path, shape);
      return shape;
    },

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
