/**
 * The tickers of a day's rows, and those with several rows. Pure.
 */

import type { Row } from '../../catalog/column.ts';
import type { Table } from '../../catalog/tables.ts';

export interface TickerCount {
  readonly rows: number;
  readonly tickers: ReadonlySet<string>;
  /** The tickers with more than one row. */
  readonly repeated: readonly string[];
}

export function countTickers(rows: readonly Row[], { tickerColumn }: Table): TickerCount {
  const tickers = new Set<string>();
  const repeated = new Set<string>();
  for (const row of rows) {
    const ticker = String(row[tickerColumn]);
    if (tickers.has(ticker)) repeated.add(ticker);
    tickers.add(ticker);
  }
  return { rows: rows.length, tickers, repeated: [...repeated] };
}
