/** Whether `dist/` is what a build would write now: a build takes seconds, and every `npm test` begins with one. */

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Not in `dist/`, which is published. */
const RECORD_FILE = 'node_modules/.cache/pynvest-scripts/build.json';

/** All of their files count, since a new one may change what a build finds. */
const FOLDERS = ['dist', 'src', 'lambda-src', 'scripts', 'cloudformation'];

interface BuildRecord {
  /** The files of packages that are in the bundles, relative to the project. */
  readonly inputs: readonly string[];
  readonly hash: string;
}

/**
 * Notes what `dist/` was built from, and what it holds.
 * @param inputs the files of packages that are in the bundles, relative to the project
 */
export async function recordBuild(root: string, inputs: readonly string[]): Promise<void> {
  const path = join(root, RECORD_FILE);
  const record: BuildRecord = { inputs, hash: await hashBuild(root, inputs) };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(record));
}

/** False where nothing is recorded, and where a file has been added, changed or removed since, in `dist/` as well. */
export async function isBuildCurrent(root: string): Promise<boolean> {
  try {
    const text = await readFile(join(root, RECORD_FILE), 'utf8');
    const { inputs, hash } = JSON.parse(text) as BuildRecord;
    return hash === (await hashBuild(root, inputs));
  } catch {
    // No record, or an input that is gone: the build reports what is wrong.
    return false;
  }
}

async function hashBuild(root: string, inputs: readonly string[]): Promise<string> {
  const paths = new Set([...inputs, 'package.json']);
  for (const folder of FOLDERS) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
      paths.add(join(parentPath, name).slice(root.length + 1));
    }
  }
  const hash = createHash('sha256');
  for (const path of [...paths].sort()) {
    const bytes = await readFile(join(root, path));
    hash.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}
