/** Bundles the functions from their sources: one zip a function, the same bytes for the same sources. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { type FunctionName, functionNames } from '../src/aws/resource-names.ts';
import type { CodeBundle } from '../src/deploy/artifacts.ts';
import {
  BUNDLES_FOLDER,
  createCodeBundle,
  hashBytes,
  SOURCES_FILE,
  type SourceHashes,
} from '../src/deploy/artifacts.ts';

export interface BundledFunctions {
  readonly bundles: readonly CodeBundle[];
  /** The files that are in the bundles, dependencies included, relative to the project. */
  readonly inputs: readonly string[];
}

/** The runtime of the functions in the template: what it knows is not rewritten for an older one. */
export const FUNCTIONS_TARGET = 'node24';

/** The file in the zip, and so the handler `index.handler`. */
const ENTRY_FILE = 'index.js';

/** A regular file that everyone may read; a zip keeps Unix modes in the upper half. */
const READABLE_FILE_MODE = 0o100644 << 16;

/**
 * @param root the project's folder
 * @throws the errors of esbuild, where a source is missing or wrong
 */
export async function bundleFunctions(
  root: string,
  names: readonly FunctionName[] = functionNames,
): Promise<BundledFunctions> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: join('lambda-src', `${name}.ts`), out: name })),
    outdir: 'bundles',
    write: false,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: FUNCTIONS_TARGET,
    // The ESM side of the SDK lets what is not used be left out.
    mainFields: ['module', 'main'],
    minify: true,
    // Logs and stack traces show the class of an error.
    keepNames: true,
    legalComments: 'none',
    // A tsconfig.json above the project must not change the bytes.
    tsconfigRaw: { compilerOptions: { target: 'ES2023' } },
    metafile: true,
    logLevel: 'silent',
  });
  const code = new Map(outputFiles.map(({ path, contents }) => [basename(path, '.js'), contents]));
  const bundles = names.map((name) => {
    const source = code.get(name);
    if (source === undefined) throw new Error(`esbuild made no bundle of ${name}`);
    return createCodeBundle(name, createZip(source));
  });
  return { bundles, inputs: Object.keys(metafile.inputs).sort() };
}

/** Writes the bundles where `pynvest deploy` reads them. Answers the files that are in them, as `inputs`. */
export async function writeFunctionBundles(root: string): Promise<readonly string[]> {
  const { bundles, inputs } = await bundleFunctions(root);
  const folder = join(root, BUNDLES_FOLDER);
  await mkdir(folder, { recursive: true });
  for (const { name, zip } of bundles) await writeFile(join(folder, `${name}.zip`), zip);
  const sources = inputs.filter((path) => !path.includes('node_modules/'));
  const hashes: SourceHashes = Object.fromEntries(
    await Promise.all(
      sources.map(async (path) => [path, hashBytes(await readFile(join(root, path)))] as const),
    ),
  );
  await writeFile(join(folder, SOURCES_FILE), `${JSON.stringify(hashes, null, 2)}\n`);
  return inputs;
}

function createZip(source: Uint8Array): Uint8Array {
  // The first day that a zip can hold. A zip holds local time, so it is the same in every zone.
  const mtime = new Date(1980, 0, 1);
  return zipSync({ [ENTRY_FILE]: [source, { level: 9, mtime, os: 3, attrs: READABLE_FILE_MODE }] });
}
