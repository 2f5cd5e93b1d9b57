/**
 * fundamentus.com.br: its listings and its pages, asked for through the polite HTTP client.
 */

import { setMaxListeners } from 'node:events';
import pRetry from 'p-retry';
import type { AssetKind, AssetPage } from '../../catalog/asset.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import type { OnRetry } from '../http/client.ts';
import { Pacer, pause } from '../http/pacer.ts';
import { getRootCause, type HttpSettings, requestPage } from '../http/request.ts';
import { computeRetryDelay, isRetryable, limitRetries } from '../http/retry.ts';
import { readDetails } from './details.ts';
import { type Listing, readListing } from './listing.ts';

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

/** A client of the site. When `signal` is aborted, every call under way rejects with its reason. */
export function createSite(
  settings: HttpSettings,
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
      if (isRetryable(error) && error.retryAfterMs !== undefined) pacer.hold(error.retryAfterMs);
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
        isRetryable(error) && limitRetries(getRootCause(error), settings.retries) >= attempt,
      onFailedAttempt: async ({ error, attemptNumber: attempt }) => {
        signal.throwIfAborted();
        if (!isRetryable(error)) return;
        const left = limitRetries(getRootCause(error), settings.retries) - (attempt - 1);
        if (left <= 0) return;
        const { retryAfterMs } = error;
        const { backoffMs } = settings;
        const random = Math.random();
        const waitMs = computeRetryDelay({ attempt, backoffMs, retryAfterMs, random });
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
