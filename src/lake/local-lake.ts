/** The lake as a folder: `<root>/<layer>/<table>/anomesdia_exec=YYYYMMDD/<name>.parquet`. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PARTITION_COLUMN, type Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { BrokenFileError, MissingFileError } from '../errors.ts';
import { cannotWrite, writeAtomically } from './atomic-file.ts';
import { decodeRows } from './decode.ts';
import { encodeRows } from './encode.ts';
import { partitionOfFolder } from './foreign.ts';
import type { Lake, LakeFile } from './lake.ts';
import { EXTENSION } from './names.ts';

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

/** The newest partition that holds a file: looks into the newest folders first, and no further. */
export async function newestPartition(root: string, table: Table): Promise<Partition | undefined> {
  for (const partition of (await partitionsNamed(root, table)).reverse()) {
    if (await holdsFiles(root, table, partition)) return partition;
  }
  return undefined;
}

async function partitionsNamed(root: string, table: Table): Promise<Partition[]> {
  return (await namesIn(tableFolder(root, table)))
    .flatMap((name) => partitionOfFolder(name) ?? [])
    .sort((a, b) => a - b);
}

async function holdsFiles(root: string, table: Table, partition: Partition): Promise<boolean> {
  const names = await namesIn(partitionFolder(root, table, partition));
  return names.some((name) => name.endsWith(EXTENSION));
}

function trueIfBroken(error: unknown): true {
  if (error instanceof BrokenFileError) return true;
  throw error;
}

export function createLocalLake(root: string): Lake {
  const files = async (table: Table, partition: Partition): Promise<LakeFile[]> => {
    const folder = partitionFolder(root, table, partition);
    const names = (await namesIn(folder)).filter((name) => name.endsWith(EXTENSION)).sort();
    const dated = await Promise.all(
      names.map(async (name) => ({
        name: name.slice(0, -EXTENSION.length),
        changed: await changedAt(join(folder, name)),
      })),
    );
    return dated
      .flatMap(({ name, changed }) => (changed === undefined ? [] : [{ name, changed }]))
      .sort((a, b) => (a.changed < b.changed ? -1 : a.changed > b.changed ? 1 : 0))
      .map(({ name }) => ({ table, partition, name }));
  };

  return {
    mayHoldRawBatches: false,
    files,

    async partitions(table) {
      const found: Partition[] = [];
      for (const partition of await partitionsNamed(root, table)) {
        // Of a folder that cannot be listed nobody can say that it is empty. Whoever asks for its files is
        // told what is wrong; who asks for those of another day need not fail for it.
        if (await holdsFiles(root, table, partition).catch(trueIfBroken)) found.push(partition);
      }
      return found;
    },

    async read(file, options) {
      const path = filePath(root, file);
      let bytes: Uint8Array;
      try {
        bytes = await readFile(path);
      } catch (error) {
        const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        const Failure = gone ? MissingFileError : BrokenFileError;
        throw new Failure(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
      }
      return decodeRows(file.table, bytes, path, options);
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

/** When a file was written, in nanoseconds; undefined where another process has removed it meanwhile. */
async function changedAt(path: string): Promise<bigint | undefined> {
  return (await stat(path, { bigint: true }).catch(() => undefined))?.mtimeNs;
}

/** The names in a folder, in no order; none where there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new BrokenFileError(`${folder} cannot be read: ${(error as Error).message}`, {
      hint: 'Make it readable, or name another folder with --lake DIR.',
      cause: error,
    });
  }
}
