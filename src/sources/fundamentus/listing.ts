/** Parses the site's listings of all stocks and of all funds. Pure. */
import { type Ticker, toTicker } from '../../catalog/ticker.ts';
import { LayoutChangedError, SiteBlockedError, SiteUnavailableError } from '../../errors.ts';
import { decodeReferences, parseHtml } from './html.ts';
import { isCompletePage } from './page.ts';

export interface Listing {
  /** Sorted, without duplicates: the site repeats some. */
  readonly tickers: readonly Ticker[];
  /** Links to a page whose text is not a ticker, as printed. */
  readonly rejected: readonly string[];
}

/**
 * @param name names the listing in messages
 * @throws SiteUnavailableError when the page is cut short
 * @throws SiteBlockedError when a complete page has no table of results
 * @throws LayoutChangedError when that table names no ticker
 */
export function readListing(html: string, name: string): Listing {
  if (!isCompletePage(html)) throw new SiteUnavailableError(`${name}: the listing came cut short`);
  const table = parseHtml(html).find('table.resultado').first();
  if (table.length === 0) {
    throw new SiteBlockedError(`${name}: the site answered with a page that is no listing`, {
      hint: 'It may be refusing automated access for now: wait, then ask more slowly (--pause).',
    });
  }
  const tickers = new Set<Ticker>();
  const rejected: string[] = [];
  for (const link of table.find('a[href]')) {
    const text = /[?&]papel=([^&#]*)/.exec(decodeReferences(link.attribs['href'] ?? ''))?.[1];
    if (text === undefined) continue;
    const ticker = toTicker(text);
    if (ticker) tickers.add(ticker);
    else rejected.push(text);
  }
  if (tickers.size === 0) {
    throw new LayoutChangedError(`${name}: the listing names no ticker`, {
      hint: 'A newer version of pynvest may know the new page.',
    });
  }
  return { tickers: [...tickers].sort(), rejected };
}
