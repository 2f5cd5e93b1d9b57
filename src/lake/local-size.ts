/** How much room a lake in a folder takes. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';

export interface LakeSize {
  readonly files: number;
  readonly bytes: number;
}

/** Counts every file below the folder; none where there is no such folder. */
export async function sizeOfLake(root: string): Promise<LakeSize> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  // A file may go while this counts: it takes no room then.
  const sizes = await pMap(
    files,
    async ({ parentPath, name }) =>
      (await stat(join(parentPath, name)).catch(() => undefined))?.size ?? 0,
    { concurrency: 16 },
  );
  return { files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
