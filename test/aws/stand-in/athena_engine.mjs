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
const local = (u) => path.join(q.dir, q.account, u.replace(/^s3:\/\//, ''));
const walk = (d) =>
  fs.existsSync(d)
    ? fs
        .readdirSync(d, { recursive: true })
        .filter((f) => !f.endsWith('.meta.json') && fs.statSync(path.join(d, f)).isFile())
        .map((f) => path.join(d, f))
    : [];
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
try {
  const c = await (await DuckDBInstance.create(':memory:')).connect();
  for (const [k, t] of Object.entries(q.tables)) {
    const [db, name] = k.split('/'),
      sd = t.StorageDescriptor,
      keys = t.PartitionKeys ?? [];
    const parts = keys.length
      ? (q.partitions[k] ?? []).map((p) => ({ loc: p.StorageDescriptor.Location, v: p.Values }))
      : [{ loc: sd.Location, v: [] }];
    const cols = sd.Columns.map((x) => `CAST(${id(x.Name)} AS ${ty(x.Type)}) AS ${id(x.Name)}`);
    const sel = parts
      .map((p) => ({ f: walk(local(p.loc)), v: p.v }))
      .filter((p) => p.f.length)
      .map(
        (p) =>
          `SELECT ${[...cols, ...keys.map((x, i) => `CAST(${lit(p.v[i])} AS ${ty(x.Type)}) AS ${id(x.Name)}`)].join(',')} FROM ` +
          (t.Parameters?.classification === 'parquet'
            ? `read_parquet([${p.f.map(lit)}], hive_partitioning=false)`
            : t.Parameters?.classification === 'json'
              ? `read_json([${p.f.map(lit)}], hive_partitioning=false)`
              : `read_csv([${p.f.map(lit)}], header=false, hive_partitioning=false, columns={${sd.Columns.map((x) => `${lit(x.Name)}: ${lit(ty(x.Type))}`)}})`),
      );
    const empty = `SELECT ${[...sd.Columns, ...keys].map((x) => `NULL::${ty(x.Type)} AS ${id(x.Name)}`).join(',')} WHERE false`;
    await c.run(`CREATE SCHEMA IF NOT EXISTS ${id(db)}`);
    await c.run(
      `CREATE VIEW ${id(db)}.${id(name)} AS ${sel.length ? sel.join(' UNION ALL ') : empty}`,
    );
  }
  if (q.database && q.database !== 'default') await c.run(`USE ${id(q.database)}`);
  const r = await c.runAndReadAll(q.query);
  process.stdout.write(
    JSON.stringify({
      columns: r.columnNames(),
      column_types: r.columnTypes().map(
        (t) =>
          ({
            INTEGER: 'integer',
            BIGINT: 'bigint',
            DOUBLE: 'double',
            BOOLEAN: 'boolean',
            DATE: 'date',
          })[String(t)] ?? 'varchar',
      ),
      rows: r.getRowsJson(),
    }),
  );
} catch (e) {
  process.stderr.write(`SYNTAX_ERROR: ${String(e.message).split('\n')[0]}\n`);
  process.exit(1);
}
