/** Parses the page of one asset: which asset it shows, and its labelled values. Pure. */

import {
  type AssetKind,
  type AssetPage,
  assetKinds,
  assets,
  type LabelledValue,
} from '../../catalog/asset.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import { LayoutChangedError, SiteUnavailableError, TickerNotFoundError } from '../../errors.ts';
import { formatFirst } from '../../text.ts';
import { DETAILS_LIMITS, parseHtml } from './html.ts';
import { readLabelledValues } from './labelled-values.ts';
import { isCompletePage, REPLACEMENT_CHARACTER } from './page.ts';
import { createUnknownPageError, getHeadings } from './unknown-page.ts';

/** On the page, sent with status 200, of a ticker that the site does not have. */
const NOT_FOUND_TEXT = /Nenhum papel encontrado/i;

/**
 * Parses the page that the site sent for `ticker`.
 *
 * @throws SiteUnavailableError when the page is cut short, or is an error page
 * @throws TickerNotFoundError when the site has no such ticker
 * @throws LayoutChangedError when the tables do not name `ticker`, when characters of their text are lost, or
 *   when a page that names `ticker` has no data tables
 * @throws SiteBlockedError when another page without data tables arrives instead
 * @throws NotAPageError when the page exceeds a limit
 */
export function readDetails(html: string, ticker: Ticker): AssetPage {
  if (!isCompletePage(html)) {
    throw new SiteUnavailableError(`${ticker}: the page is cut short`);
  }
  const pairs = readLabelledValues(html, ticker);
  if (pairs === undefined) {
    if (NOT_FOUND_TEXT.test(html)) {
      throw new TickerNotFoundError(`${ticker}: the site has no such ticker`, {
        hint: '`pynvest tickers` lists those that it has.',
      });
    }
    const page = parseHtml(html, ticker, DETAILS_LIMITS);
    const isOwnPage = getHeadings(page).some((heading) => namesTicker(heading, ticker));
    throw createUnknownPageError(page, ticker, isOwnPage);
  }
  const kind = detectKind(pairs, ticker);
  const damaged = pairs
    .flatMap(({ section = '', label, value }) => [section, label, value])
    .find((text) => text.includes(REPLACEMENT_CHARACTER));
  if (damaged !== undefined) {
    throw new LayoutChangedError(
      `${ticker}: the page has lost characters: ${JSON.stringify(damaged.slice(0, 100))}`,
      { hint: 'Its character set was damaged before it arrived: nothing of it is stored.' },
    );
  }
  return { ticker, kind, pairs };
}

/** Whether a text has the ticker as a word of its own. */
function namesTicker(text: string, ticker: Ticker): boolean {
  return text
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .includes(ticker);
}

/** A page shows a stock or a fund by the label beside the ticker: `Papel` or `FII`. */
function detectKind(pairs: readonly LabelledValue[], ticker: Ticker): AssetKind {
  const shown: string[] = [];
  for (const kind of assetKinds) {
    for (const { label, value } of pairs) {
      if (label !== assets[kind].tickerLabel) continue;
      if (value.toUpperCase() === ticker) return kind;
      shown.push(value);
    }
  }
  const hint =
    'If this happens for every ticker, a newer version of pynvest may know the new pages.';
  throw shown.length > 0
    ? new LayoutChangedError(`${ticker}: the page shows ${formatFirst(shown)} instead`, { hint })
    : new LayoutChangedError(`${ticker}: the page has neither of the labels Papel and FII`, {
        hint,
      });
}
