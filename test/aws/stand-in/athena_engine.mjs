// Athena's part in the stand-in: one DuckDB view per Glue table, over its *registered* partitions only.
// Each line of standard input is a question as JSON, and has one line of standard output as its answer.
// @duckdb/node-api is resolved from STAND_IN_NODE_ROOT (the project's checkout).
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';

const { DuckDBInstance } = createRequire(
  path.join(process.env.STAND_IN_NODE_ROOT ?? process.cwd(), 'package.json'),
)('@duckdb/node-api');
/** The files of the objects below a place such as `s3://bucket/prefix/`. */
function filesBelow(q, place) {
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
/** The SELECT of a view, which Athena keeps in base64 in a comment. */
function viewText(table) {
  const [, encoded] = /^\/\* Presto View: (\S+) \*\/$/.exec(table.ViewOriginalText ?? '') ?? [];
  return JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')).originalSql;
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
function inTrinosWords(q, message) {
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

// To open a database takes longer than most questions: one is kept, and the schemas of a question go with it.
const instance = await DuckDBInstance.create(':memory:');
const c = await instance.connect();
// As in Athena: times are in UTC, and a whole number by a whole number is one.
await c.run("SET TimeZone = 'UTC'");
await c.run('SET integer_division = true');

async function answer(q) {
  const schemas = [...new Set(Object.keys(q.tables).map((k) => id(k.split('/')[0])))];
  for (const schema of schemas) await c.run(`CREATE SCHEMA ${schema}`);
  try {
    return await answerIn(q);
  } finally {
    await c.run('USE memory.main');
    for (const schema of schemas) await c.run(`DROP SCHEMA ${schema} CASCADE`);
  }
}

async function answerIn(q) {
  let scanned = 0;
  const views = Object.entries(q.tables)
    .filter(([, t]) => t.TableType === 'VIRTUAL_VIEW')
    .map(([key, t]) => ({ key, sql: viewText(t) }));
  const asked = q.query.toLowerCase();
  const listsNames = /information_schema|^\s*(show|describe)/.test(asked);
  const named = views.filter(({ key }) => listsNames || asked.includes(key.split('/')[1]));
  const text = [asked, ...named.map(({ sql }) => sql.toLowerCase())].join('\n');
  // A view is bound to its files as it is made: those that the question does not name can be left out.
  const names = Object.entries(q.tables).filter(
    ([k]) => listsNames || text.includes(k.split('/')[1].toLowerCase()),
  );
  for (const [k, t] of names) {
    if (t.TableType === 'VIRTUAL_VIEW') continue;
    const [db, name] = k.split('/'),
      sd = t.StorageDescriptor,
      keys = t.PartitionKeys ?? [];
    const parts = keys.length
      ? (q.partitions[k] ?? []).map(([loc, v]) => ({ loc, v }))
      : [{ loc: sd.Location, v: [] }];
    const cols = sd.Columns.map((x) => `CAST(${id(x.Name)} AS ${ty(x.Type)}) AS ${id(x.Name)}`);
    const sel = parts
      .map((p) => ({ f: filesBelow(q, p.loc), v: p.v }))
      .filter((p) => p.f.length);
    // Of a table that the query names, whole files: more than Athena reads, which takes columns alone.
    if (text.includes(name.toLowerCase()))
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
    await c.run(
      `CREATE VIEW ${id(db)}.${id(name)} AS ${selects.length ? selects.join(' UNION ALL ') : empty}`,
    );
  }
  for (const { key, sql } of named) {
    const [db, name] = key.split('/');
    await c.run(`CREATE VIEW ${id(db)}.${id(name)} AS ${sql}`);
  }
  if (q.database && q.database !== 'default') await c.run(`USE ${id(q.database)}`);
  const r = await c.runAndReadAll(q.query);
  const types = r.columnTypes().map(athenaType);
  const rows = r.getRows().map((row) => row.map((value, index) => printed(value, types[index])));
  return { columns: r.columnNames(), column_types: types, rows, scanned };
}

for await (const line of createInterface({ input: process.stdin })) {
  const q = JSON.parse(line);
  const out = await answer(q).catch((e) => ({ error: inTrinosWords(q, String(e.message)) }));
  process.stdout.write(`${JSON.stringify(out)}\n`);
}
