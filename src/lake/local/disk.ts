/**
 * Reads and writes of the files of a local lake, with errors that tell the owner of the disk what to do.
 */

import { type Dirent, readdirSync } from 'node:fs';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../atomic-file.ts';
import {
  BrokenFileError,
  describeDiskError,
  getErrorCode,
  LakeError,
  MissingFileError,
} from '../../errors.ts';
import type { FileShape } from '../inspector.ts';

/** Holds files that are being written; without a run in progress they are leftovers of one that died. */
export function getTemporaryFolder(root: string): string {
  return join(root, '_tmp');
}

/**
 * @throws MissingFileError if there is no such file
 * @throws BrokenFileError if it cannot be read
 * @throws LakeError if the machine cannot open any file now
 */
export async function readLakeFile(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: unknown) => {
    throw toReadError(path, error);
  });
}

/**
 * The contents of a Parquet file by its footer, without the rest of it. @throws as `readLakeFile`, and as `readShape`
 */
export async function readFileShape(path: string): Promise<FileShape> {
  const handle = await open(path).catch((error: unknown) => {
    throw toReadError(path, error);
  });
  try {
    const { size } = await handle.stat();
    const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(Math.max(0, end - start));
      await handle.read(bytes, 0, bytes.byteLength, start);
      return bytes.buffer;
    };
    const { readShape } = await import('../parquet/structure.ts');
    return await readShape({ byteLength: size, slice }, path);
  } finally {
    await handle.close();
  }
}

/** Writes a file of the lake at `root`, whole or not at all. @throws LakeError */
export async function writeLakeFile(
  root: string,
  path: string,
  bytes: Uint8Array | string,
): Promise<void> {
  await writeAtomically(path, bytes, getTemporaryFolder(root)).catch((error: unknown) => {
    throw toWriteError(path, error);
  });
}

/** Removes a file, or with `recursive` also a folder and its contents, if it exists. @throws LakeError */
export async function removePath(
  path: string,
  options: { readonly recursive?: boolean } = {},
): Promise<void> {
  await rm(path, { ...options, force: true }).catch((error: unknown) => {
    throw toWriteError(path, error);
  });
}

/** The entries of a folder, in no order; none if it does not exist. @throws BrokenFileError */
export async function listEntries(folder: string): Promise<readonly Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (getErrorCode(error) === 'ENOENT') return [];
    throw toListError(folder, error);
  });
}

/** The same, synchronously. @throws BrokenFileError */
export function listEntriesSync(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (getErrorCode(error) === 'ENOENT') return [];
    throw toListError(folder, error);
  }
}

/**
 * The names in a folder, in no order, read synchronously: over thousands of folders that takes a fourth of the time
 * of a promise for each.
 * @param tolerated the codes of errors for which the folder counts as empty; `all` for any error
 * @throws BrokenFileError for any other error
 */
export function listNamesSync(folder: string, tolerated: readonly string[] | 'all'): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (tolerated === 'all' || tolerated.includes(getErrorCode(error))) return [];
    throw toListError(folder, error);
  }
}

/** Of these the machine is the cause: the file may be sound, and must not be taken for a broken one. */
const MACHINE_FAULTS: readonly string[] = ['EMFILE', 'ENFILE', 'ENOMEM'];

function toMachineError(path: string, error: unknown): LakeError | undefined {
  if (!MACHINE_FAULTS.includes(getErrorCode(error))) return undefined;
  return new LakeError(`${path} cannot be read now: ${describeDiskError(error)}`, {
    hint: 'Close other programs, or raise the limit (ulimit -n), and run the command again.',
    cause: error,
  });
}

function toListError(folder: string, error: unknown): LakeError {
  const machineError = toMachineError(folder, error);
  if (machineError !== undefined) return machineError;
  return new BrokenFileError(`${folder} cannot be read: ${getMessage(error)}`, {
    hint: 'Make it readable, or name another folder with --lake DIR.',
    cause: error,
  });
}

function toReadError(path: string, error: unknown): LakeError {
  const machineError = toMachineError(path, error);
  if (machineError !== undefined) return machineError;
  const Failure = getErrorCode(error) === 'ENOENT' ? MissingFileError : BrokenFileError;
  return new Failure(`${path} cannot be read: ${getMessage(error)}`, { cause: error });
}

function getMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function toWriteError(path: string, error: unknown): LakeError {
  const code = getErrorCode(error);
  const reason =
    code === 'ENOENT' ? 'the folder cannot be created there' : describeDiskError(error);
  return new LakeError(`cannot write ${path}: ${reason}`, {
    hint: WRITE_HINTS[code],
    cause: error,
  });
}

const FREE_SPACE_HINT = 'Free some space and run the command again.';
const PERMISSION_HINT = 'Name a folder that you may write: --lake DIR.';
const FOLDER_HINT = 'Name a folder: --lake DIR.';
const WRITE_HINTS: Readonly<Record<string, string>> = {
  ENOSPC: FREE_SPACE_HINT,
  EDQUOT: FREE_SPACE_HINT,
  EROFS: 'Name a folder on a writable disk: --lake DIR.',
  EACCES: PERMISSION_HINT,
  EPERM: PERMISSION_HINT,
  ENOENT: 'The disk may be read-only. Name a folder on a writable disk: --lake DIR.',
  ENOTDIR: FOLDER_HINT,
  EEXIST: FOLDER_HINT,
};
