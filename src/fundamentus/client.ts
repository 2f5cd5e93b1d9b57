/** The polite client: asks the site for its pages, and says how that went. */
import { setMaxListeners } from 'node:events';
import pRetry from 'p-retry';
import type { AssetKind } from '../catalog/asset.ts';
import type { AssetPage } from '../catalog/asset-page.ts';
import type { Ticker } from '../catalog/ticker.ts';
import {
  LayoutChangedError,
  SiteBlockedError,
  SiteUnavailableError,
  TransientSiteError,
} from '../errors.ts';
import { readDetails } from './details.ts';
import { type Listing, readListing } from './listing.ts';
import { Pacer, pause } from './pacer.ts';
import { decodePage } from './page.ts';
import { asksForTooLong, parseRetryAfter, retriesWorthIt, retryDelay } from './retry.ts';
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

/** Statuses that mean "not you, not now". */
const BLOCKED = new Set([401, 403, 429]);
/** Statuses that mean "not now". */
const UNAVAILABLE = new Set([408, 425, 500, 502, 503, 504]);

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
      return read(await getPage(path, what));
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

  const getPage = async (path: string, what: string): Promise<string> => {
    const url = new URL(path, `${settings.baseUrl.replace(/\/*$/, '')}/`);
    const limit = timeLimit(signal, settings.timeoutMs);
    try {
      const response = await fetch(url, {
        headers: {
          'user-agent': settings.userAgent,
          accept: 'text/html',
          'accept-language': 'pt-BR',
        },
        signal: limit.signal,
      });
      if (!isSameSite(url, new URL(response.url))) {
        await response.body?.cancel();
        throw new SiteBlockedError(
          `${what}: the site sends us to ${new URL(response.url).origin}`,
          {
            hint: 'What another site says is not stored: check PYNVEST_FUNDAMENTUS_URL.',
          },
        );
      }
      if (!response.ok) {
        await response.body?.cancel();
        throw failureOf(response, what);
      }
      return decodePage(new Uint8Array(await response.arrayBuffer()));
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof TransientSiteError || error instanceof LayoutChangedError
        ? error
        : unreachable(error, what, url, settings.timeoutMs);
    } finally {
      limit.clear();
    }
  };

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

/**
 * A signal that is aborted with `signal` or when the time is up. The timer and the listener hold it:
 * Node 20 lets one made by AbortSignal.any of AbortSignal.timeout be collected before it fires.
 */
function timeLimit(signal: AbortSignal, ms: number): { signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  const timer = setTimeout(
    () => controller.abort(new DOMException('the time is up', 'TimeoutError')),
    ms,
  );
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    },
  };
}

/** A redirect may lead to another path, to or from `www.`, or from http to https; nowhere else. */
function isSameSite(asked: URL, answered: URL): boolean {
  const nameOf = ({ hostname }: URL): string => hostname.replace(/^www\./, '');
  if (nameOf(asked) !== nameOf(answered)) return false;
  if (asked.protocol === answered.protocol) return asked.port === answered.port;
  return answered.protocol === 'https:';
}

function failureOf(response: Response, what: string): Error {
  const { status } = response;
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), new Date());
  const asked =
    retryAfterMs === undefined ? '' : ` and asks to wait ${Math.ceil(retryAfterMs / 1000)} s`;
  if (BLOCKED.has(status)) {
    return new SiteBlockedError(`${what}: the site refuses us with status ${status}${asked}`, {
      hint: 'Wait a while, then ask more slowly (--pause, --concurrency).',
      retryAfterMs,
    });
  }
  if (UNAVAILABLE.has(status)) {
    return new SiteUnavailableError(`${what}: the site answered with status ${status}${asked}`, {
      retryAfterMs,
    });
  }
  return new LayoutChangedError(`${what}: the site answered with status ${status}`, {
    hint: 'The address of the page may have changed: check PYNVEST_FUNDAMENTUS_URL.',
  });
}

function unreachable(error: unknown, what: string, url: URL, timeoutMs: number): Error {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new SiteUnavailableError(`${what}: no answer within ${timeoutMs} ms`, { cause: error });
  }
  return new SiteUnavailableError(`${what}: cannot reach ${url.origin} (${causeOf(error)})`, {
    hint: 'Check the network connection, and PYNVEST_FUNDAMENTUS_URL where it is set.',
    cause: error,
  });
}

/** The innermost reason: fetch hides it as the cause of a bare "fetch failed". */
function causeOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message;
}
