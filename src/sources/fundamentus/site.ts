/**
 * fundamentus.com.br: its listings and its pages, asked for through the polite HTTP client.
 */
import type { AssetKind, AssetPage } from '../../catalog/asset.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import { createHttpClient, type OnRetry } from '../http/client.ts';
import type { HttpSettings } from '../http/settings.ts';
import { readDetails } from './details.ts';
import { type Listing, readListing } from './listing.ts';
import { decodePage } from './page.ts';

/** The site, as the rest of the project sees it. */
export interface Site {
  /** All tickers of a kind. @throws SiteError */
  listing(kind: AssetKind): Promise<Listing>;
  /** The page of one asset. @throws SiteError */
  details(ticker: Ticker): Promise<AssetPage>;
}

const LISTING_PATHS: Readonly<Record<AssetKind, string>> = {
  acoes: 'resultado.php',
  fiis: 'fii_resultado.php',
};

/** When `signal` is aborted, every call under way rejects with its reason. */
export function createSite(settings: HttpSettings, signal: AbortSignal, onRetry?: OnRetry): Site {
  const client = createHttpClient(settings, signal, onRetry);
  return {
    listing: (kind) =>
      client.getBytes({ path: LISTING_PATHS[kind], subject: kind }, (body) =>
        readListing(decodePage(body), kind),
      ),
    details: (ticker) =>
      client.getBytes(
        { path: `detalhes.php?papel=${encodeURIComponent(ticker)}`, subject: ticker },
        (body) => readDetails(decodePage(body), ticker),
      ),
  };
}
