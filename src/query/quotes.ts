/**
 * The request for quotes. Pure.
 */

import type { Dataset } from '../catalog/dataset.ts';
import { quotes } from '../catalog/datasets/cotacoes.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { getColumn, getColumns, quoteResultColumns, quotesTable } from './columns.ts';
import type { Refinements } from './refinements.ts';
import type { DayRange, SelectRequest } from './select.ts';
import type { Condition } from './where/condition.ts';

interface QuotesOptions extends Refinements {
  /** The columns after the day and the ticker; by default all, in the table's order. */
  readonly columns?: readonly string[] | undefined;
  /** Also the days without a session, such as weekends, on which the quote is that of the day before. */
  readonly everyDay?: boolean | undefined;
}

/** The day of the last trade: rows with the same one are one session's. */
const SESSION_COLUMN = 'dt_ult_cot';

const KIND_COLUMN = 'tipo_ativo';

/** The condition that only quotes from these data sets meet; undefined if quotes come from no other. */
export function createKindCondition(datasets: readonly Dataset[]): Condition | undefined {
  const chosen = quotes.derivations.filter(({ from }) => datasets.includes(from));
  if (chosen.length === quotes.derivations.length) return undefined;
  const values = chosen.map(
    ({ constants }) => ({ type: 'string', text: String(constants[KIND_COLUMN]) }) as const,
  );
  return { kind: 'in', column: getColumn(KIND_COLUMN, quotesTable.columns), values };
}

/**
 * The quotes of `tickers` (of all assets if there are none), one a session, by ticker and day unless sorted otherwise.
 */
export function createQuotesRequest(
  tickers: readonly Ticker[],
  days: DayRange,
  { columns, everyDay = false, ...refinements }: QuotesOptions = {},
): SelectRequest {
  const chosen = columns ?? quotesTable.columns.map(({ name }) => name);
  const names = [...new Set([quotesTable.partition.column, quotesTable.tickerColumn, ...chosen])];
  return {
    table: quotesTable,
    columns: getColumns(names, quoteResultColumns),
    tickers,
    days,
    session: everyDay ? undefined : SESSION_COLUMN,
    assetColumns: [KIND_COLUMN],
    ...refinements,
  };
}
