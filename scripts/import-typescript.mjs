import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Below node_modules, so that the module finds the project's packages. */
const CACHE = 'node_modules/.cache/pynvest-scripts';

let imports = 0;

/** Imports a TypeScript module of the project: Node 20 runs no TypeScript by itself. */
export async function importTypeScript(path) {
  await mkdir(CACHE, { recursive: true });
  // A name of its own: several may be imported at once, by this process and by others.
  imports += 1;
  const outfile = join(CACHE, `${basename(path, '.ts')}-${process.pid}-${imports}.mjs`);
  try {
    await build({
      entryPoints: [path],
      outfile,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(outfile, { force: true });
  }
}
