/** What the lake holds of one day, and whether each step of the chain has followed the one before it. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import type { Partition } from '../catalog/partition.ts';
import { READ_AT_COLUMN, sotTables, specTable, type Table, tables } from '../catalog/tables.ts';
import { BrokenFileError, FileChangedError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { quotesName, startsSpecialization } from '../lake/names.ts';
import { storedTickers } from '../pipeline/stored-tickers.ts';
import { instantOf } from '../transform/deduplicate.ts';

/** The tickers whose raw text the lake holds, with the instant (in milliseconds) when each was read. */
export async function rawTickers(
  lake: Lake,
  partition: Partition,
): Promise<ReadonlyMap<AssetKind, ReadonlyMap<string, number>>> {
  const found = new Map<AssetKind, ReadonlyMap<string, number>>();
  for (const kind of assetKinds) found.set(kind, await storedTickers(lake, kind, partition));
  return found;
}

/**
 * Whether the typed tables hold every page that the raw tables hold, no older, and each of their files
 * has become quotes.
 */
export async function isFollowed(lake: Lake, partition: Partition): Promise<boolean> {
  const raw = await rawTickers(lake, partition);
  const quotes = new Set((await lake.files(specTable, partition)).map(({ name }) => name));
  for (const kind of assetKinds) {
    const table = sotTables[kind];
    const files = await lake.files(table, partition);
    const pending = files
      .filter(({ name }) => startsSpecialization(name))
      .some(({ name }) => !quotes.has(quotesName(kind, name)));
    if (pending) return false;
    const typed = await newestReads(lake, table, partition);
    for (const [ticker, readAt] of raw.get(kind) ?? []) {
      if ((typed.get(ticker) ?? 0) < readAt) return false;
    }
  }
  return true;
}

/** The rows of each table of the day. */
export async function countRows(
  lake: Lake,
  partition: Partition,
): Promise<{ readonly table: Table; readonly rows: number }[]> {
  const counts: { readonly table: Table; readonly rows: number }[] = [];
  for (const table of tables) {
    let rows = 0;
    for (const file of await lake.files(table, partition)) rows += (await lake.read(file)).length;
    counts.push({ table, rows });
  }
  return counts;
}

async function newestReads(
  lake: Lake,
  table: Table,
  partition: Partition,
): Promise<Map<string, number>> {
  const newest = new Map<string, number>();
  for (const file of await lake.files(table, partition)) {
    try {
      for (const row of await lake.read(file)) {
        const ticker = String(row[table.tickerColumn]);
        const readAt = instantOf(row[READ_AT_COLUMN]);
        newest.set(ticker, Math.max(readAt, newest.get(ticker) ?? readAt));
      }
    } catch (error) {
      // It is being replaced: the next look finds it whole.
      if (!(error instanceof BrokenFileError || error instanceof FileChangedError)) throw error;
    }
  }
  return newest;
}
