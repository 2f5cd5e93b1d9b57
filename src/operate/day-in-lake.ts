/** What the lake holds of one day, and whether each step of the chain has followed the one before it. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import { READ_AT_COLUMN, sotTables, specTable, type Table, tables } from '../catalog/tables.ts';
import { BrokenFileError, FileChangedError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { storedTickers } from '../pipeline/stored-tickers.ts';
import { deduplicate, instantOf } from '../transform/deduplicate.ts';
import { specialize } from '../transform/specialize.ts';

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
 * Whether the typed tables hold every page that the raw tables hold, no older, and the quotes each quote that
 * follows from those. Files alone do not tell: what a deduplicated table holds already is not written again.
 */
export async function isFollowed(lake: Lake, partition: Partition): Promise<boolean> {
  try {
    const quotes = new Set((await rowsOf(lake, specTable, partition)).map(valuesOf));
    for (const [kind, raw] of await rawTickers(lake, partition)) {
      const table = sotTables[kind];
      const typed = deduplicate(await rowsOf(lake, table, partition), table.tickerColumn);
      const readAt = new Map(
        typed.map((row) => [String(row[table.tickerColumn]), instantOf(row[READ_AT_COLUMN])]),
      );
      if ([...raw].some(([ticker, instant]) => (readAt.get(ticker) ?? 0) < instant)) return false;
      if (!typed.every((row) => quotes.has(valuesOf(specialize(row, kind))))) return false;
    }
    return true;
  } catch (error) {
    // A file is being replaced: the next look finds it whole.
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
    counts.push({ table, rows: (await rowsOf(lake, table, partition)).length });
  }
  return counts;
}

async function rowsOf(lake: Lake, table: Table, partition: Partition): Promise<Row[]> {
  const rows: Row[] = [];
  for (const file of await lake.files(table, partition)) rows.push(...(await lake.read(file)));
  return rows;
}

/** A quote as one text: equal where all its columns are. */
function valuesOf(quote: Row): string {
  return JSON.stringify(specTable.columns.map(({ name }) => quote[name] ?? null));
}
