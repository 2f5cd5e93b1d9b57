/**
 * The lake's tables as DuckDB views, under the names that they have in Athena, each column as the catalog types it,
 * whichever program wrote the files. DuckDB takes all files of one read for the first of them and casts what
 * differs, so files are read in groups of one schema.
 */

import { type DuckDBConnection, DuckDBListValue } from '@duckdb/node-api';
import type { Column, ColumnType } from '../../catalog/column.ts';
import { PARTITION_COLUMN } from '../../catalog/partition.ts';
import { type Table, tables } from '../../catalog/tables.ts';
import { quoteIdentifier, quoteLiteral } from '../sql.ts';

/**
 * The view of a table over its daily files, and over copies of the quarters whose daily files are not among
 * them. Its columns stand in the catalog's order and the partition last; a column that a file lacks is null
 * there. Files that are not alike are read apart, so that none changes what another holds.
 */
export function createViewStatement(
  table: Table,
  dailyFiles: readonly FileGroup[],
  copies: readonly string[] = [],
): string {
  const ofCatalog = new Map(table.columns.map(({ name, type }) => [name, duckDbTypes[type]]));
  const selects = [
    ...(copies.length === 0
      ? []
      : [
          formatSelect(
            table,
            `read_parquet(${formatFileList(copies)}, hive_partitioning = false)`,
            ofCatalog,
          ),
        ]),
    ...dailyFiles.map(({ paths, types }) =>
      formatSelect(table, formatDailyFilesSource(paths), types),
    ),
  ];
  const select = selects.length === 0 ? formatEmptySelect(table) : selects.join(' UNION ALL ');
  return `CREATE OR REPLACE VIEW ${quoteIdentifier(table.database)}.${quoteIdentifier(table.name)} AS ${select}`;
}

function formatSelect(table: Table, source: string, types: FileTypes): string {
  const columns = table.columns.map(
    (column) => `${formatTypedExpression(column, types)} AS ${quoteIdentifier(column.name)}`,
  );
  return `SELECT ${columns.join(', ')}, ${PARTITION_COLUMN} FROM ${source}`;
}

/** The rows of daily files that are alike, with their partition. */
export function formatDailyFilesSource(paths: readonly string[]): string {
  return (
    `read_parquet(${formatFileList(paths)}, ` +
    `hive_partitioning = true, hive_types = {'${PARTITION_COLUMN}': INTEGER})`
  );
}

function formatEmptySelect(table: Table): string {
  const columns = table.columns.map(
    ({ name, type }) => `NULL::${duckDbTypes[type]} AS ${quoteIdentifier(name)}`,
  );
  return `SELECT ${columns.join(', ')}, NULL::INTEGER AS ${PARTITION_COLUMN} WHERE false`;
}

/** The tables that a text of SQL names. */
export function findNamedTables(sql: string): readonly Table[] {
  const text = sql.toLowerCase();
  return tables.filter(({ name }) => text.includes(name));
}

/** The tables whose views a text of SQL needs; all of them where it names none (`SHOW ALL TABLES`). */
export function findNeededTables(sql: string): readonly Table[] {
  const named = findNamedTables(sql);
  return named.length > 0 ? named : tables;
}

/** The types of the columns of a file, by name, as DuckDB spells them. */
type FileTypes = ReadonlyMap<string, string>;

const WHOLE_NUMBER = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;
const FRACTION = /^(DOUBLE|FLOAT)$/;
/** Whole numbers that a double may not hold exactly. */
const WIDE = /^(U?BIGINT|U?HUGEINT)$/;
/** Of whole numbers beyond these the lake's reader could not tell one from the next. */
const SAFE = `BETWEEN ${Number.MIN_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`;

/**
 * The value of a column by the same rules as the lake's own reader: null where the file lacks it, and an
 * error that names the file where a value cannot be of the catalog's type without guessing. (Of bytes that are
 * no UTF-8 the reader makes text nonetheless; here they are refused.)
 */
function formatTypedExpression({ name, type }: Column, types: FileTypes): string {
  const column = quoteIdentifier(name);
  const wanted = duckDbTypes[type];
  const found = types.get(name);
  if (found === undefined) return `NULL::${wanted}`;
  const rule = getCastRule(type, found, column);
  if (rule === 'any') return `CAST(${column} AS ${wanted})`;
  const refusal = `error(filename || ${quoteLiteral(`: the column ${name} holds ${found}, no ${type}`)})`;
  const { absent = `${column} IS NULL`, fits, value = `${column}::${wanted}` } = rule;
  // First what nearly every row has; of a null no rule is true.
  const whereFits = fits === undefined ? '' : `WHEN ${fits} THEN ${value} `;
  return `CASE ${whereFits}WHEN ${absent} THEN NULL::${wanted} ELSE ${refusal} END`;
}

