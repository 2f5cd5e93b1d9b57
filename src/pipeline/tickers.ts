/**
 * The tickers of a day: those that the lake stores, those that the listings name, and whether a listing is too short
 * beside what is stored.
 */

import type { AssetKind } from '../catalog/asset.ts';
import { type Dataset, getCollectedTable, type Table } from '../catalog/dataset.ts';
import { formatIsoDate, type Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { BrokenFileError, FileChangedError, LakeError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { getVersion } from '../transform/deduplicate.ts';

/**
 * The tickers of a data set that the lake holds of a day, with the instant (in milliseconds) when their newest page
 * was read. A file that cannot be read counts as empty: it serves to spare work, or to tell what is plausible,
 * and must not fail for it.
 */
export async function findStoredTickers(
  lake: Lake,
  dataset: Dataset,
  partition: Partition,
): Promise<Map<string, number>> {
  const table = getCollectedTable(dataset);
  const newest = new Map<string, number>();
  for (const file of await lake.files(table, partition)) {
    try {
      for (const row of await lake.read(file)) {
        const ticker = String(row[table.tickerColumn]);
        const readAt = getVersion(row, table);
        newest.set(ticker, Math.max(readAt, newest.get(ticker) ?? readAt));
      }
    } catch (error) {
      if (!(error instanceof BrokenFileError || error instanceof FileChangedError)) throw error;
    }
  }
  return newest;
}

/**
 * Those of some tickers that no one of the last `most` days before `partition` has; none where the lake has fewer days.
 * The functions keep no reports: the days themselves say of which tickers the site has had no page.
 */
export async function findUnstoredTickers(
  lake: Lake,
  dataset: Dataset,
  {
    partition,
    tickers,
    most,
  }: {
    readonly partition: Partition;
    readonly tickers: readonly string[];
    readonly most: number;
  },
): Promise<ReadonlySet<string>> {
  const days = await lake.partitions(getCollectedTable(dataset));
  const earlier = days.filter((day) => day < partition).slice(-most);
  const unstored = new Set(earlier.length < most ? [] : tickers);
  // The newest first: what it has needs no other day.
  for (const day of earlier.reverse()) {
    if (unstored.size === 0) break;
    const stored = await findStoredTickers(lake, dataset, day);
    for (const ticker of stored.keys()) unstored.delete(ticker);
  }
  return unstored;
}

/** The newest day before another that one of these tables has. */
export async function findPreviousDay(
  lake: Lake,
  tables: readonly Table[],
  partition: Partition,
): Promise<Partition | undefined> {
  const days = await Promise.all(tables.map((table) => lake.partitions(table)));
  const earlier = days.flat().filter((day) => day < partition);
  return earlier.length === 0 ? undefined : (Math.max(...earlier) as Partition);
}

/** A listing with fewer than this share of the tickers known before counts as cut short. */
const MIN_SHARE = 0.5;

/** @param known how many tickers the lake has of one day */
export function isTooShort(listed: number, known: number): boolean {
  return listed < known * MIN_SHARE;
}

/** In words, what `isTooShort` says of the listing of a data set and of a day that the lake has. */
export function describeShortListing(
  { id }: Dataset,
  listed: number,
  known: number,
  day: Partition,
): string {
  return `${id}: the listing names ${listed} tickers, and the lake has ${known} of ${formatIsoDate(day)}`;
}

export interface ListingSize {
  readonly dataset: Dataset;
  readonly tickers: number;
}

/**
 * Which listings are too short beside what the lake has of the same day or of the day before, in words: it is reported,
 * and no reason to collect nothing. A day that cannot be read is no measure, and has no words here.
 */
export async function describeShortListings(
  lake: Lake,
  partition: Partition,
  listed: readonly ListingSize[],
): Promise<string[]> {
  const short: string[] = [];
  for (const { dataset, tickers } of listed) {
    try {
      const before = await findPreviousDay(lake, [getCollectedTable(dataset)], partition);
      for (const day of before === undefined ? [partition] : [partition, before]) {
        const known = (await findStoredTickers(lake, dataset, day)).size;
        if (!isTooShort(tickers, known)) continue;
        short.push(describeShortListing(dataset, tickers, known, day));
        break;
      }
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
    }
  }
  return short;
}

type TickersByKind = Readonly<Record<AssetKind, readonly Ticker[]>>;

/**
 * Leaves out of the stocks what is listed among the funds too, and of each what is listed twice: the site lists a few
 * funds among the stocks, and one page is asked for once. It is asked for as a fund's, for its row belongs there.
 */
export function dedupeTickers({ acoes, fiis }: TickersByKind): TickersByKind {
  const funds = new Set(fiis);
  return {
    acoes: [...new Set(acoes)].filter((ticker) => !funds.has(ticker)),
    fiis: [...funds],
  };
}
