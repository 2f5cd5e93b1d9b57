/** A listing that names far fewer tickers than the lake knows: the site is in trouble, or was cut short. */
import type { AssetKind } from '../catalog/asset.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import { sorTables } from '../catalog/tables.ts';
import { LakeError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { storedTickers } from './stored-tickers.ts';

/** A listing with fewer than this share of the tickers known before counts as cut. */
const LEAST_SHARE = 0.5;

/** @param known how many tickers the lake has of one day */
export function isCutShort(listed: number, known: number): boolean {
  return listed < known * LEAST_SHARE;
}

/** In words, what `isCutShort` says of the listing of a kind and of a day that the lake has. */
export function cutShort(kind: AssetKind, listed: number, known: number, day: Partition): string {
  return `${kind}: the listing names ${listed} tickers, and the lake has ${known} of ${isoDate(day)}`;
}

/** The newest day before another of which the lake has raw text of a kind. */
export async function dayBeforeOf(
  lake: Lake,
  kind: AssetKind,
  partition: Partition,
): Promise<Partition | undefined> {
  return (await lake.partitions(sorTables[kind])).filter((day) => day < partition).at(-1);
}

export interface ListedKind {
  readonly kind: AssetKind;
  readonly tickers: number;
}

/**
 * What listings lack beside the day before, in words: it is to be told, and no reason to collect nothing. A
 * day before that cannot be read is no measure, and has no words here.
 */
export async function shortListings(
  lake: Lake,
  partition: Partition,
  listed: readonly ListedKind[],
): Promise<string[]> {
  const short: string[] = [];
  for (const { kind, tickers } of listed) {
    try {
      const before = await dayBeforeOf(lake, kind, partition);
      if (before === undefined) continue;
      const known = (await storedTickers(lake, kind, before)).size;
      if (isCutShort(tickers, known)) short.push(cutShort(kind, tickers, known, before));
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
    }
  }
  return short;
}
