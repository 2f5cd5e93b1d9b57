/** Bundles the command into dist/: one small entry, and a chunk that is loaded only when it is used. */
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { build } from 'esbuild';
import { licensesOf } from './licenses.mjs';

const EAGER_LOAD = "const childProcess = require('node:child_process');";

/**
 * commander loads node:child_process for subcommands that are programs of their own. pynvest has none,
 * and loading it is the largest single cost of `--help` after Node's own start.
 */
const lazyChildProcess = {
  name: 'lazy-child-process',
  setup(build) {
    build.onLoad({ filter: /commander[\\/]lib[\\/]command\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes(EAGER_LOAD)) throw new Error(`${path} no longer loads as expected`);
      const lazy =
        "const childProcess = { spawn: (...a) => require('node:child_process').spawn(...a) };";
      return { contents: source.replace(EAGER_LOAD, lazy) };
    });
  },
};

const START_UP = resolve('src/cli/program.ts');

/**
 * esbuild makes a file of its own of whatever the same set of entries needs, and each module that is loaded
 * later is an entry: what all calls load would be spread over many small files, and each costs as much to
 * find as to run. Here every such module needs all of it, which is loaded by then anyway, so it is one file.
 */
const oneStartUpFile = {
  name: 'one-start-up-file',
  async setup(build) {
    const later = await modulesLoadedLater('src');
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      if (!later.has(path)) return undefined;
      const source = await readFile(path, 'utf8');
      return { contents: `${source}\nimport ${JSON.stringify(START_UP)};\n`, loader: 'ts' };
    });
  },
};

/** The paths of the modules that others load with `import('…')`. */
async function modulesLoadedLater(folder) {
  const found = new Set();
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const path = resolve(folder, name);
    const source = await readFile(path, 'utf8');
    for (const [, target] of source.matchAll(/\bimport\(\s*'(\.[^']+)',?\s*\)/g)) {
      found.add(resolve(dirname(path), target));
    }
  }
  return found;
}

/** The native code must be of the edition that the JavaScript inside the bundle was written for. */
async function requireMatchingDuckDb() {
  const dependenciesIn = async (path) => JSON.parse(await readFile(path, 'utf8')).dependencies;
  const ours = await dependenciesIn('package.json');
  const theirs = await dependenciesIn('node_modules/@duckdb/node-api/package.json');
  const name = '@duckdb/node-bindings';
  if (ours[name] === theirs[name]) return;
  throw new Error(`package.json must ask for ${name} ${theirs[name]}, as @duckdb/node-api does`);
}

await requireMatchingDuckDb();
await rm('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ['src/cli/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Names stay as they are written: errors are called by their class, and stack traces can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  // DuckDB and esbuild are native code and stay where npm puts them; the rest travels inside the bundle.
  // DuckDB's own JavaScript, too: as 170 files it took a fifth of the time of a query.
  external: ['@duckdb/node-bindings', 'esbuild'],
  banner: {
    // Some dependencies are CommonJS and ask for Node's own modules with require.
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  plugins: [lazyChildProcess, oneStartUpFile],
  metafile: true,
  logLevel: 'warning',
});
await writeFile('dist/THIRD-PARTY-LICENSES.txt', licensesOf(Object.keys(metafile.inputs)));
await chmod('bin/pynvest.js', 0o755);
