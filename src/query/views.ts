/** The lake's tables as DuckDB views, under the names that they have in Athena. Pure. */
import type { Column, ColumnType } from '../catalog/column.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { type Table, tables } from '../catalog/tables.ts';
import { QueryError } from '../errors.ts';

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

/** The types of the columns in a table's files, by name, as DuckDB spells them. */
export type FileTypes = ReadonlyMap<string, string>;

/** The SELECT that describes all these files: a type holds what every file has under a name. */
export function describeFiles(paths: readonly string[]): string {
  return `DESCRIBE SELECT * FROM ${readDailyFiles(paths, false)}`;
}

/** The same of one file. */
export function describeFile(path: string): string {
  return `DESCRIBE SELECT * FROM read_parquet(${literal(escapeGlob(path))})`;
}

/** The SELECT that counts the files whose columns are not just the table's: one more, one less, another type. */
export function countUnlikeCatalog(table: Table, paths: readonly string[]): string {
  const wanted = table.columns.map(({ name, type }) => literal(`${name} ${DUCKDB_TYPES[type]}`));
  return `SELECT count(*)::INTEGER FROM (
    SELECT list_sort(list(name || ' ' || duckdb_type) FILTER (num_children IS NULL)) AS columns,
      count(num_children) AS groups, count(*) FILTER (repetition_type = 'REPEATED') AS lists
    FROM parquet_schema(${listOf(paths)}) GROUP BY file_name)
    WHERE groups <> 1 OR lists > 0 OR columns IS DISTINCT FROM list_sort([${wanted.join(', ')}])`;
}

/** Whether files of these types hold the table just as this edition writes it. */
export function fitsCatalog(table: Table, types: FileTypes): boolean {
  return table.columns.every(({ name, type }) => types.get(name) === DUCKDB_TYPES[type]);
}

/**
 * The view of a table over its daily Parquet files, its columns in the catalog's order and the
 * partition last. A column that no file has is null.
 *
 * `uniform` says that every file is like the first: DuckDB then need not open them all to find out,
 * but refuses the first that lacks a column.
 *
 * @throws QueryError where a column holds what cannot be of the catalog's type without guessing
 */
export function viewOf(
  table: Table,
  paths: readonly string[],
  types: FileTypes,
  uniform: boolean,
): string {
  return createView(table, selectFrom(table, readDailyFiles(paths, uniform), types));
}

/** The view of a table over copies of some quarters and the daily files of the others, which fit the catalog. */
export function viewWithCopies(
  table: Table,
  copies: readonly string[],
  paths: readonly string[],
  uniform: boolean,
): string {
  const types = new Map(table.columns.map(({ name, type }) => [name, DUCKDB_TYPES[type]]));
  const sources = [`read_parquet(${listOf(copies)}, hive_partitioning = false)`];
  if (paths.length > 0) sources.push(readDailyFiles(paths, uniform));
  const selects = sources.map((source) => selectFrom(table, source, types));
  return createView(table, selects.join(' UNION ALL '));
}

function selectFrom(table: Table, source: string, types: FileTypes): string {
  const columns = table.columns.map(
    (column) => `${typedExpression(table, column, types)} AS ${identifier(column.name)}`,
  );
  return `SELECT ${columns.join(', ')}, ${PARTITION_COLUMN} FROM ${source}`;
}

const WHOLE_NUMBER = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;

/** The value of a column as the catalog types it, by the same rules as the lake's own reader. */
function typedExpression({ name: table }: Table, { name, type }: Column, types: FileTypes): string {
  const column = identifier(name);
  const wanted = DUCKDB_TYPES[type];
  const found = types.get(name);
  if (found === undefined) return `NULL::${wanted}`;
  const isFraction = /^(DOUBLE|FLOAT)$/.test(found);
  // pandas writes an absent number as NaN, in a column of whole numbers, too.
  if (type === 'double' && isFraction) return `nullif(${column}::DOUBLE, 'NaN'::DOUBLE)`;
  if (type === 'bigint' && isFraction) {
    const refusal = literal(`${table}: the column ${name} holds fractions, which are no bigint`);
    return `CASE WHEN isnan(${column}) THEN NULL WHEN ${column} = trunc(${column})
      THEN ${column}::BIGINT ELSE error(${refusal}) END`;
  }
  const fits =
    found === wanted ||
    ((type === 'bigint' || type === 'double') && WHOLE_NUMBER.test(found)) ||
    (type === 'double' && found.startsWith('DECIMAL')) ||
    (type === 'date' && found.startsWith('TIMESTAMP'));
  if (fits) return `CAST(${column} AS ${wanted})`;
  throw new QueryError(`${table}: in some file the column ${name} holds ${found}, no ${type}`, {
    hint: 'Another program wrote it so: move its file out of the lake.',
  });
}

/** The rows of daily files with their partition; `uniform` as in `viewOf`. */
export function readDailyFiles(paths: readonly string[], uniform: boolean): string {
  return (
    `read_parquet(${listOf(paths)}, ` +
    `hive_partitioning = true, hive_types = {'${PARTITION_COLUMN}': INTEGER}` +
    `${uniform ? '' : ', union_by_name = true'})`
  );
}

/** Files by their paths, which DuckDB takes for patterns. */
function listOf(paths: readonly string[]): string {
  return `[${paths.map((path) => literal(escapeGlob(path))).join(', ')}]`;
}

/** The view of a table that has no files yet. */
export function emptyViewOf(table: Table): string {
  const columns = table.columns.map(
    ({ name, type }) => `NULL::${DUCKDB_TYPES[type]} AS ${identifier(name)}`,
  );
  const select = `SELECT ${columns.join(', ')}, NULL::INTEGER AS ${PARTITION_COLUMN} WHERE false`;
  return createView(table, select);
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
