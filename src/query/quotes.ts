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
  { forScreen = false } = {},
): Question {
  const { tickerColumn } = specTable;
  const names = specTable.columns.map((column) => column.name);
  const columns = new Set([
    PARTITION_COLUMN,
    tickerColumn,
    ...(forScreen ? FIRST_ON_SCREEN : []),
    ...names,
  ]);
  return questionOf(specTable, [...columns], tickers, days);
}

/** Rows of some columns of a table, by ticker and day; of every ticker where none is named. */
export function questionOf(
  { database, name, tickerColumn }: Table,
  columns: readonly string[],
  tickers: readonly Ticker[],
  days: Days,
): Question {
  return {
    sql: [
      `SELECT ${columns.map(identifier).join(', ')}`,
      `FROM ${database}.${name}`,
      ...whereClause(tickerColumn, tickers, days),
      ...lastClause(tickerColumn, days),
      `ORDER BY ${tickerColumn}, ${PARTITION_COLUMN}`,
    ].join('\n'),
    parameters: tickers,
  };
}

/** Days are whole numbers of our own making and stand in the text, so that files can be passed over. */
function whereClause(
  tickerColumn: string,
  tickers: readonly Ticker[],
  { from, to }: Days,
): string[] {
  const conditions = [
    ...(tickers.length > 0
      ? [`${tickerColumn} IN (${tickers.map((_, index) => `$${index + 1}`).join(', ')})`]
      : []),
    ...(from === undefined ? [] : [`${PARTITION_COLUMN} >= ${from}`]),
    ...(to === undefined ? [] : [`${PARTITION_COLUMN} <= ${to}`]),
  ];
  return conditions.length > 0 ? [`WHERE ${conditions.join(' AND ')}`] : [];
}

function lastClause(tickerColumn: string, { last }: Days): string[] {
  if (last === undefined) return [];
  const newestFirst = `PARTITION BY ${tickerColumn} ORDER BY ${PARTITION_COLUMN} DESC`;
  return [`QUALIFY row_number() OVER (${newestFirst}) <= ${last}`];
}
