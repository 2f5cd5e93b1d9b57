/**
 * The tickers of a day: those that the lake stores, those that the listings name, and whether a listing is too short
 * beside what is stored.
 */

import { type AssetKind, assets } from '../catalog/asset.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import { READ_AT_COLUMN, sorTables } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { BrokenFileError, FileChangedError, LakeError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { parseReadAt } from '../transform/deduplicate.ts';

/**
 * The tickers of a kind whose raw text the lake holds of a day, with the instant (in milliseconds) when
 * their newest page was read. A file that cannot be read holds none: this is asked to spare work, or to
 * judge what is plausible, and must not fail for it.
 */
export async function findStoredTickers(
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
        const readAt = parseReadAt(row[READ_AT_COLUMN]);
        newest.set(ticker, Math.max(readAt, newest.get(ticker) ?? readAt));
      }
    } catch (error) {
      if (!(error instanceof BrokenFileError || error instanceof FileChangedError)) throw error;
    }
  }
  return newest;
}

/** A listing with fewer than this share of the tickers known before counts as cut. */
const MIN_SHARE = 0.5;

/** @param known how many tickers the lake has of one day */
export function isTooShort(listed: number, known: number): boolean {
  return listed < known * MIN_SHARE;
}

/** In words, what `isCutShort` says of the listing of a kind and of a day that the lake has. */
export function describeShortListing(
  kind: AssetKind,
  listed: number,
  known: number,
  day: Partition,
): string {
  return `${kind}: the listing names ${listed} tickers, and the lake has ${known} of ${isoDate(day)}`;
}

/** The newest day before another of which the lake has raw text of a kind. */
export async function findPreviousDay(
  lake: Lake,
  kind: AssetKind,
  partition: Partition,
): Promise<Partition | undefined> {
  return (await lake.partitions(sorTables[kind])).filter((day) => day < partition).at(-1);
}

export interface ListingSize {
  readonly kind: AssetKind;
  readonly tickers: number;
}

/**
 * What listings lack beside the day before, in words: it is to be told, and no reason to collect nothing. A
 * day before that cannot be read is no measure, and has no words here.
 */
export async function describeShortListings(
  lake: Lake,
  partition: Partition,
  listed: readonly ListingSize[],
): Promise<string[]> {
  const short: string[] = [];
  for (const { kind, tickers } of listed) {
    try {
      const before = await findPreviousDay(lake, kind, partition);
      if (before === undefined) continue;
      const known = (await findStoredTickers(lake, kind, before)).size;
      if (isTooShort(tickers, known))
        short.push(describeShortListing(kind, tickers, known, before));
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
    }
  }
  return short;
}

/**
 * Leaves out of the stocks what is listed among the funds too, and of each what is there twice: the site
 * lists a few funds among the stocks, and one page is asked for once. It is asked for as a fund's, for its
 * row goes there.
 */
export function dedupeTickers({
  acoes,
  fiis,
}: Readonly<Record<AssetKind, readonly Ticker[]>>): Record<AssetKind, readonly Ticker[]> {
  const funds = new Set(fiis);
  return {
    acoes: [...new Set(acoes)].filter((ticker) => !funds.has(ticker)),
    fiis: [...funds],
  };
}
