/**
 * The inspector of a local lake.
 */

import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import pMap from 'p-map';
import type { Table } from '../../catalog/dataset.ts';
import { BrokenFileError } from '../../errors.ts';
import { classifyPaths, type LakeInspector, type ListedPath } from '../inspector.ts';
import { parsePartitionFolder } from '../names.ts';
import { assertIntact } from '../parquet/checksum.ts';
import { readShape, toAsyncBuffer } from '../parquet/structure.ts';
import { listEntries, readLakeFile, toWriteError } from './disk.ts';
import { filePath, partitionFolder, tableFolder } from './layout.ts';

const CONCURRENCY = { concurrency: 32 };

function quarantineFolder(root: string): string {
  return join(root, '_quarantine');
}

export function createLocalInspector(root: string): LakeInspector {
  return {
    catalog: undefined,
    locationOf: (file) => filePath(root, file),

    async contents(table) {
      const folder = tableFolder(root, table);
      const entries = await listEntries(folder);
      const listed = await pMap(entries, (entry) => listEntry(table, folder, entry), CONCURRENCY);
      return classifyPaths(table, listed.flat());
    },

    async shape(file) {
      const path = filePath(root, file);
      const bytes = await readLakeFile(path);
      assertIntact(bytes, path);
      const beginning = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
      if (bytes.byteLength >= 4 && beginning !== 'PAR1') {
        throw new BrokenFileError(
          `${path} is not a complete Parquet file: it does not begin as one`,
        );
      }
      return readShape(toAsyncBuffer(bytes), path);
    },

    async quarantine(file) {
      const from = filePath(root, file);
      const bytes = await readLakeFile(from);
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
      const folder = relative(root, partitionFolder(root, file.table, file.partition));
      const to = join(quarantineFolder(root), folder, `${file.name}-${hash}.parquet.broken`);
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

/** The files in an entry of the table's folder; a folder that is not a partition is not read. */
async function listEntry(table: Table, folder: string, entry: Dirent): Promise<ListedPath[]> {
  if (!entry.isDirectory()) return [{ path: entry.name, size: 0 }];
  const partition = parsePartitionFolder(table, entry.name);
  if (partition === undefined) return [{ path: `${entry.name}/`, size: 0 }];
  const listed: ListedPath[] = [];
  for (const inner of await listEntries(join(folder, entry.name))) {
    const path = `${entry.name}/${inner.name}`;
    if (inner.isDirectory()) listed.push({ path: `${path}/`, size: 0 });
    else listed.push({ path, size: (await readSize(join(folder, path))) ?? 0 });
  }
  return listed;
}

async function readSize(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}
