/** Temporary folders, which are removed when the test file ends. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterFile } from './cleanup.ts';

export async function newFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'pynvest-test-')));
  afterFile(() => rm(folder, { recursive: true }));
  return folder;
}

/** Every file below a folder, by its path in it, in order; none where there is no folder. */
export async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** Every file below a folder with the hash of what it holds. */
export async function contentsBelow(root: string): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const path of await filesBelow(root)) {
    const hash = createHash('sha256').update(await readFile(join(root, path)));
    contents[path] = hash.digest('hex');
  }
  return contents;
}
