/** Files that appear whole or not at all. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskCode, diskReason } from '../disk-errors.ts';
import { LakeError } from '../errors.ts';
import { makeFolder } from './make-folder.ts';

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
    await makeFolder(temporaryFolder);
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await moveIntoPlace(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cannotWrite(path, error);
  }
}

/** Gives a file that is whole and on the disk its name, which then survives a power cut. */
export async function moveIntoPlace(temporary: string, path: string): Promise<void> {
  const firstMade = await makeFolder(dirname(path));
  await rename(temporary, path);
  await syncFolders(dirname(path), firstMade);
}

/** Makes the new names survive a power cut: the file's, and those of the folders made for it. */
async function syncFolders(folder: string, firstMade: string | undefined): Promise<void> {
  await syncFolder(folder);
  if (firstMade !== undefined && folder.startsWith(firstMade)) {
    await syncFolders(dirname(folder), firstMade);
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
export function cannotWrite(path: string, error: unknown): LakeError {
  const code = diskCode(error);
  const reason = code === 'ENOENT' ? 'the folder cannot be made there' : diskReason(error);
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
