/**
 * The lake's tables as DuckDB views, under their names in Athena, each column with its type in the catalog, whichever
 * program wrote the files. DuckDB applies the schema of the first file to all files of a read and casts the others to
 * it, so files are read in groups of one schema.
 */

import { type DuckDBConnection, DuckDBListValue } from '@duckdb/node-api';
import type { Column, ColumnType } from '../../catalog/column.ts';
import type { Table } from '../../catalog/dataset.ts';
import { findNamedViews, namedViews, VIEWS_LAYER } from '../named-views.ts';
import { quoteIdentifier, quoteLiteral } from '../sql.ts';

/**
 * The view of a table over its daily files, and over the copies of those quarters whose daily files are left out.
 * The columns are in the catalog's order, the partition is the last; a column that a file lacks is null.
 */
export function createViewStatement(
  table: Table,
  dailyFiles: readonly FileGroup[],
  copies: readonly string[] = [],
): string {
  const catalogTypes = new Map(table.columns.map(({ name, type }) => [name, duckDbTypes[type]]));
  const selects = [
    ...(copies.length === 0 ? [] : [formatSelect(table, formatCopiesSource(copies), catalogTypes)]),
    ...dailyFiles.map(({ paths, types }) =>
      formatSelect(table, formatDailyFilesSource(table, paths), types),
    ),
  ];
  const select = selects.length === 0 ? formatEmptySelect(table) : selects.join(' UNION ALL ');
  return `CREATE OR REPLACE VIEW ${quoteIdentifier(table.database)}.${quoteIdentifier(table.name)} AS ${select}`;
}

function formatSelect(table: Table, source: string, types: FileTypes): string {
  const columns = table.columns.map(
    (column) => `${formatTypedExpression(column, types)} AS ${quoteIdentifier(column.name)}`,
  );
  return `SELECT ${[...columns, table.partition.column].join(', ')} FROM ${source}`;
}

/** The rows of daily files of one schema, with their partition. */
function formatDailyFilesSource({ partition }: Table, paths: readonly string[]): string {
  return (
    `read_parquet(${formatFileList(paths)}, ` +
    `hive_partitioning = true, hive_types = {'${partition.column}': INTEGER})`
  );
}

/** The rows of copies, in which the partition is a column. */
export function formatCopiesSource(paths: readonly string[]): string {
  return `read_parquet(${formatFileList(paths)}, hive_partitioning = false)`;
}

/** The table without rows: expressions over it have the types that they have over the view. */
export function createEmptyTableStatement(table: Table): string {
  return `CREATE TABLE ${quoteIdentifier(table.database)}.${quoteIdentifier(table.name)} AS ${formatEmptySelect(table)}`;
}

function formatEmptySelect(table: Table): string {
  const columns = table.columns.map(
    ({ name, type }) => `NULL::${duckDbTypes[type]} AS ${quoteIdentifier(name)}`,
  );
  const partition = `NULL::INTEGER AS ${table.partition.column}`;
  return `SELECT ${[...columns, partition].join(', ')} WHERE false`;
}

/** Those of the tables that a text of SQL names, by themselves or by a view over them. */
export function findNamedTables(sql: string, tables: readonly Table[]): readonly Table[] {
  const text = sql.toLowerCase();
  const inViews = findNamedViews(sql, tables).flatMap((view) => view.tables);
  return tables.filter((table) => text.includes(table.name) || inViews.includes(table));
}

/** What describes the tables that a text names, or lists all where it names none. */
const DESCRIBING_WORD = /\b(show|desc|describe|summarize)\b/i;

/** What always sees all tables, or takes the name of one that it puts together. */
const LISTING_WORD = /\b(query_table|information_schema|(pg|duckdb|pragma|sqlite)_\w+)\b/i;

