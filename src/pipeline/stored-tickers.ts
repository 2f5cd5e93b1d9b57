/** The tickers that the lake already holds of a day. */
import { type AssetKind, assets } from '../catalog/asset.ts';
import type { Partition } from '../catalog/partition.ts';
import { READ_AT_COLUMN, sorTables } from '../catalog/tables.ts';
import { BrokenFileError, FileChangedError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { instantOf } from '../transform/deduplicate.ts';

/**
 * The tickers of a kind whose raw text the lake holds of a day, with the instant (in milliseconds) when
 * their newest page was read. A file that cannot be read holds none: this is asked to spare work, or to
 * judge what is plausible, and must not fail for it.
 */
export async function storedTickers(
  lake: Lake,
  kind: AssetKind,
  partition: Partition,
): Promise<Map<string, number>> {
  const { tickerColumn } = assets[kind];
  const newest = new Map<string, number>();
  for (const file of await lake.files(sorTables[kind], partition)) {
    try {
      for (const row of await lake.read(file)) {
        const ticker = String(row[tickerColumn]);
        const readAt = instantOf(row[READ_AT_COLUMN]);
        newest.set(ticker, Math.max(readAt, newest.get(ticker) ?? readAt));
      }
    } catch (error) {
      if (!(error instanceof BrokenFileError || error instanceof FileChangedError)) throw error;
    }
  }
  return newest;
}
