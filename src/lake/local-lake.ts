/** The lake as a folder: `<root>/<layer>/<table>/anomesdia_exec=YYYYMMDD/<name>.parquet`. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PARTITION_COLUMN, type Partition, toPartition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { BrokenFileError } from '../errors.ts';
import { cannotWrite, writeAtomically } from './atomic-file.ts';
import { decodeRows } from './decode.ts';
import { encodeRows } from './encode.ts';
import type { Lake, LakeFile } from './lake.ts';

const EXTENSION = '.parquet';

/** Holds what is being written; anything in it outside a run is left over from one that died. */
export function temporaryFolder(root: string): string {
  return join(root, '_tmp');
}

export function tableFolder(root: string, table: Table): string {
  return join(root, table.layer, table.name);
}

export function partitionFolder(root: string, table: Table, partition: Partition): string {
  return join(tableFolder(root, table), `${PARTITION_COLUMN}=${partition}`);
}

export function filePath(root: string, { table, partition, name }: LakeFile): string {
  return join(partitionFolder(root, table, partition), `${name}${EXTENSION}`);
}

/** Whether a table's folder holds any file of rows; stops at the first. */
export async function hasFiles(folder: string): Promise<boolean> {
  for (const name of await namesIn(folder)) {
    if (!name.startsWith(`${PARTITION_COLUMN}=`)) continue;
    if ((await namesIn(join(folder, name))).some((file) => file.endsWith(EXTENSION))) return true;
  }
  return false;
}

export function createLocalLake(root: string): Lake {
  const files = async (table: Table, partition: Partition): Promise<LakeFile[]> => {
    const folder = partitionFolder(root, table, partition);
    const names = (await namesIn(folder)).filter((name) => name.endsWith(EXTENSION)).sort();
    const dated = await Promise.all(
      names.map(async (name) => ({
        name: name.slice(0, -EXTENSION.length),
        changed: (await stat(join(folder, name), { bigint: true })).mtimeNs,
      })),
    );
    return dated
      .sort((a, b) => (a.changed < b.changed ? -1 : a.changed > b.changed ? 1 : 0))
      .map(({ name }) => ({ table, partition, name }));
  };

  return {
    files,

    async partitions(table) {
      const found: Partition[] = [];
      for (const name of await namesIn(tableFolder(root, table))) {
        const [key, value = ''] = name.split('=');
        const partition = key === PARTITION_COLUMN ? toPartition(value) : undefined;
        if (partition === undefined) continue;
        const files = await namesIn(partitionFolder(root, table, partition));
        if (files.some((file) => file.endsWith(EXTENSION))) found.push(partition);
      }
      return found.sort((a, b) => a - b);
    },

    async read(file) {
      const path = filePath(root, file);
      let bytes: Uint8Array;
      try {
        bytes = await readFile(path);
      } catch (error) {
        throw new BrokenFileError(`${path} cannot be read: ${(error as Error).message}`, {
          cause: error,
        });
      }
      return decodeRows(file.table, bytes, path);
    },

    async write(file, rows) {
      if (rows.length === 0) return 0;
      const bytes = encodeRows(file.table, rows);
      await writeAtomically(filePath(root, file), bytes, temporaryFolder(root));
      return bytes.byteLength;
    },

    async remove(filesToRemove) {
      for (const file of filesToRemove) {
        const path = filePath(root, file);
        await rm(path, { force: true }).catch((error: unknown) => {
          throw cannotWrite(path, error);
        });
      }
    },
  };
}

/** The names in a folder, in no order; none where there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new BrokenFileError(`${folder} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