/** Whether a text may need tables that it does not name, as `SHOW ALL TABLES` does. */
function mayNeedUnnamedTables(sql: string, tables: readonly Table[]): boolean {
  if (LISTING_WORD.test(sql)) return true;
  return findNamedTables(sql, tables).length === 0 && DESCRIBING_WORD.test(sql);
}

/**
 * The statements that create the views which a text of SQL may need.
 * @param isDerived whether the factors are those of the prices
 */
export function createNamedViewStatements(
  sql: string,
  tables: readonly Table[],
  isDerived: boolean,
): string[] {
  const views = mayNeedUnnamedTables(sql, tables)
    ? namedViews.filter((view) => view.tables.every((table) => tables.includes(table)))
    : findNamedViews(sql, tables);
  return views.map(({ name, formatSelect }) => {
    const database = quoteIdentifier(`db_pynvest_${VIEWS_LAYER}`);
    const nameOf = (table: Table): string => `${quoteIdentifier(table.database)}.${table.name}`;
    const select = formatSelect(nameOf, isDerived);
    return `CREATE OR REPLACE VIEW ${database}.${quoteIdentifier(name)} AS ${select}`;
  });
}

/** Those of the tables whose views a text of SQL needs. */
export function findNeededTables(sql: string, tables: readonly Table[]): readonly Table[] {
  return mayNeedUnnamedTables(sql, tables) ? tables : findNamedTables(sql, tables);
}

/** DuckDB's types of the columns of a file, by name. */
type FileTypes = ReadonlyMap<string, string>;

const WHOLE_NUMBER = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;
/** Those with a year from 0 to 9999. */
const [FIRST_DATE, LAST_DATE] = ["DATE '0001-01-01 (BC)'", "DATE '9999-12-31'"];
const FRACTION = /^(DOUBLE|FLOAT)$/;
/** Whole numbers that a double may not hold exactly. */
const WIDE = /^(U?BIGINT|U?HUGEINT)$/;
/** Beyond these, the lake's own reader cannot represent every whole number. */
const SAFE = `BETWEEN ${Number.MIN_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`;

/**
 * The value of a column by the rules of the lake's own reader: null if the file lacks it, and an error that names
 * the file if a value has no exact equivalent of the catalog's type. (The reader accepts bytes that are not UTF-8 as
 * text; here they are refused.)
 */
function formatTypedExpression({ name, type }: Column, types: FileTypes): string {
  const column = quoteIdentifier(name);
  const wanted = duckDbTypes[type];
  const found = types.get(name);
  if (found === undefined) return `NULL::${wanted}`;
  const rule = getCastRule(type, found, column);
  if (rule === 'any') return found === wanted ? column : `CAST(${column} AS ${wanted})`;
  const refusal = `error(filename || ${quoteLiteral(`: the column ${name} holds ${found}, no ${type}`)})`;
  const { fits, value = found === wanted ? column : `${column}::${wanted}` } = rule;
  const { refused = `${column} IS NOT NULL` } = rule;
  // First the case of nearly every row. A query of few rows takes as long as it has expressions.
  const whereFits = fits === undefined ? '' : `WHEN ${fits} THEN ${value} `;
  return `CASE ${whereFits}WHEN ${refused} THEN ${refusal} ELSE NULL::${wanted} END`;
}

/** Which values of a column are accepted: all of them, or those for which `fits` is true. In SQL. */
type CastRule =
  | 'any'
  | {
      /** By default none: only a column without any values then passes. */
      readonly fits?: string;
      /** The value in the catalog's type; by default a cast. */
      readonly value?: string;
      /** Which others are refused, and not absent; by default all but null, for which no rule is true. */
      readonly refused?: string;
    };

