/**
 * The files of the package that a deployment needs: the template, and the functions' code, which `npm run build`
 * bundles. An installed package has neither sources nor a bundler; a clone has the sources too, and its bundles may be
 * outdated.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { functionNames } from '../aws/resource-names.ts';
import { DeployError } from '../errors.ts';
import type { CodeBundle } from './artifacts.ts';

/** Where the build writes the bundles, `<function>.zip` each, relative to the package. */
export const BUNDLES_FOLDER = 'dist/functions';

/** Beside the bundles: the SHA-256 of every source file that one of them contains, by its path. */
export const SOURCES_FILE = 'sources.json';

export type SourceHashes = Readonly<Record<string, string>>;

/** The nearest folder above this file, bundled or not, that has the template. */
export function findPackageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'cloudformation', 'pynvest.yaml'))) return folder;
    if (dirname(folder) === folder) {
      throw new Error(
        `pynvest's own files are incomplete: no cloudformation folder above ${start}`,
      );
    }
  }
}

/**
 * The code of every function, in the order of their names.
 * @throws DeployError when a bundle is missing, or older than its sources
 */
export async function readFunctionBundles(root: string = findPackageRoot()): Promise<CodeBundle[]> {
  await assertBundlesAreCurrent(root);
  return Promise.all(
    functionNames.map(async (name) =>
      createCodeBundle(name, await readPackageFile(root, join(BUNDLES_FOLDER, `${name}.zip`))),
    ),
  );
}

export function createCodeBundle(name: string, zip: Uint8Array): CodeBundle {
  return { name, zip, hash: hashBytes(zip) };
}

export function hashBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** In a clone, the code must not be deployed from before an edit of its source. */
async function assertBundlesAreCurrent(root: string): Promise<void> {
  if (!isClone(root)) return;
  const text = await readPackageFile(root, join(BUNDLES_FOLDER, SOURCES_FILE));
  const sources = JSON.parse(text.toString()) as SourceHashes;
  const changed = await Promise.all(
    Object.entries(sources).map(async ([path, hash]) => {
      const source = await readFile(join(root, path)).catch(() => undefined);
      return source !== undefined && hashBytes(source) === hash ? [] : [path];
    }),
  );
  const [first] = changed.flat();
  if (first === undefined) return;
  throw new DeployError(`the functions were bundled before ${first} was changed`, {
    hint: `Run \`npm run build\` in ${root}, then try again.`,
  });
}

async function readPackageFile(root: string, path: string): Promise<Buffer> {
  return readFile(join(root, path)).catch((error: unknown) => {
    throw new DeployError(`pynvest's own file ${path} cannot be read`, {
      hint: isClone(root) ? `Run \`npm run build\` in ${root}.` : 'Install pynvest again.',
      cause: error,
    });
  });
}

function isClone(root: string): boolean {
  return existsSync(join(root, 'lambda-src'));
}
