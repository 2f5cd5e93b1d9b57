/**
 * The SELECT builder: rows of one table, of some tickers and days, filtered, sorted and limited, in SQL that DuckDB
 * and Athena read alike. Pure.
 */

import type { Table } from '../catalog/dataset.ts';
import type { DayBounds, Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { ResultColumn } from './columns.ts';
import type { Statement, TableDays } from './engine.ts';
import { getReferencedColumns, type Refinements, type SortKey } from './refinements.ts';
import {
  AGE_COLUMN,
  formatSessionKey,
  IS_NEWEST_OF_SESSION,
  numberDays,
  selectSessions,
} from './sessions.ts';
import {
  type ColumnFormatter,
  formatCondition,
  formatWhere,
  joinLines,
  quoteIdentifier,
  type SqlFragment,
  sqlTypes,
  toFragment,
} from './sql.ts';
import { type Condition, joinConditions } from './where/condition.ts';

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
  /**
   * The column with the day of the session that a row is about: of several days with one session only the newest
   * counts, and `days.last` counts sessions. A row without it counts for its own day. Only of a table without a
   * version. A condition is about the rows that count; what it says of days alone chooses among all rows before.
   */
  readonly session?: string | undefined;
  /** The columns, beside the ticker, that have the same value in all rows of an asset. */
  readonly assetColumns?: readonly string[];
  /** Of these tickers the days before `days.from`, too. */
  readonly olderTickers?: readonly string[];
  /** What is read after this request. */
  readonly next?: TableDays | undefined;
  /** With `days.last`, of a request without sessions: filters the newest days, instead of finding the newest that pass. */
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
 * @param name the engine's name of the table
 */
export function buildSelect(request: SelectRequest, name: string): Statement {
  const { table, columns, findName = getName, session, filterNewestOnly = false } = request;
  const { source: from, parameters: olderTickers, days } = selectOlderDays(request, name);
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
  const { onAllRows, onCountedRows } = splitCondition(request, formatColumn);
  const isOfAge = days.last === undefined ? [] : [toFragment(`${AGE_COLUMN} <= ${days.last}`)];
  const select = (source: string, conditions: readonly SqlFragment[]): string =>
    joinLines(`SELECT ${list.join(', ')} FROM ${source}`, formatWhere(conditions));
  let rows: string;
  if (session !== undefined) {
    const conditions = [...inRange, ...onAllRows];
    const filter = onCountedRows;
    const sessions = selectSessions({ table, from, session, conditions, filter, isOfAge });
    rows = select(`(\n${sessions.source}\n)`, sessions.conditions);
  } else if (days.last === undefined) {
    rows = select(from, [...inRange, ...onAllRows]);
  } else {
    const [inner, outer] = filterNewestOnly ? [[], onAllRows] : [onAllRows, []];
    const aged = selectWithAge(table, from, inRange, inner);
    rows = select(`(\n${aged}\n)`, [...isOfAge, ...outer]);
  }
  return {
    sql: joinLines(
      rows,
      formatOrderBy(table, request.sort ?? [], findName),
      request.limit === undefined ? '' : `LIMIT ${request.limit}`,
    ),
    parameters: [
      ...olderTickers,
      ...[...inRange, ...onAllRows, ...onCountedRows].flatMap(({ parameters }) => parameters),
    ],
    days,
    namesColumns: true,
    next: request.next,
  };
}

/**
 * The source of the rows, and the days that remain to be selected. The days of a few tickers that begin earlier are a
 * SELECT of their own: of the others, the engines then skip those days.
 */
function selectOlderDays(
  { table: { tickerColumn, partition }, olderTickers = [], days }: SelectRequest,
  name: string,
): {
  readonly source: string;
  readonly parameters: readonly string[];
  readonly days: DayRange;
} {
  if (olderTickers.length === 0 || days.from === undefined) {
    return { source: name, parameters: [], days };
  }
  const places = olderTickers.map(() => '?').join(', ');
  const source = joinLines(
    `(SELECT * FROM ${name} WHERE ${partition.column} >= ${days.from}`,
    'UNION ALL',
    `SELECT * FROM ${name} WHERE ${partition.column} < ${days.from} AND ${tickerColumn} IN (${places}))`,
  );
  return { source, parameters: olderTickers, days: { ...days, from: undefined } };
}

/**
 * The SELECT for the tickers of a request that have fewer than `days.last` days or sessions since `start`, and others
 * before. A paper that is no longer traded has one session for years, and nothing to look for before it.
 *
 * @param name the engine's name of the table
 */
export function buildOlderTickersSelect(
  request: SelectRequest,
  start: Partition,
  name: string,
): Statement {
  const { table, findName = getName, session } = request;
  const { to, last } = request.days;
  const { tickerColumn, partition } = table;
  const formatColumn: ColumnFormatter = (column) => quoteIdentifier(findName(column) ?? '');
  const { onAllRows, onCountedRows } = splitCondition(request, formatColumn);
  const key = session === undefined ? partition.column : formatSessionKey(table, session);
  // Of the days before, any row that meets the condition counts: a ticker too many costs only time.
  const before = [toFragment(`${partition.column} < ${start}`), ...onAllRows, ...onCountedRows];
  const since = [...createRangeConditions(table, [], { from: start, to }), ...onAllRows];
  const counted =
    onCountedRows.length === 0
      ? joinLines(name, formatWhere(since))
      : joinLines(
          `(\n${numberDays(table, key, name, since)}\n)`,
          formatWhere([IS_NEWEST_OF_SESSION, ...onCountedRows]),
        );
  return {
    sql: joinLines(
      // One row per ticker before they are joined: all rows together need a hundred megabytes more.
      `SELECT older.${tickerColumn} FROM (`,
      `SELECT ${tickerColumn}, min(${key}) AS oldest_key, max(${key}) AS newest_key FROM ${name}`,
      formatWhere(before),
      `GROUP BY ${tickerColumn}`,
      ') AS older LEFT JOIN (',
      `SELECT ${tickerColumn}, count(DISTINCT ${key}) AS key_count, min(${key}) AS first_key FROM ${counted}`,
      `GROUP BY ${tickerColumn}`,
      `) AS newest ON older.${tickerColumn} = newest.${tickerColumn}`,
      `WHERE key_count IS NULL OR (key_count < ${last} AND oldest_key < first_key) OR newest_key > first_key`,
    ),
    parameters: [...before, ...since, ...onCountedRows].flatMap(({ parameters }) => parameters),
    days: { to },
    namesColumns: true,
  };
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

// No table has a column of this name.
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
 * The parts of a condition that choose among all rows: those about days alone, and about what is the same in all rows
 * of an asset, which cost less there. The others are about the rows that count, so that a reading which was replaced is
 * no answer. Without sessions every row counts.
 */
function splitCondition(
  { table, session, assetColumns = [], where }: SelectRequest,
  formatColumn: ColumnFormatter,
): { readonly onAllRows: readonly SqlFragment[]; readonly onCountedRows: readonly SqlFragment[] } {
  const ofRows = [table.partition.column, table.tickerColumn, ...assetColumns];
  const isOfRows = (part: Condition): boolean =>
    session === undefined ||
    getReferencedColumns({ where: part }).every((name) => ofRows.includes(name));
  const parts = where === undefined ? [] : getConjuncts(where);
  const format = (chosen: readonly Condition[]): SqlFragment[] => {
    const condition = joinConditions(chosen);
    return condition === undefined ? [] : [formatCondition(condition, formatColumn)];
  };
  return {
    onAllRows: format(parts.filter(isOfRows)),
    onCountedRows: format(parts.filter((part) => !isOfRows(part))),
  };
}

/** The conditions that all have to be met. */
function getConjuncts(condition: Condition): readonly Condition[] {
  return condition.kind === 'and' ? condition.parts.flatMap(getConjuncts) : [condition];
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