function getCastRule(type: ColumnType, found: string, column: string): CastRule {
  // pandas writes an absent number as NaN, also in a column of whole numbers.
  const refused = `NOT isnan(${column})`;
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
      if (found === 'FLOAT') {
        // The shortest decimal that gives it: 46.48, and not 46.47999954223633.
        return {
          refused: `isinf(${column})`,
          fits: `isfinite(${column})`,
          value: `${column}::VARCHAR::DOUBLE`,
        };
      }
      if (isFraction) return { refused: `isinf(${column})`, fits: `isfinite(${column})` };
      if (found === 'VARCHAR')
        return getTextRule(column, `isfinite(TRY_CAST(${column} AS DOUBLE))`);
      if (WIDE.test(found)) return { fits: `${column}::DOUBLE::HUGEINT = ${column}` };
      return WHOLE_NUMBER.test(found) || isDecimal ? 'any' : {};
    case 'bigint':
      if (isFraction) {
        return { refused, fits: `${column}::DOUBLE ${SAFE} AND ${column} = trunc(${column})` };
      }
      if (found === 'VARCHAR') {
        const number = `TRY_CAST(${column} AS DOUBLE)`;
        const fits = `${number} ${SAFE} AND ${number} = trunc(${number})`;
        return { ...getTextRule(column, fits), value: `${number}::BIGINT` };
      }
      if (isDecimal) return { fits: `${column} ${SAFE} AND ${column} = trunc(${column})` };
      if (WIDE.test(found)) return { fits: `${column} ${SAFE}` };
      return WHOLE_NUMBER.test(found) ? 'any' : {};
    case 'date':
      if (found === 'VARCHAR') {
        const day = `coalesce(try_strptime(${column}, '%d/%m/%Y'), try_strptime(${column}, '%Y-%m-%d'))`;
        const fits = `regexp_full_match(${column}, '${DATE_TEXT}') AND ${day} IS NOT NULL`;
        return { refused: isPresentText(column), fits, value: `${day}::DATE` };
      }
      // year() makes a table of eighty years in each query: to compare is faster.
      if (found === 'DATE') return { fits: `${column} BETWEEN ${FIRST_DATE} AND ${LAST_DATE}` };
      if (!found.startsWith('TIMESTAMP')) return {};
      return { fits: `year(${column}) BETWEEN 0 AND 9999` };
    case 'boolean':
      return found === 'BOOLEAN' ? 'any' : {};
  }
}

// Text, as the Terraform module stored it, is read by the rules of `lake/parquet/decode.ts`.
const NUMBER_TEXT = '[+-]?\\d+(\\.\\d+)?([eE][+-]?\\d+)?';
const GROUPED_NUMBER_TEXT = '[+-]?[1-9]\\d{0,2}(\\.\\d{3})+';
const DATE_TEXT = '\\d{2}/\\d{2}/\\d{4}|\\d{4}-\\d{2}-\\d{2}';

function isPresentText(column: string): string {
  return `${column} NOT IN ('', '-')`;
}

/** @param fits what its number must meet */
function getTextRule(column: string, fits: string): Exclude<CastRule, 'any'> {
  const matches = (pattern: string): string => `regexp_full_match(${column}, '${pattern}')`;
  return {
    refused: isPresentText(column),
    fits: `${matches(NUMBER_TEXT)} AND NOT ${matches(GROUPED_NUMBER_TEXT)} AND ${fits}`,
  };
}

/** DuckDB's names of the catalog's types. */
const duckDbTypes: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  bigint: 'BIGINT',
  date: 'DATE',
  boolean: 'BOOLEAN',
};

/** Paths as a list for a table function, which takes each for a glob pattern. */
function formatFileList(paths: readonly string[]): string {
  return `[${paths.map((path) => quoteLiteral(escapeGlob(path))).join(', ')}]`;
}

