/** The lake's tables as DuckDB views, under the names that they have in Athena. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnType } from '../catalog/column.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { type Table, tables } from '../catalog/tables.ts';

const DUCKDB_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  bigint: 'BIGINT',
  date: 'DATE',
};

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The view of a table over the Parquet files below `folder`, its columns in the catalog's order and
 * the partition last.
 *
 * `uniform` says that every file has every column: DuckDB then need not open them all to find out,
 * but refuses the first that differs. Otherwise a column that a file lacks is null there.
 */
export function viewOf(table: Table, folder: string, uniform: boolean): string {
  const columns = [...table.columns.map(({ name }) => name), PARTITION_COLUMN];
  const files = filesOf(folder, uniform);
  const source = uniform
    ? `SELECT ${columns.map(identifier).join(', ')} FROM ${files}`
    : `${emptySelect(table)} UNION ALL BY NAME SELECT * FROM ${files}`;
  const typed = [
    ...table.columns.map(({ name, type }) => `CAST(${identifier(name)} AS ${DUCKDB_TYPES[type]})`),
    `CAST(${identifier(PARTITION_COLUMN)} AS INTEGER)`,
  ].map((cast, index) => `${cast} AS ${identifier(columns[index] ?? '')}`);
  return createView(table, `SELECT ${typed.join(', ')} FROM (${source})`);
}

function filesOf(folder: string, uniform: boolean): string {
  return (
    `read_parquet(${literal(`${escapeGlob(folder)}/${PARTITION_COLUMN}=*/*.parquet`)}, ` +
    `hive_partitioning = true, hive_types = {'${PARTITION_COLUMN}': INTEGER}` +
    `${uniform ? '' : ', union_by_name = true'})`
  );
}

/**
 * Whether the file that DuckDB takes for the pattern of all has every column with the catalog's type.
 * It would cast the others' values to its own: decimals to whole numbers, if it were so.
 */
export async function firstFileFits(
  connection: DuckDBConnection,
  table: Table,
  folder: string,
): Promise<boolean> {
  const answer = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${filesOf(folder, true)}`);
  const types = new Map(answer.getRows().map(([name, type]) => [String(name), String(type)]));
  return table.columns.every(({ name, type }) => types.get(name) === DUCKDB_TYPES[type]);
}

/** The view of a table that has no files yet. */
export function emptyViewOf(table: Table): string {
  return createView(table, emptySelect(table));
}

function emptySelect(table: Table): string {
  const columns = table.columns.map(
    ({ name, type }) => `NULL::${DUCKDB_TYPES[type]} AS ${identifier(name)}`,
  );
  return `SELECT ${columns.join(', ')}, NULL::INTEGER AS ${PARTITION_COLUMN} WHERE false`;
}

function createView({ database, name }: Table, select: string): string {
  return `CREATE OR REPLACE VIEW ${identifier(database)}.${identifier(name)} AS ${select}`;
}

/** The tables that a text of SQL names; all of them where it names none (`SHOW ALL TABLES`). */
export function tablesNamedIn(sql: string): readonly Table[] {
  const text = sql.toLowerCase();
  const named = tables.filter(({ name }) => text.includes(name));
  return named.length > 0 ? named : tables;
}

function escapeGlob(path: string): string {
  return path.replaceAll('\\', '/').replace(/[[*?]/g, (character) => `[${character}]`);
}
