/**
 * What the lake in AWS stores of a day: which tickers, whether every layer has followed, and how many rows.
 */

import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import {
  READ_AT_COLUMN,
  sorTables,
  sotTables,
  specTable,
  type Table,
  tables,
} from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { BrokenFileError, FileChangedError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { findStoredTickers } from '../pipeline/tickers.ts';
import { deduplicate, parseReadAt } from '../transform/deduplicate.ts';
import { specialize } from '../transform/layers.ts';

/** The tickers whose raw text was read at `since` or later. */
export async function findTickersReadSince(
  lake: Lake,
  partition: Partition,
  since: Date,
): Promise<string[]> {
  const tickers: string[] = [];
  for (const kind of assetKinds) {
    for (const [ticker, readAt] of await findStoredTickers(lake, assets[kind].dataset, partition)) {
      if (readAt >= since.getTime()) tickers.push(ticker);
    }
  }
  return tickers;
}

/**
 * The tickers by their kind, as the newest day of the lake up to `partition` has them. Units of stocks end in 11 as
 * funds do, so the suffix decides only for a ticker that the lake does not know.
 */
export async function groupByKind(
  lake: Lake,
  partition: Partition,
  tickers: readonly Ticker[],
): Promise<Readonly<Record<AssetKind, readonly Ticker[]>>> {
  const funds = await findNewestTickers(lake, 'fiis', partition);
  const stocks = await findNewestTickers(lake, 'acoes', partition);
  const isFund = (ticker: Ticker): boolean =>
    funds.has(ticker) || (!stocks.has(ticker) && ticker.endsWith('11'));
  return {
    acoes: tickers.filter((ticker) => !isFund(ticker)),
    fiis: tickers.filter(isFund),
  };
}

async function findNewestTickers(
  lake: Lake,
  kind: AssetKind,
  partition: Partition,
): Promise<ReadonlyMap<string, number>> {
  const days = await lake.partitions(sorTables[kind]);
  const newest = days.filter((day) => day <= partition).at(-1);
  return newest === undefined ? new Map() : findStoredTickers(lake, assets[kind].dataset, newest);
}

/**
 * Whether the typed tables hold every page of the raw tables, none of them older, and the quotes each quote that
 * follows from those. Files alone do not show it: rows that a deduplicated table has already are not written again.
 */
export async function isDayComplete(lake: Lake, partition: Partition): Promise<boolean> {
  try {
    const quotes = new Set((await readRows(lake, specTable, partition)).map(serializeQuote));
    for (const kind of assetKinds) {
      const table = sotTables[kind];
      const typed = deduplicate(await readRows(lake, table, partition), table);
      const readAt = new Map(
        typed.map((row) => [String(row[table.tickerColumn]), parseReadAt(row[READ_AT_COLUMN])]),
      );
      const raw = await findStoredTickers(lake, assets[kind].dataset, partition);
      if ([...raw].some(([ticker, instant]) => (readAt.get(ticker) ?? 0) < instant)) return false;
      const derived = typed.map((row) => specialize(row, assets[kind].dataset));
      if (!derived.every((quote) => quotes.has(serializeQuote(quote)))) return false;
    }
    return true;
  } catch (error) {
    // A file that is being replaced is whole at the next poll.
    if (error instanceof BrokenFileError || error instanceof FileChangedError) return false;
    throw error;
  }
}

/** The rows of each table of the day. */
export async function countRows(
  lake: Lake,
  partition: Partition,
): Promise<{ readonly table: Table; readonly rows: number }[]> {
  const counts: { readonly table: Table; readonly rows: number }[] = [];
  for (const table of tables) {
    counts.push({ table, rows: (await readRows(lake, table, partition)).length });
  }
  return counts;
}

async function readRows(lake: Lake, table: Table, partition: Partition): Promise<Row[]> {
  const rows: Row[] = [];
  for (const file of await lake.files(table, partition)) rows.push(...(await lake.read(file)));
  return rows;
}

/** A quote as one text: equal where all its columns are. */
function serializeQuote(quote: Row): string {
  return JSON.stringify(specTable.columns.map(({ name }) => quote[name] ?? null));
}