export function escapeGlob(path: string): string {
  return path.replaceAll('\\', '/').replace(/[[*?]/g, (character) => `[${character}]`);
}

/** Files with the same columns of the same types. */
export interface FileGroup {
  readonly paths: readonly string[];
  readonly types: FileTypes;
}

/** The files, grouped by schema; only their footers are read. */
export async function groupFilesBySchema(
  connection: DuckDBConnection,
  paths: readonly string[],
): Promise<FileGroup[]> {
  const groups: FileGroup[] = [];
  for (const group of await listFilesBySchema(connection, paths)) {
    const described = await connection.runAndReadAll(
      `DESCRIBE SELECT * FROM read_parquet(${formatFileList(group.slice(0, 1))})`,
    );
    const types = described.getRows().map(([name, type]) => [String(name), String(type)] as const);
    groups.push({ paths: group, types: new Map(types) });
  }
  return groups;
}

async function listFilesBySchema(
  connection: DuckDBConnection,
  paths: readonly string[],
): Promise<(readonly string[])[]> {
  // Of a day or a year there is one file in most lakes.
  if (paths.length < 2) return paths.length === 0 ? [] : [paths];
  // A sum of hashes is quick to compare, and does not depend on the order of the columns. DuckDB would take as long
  // again to gather the files of a few days by it.
  const hashed = await connection.runAndReadAll(
    `SELECT file_name, sum(hash(name, duckdb_type, repetition_type, num_children))
      FROM parquet_schema(${formatFileList(paths)}) GROUP BY file_name`,
  );
  const groups = new Map<string, string[]>();
  for (const [file, hash] of hashed.getRows()) {
    const group = groups.get(String(hash)) ?? [];
    group.push(String(file));
    groups.set(String(hash), group);
  }
  const sorted = [...groups.values()].map((files) => files.sort());
  return sorted.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

/** Files of one edition of a table: they have the first so many of its columns. */
export interface Edition {
  readonly columns: number;
  readonly paths: readonly string[];
}

/**
 * The files by their edition; undefined where one has another column, or another type, than every edition of the table.
 * New columns go last, so an edition is the columns that the table began with, at least those to its ticker.
 */
export async function groupFilesByEdition(
  connection: DuckDBConnection,
  table: Table,
  paths: readonly string[],
): Promise<readonly Edition[] | undefined> {
  const expected = table.columns.map(({ name, type }) =>
    quoteLiteral(`${name} ${duckDbTypes[type]}`),
  );
  const fewest = 1 + table.columns.findIndex(({ name }) => name === table.tickerColumn);
  const grouped = await connection.runAndReadAll(
    `SELECT CASE WHEN groups = 1 AND lists = 0 AND len(columns) >= ${fewest}
        AND columns = list_sort([${expected.join(', ')}][1:len(columns)]) THEN len(columns) ELSE 0 END AS edition,
      list(file_name) FROM (
      SELECT file_name, list_sort(list(name || ' ' || duckdb_type) FILTER (num_children IS NULL)) AS columns,
        count(num_children) AS groups, count(*) FILTER (repetition_type = 'REPEATED') AS lists
      FROM parquet_schema(${formatFileList(paths)}) GROUP BY file_name)
      GROUP BY edition ORDER BY edition DESC`,
  );
  const editions = grouped.getRows().map(([columns, files]): Edition => {
    if (!(files instanceof DuckDBListValue)) throw new TypeError('list() did not return a list');
    return { columns: Number(columns), paths: files.items.map(String).sort() };
  });
  return editions.some(({ columns }) => columns === 0) ? undefined : editions;
}

/**
 * The SELECT of all columns of a table, and its partition, over files of several editions: null where one lacks a
 * column.
 */
export function formatEditionsSelect(table: Table, editions: readonly Edition[]): string {
  return editions
    .map(({ columns: count, paths }) => {
      const columns = table.columns.map(({ name, type }, at) =>
        at < count
          ? quoteIdentifier(name)
          : `NULL::${duckDbTypes[type]} AS ${quoteIdentifier(name)}`,
      );
      return `SELECT ${[...columns, table.partition.column].join(', ')} FROM ${formatDailyFilesSource(table, paths)}`;
    })
    .join(' UNION ALL ');
}
