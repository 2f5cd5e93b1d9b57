/**
 * The folder of a local lake: whether it exists and can be used, which process uses it, and how large it is.
 */

import { constants, readdirSync, statSync } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './layout.ts';
import { findLockOwner } from './lock-owner.ts';

export interface FolderState {
  readonly root: string;
  readonly exists: boolean;
  /** The folder, or the one above it in which it would be made, where that cannot be used. */
  readonly inaccessiblePath: string | undefined;
  readonly lockOwner: { readonly who: string; readonly dead: boolean } | undefined;
  /** Half-written files of a run under way or dead. */
  readonly temporaryFiles: number;
}

/** Looks at the folder, and changes nothing. */
export async function readFolderState(root: string): Promise<FolderState> {
  let nearest = root;
  while (!(await pathExists(nearest)) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const isOpen = await access(nearest, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  return {
    root,
    exists: nearest === root,
    inaccessiblePath: isOpen ? undefined : nearest,
    lockOwner: await findLockOwner(root),
    temporaryFiles: (await readdir(temporaryFolder(root)).catch(() => [])).length,
  };
}

async function pathExists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export interface LakeSize {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Counts every file below the folder; none where there is no such folder. Ten years are some ten thousand
 * files, which take a third of the time where nothing waits for each by itself.
 */
export function getLakeSize(root: string): LakeSize {
  let files = 0;
  let bytes = 0;
  for (const entry of listEntriesBelow(root)) {
    if (!entry.isFile()) continue;
    // A file that goes while this counts takes no room.
    const size = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size;
    if (size === undefined) continue;
    files += 1;
    bytes += size;
  }
  return { files, bytes };
}

function listEntriesBelow(root: string) {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true });
  } catch {
    // That a folder cannot be read is told of its table.
    return [];
  }
}
