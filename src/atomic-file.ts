/**
 * Files that appear whole or not at all, even after a power cut, and the folders that they need. Errors are those of
 * the system.
 */

import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { getErrorCode } from './errors.ts';

/**
 * Writes a file in `temporaryFolder`, on the same file system, and renames it once it is on the disk. A process that
 * dies during this leaves at most the temporary file.
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
    throw error;
  }
}

/** Renames a file that is on the disk, so that the new name survives a power cut. */
export async function renameDurably(temporary: string, path: string): Promise<void> {
  const firstCreated = await createFolder(dirname(path));
  await rename(temporary, path);
  await syncCreatedFolders(dirname(path), firstCreated);
}

/** Syncs the folder of a file, and the parents of the folders that were created for it. */
async function syncCreatedFolders(folder: string, firstCreated: string | undefined): Promise<void> {
  await syncFolder(folder);
  if (firstCreated !== undefined && folder.startsWith(firstCreated)) {
    await syncCreatedFolders(dirname(folder), firstCreated);
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, and does not need to sync one.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Creates a folder and its missing parents; returns the first one that it created, undefined if the folder existed.
 * Node's own recursive mkdir never returns where the system denies that an existing parent exists, as in /proc; this
 * one fails.
 */
export async function createFolder(path: string): Promise<string | undefined> {
  const error = await tryCreateFolder(path);
  if (error === undefined) return path;
  if (await isFolder(path)) return undefined;
  if (getErrorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
  const first = await createFolder(dirname(path));
  const secondError = await tryCreateFolder(path);
  // Another process may have created it meanwhile.
  if (secondError !== undefined && !(await isFolder(path))) throw secondError;
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
    (stats) => stats.isDirectory(),
    () => false,
  );
}
