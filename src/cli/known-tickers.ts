/**
 * What a person probably meant by a ticker that does not exist: one that is much like it, of those that the site lists or that
 * the lake has. All commands say it in the same words.
 */
import { assetKinds } from '../catalog/asset.ts';
import { SiteError } from '../errors.ts';
import type { Site } from '../sources/fundamentus/site.ts';
import { findClosest } from '../suggest.ts';

/** Such as `Did you mean PETR4?`; undefined where no known ticker is like it, or it is one itself. */
export function suggestTicker(ticker: string, known: readonly string[]): string | undefined {
  const similar = known.includes(ticker) ? undefined : findClosest(ticker, known);
  return similar === undefined ? undefined : `Did you mean ${similar}?`;
}

/** The tickers that the site lists: asked for once, if at all. Without the listings there are none. */
export function createListingReader(site: Pick<Site, 'listing'>): () => Promise<readonly string[]> {
  let listed: Promise<readonly string[]> | undefined;
  return () => {
    listed ??= Promise.all(assetKinds.map((kind) => site.listing(kind))).then(
      (listings) => listings.flatMap(({ tickers }) => tickers),
      (error: unknown): string[] => {
        if (error instanceof SiteError) return [];
        throw error;
      },
    );
    return listed;
  };
}
