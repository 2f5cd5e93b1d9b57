/**
 * Reads what the site answers at the moment: its listings, and one page of each kind of asset. A site whose pages have
 * changed may list its tickers as before.
 */

import type { AssetKind } from '../../catalog/asset.ts';
import { getPartition } from '../../catalog/partition.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import { SiteError, TickerNotFoundError, TransientSiteError } from '../../errors.ts';
import { createFundamentusSource } from '../../pipeline/data-source.ts';
import type { Site } from '../../sources/fundamentus/site.ts';
import type { Result, SamplePage, SiteFacts } from './model.ts';

/** @param origin such as `https://www.fundamentus.com.br`, for the checks that pass */
export async function readSite(site: Site, now: Date, origin = ''): Promise<SiteFacts> {
  const [acoes, fiis] = await Promise.all([
    readKind(site, 'acoes', now),
    readKind(site, 'fiis', now),
  ]);
  return {
    origin,
    listings: { acoes: acoes.listing, fiis: fiis.listing },
    pages: { acoes: acoes.page, fiis: fiis.page },
  };
}

interface KindFacts {
  readonly listing: Result<readonly Ticker[], SiteError>;
  readonly page: SamplePage | undefined;
}

async function readKind(site: Site, kind: AssetKind, now: Date): Promise<KindFacts> {
  const listing = await attemptSite(async () => (await site.listing(kind)).tickers);
  const page = 'value' in listing ? await readSamplePage(site, listing.value, now) : undefined;
  return { listing, page };
}

/**
 * Asks for the pages of a few tickers, one after the other, until one can be read as a row of today: the page of a
 * single asset may be missing or almost empty. A site that is in trouble is asked for one page alone.
 */
async function readSamplePage(
  site: Site,
  tickers: readonly Ticker[],
  now: Date,
): Promise<SamplePage> {
  const source = createFundamentusSource(site);
  const errors: SiteError[] = [];
  const withoutPage: Ticker[] = [];
  for (const ticker of selectSample(tickers)) {
    const page = await attemptSite(() => source.read(ticker, getPartition(now), () => now));
    if ('value' in page) return { value: ticker };
    if (page.error instanceof TickerNotFoundError) withoutPage.push(ticker);
    else errors.push(page.error);
    if (page.error instanceof TransientSiteError) break;
  }
  const [error] = errors;
  if (error !== undefined) return { error };
  const [first, ...others] = withoutPage;
  if (first === undefined) throw new Error('a listing without tickers is an error of its own');
  return { withoutPage: [first, ...others] };
}

/** Three from all over the listing: neighbours in it are often of one company. */
function selectSample(tickers: readonly Ticker[]): readonly Ticker[] {
  const sample = [2, 1, 3].map((quarter) => tickers[Math.floor((tickers.length * quarter) / 4)]);
  return [...new Set(sample)].filter((ticker) => ticker !== undefined);
}

async function attemptSite<T>(work: () => Promise<T>): Promise<Result<T, SiteError>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof SiteError) return { error };
    throw error;
  }
}
