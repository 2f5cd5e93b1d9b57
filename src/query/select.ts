/**
 * The SELECT builder: rows of some columns of a table, for some assets and days, filtered, sorted and limited,
 * in SQL that DuckDB and Athena read alike. Pure.
 */
import { PARTITION_COLUMN, type Partition } from '../catalog/partition.ts';
import { READ_AT_COLUMN, type Table } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { Refinements, SortKey } from './refinements.ts';
import {
  type ColumnExpression,
  formatCondition,
  quoteColumn,
  quoteIdentifier,
  type SqlFragment,
} from './sql.ts';

export interface SelectStatement {
  readonly sql: string;
  readonly parameters: readonly string[];
}

export interface DayRange {
  readonly from?: Partition | undefined;
  readonly to?: Partition | undefined;
  /** Only so many of the newest days of each asset. */
  readonly last?: number | undefined;
}

export function isUnbounded({ from, to, last }: DayRange): boolean {
  return from === undefined && to === undefined && last === undefined;
}

export interface SelectOptions extends Refinements {
  /** What the engine calls the table. */
  readonly from?: string | undefined;
  /** How the table gives the columns of the condition. */
  readonly expressionOf?: ColumnExpression;
  /** With `last`, ask the condition of those rows alone, not look for the newest for which it holds. */
  readonly filterNewestOnly?: boolean;
}

/** Rows of some columns of a table, by ticker and day; of every ticker where none is named. */
export function buildSelect(
  table: Table,
  columns: readonly string[],
  tickers: readonly Ticker[],
  days: DayRange,
  {
    from = `${table.database}.${table.name}`,
    where,
    sort = [],
    limit,
    expressionOf = quoteColumn,
    filterNewestOnly = false,
  }: SelectOptions = {},
): SelectStatement {
  const { tickerColumn } = table;
  const list = columns.map(quoteIdentifier).join(', ');
  // Athena takes a parameter nowhere but in a WHERE.
  const asked = where === undefined ? [] : [formatCondition(where, expressionOf)];
  const ofRows = createBaseConditions(tickerColumn, tickers, days);
  const lines =
    days.last === undefined
      ? [`SELECT ${list} FROM ${from}`, ...formatWhere([...ofRows, ...asked])]
      : [
          `SELECT ${list} FROM (`,
          ...selectWithAges(table, from, ofRows, filterNewestOnly ? [] : asked),
          ')',
          ...formatWhere([
            toFragment(`${AGE_COLUMN} <= ${days.last}`),
            ...(filterNewestOnly ? asked : []),
          ]),
        ];
  const end = [
    formatOrderBy(sort, tickerColumn),
    ...(limit === undefined ? [] : [`LIMIT ${limit}`]),
  ];
  return {
    sql: [...lines, ...end].join('\n'),
    parameters: [...ofRows, ...asked].flatMap(({ parameters }) => parameters),
  };
}

function toFragment(sql: string): SqlFragment {
  return { sql, parameters: [] };
}

function formatWhere(conditions: readonly SqlFragment[]): string[] {
  return conditions.length === 0 ? [] : [`WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`];
}

// Names that no column has.
const AGE_COLUMN = 'days_from_the_newest';
const READING_COLUMN = 'readings_from_the_newest';

/**
 * The rows with the number of their day in `AGE`, the newest day of each ticker as the first. Until a day is
 * merged a ticker may stand in it twice: of the rows that tell when their page was read only the last counts.
 * Athena knows no QUALIFY.
 */
function selectWithAges(
  { tickerColumn, columns }: Table,
  from: string,
  ofRows: readonly SqlFragment[],
  asked: readonly SqlFragment[],
): string[] {
  const age = `dense_rank() OVER (PARTITION BY ${tickerColumn} ORDER BY ${PARTITION_COLUMN} DESC) AS ${AGE_COLUMN}`;
  if (!columns.some(({ name }) => name === READ_AT_COLUMN)) {
    return [`SELECT *, ${age} FROM ${from}`, ...formatWhere([...ofRows, ...asked])];
  }
  const ofDay = `PARTITION BY ${tickerColumn}, ${PARTITION_COLUMN}`;
  const lastFirst = `ORDER BY ${READ_AT_COLUMN} DESC NULLS LAST`;
  return [
    `SELECT *, ${age} FROM (`,
    `SELECT *, row_number() OVER (${ofDay} ${lastFirst}) AS ${READING_COLUMN} FROM ${from}`,
    ...formatWhere(ofRows),
    ')',
    ...formatWhere([toFragment(`${READING_COLUMN} = 1`), ...asked]),
  ];
}

/** The usual order settles what the keys leave open, so an answer is the same each time. */
function formatOrderBy(sort: readonly SortKey[], tickerColumn: string): string {
  const sorted = sort.map(({ column }) => column.name);
  const keys = [
    ...sort.map(
      ({ column, descending }) =>
        `${quoteIdentifier(column.name)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
    ),
    ...[tickerColumn, PARTITION_COLUMN].filter((name) => !sorted.includes(name)),
  ];
  return `ORDER BY ${keys.join(', ')}`;
}

/** Days are whole numbers of our own making and stand in the text, so that files can be passed over. */
function createBaseConditions(
  tickerColumn: string,
  tickers: readonly Ticker[],
  { from, to }: DayRange,
): SqlFragment[] {
  const places = tickers.map(() => '?').join(', ');
  return [
    ...(tickers.length > 0 ? [{ sql: `${tickerColumn} IN (${places})`, parameters: tickers }] : []),
    ...(from === undefined ? [] : [toFragment(`${PARTITION_COLUMN} >= ${from}`)]),
    ...(to === undefined ? [] : [toFragment(`${PARTITION_COLUMN} <= ${to}`)]),
  ];
}
