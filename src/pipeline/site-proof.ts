/** What the site must show before anything of a day is removed: that the day can be collected again. */
import type { AssetKind } from '../catalog/asset.ts';
import type { Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import {
  LakeError,
  LaterDayError,
  SiteError,
  SiteUnavailableError,
  TransientSiteError,
} from '../errors.ts';
import type { Site } from '../fundamentus/client.ts';
import type { Listing } from '../fundamentus/listing.ts';
import { asksForTooLong } from '../fundamentus/retry.ts';
import type { Lake } from '../lake/lake.ts';
import { cutShort, dayBeforeOf, isCutShort } from './short-listing.ts';
import { storedTickers } from './stored-tickers.ts';
import { usablePage } from './usable-page.ts';

export interface ProofRequest {
  readonly site: Site;
  readonly lake: Lake;
  readonly partition: Partition;
  readonly now: () => Date;
}

export interface MeasuredListing {
  /** The tickers whose raw text the lake holds of the day. */
  readonly held: ReadonlySet<string>;
  /** Where the listing could not be measured by the day before as well, and why. */
  readonly unmeasured?: UnmeasuredListing;
}

export interface UnmeasuredListing {
  readonly kind: AssetKind;
  /** The day before, of which the lake has files that it cannot read. */
  readonly before: Partition;
  readonly error: LakeError;
}

/** So many pages of a kind are asked for, until one of them comes. */
const PAGES_TRIED = 3;

/**
 * A listing must name at least half as many tickers as the lake holds of the same day, and of the
 * newest day before it: about fifteen files of each are read, which takes a second or two. The same day
 * alone would not do, for a run that died early leaves few; nor would the day before, for the day's own
 * rows are what is at stake. That the day before cannot be read is answered, and is no reason to collect
 * nothing today.
 *
 * @throws SiteError where the listing is not plausible
 */
export async function measureListing(
  { lake, partition }: ProofRequest,
  kind: AssetKind,
  listing: Listing,
): Promise<MeasuredListing> {
  const listed = listing.tickers.length;
  if (listed === 0) throw nothingRemoved(`${kind}: the listing is empty`);
  const measureBy = async (day: Partition): Promise<ReadonlySet<string>> => {
    const known = await storedTickers(lake, kind, day);
    if (isCutShort(listed, known.size)) {
      throw nothingRemoved(cutShort(kind, listed, known.size, day));
    }
    return new Set(known.keys());
  };
  const held = await measureBy(partition);
  const before = await dayBeforeOf(lake, kind, partition);
  if (before === undefined) return { held };
  try {
    await measureBy(before);
    return { held };
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    return { held, unmeasured: { kind, before, error } };
  }
}

/**
 * A site that refuses us, or whose pages changed, may still give its listings: one page must come of
 * which a row of the day could be made. Those that the day holds are tried first, for they had a page. One
 * after the other, so that the site is asked for no more than it takes. Answers why none of a few can be
 * read, where that is so.
 *
 * @throws SiteError where the pages are those of a later day by now: they will not come any more
 */
export async function whyNoPageComes(
  { site, partition, now }: ProofRequest,
  kind: AssetKind,
  tickers: readonly Ticker[],
  held: ReadonlySet<string>,
): Promise<SiteError | undefined> {
  const heldFirst = [
    ...tickers.filter((ticker) => held.has(ticker)),
    ...tickers.filter((ticker) => !held.has(ticker)),
  ];
  const failures: SiteError[] = [];
  for (const ticker of heldFirst.slice(0, PAGES_TRIED)) {
    try {
      await usablePage(site, ticker, partition, now);
      return undefined;
    } catch (error) {
      if (!(error instanceof SiteError)) throw error;
      failures.push(error);
      if (error instanceof TransientSiteError && asksForTooLong(error)) break;
    }
  }
  const reasons = failures.map(({ message }) => message).join('; ');
  const message = `${kind}: the site lists ${tickers.length} tickers, and shows no page of those asked for: ${reasons}`;
  if (failures.some((failure) => failure instanceof LaterDayError)) {
    throw nothingRemoved(message, { whatNow: 'The pages of a past day cannot be had again.' });
  }
  return nothingRemoved(message, {
    whatNow: 'The day keeps its rows, and newer ones replace them.',
  });
}

/** Why the day stays as it is. */
export function nothingRemoved(
  message: string,
  {
    whatNow = 'The site may be in trouble: try again later.',
    cause,
  }: { whatNow?: string; cause?: unknown } = {},
): SiteUnavailableError {
  return new SiteUnavailableError(message, { hint: `Nothing was removed. ${whatNow}`, cause });
}
