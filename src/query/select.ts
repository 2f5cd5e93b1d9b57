/**
 * The SELECT builder: rows of one table, of some tickers and days, filtered, sorted and limited, in SQL that DuckDB
 * and Athena read alike. Pure.
 */

import type { Table } from '../catalog/dataset.ts';
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

/**
 * The SELECT for a request, by ticker and day unless it is sorted otherwise.
 * @param from the engine's name of the table
 */
export function buildSelect(request: SelectRequest, from: string): Statement {
  const { table, columns, findName = getName, days, filterNewestOnly = false } = request;
  const formatColumn: ColumnFormatter = (column) => {
    const name = findName(column);
    return name === undefined ? `CAST(NULL AS ${sqlTypes[column.type]})` : quoteIdentifier(name);
  };
  const list = columns.map((column) =>
    findName(column) === column.name
      ? formatColumn(column)
      : `${formatColumn(column)} AS ${quoteIdentifier(column.name)}`,
  );
  const inRange = createRangeConditions(table, request.tickers, days);
  // Athena takes parameters only in a WHERE.
  const filter = request.where === undefined ? [] : [formatCondition(request.where, formatColumn)];
  const [inner, outer] = filterNewestOnly ? [[], filter] : [filter, []];
  const { source, conditions } =
    days.last === undefined
      ? { source: from, conditions: [...inRange, ...filter] }
      : {
          source: `(\n${selectWithAge(table, from, inRange, inner)}\n)`,
          conditions: [toFragment(`${AGE_COLUMN} <= ${days.last}`), ...outer],
        };
  return {
    sql: joinLines(
      `SELECT ${list.join(', ')} FROM ${source}`,
      formatWhere(conditions),
      formatOrderBy(table, request.sort ?? [], findName),
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
  { tickerColumn, partition }: Table,
  tickers: readonly Ticker[],
  { from, to }: DayBounds,
): SqlFragment[] {
  const places = tickers.map(() => '?').join(', ');
  return [
    ...(tickers.length > 0 ? [{ sql: `${tickerColumn} IN (${places})`, parameters: tickers }] : []),
    ...(from === undefined ? [] : [toFragment(`${partition.column} >= ${from}`)]),
    ...(to === undefined ? [] : [toFragment(`${partition.column} <= ${to}`)]),
  ];
}

// No table has columns of these names.
const AGE_COLUMN = 'days_from_the_newest';
const READING_COLUMN = 'readings_from_the_newest';

/**
 * The rows with the number of their partition, counted back from the ticker's newest as 1. Until a partition is
 * deduplicated it may have several rows of a key: in a table with a version column only the newest one counts.
 * Athena has no QUALIFY.
 */
function selectWithAge(
  { tickerColumn, keyColumns, versionColumn, partition }: Table,
  from: string,
  inRange: readonly SqlFragment[],
  filter: readonly SqlFragment[],
): string {
  const age = `dense_rank() OVER (PARTITION BY ${tickerColumn} ORDER BY ${partition.column} DESC) AS ${AGE_COLUMN}`;
  if (versionColumn === undefined) {
    return joinLines(`SELECT *, ${age} FROM ${from}`, formatWhere([...inRange, ...filter]));
  }
  const key = [...keyColumns, partition.column].join(', ');
  const newestFirst = `PARTITION BY ${key} ORDER BY ${versionColumn} DESC NULLS LAST`;
  return joinLines(
    `SELECT *, ${age} FROM (`,
    `SELECT *, row_number() OVER (${newestFirst}) AS ${READING_COLUMN} FROM ${from}`,
    formatWhere(inRange),
    ')',
    formatWhere([toFragment(`${READING_COLUMN} = 1`), ...filter]),
  );
}

/**
 * Ties are broken by ticker, partition and key, so that a result is the same each time. A column that the table lacks
 * sorts nothing: it is null in every row.
 */
function formatOrderBy(
  { tickerColumn, keyColumns, partition }: Table,
  sort: readonly SortKey[],
  findName: (column: ResultColumn) => string | undefined,
): string {
  const sorted = sort.flatMap(({ column, descending }) => {
    const name = findName(column);
    return name === undefined ? [] : [{ name, direction: descending ? 'DESC' : 'ASC' }];
  });
  const ties = [...new Set([tickerColumn, partition.column, ...keyColumns])].filter(
    (name) => !sorted.some((each) => each.name === name),
  );
  const keys = [
    ...sorted.map(({ name, direction }) => `${quoteIdentifier(name)} ${direction} NULLS LAST`),
    ...ties,
  ];
  return `ORDER BY ${keys.join(', ')}`;
}
