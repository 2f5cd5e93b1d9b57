#!/usr/bin/env node
/**
 * Compares libraries that write Parquet from Node.js, and prints what it measured as Markdown:
 *
 *     node bench/compare-parquet-writers.mjs [--python PATH] [--keep]
 *
 * Each library is installed with npm into a temporary folder of its own; the files that it writes are read
 * back with DuckDB, with hyparquet and, where the Python at PATH has them, with pyarrow and DataFusion.
 * `--keep` keeps the folder, and prints its path. It takes about a minute. The decision that rests on it is
 * docs/decisions/0001-parquet-writer.md.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { candidates } from './parquet-writers/candidates.mjs';
import { checkBundle, install } from './parquet-writers/install.mjs';
import { checkValues, formatValue, openReaders } from './parquet-writers/readers.mjs';
import { longRows, storable, unstorable, wideColumns } from './parquet-writers/samples.mjs';
import { checkFilters, checkStatistics } from './parquet-writers/statistics.mjs';

const run = promisify(execFile);

/** Measures one library, in a folder of its own. */
async function measureCandidate(candidate, folder, readers, bundler) {
  const installed = await install(folder, candidate.packages);
  await writeFile(join(folder, 'writer.mjs'), candidate.source);
  if (candidate.asset) {
    await copyFile(join(folder, candidate.asset), join(folder, 'parquet_wasm_bg.wasm'));
  }
  const report = await writeSamples(folder, 'writer.mjs');
  const rows = longRows(20_000);
  const statistics = await checkStatistics(readers, report.long, rows);
  const filters = await checkFilters(readers, report.long, rows);
  if (candidate.indexed) {
    await writeFile(join(folder, 'indexed.mjs'), candidate.indexed);
    const indexed = await writeSamples(folder, 'indexed.mjs');
    const { index } = await checkStatistics(readers, indexed.long, rows);
    statistics.index = `${statistics.index}, as pynvest calls it; with an index: ${index}`;
  }
  const values = [];
  for (const [n, sample] of storable.entries()) {
    values.push(await checkInBothReaders(readers, sample, report.storable[n]));
  }
  const refusals = [];
  for (const { file, error } of report.unstorable) {
    if (error !== undefined) {
      refusals.push('refused');
    } else {
      const found = await readers.duckdb(file).catch(() => undefined);
      refusals.push(found ? `**${formatValue(found.values[0])}**` : '**an unreadable file**');
    }
  }
  const bundle = await checkBundle(bundler, candidate, folder);
  return { ...report, installed, statistics, filters, values, refusals, bundle };
}

/** In a process of its own: a library may leave work behind that keeps the process alive. */
async function writeSamples(folder, writer) {
  const script = fileURLToPath(new URL('parquet-writers/write-samples.mjs', import.meta.url));
  await run(process.execPath, [script, folder, writer]);
  return JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
}

async function checkInBothReaders(readers, sample, written) {
  const inDuckdb = await checkValues(readers.duckdb, 'duckdb', sample, written);
  if (readers.versions.pyarrow === undefined) return inDuckdb;
  const inPyarrow = await checkValues(readers.pyarrow, 'pyarrow', sample, written);
  return inDuckdb === inPyarrow ? inDuckdb : `DuckDB: ${inDuckdb}; pyarrow: ${inPyarrow}`;
}

const formatMegabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const formatBytes = (bytes) =>
  bytes > 1e6 ? formatMegabytes(bytes) : `${Math.round(bytes / 1e3)} KB`;
const formatCell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');

/** Prints a table with a column for each library. */
function printTable(title, rows) {
  const head = candidates.map(({ name }) => name);
  console.log(`\n## ${title}\n`);
  for (const cells of [['', ...head], ['---', ...head.map(() => '---')], ...rows]) {
    console.log(`| ${cells.map(formatCell).join(' | ')} |`);
  }
}

function printResults({ duckdb, pyarrow, datafusion }, results) {
  console.log(
    `Node ${process.version}, ${process.platform} ${process.arch}; read back with DuckDB ${duckdb}` +
      `${pyarrow ? `, pyarrow ${pyarrow}` : ' (this Python has no pyarrow)'}` +
      `${datafusion ? `, DataFusion ${datafusion}` : ''}.`,
  );
  const line = (title, of) => [title, ...results.map(of)];
  printTable(
    'Values that must be read back as they were written',
    storable.map(({ what }, n) => line(what, ({ values }) => values[n])),
  );
  printTable(
    'Values that do not fit their column, and what is stored instead',
    unstorable.map(({ type, value }, n) =>
      line(`${formatLiteral(value)} in ${type}`, ({ refusals }) => refusals[n]),
    ),
  );
  printTable('Statistics: 20,000 rows, 4 columns', [
    line('statistics of the row groups', ({ statistics }) => statistics.statistics),
    line('index of the pages', ({ statistics }) => statistics.index),
    line('filters with the right answer in DuckDB', ({ filters }) => filters.duckdb),
    line('filters with the right answer in pyarrow', ({ filters }) => filters.pyarrow),
    line('a filter in DataFusion', ({ filters }) => filters.datafusion),
  ]);
  printTable('Speed and size', [
    line(
      `1000 rows, ${wideColumns.length} columns, median of 20`,
      ({ ms }) => `${ms.toFixed(1)} ms`,
    ),
    line('the file', ({ size }) => formatBytes(size)),
    line('bundled, minified, zipped', ({ bundle }) => formatBytes(bundle.zipped)),
    line('runs as an ESM bundle', ({ bundle }) => bundle.plain),
    line('… with a `require` defined for it', ({ bundle }) => bundle.shimmed),
    line('runs as a CommonJS bundle', ({ bundle }) => bundle.cjs),
  ]);
  printTable('What npm installs', [
    line('version', ({ installed }) => installed.versions),
    line('packages, its own included', ({ installed }) => installed.packages),
    line('on disk', ({ installed }) => formatMegabytes(installed.bytes)),
    line('Node', ({ installed }) => installed.node),
  ]);
}

function formatLiteral(value) {
  if (typeof value === 'string') return JSON.stringify(value);
  return `${value}${typeof value === 'bigint' ? 'n' : ''}`;
}

async function compare({ python, keep }) {
  const base = await mkdtemp(join(tmpdir(), 'parquet-writers-'));
  process.stderr.write(`Installing into ${base}\n`);
  try {
    const tools = join(base, 'tools');
    await install(tools, ['@duckdb/node-api', 'hyparquet', 'esbuild', 'fflate']);
    const require = createRequire(join(tools, 'package.json'));
    const bundler = { esbuild: require('esbuild'), zipSync: require('fflate').zipSync };
    const readers = await openReaders(tools, python);
    const results = [];
    for (const [n, candidate] of candidates.entries()) {
      process.stderr.write(`${candidate.name} ...\n`);
      results.push(await measureCandidate(candidate, join(base, String(n)), readers, bundler));
    }
    printResults(readers.versions, results);
  } finally {
    if (keep) process.stderr.write(`Kept: ${base}\n`);
    else await rm(base, { recursive: true, force: true });
  }
}

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    keep: { type: 'boolean', default: false },
  },
});
await compare(options);
