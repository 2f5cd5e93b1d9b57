/** How much room a lake in a folder takes. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface LakeSize {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Counts every file below the folder; none where there is no such folder. Ten years are some ten thousand
 * files, which take a third of the time where nothing waits for each by itself.
 */
export function sizeOfLake(root: string): LakeSize {
  let files = 0;
  let bytes = 0;
  for (const entry of entriesBelow(root)) {
    if (!entry.isFile()) continue;
    // A file that goes while this counts takes no room.
    const size = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size;
    if (size === undefined) continue;
    files += 1;
    bytes += size;
  }
  return { files, bytes };
}

function entriesBelow(root: string) {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true });
  } catch {
    // That a folder cannot be read is told of its table.
    return [];
  }
}
