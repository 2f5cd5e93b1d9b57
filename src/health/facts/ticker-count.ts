/**
 * The tickers of a partition's rows, and the keys with several rows. Pure.
 */

import type { Row } from '../../catalog/column.ts';
import type { Table } from '../../catalog/dataset.ts';
import { formatRowKey } from '../../transform/deduplicate.ts';

export interface TickerCount {
  readonly rows: number;
  readonly tickers: ReadonlySet<string>;
  /** The keys, such as tickers, with more than one row. */
  readonly repeated: readonly string[];
}

export function countTickers(rows: readonly Row[], table: Table): TickerCount {
  const tickers = new Set<string>();
  const keys = new Set<string>();
  const repeated = new Set<string>();
  for (const row of rows) {
    tickers.add(String(row[table.tickerColumn]));
    const key = formatRowKey(row, table);
    if (keys.has(key)) repeated.add(key);
    keys.add(key);
  }
  return { rows: rows.length, tickers, repeated: [...repeated] };
}
