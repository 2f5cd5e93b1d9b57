/**
 * Builds dist/: the command, as one small entry and chunks that are loaded only when they are used; the
 * functions of the system in AWS, as the zip files that `pynvest deploy` uploads; what its template says; the
 * script and the styles of a report; and their licenses.
 */
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, resolve } from 'node:path';
import { build } from 'esbuild';
import { commandDeclarations } from './command-declarations.mjs';
import { importTypeScript } from './import-typescript.mjs';
import { formatLicenses } from './licenses.mjs';

/** Native code, which stays where npm installs it. All else is inside the bundles. */
const DUCKDB = '@duckdb/node-bindings';

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
 * esbuild writes one file for each set of modules that the same entries need, and every module that is
 * imported dynamically is an entry: the code of start-up would be split into many small files, and finding
 * a file costs as much as running it. Here every such entry imports the whole start-up code, which is
 * loaded by then anyway, so that it becomes one file.
 */
const oneStartUpFile = {
  name: 'one-start-up-file',
  async setup(build) {
    const later = await findDynamicImports('src');
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      if (!later.has(path)) return undefined;
      const source = await readFile(path, 'utf8');
      return { contents: `${source}\nimport ${JSON.stringify(START_UP)};\n`, loader: 'ts' };
    });
  },
};

/** The paths of the modules that others import with `import('…')`; the files of the commands are, too. */
async function findDynamicImports(folder) {
  const program = await readFile(START_UP, 'utf8');
  const commands = [...program.matchAll(/from '(\.\/commands\/[^']+)'/g)];
  const found = new Set(commands.map(([, target]) => resolve(dirname(START_UP), target)));
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

/** The native code must be of the version that the JavaScript inside the bundle was written for. */
async function assertMatchingDuckDb() {
  const readDependencies = async (path) => JSON.parse(await readFile(path, 'utf8')).dependencies;
  const ours = await readDependencies('package.json');
  const theirs = await readDependencies('node_modules/@duckdb/node-api/package.json');
  if (ours[DUCKDB] === theirs[DUCKDB]) return;
  throw new Error(
    `package.json must ask for ${DUCKDB} ${theirs[DUCKDB]}, as @duckdb/node-api does`,
  );
}

/**
 * A package that the bundle imports, and package.json does not install, fails only at its users'. A module of a newer
 * Node, such as node:sqlite in a part of undici that is not used, is none.
 */
function assertSelfContained({ outputs }) {
  for (const { path, external } of Object.values(outputs).flatMap(({ imports }) => imports)) {
    if (!external || isBuiltin(path) || path.startsWith('node:') || path === DUCKDB) continue;
    throw new Error(`dist/ imports ${path}, which is not installed with the package`);
  }
}

/** Answers the files that are inside the bundle, relative to the project. */
async function buildCommand() {
  const { metafile } = await build({
    entryPoints: ['src/cli/main.ts'],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Names stay as they are written, so that stack traces can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    chunkNames: 'chunks/[name]-[hash]',
    // DuckDB's own JavaScript is inside: as 170 files it took a fifth of the time of a query.
    external: [DUCKDB],
    banner: {
      // Some dependencies are CommonJS and ask for Node's own modules with require.
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    plugins: [lazyChildProcess, commandDeclarations(START_UP), oneStartUpFile],
    metafile: true,
    logLevel: 'warning',
  });
  assertSelfContained(metafile);
  await chmod('bin/pynvest.js', 0o755);
  return Object.keys(metafile.inputs);
}

/**
 * The script and the styles of a report, which it has inside: one file each, with the license of the package in it.
 * Answers the files that are inside.
 */
async function buildReportPage() {
  const license = await readFile('node_modules/uplot/LICENSE', 'utf8');
  const { metafile } = await build({
    entryPoints: { page: 'src/report/page/main.ts' },
    outdir: 'dist/report',
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome100', 'firefox100', 'safari15'],
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    banner: { js: `/* uPlot:\n${license.trim()}\n*/` },
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs);
}

/** What the template says, so that a command need not parse it. One that is wrong leaves the last build as it was. */
async function readTemplateContent() {
  const { CONTENT_FILE, formatContent, TEMPLATE_FILE } = await importTypeScript(
    'src/deploy/packaged-template.ts',
  );
  return { file: CONTENT_FILE, content: formatContent(await readFile(TEMPLATE_FILE, 'utf8')) };
}

async function buildAll() {
  await assertMatchingDuckDb();
  const template = await readTemplateContent();
  await rm('dist', { recursive: true, force: true });
  const { writeFunctionBundles } = await importTypeScript('scripts/bundle-functions.ts');
  const inputs = await Promise.all([
    buildCommand(),
    buildReportPage(),
    writeFunctionBundles(process.cwd()),
  ]);
  await writeFile(template.file, template.content);
  await writeFile('dist/THIRD-PARTY-LICENSES.txt', await formatLicenses(inputs.flat()));
  return inputs.flat();
}

const { isBuildCurrent, recordBuild } = await importTypeScript('scripts/build-record.ts');
if (await isBuildCurrent(process.cwd())) {
  console.log('dist/ is up to date.');
} else {
  const inputs = await buildAll();
  // Our own files count whole, and some inputs are made by plugins.
  const packages = inputs.filter((path) => path.startsWith('node_modules/'));
  await recordBuild(process.cwd(), packages);
}
