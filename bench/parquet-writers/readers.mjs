/** Reads the files back with DuckDB, hyparquet, pyarrow and DataFusion. */

import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { asText } from './samples.mjs';

const run = promisify(execFile);

export async function openReaders(tools, python) {
  const require = createRequire(join(tools, 'package.json'));
  const load = (name) => import(pathToFileURL(require.resolve(name)).href);
  const { DuckDBInstance } = await load('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const query = async (sql) => (await connection.runAndReadAll(sql)).getRows();
  const versionOf = (name) => {
    const probe = spawnSync(python, ['-c', `import ${name}; print(${name}.__version__)`]);
    return probe.status === 0 ? String(probe.stdout).trim() : undefined;
  };
  const manifest = await readFile(
    join(tools, 'node_modules/@duckdb/node-api/package.json'),
    'utf8',
  );
  return {
    /** Of each reader; undefined where it is not installed. */
    versions: {
      duckdb: JSON.parse(manifest).version,
      pyarrow: versionOf('pyarrow'),
      datafusion: versionOf('datafusion'),
    },
    hyparquet: await load('hyparquet'),
    indexes: await import(
      pathToFileURL(join(dirname(require.resolve('hyparquet')), 'indexes.js')).href
    ),
    duckdb: async (file) => {
      const rows = await query(
        `SELECT typeof(c), CAST(c AS VARCHAR) FROM read_parquet('${file}') ORDER BY "row"`,
      );
      return { type: rows[0]?.[0], values: rows.map(([, value]) => value) };
    },
    /** How many rows DuckDB finds, with the statistics to help it. */
    count: async (file, where) =>
      Number((await query(`SELECT count(*) FROM read_parquet('${file}') WHERE ${where}`))[0][0]),
    pyarrow: async (file) => JSON.parse((await run(python, ['-c', PYTHON, file])).stdout),
    datafusion: async (file) => Number((await run(python, ['-c', PYTHON_DATAFUSION, file])).stdout),
    pyarrowCount: async (file, filters) =>
      JSON.parse((await run(python, ['-c', PYTHON_FILTERS, file, JSON.stringify(filters)])).stdout),
  };
}

const PYTHON = `
import json, sys, pyarrow.parquet as pq
t = pq.ParquetFile(sys.argv[1]).read()
f = lambda v: None if v is None else repr(v) if isinstance(v, float) else str(v)
print(json.dumps({'type': str(t.schema.field('c').type), 'values': [f(v) for v in t.column('c').to_pylist()]}))`;

const PYTHON_FILTERS = `
import datetime, json, sys, pyarrow.parquet as pq
read = {'bigint': int, 'double': float, 'date': datetime.date.fromisoformat, 'string': str}
n = lambda c, v: pq.read_table(sys.argv[1], columns=[c], filters=[(c, '=', read[c](v))]).num_rows
print(json.dumps([n(c, v) for c, v in json.loads(sys.argv[2])]))`;

/** DataFusion reads the index of the pages, and refuses a file whose index is not valid. */
const PYTHON_DATAFUSION = `
import sys, datafusion
c = datafusion.SessionContext()
c.register_parquet('t', sys.argv[1])
print(c.sql("select count(*) as n from t where double < 0 and bigint >= 0").to_pydict()['n'][0])`;

const TYPES = {
  duckdb: { bigint: 'BIGINT', double: 'DOUBLE', date: 'DATE', string: 'VARCHAR' },
  pyarrow: { bigint: 'int64', double: 'double', date: 'date32[day]', string: 'string' },
};

const sameText = (type, a, b) =>
  type === 'double' && a !== null && b !== null ? Number(a) === Number(b) : a === b;

/** Whether a reader gives the values back: `right`, or what is wrong. */
export async function checkValues(read, reader, { type, values }, { file, error }) {
  if (error !== undefined) return `refused (${error})`;
  const found = await read(file).catch((problem) => ({
    problem: String(problem.stderr || problem.message)
      .trim()
      .split('\n')
      .at(-1)
      .slice(0, 90),
  }));
  if (found.problem !== undefined) return `**unreadable** (${found.problem})`;
  if (found.type !== TYPES[reader][type]) return `**as ${found.type}**`;
  const wrong = values.findIndex(
    (value, n) => !sameText(type, asText(value), found.values[n] ?? null),
  );
  if (wrong < 0 && found.values.length === values.length) return 'right';
  return `**wrong**: ${formatValue(asText(values[wrong]))} is read as ${formatValue(found.values[wrong])}`;
}

export const formatValue = (value) =>
  value === null || value === undefined ? 'null' : JSON.stringify(String(value));
