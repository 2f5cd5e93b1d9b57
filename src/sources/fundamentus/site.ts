/**
 * fundamentus.com.br: its listings, its pages and its dividends, asked for through the polite HTTP client.
 */
import type { AssetKind, AssetPage } from '../../catalog/asset.ts';
import type { PrintedDividend } from '../../catalog/datasets/corporate-events.ts';
import { type Ticker, toTicker } from '../../catalog/ticker.ts';
import { LayoutChangedError, SiteUnavailableError } from '../../errors.ts';
import { createHttpClient, type OnRetry } from '../http/client.ts';
import { defaultPace, type HttpSettings } from '../http/settings.ts';
import { readDetails } from './details.ts';
import { DIVIDEND_LIMITS, DIVIDEND_PATHS, readDividends } from './dividends.ts';
import { DETAILS_LIMITS, decodeReferences, LISTING_LIMITS, parseHtml } from './html.ts';
import { decodePage, isCompletePage } from './page.ts';
import { createUnknownPageError } from './unknown-page.ts';

/** The site, as the rest of the project sees it. */
export interface Site {
  /** All tickers of a kind. @throws SiteError */
  listing(kind: AssetKind): Promise<Listing>;
  /** The page of one asset. @throws SiteError */
  details(ticker: Ticker): Promise<AssetPage>;
  /** The cash dividends of one asset, on the page of its kind. @throws SiteError */
  dividends(ticker: Ticker, kind: AssetKind): Promise<PrintedDividend[]>;
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
      client.getBytes(
        { path: LISTING_PATHS[kind], subject: kind, maxBytes: LISTING_LIMITS.bytes },
        (body) => readListing(decodePage(body), kind),
      ),
    details: (ticker) =>
      client.getBytes(
        {
          path: `detalhes.php?papel=${encodeURIComponent(ticker)}`,
          subject: ticker,
          maxBytes: DETAILS_LIMITS.bytes,
        },
        (body) => readDetails(decodePage(body), ticker),
      ),
    dividends: (ticker, kind) =>
      client.getBytes(
        {
          path: `${DIVIDEND_PATHS[kind]}?papel=${encodeURIComponent(ticker)}&tipo=2`,
          subject: ticker,
          maxBytes: DIVIDEND_LIMITS.bytes,
        },
        (body) => readDividends(decodePage(body), ticker),
      ),
  };
}

/** At five pages a second, a whole day of some 1,400 pages takes a few minutes. */
export const defaultSiteSettings: HttpSettings = {
  baseUrl: 'https://www.fundamentus.com.br',
  urlVariable: 'PYNVEST_FUNDAMENTUS_URL',
  headers: { accept: 'text/html', 'accept-language': 'pt-BR' },
  ...defaultPace,
};

export interface Listing {
  /** Sorted, without duplicates: the site repeats some. */
  readonly tickers: readonly Ticker[];
  /** Links to a page whose text is not a ticker, as printed. */
  readonly rejected: readonly string[];
}

/**
 * @param name names the listing in messages
 * @throws SiteUnavailableError when the page is cut short, or is an error page
 * @throws LayoutChangedError when its table names no ticker, or when a page that links to assets has no such table
 * @throws SiteBlockedError when another page without such a table arrives instead
 * @throws NotAPageError when the page exceeds a limit
 */
export function readListing(html: string, name: string): Listing {
  if (!isCompletePage(html)) throw new SiteUnavailableError(`${name}: the listing is cut short`);
  const page = parseHtml(html, name, LISTING_LIMITS);
  const links = page.find('a[href*="papel="]');
  const tickers = new Set<Ticker>();
  const rejected: string[] = [];
  for (const link of links.filter('table.resultado a')) {
    const text = /[?&]papel=([^&#]*)/.exec(decodeReferences(link.attribs['href'] ?? ''))?.[1];
    if (text === undefined) continue;
    const ticker = toTicker(text);
    if (ticker) tickers.add(ticker);
    else rejected.push(text);
  }
  if (tickers.size > 0) return { tickers: [...tickers].sort(), rejected };
  if (page.find('table.resultado').length === 0) {
    throw createUnknownPageError(page, name, links.length > 0);
  }
  throw new LayoutChangedError(`${name}: the listing names no ticker`, {
    hint: 'A newer version of pynvest may read the new page.',
  });
}
