/**
 * What a person probably meant by a ticker that does not exist: one that is much like it, of those that the site lists
 * or that the lake has. All commands say it in the same words.
 */
import { assetKinds } from '../catalog/asset.ts';
import { BrokenFileError, SiteError } from '../errors.ts';
import { getColumns, quotesTable } from '../query/columns.ts';
import type { QueryEngine } from '../query/engine.ts';
import { buildHistoryTickersSelect, historyTable } from '../query/history.ts';
import { readAll, readRows } from '../query/read-rows.ts';
import type { Site } from '../sources/fundamentus/site.ts';
import { findClosest } from '../suggest.ts';

/** Such as `Did you mean PETR4?`; undefined where no known ticker is like it, or it is one itself. */
export function suggestTicker(ticker: string, known: readonly string[]): string | undefined {
  const similar = known.includes(ticker) ? undefined : findClosest(ticker, known);
  return similar === undefined ? undefined : `Did you mean ${similar}?`;
}

/** The tickers that the site lists: asked for once, if at all. Without the listings there are none. */
export function createListingReader(site: Pick<Site, 'listing'>): () => Promise<readonly string[]> {
  let listed: Promise<readonly string[]> | undefined;
  return () => {
    listed ??= Promise.all(assetKinds.map((kind) => site.listing(kind))).then(
      (listings) => listings.flatMap(({ tickers }) => tickers),
      (error: unknown): string[] => {
        if (error instanceof SiteError) return [];
        throw error;
      },
    );
    return listed;
  };
}

/** The tickers of the newest day of the quotes. */
export function readQuotedTickers(engine: QueryEngine): Promise<readonly string[]> {
  return readReadable(async () => {
    const newest = await engine.newestPartition(quotesTable);
    if (newest === undefined) return [];
    const columns = getColumns([quotesTable.tickerColumn], quotesTable.columns);
    const days = { from: newest };
    const rows = await readRows(engine, { table: quotesTable, columns, tickers: [], days });
    return rows.map(([ticker]) => String(ticker));
  });
}

/** The tickers of the newest year of B3's prices. */
export function readTradedTickers(engine: QueryEngine): Promise<readonly string[]> {
  return readReadable(async () => {
    const newest = await engine.newestPartition(historyTable);
    if (newest === undefined) return [];
    const nameOf: Parameters<typeof buildHistoryTickersSelect>[0] = (table) => engine.nameOf(table);
    const rows = await readAll(engine, buildHistoryTickersSelect(nameOf, newest));
    return rows.map(([ticker]) => String(ticker));
  });
}

/** They would only be suggestions: a file that cannot be read has none. */
async function readReadable(read: () => Promise<readonly string[]>): Promise<readonly string[]> {
  return read().catch((error: unknown) => {
    if (error instanceof BrokenFileError) return [];
    throw error;
  });
}
