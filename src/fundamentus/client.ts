/** The polite client: asks the site for its pages, and says how that went. */
import { setMaxListeners } from 'node:events';
import pRetry from 'p-retry';
import type { AssetKind } from '../catalog/asset.ts';
import type { AssetPage } from '../catalog/asset-page.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { TransientSiteError } from '../errors.ts';
import { readDetails } from './details.ts';
import { type Listing, readListing } from './listing.ts';
import { Pacer, pause } from './pacer.ts';
import { causeOf, requestPage } from './request.ts';
import { asksForTooLong, retriesWorthIt, retryDelay } from './retry.ts';
import type { SiteSettings } from './settings.ts';

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

/**
 * Told when a request failed and will be sent again in `waitMs` milliseconds. `what` is a ticker or a kind
 * of listing.
 */
export type OnRetry = (what: string, error: Error, retriesLeft: number, waitMs: number) => void;

/** A client of the site. When `signal` is aborted, every call under way rejects with its reason. */
export function createSite(
  settings: SiteSettings,
  signal: AbortSignal,
  onRetry: OnRetry = () => undefined,
): Site {
  // Every request under way, and every wait, listens to it: Node would take so many for a leak.
  setMaxListeners(0, signal);
  const pacer = new Pacer(settings.concurrency, settings.pauseMs);

  /** Asks once. Where the site asks for a wait, nobody starts before it is over. */
  const askOnce = async <T>(path: string, what: string, read: (html: string) => T): Promise<T> => {
    try {
      return read(await requestPage(path, what, settings, signal));
    } catch (error) {
      if (isTemporary(error) && error.retryAfterMs !== undefined) pacer.hold(error.retryAfterMs);
      throw error;
    }
  };

  /** Asks until `read` accepts the page, or the tries are used up. */
  const ask = <T>(path: string, what: string, read: (html: string) => T): Promise<T> =>
    pRetry(() => pacer.run(() => askOnce(path, what, read), signal), {
      retries: settings.retries,
      minTimeout: 0,
      maxTimeout: 0,
      shouldRetry: ({ error, attemptNumber: attempt }) =>
        isTemporary(error) && retriesWorthIt(causeOf(error), settings.retries) >= attempt,
      onFailedAttempt: async ({ error, attemptNumber: attempt }) => {
        signal.throwIfAborted();
        if (!isTemporary(error)) return;
        const left = retriesWorthIt(causeOf(error), settings.retries) - (attempt - 1);
        if (left <= 0) return;
        const { retryAfterMs } = error;
        const { backoffMs } = settings;
        const random = Math.random();
        const waitMs = retryDelay({ attempt, backoffMs, retryAfterMs, random });
        onRetry(what, error, left, waitMs);
        await pause(waitMs, signal);
      },
    });

  return {
    listing: (kind) => ask(LISTING_PATHS[kind], kind, (html) => readListing(html, kind)),
    details: (ticker) =>
      ask(`detalhes.php?papel=${encodeURIComponent(ticker)}`, ticker, (html) =>
        readDetails(html, ticker),
      ),
  };
}

/** May pass with time, and with less of it than the site may ask of one run. */
function isTemporary(error: unknown): error is TransientSiteError {
  return error instanceof TransientSiteError && !asksForTooLong(error);
}
