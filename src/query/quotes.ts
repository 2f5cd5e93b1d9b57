/** The question for quotes: which assets, which days. Pure. */
import { PARTITION_COLUMN, type Partition } from '../catalog/partition.ts';
import { specTable, type Table } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { identifier } from './views.ts';

export interface Question {
  readonly sql: string;
  readonly parameters: readonly string[];
}

export interface Days {
  readonly from?: Partition | undefined;
  readonly to?: Partition | undefined;
  /** Only so many of the newest days of each asset. */
  readonly last?: number | undefined;
}

/** What a person looks for first, for a screen that cannot show every column. */
const FIRST_ON_SCREEN = ['vlr_cot', 'pct_var_dia', 'pct_var_mes', 'pct_var_12m', 'dt_ult_cot'];

/**
 * The quotes of `tickers` (of every asset where there are none), the days in order. The columns are
 * in the table's order, or `forScreen` with the quote itself first.
 */
export function quotesQuestion(
  tickers: readonly Ticker[],
  days: Days,
  { forScreen = false, from }: { readonly forScreen?: boolean; readonly from?: string } = {},
): Question {
  const { tickerColumn } = specTable;
  const names = specTable.columns.map((column) => column.name);
  const columns = new Set([
    PARTITION_COLUMN,
    tickerColumn,
    ...(forScreen ? FIRST_ON_SCREEN : []),
    ...names,
  ]);
  return questionOf(specTable, [...columns], tickers, days, from);
}

/**
 * Rows of some columns of a table, by ticker and day; of every ticker where none is named. `from` is what
 * the engine calls the table.
 */
export function questionOf(
  { database, name, tickerColumn }: Table,
  columns: readonly string[],
  tickers: readonly Ticker[],
  days: Days,
  from = `${database}.${name}`,
): Question {
  const list = columns.map(identifier).join(', ');
  const where = whereClause(tickerColumn, tickers, days);
  const source = [`FROM ${from}`, ...where].join('\n');
  const order = `ORDER BY ${tickerColumn}, ${PARTITION_COLUMN}`;
  return {
    sql:
      days.last === undefined
        ? `SELECT ${list}\n${source}\n${order}`
        : `SELECT ${list} FROM (
SELECT *, ${newestFirst(tickerColumn)} AS ${AGE}
${source}
)
WHERE ${AGE} <= ${days.last}
${order}`,
    parameters: tickers,
  };
}

/** A name that no column has. */
const AGE = 'rows_from_the_newest';

/** Athena knows no QUALIFY. */
function newestFirst(tickerColumn: string): string {
  return `row_number() OVER (PARTITION BY ${tickerColumn} ORDER BY ${PARTITION_COLUMN} DESC)`;
}

/** Days are whole numbers of our own making and stand in the text, so that files can be passed over. */
function whereClause(
  tickerColumn: string,
  tickers: readonly Ticker[],
  { from, to }: Days,
): string[] {
  const conditions = [
    ...(tickers.length > 0 ? [`${tickerColumn} IN (${tickers.map(() => '?').join(', ')})`] : []),
    ...(from === undefined ? [] : [`${PARTITION_COLUMN} >= ${from}`]),
    ...(to === undefined ? [] : [`${PARTITION_COLUMN} <= ${to}`]),
  ];
  return conditions.length > 0 ? [`WHERE ${conditions.join(' AND ')}`] : [];
}
