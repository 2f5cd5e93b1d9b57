/**
 * A day removed from the lake so that it can be collected again, but only after the site has shown that it can be: with
 * plausible listings, and a page of each kind.
 */

import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import { type Dataset, getCollectedTable, getTables, type Table } from '../catalog/dataset.ts';
import { dailyDatasets } from '../catalog/datasets.ts';
import type { Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import {
  LakeError,
  LaterDayError,
  PynvestError,
  SiteError,
  SiteUnavailableError,
  TransientSiteError,
} from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import type { Listing, Site } from '../sources/fundamentus/site.ts';
import { isRetryAfterTooLong } from '../sources/http/retry.ts';
import { createFundamentusSource } from './data-source.ts';
import {
  dedupeTickers,
  describeShortListing,
  findPreviousDay,
  findStoredTickers,
  isTooShort,
} from './tickers.ts';

interface VerificationRequest {
  readonly site: Site;
  readonly lake: Lake;
  readonly partition: Partition;
  readonly now: () => Date;
}

interface ClearDayRequest extends VerificationRequest {
  /** The data sets of days whose tables are cleared; those that pynvest knows unless others are given. */
  readonly datasets?: readonly Dataset[];
  /** When it is aborted before the site has shown enough, nothing is removed. The site is bound to it too. */
  readonly deadline: AbortSignal;
  /** Removes a table's partition, its files and its entry in the catalog; returns how many files. */
  readonly deletePartition: (table: Table, partition: Partition) => Promise<number>;
}

interface VerifiedDay {
  /** What there is to collect: the listings that allowed the clearing, each ticker once. */
  readonly tickers: Readonly<Record<AssetKind, readonly Ticker[]>>;
  readonly rejected: readonly string[];
  /** The listings that could not be compared with the day before as well, and why. */
  readonly uncheckedListings: readonly UncheckedListing[];
  /** The listings that cannot be used, and why. There is one at most: without any, nothing can be collected. */
  readonly unusableListings: readonly UnusableListing[];
  /** Why nothing may be removed: a listing cannot be used, or no page of a kind was read. */
  readonly notClearedReason?: SiteError | undefined;
}

interface UnusableListing {
  readonly kind: AssetKind;
  readonly error: SiteError;
}

interface ClearedDay extends VerifiedDay {
  /** How many files were removed, by the table's name. */
  readonly removed: Readonly<Record<string, number>>;
}

/**
 * Removes a day from all tables, but only after the site has answered with plausible listings of both kinds and, where
 * the day holds anything, with a page of each: what cannot be collected again is not removed. Where one listing cannot
 * be used, or no page can be read, the day keeps its rows and is collected all the same: pages that are read in the
 * next hours replace them one by one. Raw text is removed first, so that no event about it adds typed rows again; the
 * quotes, which people read, are removed last.
 *
 * @throws SiteError where a listing cannot be read, or is not plausible, or where the pages are those of a later day;
 * the lake is untouched then
 */
export async function clearDay(request: ClearDayRequest): Promise<ClearedDay> {
  const { partition, deadline, deletePartition, datasets = dailyDatasets } = request;
  const tables = getTables(datasets);
  const day = await verifyDay(request, tables).catch((error: unknown) => {
    if (!deadline.aborted || error instanceof PynvestError) throw error;
    throw createNothingRemovedError('no time was left to wait for the site', { cause: error });
  });
  const removed: Record<string, number> = {};
  if (day.notClearedReason !== undefined) return { ...day, removed };
  for (const table of tables) removed[table.name] = await deletePartition(table, partition);
  return { ...day, removed };
}

/** Asks the site, until it has shown that the day can be collected again. */
async function verifyDay(request: ClearDayRequest, tables: readonly Table[]): Promise<VerifiedDay> {
  const { lake, partition, deadline } = request;
  const verified = await Promise.all(assetKinds.map((kind) => verifyListing(request, kind)));
  const usable = verified.filter((each) => 'listing' in each);
  const unusableListings = verified.filter((each) => 'error' in each);
  const [unusable] = unusableListings;
  if (usable.length === 0 && unusable !== undefined) throw unusable.error;
  let failure = unusable?.error;
  if (failure === undefined && (await hasFiles(lake, tables, partition))) {
    for (const { kind, listing, stored } of usable) {
      failure ??= await findPageFailure(request, kind, listing.tickers, stored);
    }
  }
  deadline.throwIfAborted();
  const getTickers = (kind: AssetKind): readonly Ticker[] =>
    usable.find((each) => each.kind === kind)?.listing.tickers ?? [];
  return {
    tickers: dedupeTickers({ acoes: getTickers('acoes'), fiis: getTickers('fiis') }),
    rejected: usable.flatMap(({ listing }) => listing.rejected),
    uncheckedListings: usable.flatMap(({ unchecked }) => unchecked ?? []),
    unusableListings,
    notClearedReason: failure,
  };
}

type VerifiedListing =
  | ({ readonly kind: AssetKind; readonly listing: Listing } & ListingCheck)
  | UnusableListing;

/** A listing that cannot be read, or is not plausible, does not keep the other kind from being collected. */
async function verifyListing(
  request: VerificationRequest,
  kind: AssetKind,
): Promise<VerifiedListing> {
  try {
    const listing = await request.site.listing(kind);
    return { kind, listing, ...(await checkListing(request, kind, listing)) };
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    return { kind, error };
  }
}

async function hasFiles(
  lake: Lake,
  tables: readonly Table[],
  partition: Partition,
): Promise<boolean> {
  for (const table of tables) {
    if ((await lake.files(table, partition)).length > 0) return true;
  }
  return false;
}

interface ListingCheck {
  /** The tickers whose raw text the lake holds of the day. */
  readonly stored: ReadonlySet<string>;
  /** Where the listing could not be compared with the day before as well, and why. */
  readonly unchecked?: UncheckedListing;
}

interface UncheckedListing {
  readonly kind: AssetKind;
  /** The day before, of which the lake has files that it cannot read. */
  readonly before: Partition;
  readonly error: LakeError;
}

/**
 * A listing must name at least half as many tickers as the lake holds of the same day, and of the newest day before
 * it: about fifteen files of each are read, which takes a second or two. The same day alone would not do, for a run
 * that was interrupted early leaves few; nor would the day before, for the day's own rows are at stake. That the day
 * before cannot be read is reported, and is no reason to collect nothing today.
 *
 * @throws SiteError where the listing is not plausible
 */
async function checkListing(
  { lake, partition }: VerificationRequest,
  kind: AssetKind,
  listing: Listing,
): Promise<ListingCheck> {
  const { dataset } = assets[kind];
  const listed = listing.tickers.length;
  if (listed === 0) throw createNothingRemovedError(`${kind}: the listing is empty`);
  const compareWith = async (day: Partition): Promise<ReadonlySet<string>> => {
    const known = await findStoredTickers(lake, dataset, day);
    if (isTooShort(listed, known.size)) {
      throw createNothingRemovedError(describeShortListing(dataset, listed, known.size, day));
    }
    return new Set(known.keys());
  };
  const stored = await compareWith(partition);
  const before = await findPreviousDay(lake, [getCollectedTable(dataset)], partition);
  if (before === undefined) return { stored };
  try {
    await compareWith(before);
    return { stored };
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    return { stored, unchecked: { kind, before, error } };
  }
}

/** So many pages of a kind are asked for, until one of them can be read. */
const MAX_PAGES_TRIED = 3;

/**
 * A site that refuses requests, or whose pages changed, may still give its listings: one page must be read of which a
 * row of the day could be made. Those that the day holds are tried first, for they had a page. One after the other,
 * so that the site is asked for no more than needed. Returns why none of a few can be read, where that is so.
 *
 * @throws SiteError where the pages are those of a later day by now: the day's own cannot be read any more
 */
async function findPageFailure(
  { site, partition, now }: VerificationRequest,
  kind: AssetKind,
  tickers: readonly Ticker[],
  stored: ReadonlySet<string>,
): Promise<SiteError | undefined> {
  const source = createFundamentusSource(site);
  const storedFirst = [
    ...tickers.filter((ticker) => stored.has(ticker)),
    ...tickers.filter((ticker) => !stored.has(ticker)),
  ];
  const failures: SiteError[] = [];
  for (const ticker of storedFirst.slice(0, MAX_PAGES_TRIED)) {
    try {
      await source.read(ticker, partition, now);
      return undefined;
    } catch (error) {
      if (!(error instanceof SiteError)) throw error;
      failures.push(error);
      if (error instanceof TransientSiteError && isRetryAfterTooLong(error)) break;
    }
  }
  const reasons = failures.map(({ message }) => message).join('; ');
  const message = `${kind}: the site lists ${tickers.length} tickers, and shows no page of those asked for: ${reasons}`;
  if (failures.some((failure) => failure instanceof LaterDayError)) {
    throw createNothingRemovedError(message, {
      nextStep: 'The pages of a past day cannot be read again.',
    });
  }
  return createNothingRemovedError(message, {
    nextStep: 'The day keeps its rows, and newer ones replace them.',
  });
}

/** Why the day stays as it is. */
function createNothingRemovedError(
  message: string,
  {
    nextStep = 'The site may be in trouble: try again later.',
    cause,
  }: { nextStep?: string; cause?: unknown } = {},
): SiteUnavailableError {
  return new SiteUnavailableError(message, { hint: `Nothing was removed. ${nextStep}`, cause });
}
