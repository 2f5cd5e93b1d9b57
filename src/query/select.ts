/**
 * The SELECT builder: rows of one table, of some tickers and days, filtered, sorted and limited, in SQL that DuckDB
 * and Athena read alike. Pure.
 */
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { READ_AT_COLUMN, type Table } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { ResultColumn } from './columns.ts';
import type { DayBounds, Statement } from './engine.ts';
import type { Refinements, SortKey } from './refinements.ts';
import {
  type ColumnFormatter,
  formatCondition,
  quoteIdentifier,
  type SqlFragment,
  sqlTypes,
} from './sql.ts';

export interface DayRange extends DayBounds {
  /** Only so many of each ticker's newest days. */
  readonly last?: number | undefined;
}

export function isUnbounded({ from, to, last }: DayRange): boolean {
  return from === undefined && to === undefined && last === undefined;
}

export interface SelectRequest extends Refinements {
  readonly table: Table;
  /** The columns of the result, in order, under these names. */
  readonly columns: readonly ResultColumn[];
  /** The table's own name of a column; undefined if it lacks the column, which is then null in every row. */
  readonly findName?: (column: ResultColumn) => string | undefined;
  /** All tickers if it is empty. */
  readonly tickers: readonly Ticker[];
  readonly days: DayRange;
  /** With `days.last`: filters the newest days, instead of finding the newest days that pass the filter. */
  readonly filterNewestOnly?: boolean;
}

/** Where each row of the request has its ticker; -1 if that is not among the columns. */
export function findTickerPosition({ table, columns, findName = getName }: SelectRequest): number {
  return columns.findIndex((column) => findName(column) === table.tickerColumn);
}

function getName({ name }: ResultColumn): string {
  return name;
}

/** The columns of a table that have a part in every SELECT. */
interface KeyColumns {
  readonly key: string;
  readonly partition: string;
  /** Says which of several rows of a key and partition is the newest; undefined if the table has no such column. */
  readonly version: string | undefined;
}

function getKeyColumns({ tickerColumn, columns }: Table): KeyColumns {
  return {
    key: tickerColumn,
    partition: PARTITION_COLUMN,
    version: columns.find(({ name }) => name === READ_AT_COLUMN)?.name,
  };
}

/**
 * The SELECT for a request, by ticker and day unless it is sorted otherwise.
 * @param from the engine's name of the table
 */
export function buildSelect(request: SelectRequest, from: string): Statement {
  const { table, columns, findName = getName, days, filterNewestOnly = false } = request;
  const keys = getKeyColumns(table);
  const formatColumn: ColumnFormatter = (column) => {
    const name = findName(column);
    return name === undefined ? `CAST(NULL AS ${sqlTypes[column.type]})` : quoteIdentifier(name);
  };
  const list = columns.map((column) =>
    findName(column) === column.name
      ? formatColumn(column)
      : `${formatColumn(column)} AS ${quoteIdentifier(column.name)}`,
  );
  const inRange = createRangeConditions(keys, request.tickers, days);
  // Athena takes parameters only in a WHERE.
  const filter = request.where === undefined ? [] : [formatCondition(request.where, formatColumn)];
  const [inner, outer] = filterNewestOnly ? [[], filter] : [filter, []];
  const { source, conditions } =
    days.last === undefined
      ? { source: from, conditions: [...inRange, ...filter] }
      : {
          source: `(\n${selectWithAge(keys, from, inRange, inner)}\n)`,
          conditions: [toFragment(`${AGE_COLUMN} <= ${days.last}`), ...outer],
        };
  return {
    sql: joinLines(
      `SELECT ${list.join(', ')} FROM ${source}`,
      formatWhere(conditions),
      formatOrderBy(keys, request.sort ?? [], findName),
      request.limit === undefined ? '' : `LIMIT ${request.limit}`,
    ),
    parameters: [...inRange, ...filter].flatMap(({ parameters }) => parameters),
    days,
  };
}

function joinLines(...lines: readonly string[]): string {
  return lines.filter((line) => line !== '').join('\n');
}

function toFragment(sql: string): SqlFragment {
  return { sql, parameters: [] };
}

function formatWhere(conditions: readonly SqlFragment[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`;
}

/** The days are integers of our own and are written as literals, so that the engines can skip files by them. */
function createRangeConditions(
  { key, partition }: KeyColumns,
  tickers: readonly Ticker[],
  { from, to }: DayBounds,
): SqlFragment[] {
  const places = tickers.map(() => '?').join(', ');
  return [
    ...(tickers.length > 0 ? [{ sql: `${key} IN (${places})`, parameters: tickers }] : []),
    ...(from === undefined ? [] : [toFragment(`${partition} >= ${from}`)]),
    ...(to === undefined ? [] : [toFragment(`${partition} <= ${to}`)]),
  ];
}

// No table has columns of these names.
const AGE_COLUMN = 'days_from_the_newest';
const READING_COLUMN = 'readings_from_the_newest';

/**
 * The rows with the number of their day, counted back from the ticker's newest day as 1. Until a day is
 * deduplicated a ticker may have several rows in it: in a table that says when each was read only the last one
 * counts. Athena has no QUALIFY.
 */
function selectWithAge(
  { key, partition, version }: KeyColumns,
  from: string,
  inRange: readonly SqlFragment[],
  filter: readonly SqlFragment[],
): string {
  const age = `dense_rank() OVER (PARTITION BY ${key} ORDER BY ${partition} DESC) AS ${AGE_COLUMN}`;
  if (version === undefined) {
    return joinLines(`SELECT *, ${age} FROM ${from}`, formatWhere([...inRange, ...filter]));
  }
  const newestFirst = `PARTITION BY ${key}, ${partition} ORDER BY ${version} DESC NULLS LAST`;
  return joinLines(
    `SELECT *, ${age} FROM (`,
    `SELECT *, row_number() OVER (${newestFirst}) AS ${READING_COLUMN} FROM ${from}`,
    formatWhere(inRange),
    ')',
    formatWhere([toFragment(`${READING_COLUMN} = 1`), ...filter]),
  );
}

/**
 * Ties are broken by ticker and day, so that a result is the same each time. A column that the table lacks
 * sorts nothing: it is null in every row.
 */
function formatOrderBy(
  { key, partition }: KeyColumns,
  sort: readonly SortKey[],
  findName: (column: ResultColumn) => string | undefined,
): string {
  const sorted = sort.flatMap(({ column, descending }) => {
    const name = findName(column);
    return name === undefined ? [] : [{ name, direction: descending ? 'DESC' : 'ASC' }];
  });
  const ties = [key, partition].filter((name) => !sorted.some((each) => each.name === name));
  const keys = [
    ...sorted.map(({ name, direction }) => `${quoteIdentifier(name)} ${direction} NULLS LAST`),
    ...ties,
  ];
  return `ORDER BY ${keys.join(', ')}`;
}
