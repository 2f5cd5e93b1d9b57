/** Temporary folders, which are removed when the test file ends. */
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
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
  return pathsBelow(root, (entry) => entry.isFile());
}

/** Every folder below a folder, by its path in it with a slash at its end, in order; none where there is no folder. */
export async function foldersBelow(root: string): Promise<string[]> {
  return pathsBelow(root, (entry) => entry.isDirectory()).map((path) => `${path}/`);
}

function pathsBelow(root: string, isOne: (entry: Dirent) => boolean): string[] {
  let entries: Dirent[] = [];
  try {
    entries = readdirSync(root, { recursive: true, withFileTypes: true });
  } catch {}
  return entries
    .filter(isOne)
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/**
 * Every file below a folder with the hash of what it holds. To read a small file by a promise costs several times what
 * reading it costs, and the tests look at thousands.
 */
export async function contentsBelow(root: string): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const path of await filesBelow(root)) {
    const hash = createHash('sha256').update(readFileSync(join(root, path)));
    contents[path] = hash.digest('hex');
  }
  return contents;
}
