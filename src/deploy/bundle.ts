/** The functions' code: one zip a function, the same bytes for the same sources. */

import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { type FunctionName, functionNames } from '../aws/resource-names.ts';
import { DeployError } from '../errors.ts';
import { findPackageRoot } from './package-root.ts';

export interface FunctionBundle {
  readonly name: FunctionName;
  readonly zip: Uint8Array;
  /** Of the zip: the same code has the same, on every machine. */
  readonly hash: string;
  /** Of the zip, in bytes. */
  readonly size: number;
}

/** The file in the zip, and so the handler `index.handler`. */
const ENTRY_FILE = 'index.js';

/** A plain file that everyone may read, as Unix says it in the upper half. */
const READABLE_FILE_MODE = 0o100644 << 16;

/** Bundles every function from its source. @throws DeployError where the sources cannot be bundled */
export async function bundleFunctions(root: string = findPackageRoot()): Promise<FunctionBundle[]> {
  const sources = await bundleSources(root);
  return functionNames.map((name) => {
    const source = sources.get(name);
    if (source === undefined) throw new DeployError(`there is no bundle of ${name}`);
    const zip = createZip(source);
    const hash = createHash('sha256').update(zip).digest('hex');
    return { name, zip, hash, size: zip.byteLength };
  });
}

async function bundleSources(root: string): Promise<Map<string, Uint8Array>> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: functionNames.map((name) => ({ in: join('lambda-src', `${name}.ts`), out: name })),
    outdir: 'bundles',
    write: false,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    // The ESM side of the SDK lets what is not used be left out.
    mainFields: ['module', 'main'],
    minify: true,
    // Errors are called by their class, in logs and stack traces.
    keepNames: true,
    legalComments: 'none',
    // What stands around the folder must not change the bytes.
    tsconfigRaw: { compilerOptions: { target: 'ES2023' } },
    logLevel: 'silent',
  }).catch((error: unknown) => {
    throw new DeployError(
      `the functions cannot be bundled: ${error instanceof Error ? error.message : String(error)}`,
      { hint: 'Install pynvest anew: a file of it, or of a dependency, is missing.', cause: error },
    );
  });
  return new Map(result.outputFiles.map(({ path, contents }) => [basename(path, '.js'), contents]));
}

function createZip(source: Uint8Array): Uint8Array {
  // The first day that a zip can hold; it holds local time, so the same in every zone.
  const mtime = new Date(1980, 0, 1);
  return zipSync({ [ENTRY_FILE]: [source, { level: 9, mtime, os: 3, attrs: READABLE_FILE_MODE }] });
}
