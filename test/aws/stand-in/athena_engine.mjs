// Athena's part in the stand-in: one DuckDB view per Glue table, over its *registered* partitions only.
// @duckdb/node-api is resolved from STAND_IN_NODE_ROOT (the project's checkout).
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const { DuckDBInstance } = createRequire(
  path.join(process.env.STAND_IN_NODE_ROOT ?? process.cwd(), 'package.json'),
)('@duckdb/node-api');
// By standard input: the partitions of two days are too long for an argument.
const q = JSON.parse(fs.readFileSync(0, 'utf8'));
/** The files of the objects below a place such as `s3://bucket/prefix/`. */
function filesBelow(place) {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(place);
  return (q.objects[bucket] ?? [])
    .filter((key) => key.startsWith(prefix))
    .map((key) => path.join(q.dir, q.account, bucket, key));
}
const ty = (t) =>
  ({
    string: 'VARCHAR',
    int: 'INTEGER',
    bigint: 'BIGINT',
    double: 'DOUBLE',
    boolean: 'BOOLEAN',
    date: 'DATE',
  })[t] ?? t.toUpperCase();
const id = (s) => `"${s.replaceAll('"', '""')}"`,
  lit = (s) => `'${s.replaceAll("'", "''")}'`;
/** Rows of Parquet files by the names of their columns; null where a file has none of that name. */
function byName(columns, files) {
  const read = `read_parquet([${files.map(lit)}], hive_partitioning=false, union_by_name=true)`;
  const nulls = columns.map((x) => `NULL AS ${id(x.Name)}`);
  return `(SELECT * FROM ${read} UNION ALL BY NAME SELECT ${nulls} WHERE false)`;
}
/** The type of a column as Athena names it. */
function athenaType(type) {
  const name = String(type).replace(/\(.*/, '');
  if (/\[\d*\]$/.test(name)) return 'array';
  return (
    {
      HUGEINT: 'bigint',
      FLOAT: 'float',
      STRUCT: 'row',
      BLOB: 'varbinary',
      JSON: 'json',
      '"NULL"': 'unknown',
    }[name] ?? name.toLowerCase()
  );
}

/** A value as Athena prints it; a null stays one. */
function printed(value, type) {
  if (value === null) return null;
  if (type.startsWith('timestamp')) {
    const [, clock, digits = '', zone] = /^(.*?\d\d:\d\d:\d\d)(?:\.(\d+))?(\+00)?$/.exec(String(value));
    return `${clock}.${digits.padEnd(3, '0')}${zone ? ' UTC' : ''}`;
  }
  if (type === 'double' || type === 'float') {
    const size = Math.abs(value);
    if (!Number.isFinite(value)) return String(value);
    if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
      const [digits, power] = value.toExponential().split('e');
      return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(power)}`;
    }
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
  return String(value);
}

/** What DuckDB says is wrong, as Athena says it. */
function inTrinosWords(message) {
  const line = /^LINE (\d+):/m.exec(message)?.[1] ?? 1;
  const column = /Referenced column "([^"]*)" not found/.exec(message)?.[1];
  if (column)
    return `COLUMN_NOT_FOUND: line ${line}:8: Column '${column}' cannot be resolved or requester is not authorized to access requested resources`;
  const table = /Table with name (\S+) does not exist/.exec(message)?.[1];
  if (table)
    return `TABLE_NOT_FOUND: line ${line}:15: Table 'awsdatacatalog.${q.database}.${table}' does not exist`;
  const near = /syntax error at or near "([^"]*)"/.exec(message)?.[1];
  if (near) return `SYNTAX_ERROR: line ${line}:8: mismatched input '${near}'. Expecting: <EOF>`;
  return `GENERIC_USER_ERROR: ${message.split('\n')[0]}`;
}

try {
  const c = await (await DuckDBInstance.create(':memory:')).connect();
  // As in Athena: times are in UTC, and a whole number by a whole number is one.
  await c.run("SET TimeZone = 'UTC'");
  await c.run('SET integer_division = true');
  let scanned = 0;
  for (const [k, t] of Object.entries(q.tables)) {
    const [db, name] = k.split('/'),
      sd = t.StorageDescriptor,
      keys = t.PartitionKeys ?? [];
    const parts = keys.length
      ? (q.partitions[k] ?? []).map((p) => ({ loc: p.StorageDescriptor.Location, v: p.Values }))
      : [{ loc: sd.Location, v: [] }];
    const cols = sd.Columns.map((x) => `CAST(${id(x.Name)} AS ${ty(x.Type)}) AS ${id(x.Name)}`);
    const sel = parts
      .map((p) => ({ f: filesBelow(p.loc), v: p.v }))
      .filter((p) => p.f.length);
    // Of a table that the query names, whole files: more than Athena reads, which takes columns alone.
    if (q.query.toLowerCase().includes(name.toLowerCase()))
      for (const { f } of sel) for (const file of f) scanned += fs.statSync(file).size;
    const selects = sel
      .map(
        (p) =>
          `SELECT ${[...cols, ...keys.map((x, i) => `CAST(${lit(p.v[i])} AS ${ty(x.Type)}) AS ${id(x.Name)}`)].join(',')} FROM ` +
          (t.Parameters?.classification === 'parquet'
            ? byName(sd.Columns, p.f)
            : t.Parameters?.classification === 'json'
              ? `read_json([${p.f.map(lit)}], hive_partitioning=false)`
              : `read_csv([${p.f.map(lit)}], header=false, hive_partitioning=false, columns={${sd.Columns.map((x) => `${lit(x.Name)}: ${lit(ty(x.Type))}`)}})`),
      );
    const empty = `SELECT ${[...sd.Columns, ...keys].map((x) => `NULL::${ty(x.Type)} AS ${id(x.Name)}`).join(',')} WHERE false`;
    await c.run(`CREATE SCHEMA IF NOT EXISTS ${id(db)}`);
    await c.run(
      `CREATE VIEW ${id(db)}.${id(name)} AS ${selects.length ? selects.join(' UNION ALL ') : empty}`,
    );
  }
  if (q.database && q.database !== 'default') await c.run(`USE ${id(q.database)}`);
  const r = await c.runAndReadAll(q.query);
  const types = r.columnTypes().map(athenaType);
  process.stdout.write(
    JSON.stringify({
      columns: r.columnNames(),
      column_types: types,
      rows: r.getRows().map((row) => row.map((value, index) => printed(value, types[index]))),
      scanned,
    }),
  );
} catch (e) {
  process.stderr.write(`${inTrinosWords(String(e.message))}\n`);
  process.exit(1);
}
