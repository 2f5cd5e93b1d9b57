/** A day taken out of the lake so that it can be collected anew. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import { sorTables, type Table, tables } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { SiteUnavailableError } from '../errors.ts';
import type { Site } from '../fundamentus/client.ts';
import type { Listing } from '../fundamentus/listing.ts';
import type { Lake } from '../lake/lake.ts';
import { storedTickers } from './stored-tickers.ts';

export interface ClearDayRequest {
  readonly site: Site;
  readonly lake: Lake;
  readonly partition: Partition;
  /** Removes a table's partition, its files and its entry in the catalog; answers how many files. */
  readonly deletePartition: (table: Table, partition: Partition) => Promise<number>;
}

export interface ClearedDay {
  /** What there is to collect: the listings that allowed the clearing. */
  readonly tickers: Readonly<Record<AssetKind, readonly Ticker[]>>;
  readonly rejected: readonly string[];
  /** How many files were removed, by the table's name. */
  readonly removed: Readonly<Record<string, number>>;
}

/** A listing with fewer than this share of the tickers known before counts as cut. */
const LEAST_SHARE = 0.5;

/**
 * Removes a day from all five tables, but only after the site has answered with plausible listings of
 * both kinds: what cannot be collected again is not taken away. Raw text goes first, so that no event
 * about it brings typed rows back; the quotes, which people read, go last.
 *
 * @throws SiteError where a listing cannot be had, or is not plausible; the lake is untouched then
 */
export async function clearDay(request: ClearDayRequest): Promise<ClearedDay> {
  const { site, lake, partition, deletePartition } = request;
  const [acoes, fiis] = await Promise.all([site.listing('acoes'), site.listing('fiis')]);
  const listings: Readonly<Record<AssetKind, Listing>> = { acoes, fiis };
  for (const kind of assetKinds) await assertPlausible(lake, kind, listings[kind], partition);
  const removed: Record<string, number> = {};
  for (const table of tables) removed[table.name] = await deletePartition(table, partition);
  return {
    tickers: { acoes: acoes.tickers, fiis: fiis.tickers },
    rejected: [...acoes.rejected, ...fiis.rejected],
    removed,
  };
}

/**
 * A listing must name at least half as many tickers as the lake holds of the same day, and of the
 * newest day before it: about fifteen files of each are read, which takes a second or two. The same day
 * alone would not do, for a run that died early leaves few; nor would the day before, for the day's own
 * rows are what is at stake.
 */
async function assertPlausible(
  lake: Lake,
  kind: AssetKind,
  listing: Listing,
  partition: Partition,
): Promise<void> {
  const listed = listing.tickers.length;
  if (listed === 0) throw implausible(`${kind}: the listing is empty`);
  const days = await lake.partitions(sorTables[kind]);
  const before = days.filter((day) => day < partition).at(-1);
  for (const day of before === undefined ? [partition] : [before, partition]) {
    const known = (await storedTickers(lake, kind, day)).size;
    if (listed >= known * LEAST_SHARE) continue;
    throw implausible(
      `${kind}: the listing names ${listed} tickers, and the lake has ${known} of ${isoDate(day)}`,
    );
  }
}

function implausible(message: string): SiteUnavailableError {
  return new SiteUnavailableError(message, {
    hint: 'Nothing was removed. The site may be in trouble: try again later.',
  });
}
