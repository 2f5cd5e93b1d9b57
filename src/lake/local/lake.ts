/**
 * The lake as a folder, behind the interface that the pipeline knows.
 */

import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Partition } from '../../catalog/partition.ts';
import type { Table } from '../../catalog/tables.ts';
import { BrokenFileError, MissingFileError } from '../../errors.ts';
import type { Lake, LakeFile } from '../lake.ts';
import { EXTENSION } from '../names.ts';
import { decodeRows } from '../parquet/decode.ts';
import { encodeRows } from '../parquet/encode.ts';
import { toWriteError, writeAtomically } from './atomic-file.ts';
import {
  filePath,
  holdsFiles,
  listNames,
  listPartitions,
  partitionFolder,
  temporaryFolder,
} from './layout.ts';

function isBrokenFileError(error: unknown): true {
  if (error instanceof BrokenFileError) return true;
  throw error;
}

export function createLocalLake(root: string): Lake {
  const files = async (table: Table, partition: Partition): Promise<LakeFile[]> => {
    const folder = partitionFolder(root, table, partition);
    const names = (await listNames(folder)).filter((name) => name.endsWith(EXTENSION)).sort();
    const dated = await Promise.all(
      names.map(async (name) => ({
        name: name.slice(0, -EXTENSION.length),
        changed: await readChangeTime(join(folder, name)),
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
      for (const partition of await listPartitions(root, table)) {
        // Of a folder that cannot be listed nobody can say that it is empty. Whoever asks for its files is
        // told what is wrong; who asks for those of another day need not fail for it.
        if (await holdsFiles(root, table, partition).catch(isBrokenFileError))
          found.push(partition);
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
          throw toWriteError(path, error);
        });
      }
    },
  };
}

/** When a file was written, in nanoseconds; undefined where another process has removed it meanwhile. */
async function readChangeTime(path: string): Promise<bigint | undefined> {
  return (await stat(path, { bigint: true }).catch(() => undefined))?.mtimeNs;
}