/** Which values of a column pass: all of them, or those for which `fits`, SQL as all of it, is true. */
type CastRule =
  | 'any'
  | {
      /** What counts as no value; null alone unless it says otherwise. */
      readonly absent?: string;
      /** None fits where it is left out: a column without any value has no type that would tell. */
      readonly fits?: string;
      /** The value in the catalog's type; a cast unless it says otherwise. */
      readonly value?: string;
    };

function getCastRule(type: ColumnType, found: string, column: string): CastRule {
  // pandas writes an absent number as NaN, in a column of whole numbers, too.
  const absent = `${column} IS NULL OR isnan(${column})`;
  const isFraction = FRACTION.test(found);
  const isDecimal = found.startsWith('DECIMAL');
  switch (type) {
    case 'string':
      if (found === 'BLOB') {
        const text = `TRY(decode(${column}))`;
        return { fits: `${text} IS NOT NULL`, value: text };
      }
      return found === 'VARCHAR' || found === 'UUID' ? 'any' : {};
    case 'double':
      if (isFraction) return { absent, fits: `isfinite(${column})` };
      if (WIDE.test(found)) return { fits: `${column}::DOUBLE::HUGEINT = ${column}` };
      return WHOLE_NUMBER.test(found) || isDecimal ? 'any' : {};
    case 'bigint':
      if (isFraction) {
        return { absent, fits: `${column}::DOUBLE ${SAFE} AND ${column} = trunc(${column})` };
      }
      if (isDecimal) return { fits: `${column} ${SAFE} AND ${column} = trunc(${column})` };
      if (WIDE.test(found)) return { fits: `${column} ${SAFE}` };
      return WHOLE_NUMBER.test(found) ? 'any' : {};
    case 'date':
      if (found !== 'DATE' && !found.startsWith('TIMESTAMP')) return {};
      return { fits: `year(${column}) BETWEEN 0 AND 9999` };
  }
}

/** DuckDB's names of the catalog's types. */
const duckDbTypes: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  bigint: 'BIGINT',
  date: 'DATE',
};

/** Files by their paths, which DuckDB takes for patterns. */
function formatFileList(paths: readonly string[]): string {
  return `[${paths.map((path) => quoteLiteral(escapeGlob(path))).join(', ')}]`;
}

function escapeGlob(path: string): string {
  return path.replaceAll('\\', '/').replace(/[[*?]/g, (character) => `[${character}]`);
}

/** Files that have the same columns of the same types. */
interface FileGroup {
  readonly paths: readonly string[];
  readonly types: FileTypes;
}

/** The files by their likeness, as many groups as there are kinds; only their ends are read. */
export async function groupFilesBySchema(
  connection: DuckDBConnection,
  paths: readonly string[],
): Promise<FileGroup[]> {
  if (paths.length === 0) return [];
  // A sum, so that columns in another order are no other kind; hashes, which are compared in no time.
  const grouped = await connection.runAndReadAll(
    `SELECT list(file_name) FROM (
      SELECT file_name, sum(hash(name, duckdb_type, repetition_type, num_children)) AS kind
        FROM parquet_schema(${formatFileList(paths)}) GROUP BY file_name)
      GROUP BY kind`,
  );
  const groups = grouped.getRows().map(([files]) => {
    if (!(files instanceof DuckDBListValue)) throw new TypeError('a list of files is no list');
    return files.items.map(String).sort();
  });
  const alike: FileGroup[] = [];
  for (const group of groups.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))) {
    const described = await connection.runAndReadAll(
      `DESCRIBE SELECT * FROM read_parquet(${formatFileList(group.slice(0, 1))})`,
    );
    const types = described.getRows().map(([name, type]) => [String(name), String(type)] as const);
    alike.push({ paths: group, types: new Map(types) });
  }
  return alike;
}

/** The SELECT that counts the files whose columns are not just the table's: one more, one less, another type. */
export function createMismatchCountStatement(table: Table, paths: readonly string[]): string {
  const wanted = table.columns.map(({ name, type }) =>
    quoteLiteral(`${name} ${duckDbTypes[type]}`),
  );
  return `SELECT count(*)::INTEGER FROM (
    SELECT list_sort(list(name || ' ' || duckdb_type) FILTER (num_children IS NULL)) AS columns,
      count(num_children) AS groups, count(*) FILTER (repetition_type = 'REPEATED') AS lists
    FROM parquet_schema(${formatFileList(paths)}) GROUP BY file_name)
    WHERE groups <> 1 OR lists > 0 OR columns IS DISTINCT FROM list_sort([${wanted.join(', ')}])`;
}
