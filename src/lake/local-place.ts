/** The folder of a lake on this machine: whether it is there and can be used, and who uses it. */
import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeHolder } from './holder.ts';
import { temporaryFolder } from './local-lake.ts';

export interface LocalPlace {
  readonly root: string;
  readonly isThere: boolean;
  /** The folder, or the one above it in which it would be made, where that cannot be used. */
  readonly closed: string | undefined;
  readonly holder: { readonly who: string; readonly dead: boolean } | undefined;
  /** Half-written files of a run under way or dead. */
  readonly leftovers: number;
}

/** Looks at the folder, and changes nothing. */
export async function lookAtPlace(root: string): Promise<LocalPlace> {
  let nearest = root;
  while (!(await isThere(nearest)) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const isOpen = await access(nearest, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  return {
    root,
    isThere: nearest === root,
    closed: isOpen ? undefined : nearest,
    holder: await describeHolder(root),
    leftovers: (await readdir(temporaryFolder(root)).catch(() => [])).length,
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
