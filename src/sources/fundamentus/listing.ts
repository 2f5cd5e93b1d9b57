/** Parses the site's listings of all stocks and of all funds. Pure. */
import { type Ticker, toTicker } from '../../catalog/ticker.ts';
import { LayoutChangedError, SiteUnavailableError } from '../../errors.ts';
import { decodeReferences, parseHtml } from './html.ts';
import { isCompletePage } from './page.ts';
import { createUnknownPageError } from './unknown-page.ts';

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
 */
export function readListing(html: string, name: string): Listing {
  if (!isCompletePage(html)) throw new SiteUnavailableError(`${name}: the listing is cut short`);
  const page = parseHtml(html);
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
