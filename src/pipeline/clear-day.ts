/** A day taken out of the lake so that it can be collected anew. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import { sorTables, type Table, tables } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { LakeError, SiteUnavailableError } from '../errors.ts';
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
  /** The listings that could not be measured by the day before as well, and why. */
  readonly unmeasured: readonly UnmeasuredListing[];
}

export interface UnmeasuredListing {
  readonly kind: AssetKind;
  /** The day before, of which the lake has files that it cannot read. */
  readonly before: Partition;
  readonly error: LakeError;
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
  const unmeasured: UnmeasuredListing[] = [];
  for (const kind of assetKinds) {
    unmeasured.push(...(await assertPlausible(lake, kind, listings[kind], partition)));
  }
  const removed: Record<string, number> = {};
  for (const table of tables) removed[table.name] = await deletePartition(table, partition);
  return {
    tickers: { acoes: acoes.tickers, fiis: fiis.tickers },
    rejected: [...acoes.rejected, ...fiis.rejected],
    removed,
    unmeasured,
  };
}

/**
 * A listing must name at least half as many tickers as the lake holds of the same day, and of the
 * newest day before it: about fifteen files of each are read, which takes a second or two. The same day
 * alone would not do, for a run that died early leaves few; nor would the day before, for the day's own
 * rows are what is at stake. That the day before cannot be read is answered, and is no reason to collect
 * nothing today.
 */
async function assertPlausible(
  lake: Lake,
  kind: AssetKind,
  listing: Listing,
  partition: Partition,
): Promise<UnmeasuredListing[]> {
  const listed = listing.tickers.length;
  if (listed === 0) throw implausible(`${kind}: the listing is empty`);
  const measureBy = async (day: Partition): Promise<void> => {
    const known = (await storedTickers(lake, kind, day)).size;
    if (listed >= known * LEAST_SHARE) return;
    throw implausible(
      `${kind}: the listing names ${listed} tickers, and the lake has ${known} of ${isoDate(day)}`,
    );
  };
  await measureBy(partition);
  const days = await lake.partitions(sorTables[kind]);
  const before = days.filter((day) => day < partition).at(-1);
  if (before === undefined) return [];
  try {
    await measureBy(before);
    return [];
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    return [{ kind, before, error }];
  }
}

function implausible(message: string): SiteUnavailableError {
  return new SiteUnavailableError(message, {
    hint: 'Nothing was removed. The site may be in trouble: try again later.',
  });
}
