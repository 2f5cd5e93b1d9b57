/** The libraries that are compared. `source` is a module whose `write(columns, rows)` answers the bytes of a file. */

/** The two of the parquetjs family are called in the same way. */
const parquetjs = (name) => `
import { Writable } from 'node:stream';
import parquet from '${name}';
const types = { string: 'UTF8', double: 'DOUBLE', bigint: 'INT64', date: 'DATE' };
export async function write(columns, rows) {
  const schema = new parquet.ParquetSchema(Object.fromEntries(
    columns.map(({ name, type }) => [name, { type: types[type], optional: true, compression: 'SNAPPY' }])));
  const chunks = [];
  const stream = new Writable({ write(chunk, _, done) { chunks.push(chunk); done(); } });
  stream.close ??= (done) => stream.end(done);
  const writer = await parquet.ParquetWriter.openStream(schema, stream);
  for (const row of rows) await writer.appendRow(row);
  await writer.close();
  return Buffer.concat(chunks);
}`;

const hyparquetWriter = (options, pageSize = '') => `
import { parquetWriteBuffer } from 'hyparquet-writer';
const types = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, double: { type: 'DOUBLE' },
  bigint: { type: 'INT64' }, date: { type: 'INT32', converted_type: 'DATE' },
};
export async function write(columns, rows) {
  return new Uint8Array(parquetWriteBuffer({
    columnData: columns.map(({ name }) => ({ name, data: rows.map((row) => row[name]), ${options} })),
    schema: [{ name: 'schema', num_children: columns.length },
      ...columns.map(({ name, type }) => ({ name, repetition_type: 'OPTIONAL', ...types[type] }))],
    ${pageSize}
  }));
}`;

const parquetWasm = `
import { readFileSync } from 'node:fs';
import { DateDay, Float64, Int64, Table as ArrowTable, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { Compression, initSync, Table, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm/esm';
initSync({ module: readFileSync(new URL('./parquet_wasm_bg.wasm', import.meta.url)) });
const types = { string: new Utf8(), double: new Float64(), bigint: new Int64(), date: new DateDay() };
export async function write(columns, rows) {
  const table = new ArrowTable(Object.fromEntries(columns.map(({ name, type }) =>
    [name, vectorFromArray(rows.map((row) => row[name]), types[type])])));
  const properties = new WriterPropertiesBuilder().setCompression(Compression.SNAPPY).build();
  return writeParquet(Table.fromIPCStream(tableToIPC(table, 'stream')), properties);
}`;

const duckdb = `
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBDateValue, DuckDBInstance } from '@duckdb/node-api';
const types = { string: 'VARCHAR', double: 'DOUBLE', bigint: 'BIGINT', date: 'DATE' };
const append = {
  string: (to, value) => to.appendVarchar(value), double: (to, value) => to.appendDouble(value),
  bigint: (to, value) => to.appendBigInt(value),
  date: (to, value) => to.appendDate(new DuckDBDateValue(value.getTime() / 86_400_000)),
};
let connection;
export async function write(columns, rows) {
  connection ??= await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('CREATE OR REPLACE TABLE t (' +
    columns.map(({ name, type }) => '"' + name + '" ' + types[type]).join(', ') + ')');
  const appender = await connection.createAppender('t');
  for (const row of rows) {
    for (const { name, type } of columns) {
      if (row[name] === null) appender.appendNull();
      else append[type](appender, row[name]);
    }
    appender.endRow();
  }
  appender.closeSync();
  const folder = mkdtempSync(join(tmpdir(), 'copy-'));
  try {
    const file = join(folder, 't.parquet');
    await connection.run("COPY t TO '" + file + "' (FORMAT parquet, COMPRESSION snappy)");
    return readFileSync(file);
  } finally { rmSync(folder, { recursive: true }); }
}`;

export const candidates = [
  { name: 'parquetjs-lite', packages: ['parquetjs-lite'], source: parquetjs('parquetjs-lite') },
  {
    name: 'hyparquet-writer',
    packages: ['hyparquet-writer'],
    // As pynvest calls it: one page a column, without an index of pages.
    source: hyparquetWriter('offsetIndex: false'),
    indexed: hyparquetWriter('columnIndex: true, offsetIndex: true', 'pageSize: 4096,'),
  },
  { name: '@dsnp/parquetjs', packages: ['@dsnp/parquetjs'], source: parquetjs('@dsnp/parquetjs') },
  {
    name: 'parquet-wasm',
    packages: ['parquet-wasm', 'apache-arrow'],
    source: parquetWasm,
    asset: 'node_modules/parquet-wasm/esm/parquet_wasm_bg.wasm',
  },
  {
    name: 'DuckDB COPY',
    packages: ['@duckdb/node-api'],
    source: duckdb,
    native: 'node_modules/@duckdb',
  },
];
