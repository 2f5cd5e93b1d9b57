/**
 * Files that appear whole or not at all, and the folders that they need.
 */

import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeDiskError, getDiskErrorCode } from '../../disk-errors.ts';
import { LakeError } from '../../errors.ts';

/**
 * Writes `bytes` to `path` by way of a file in `temporaryFolder` (on the same file system), which is
 * on the disk before it takes the name. Whoever dies on the way leaves only that temporary file.
 *
 * @throws LakeError saying why the disk would not take it
 */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array | string,
  temporaryFolder: string,
): Promise<void> {
  const temporary = join(temporaryFolder, randomUUID());
  try {
    await createFolder(temporaryFolder);
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renameDurably(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw toWriteError(path, error);
  }
}

/** Gives a file that is whole and on the disk its name, which then survives a power cut. */
export async function renameDurably(temporary: string, path: string): Promise<void> {
  const firstMade = await createFolder(dirname(path));
  await rename(temporary, path);
  await syncCreatedFolders(dirname(path), firstMade);
}

/** Makes the new names survive a power cut: the file's, and those of the folders made for it. */
async function syncCreatedFolders(folder: string, firstMade: string | undefined): Promise<void> {
  await syncFolder(folder);
  if (firstMade !== undefined && folder.startsWith(firstMade)) {
    await syncCreatedFolders(dirname(folder), firstMade);
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, and needs no sync of one.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What a failed write means to the person who owns the disk. */
export function toWriteError(path: string, error: unknown): LakeError {
  const code = getDiskErrorCode(error);
  const reason = code === 'ENOENT' ? 'the folder cannot be made there' : describeDiskError(error);
  return new LakeError(`cannot write ${path}: ${reason}`, { hint: HINTS[code], cause: error });
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'Make room and run the command again.',
  EDQUOT: 'Make room and run the command again.',
  EROFS: 'Name a folder that can be written: --lake DIR.',
  EACCES: 'Name a folder that you may write: --lake DIR.',
  EPERM: 'Name a folder that you may write: --lake DIR.',
  ENOENT: 'The disk may be read-only. Name a folder that can be written: --lake DIR.',
  ENOTDIR: 'Name a folder: --lake DIR.',
  EEXIST: 'Name a folder: --lake DIR.',
};

/**
 * Makes a folder and those above it that are missing; answers the first that it made, undefined where the
 * folder was there. Node's own recursive mkdir never comes to an end where the system answers that a parent
 * that is there is not (as in /proc): this one fails.
 *
 * @throws the system's own error
 */
export async function createFolder(path: string): Promise<string | undefined> {
  const error = await tryCreateFolder(path);
  if (error === undefined) return path;
  if (await isFolder(path)) return undefined;
  if (getDiskErrorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
  const first = await createFolder(dirname(path));
  const again = await tryCreateFolder(path);
  // Another process may have made it meanwhile.
  if (again !== undefined && !(await isFolder(path))) throw again;
  return first ?? path;
}

async function tryCreateFolder(path: string): Promise<unknown> {
  return mkdir(path).then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
