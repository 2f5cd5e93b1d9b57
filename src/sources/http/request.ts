/**
 * One HTTP request with a time limit: the answer, or an error that says whether asking again may help. Its settings say
 * where the site is, how fast and how patiently it is asked.
 */
import {
  LayoutChangedError,
  SiteBlockedError,
  SiteUnavailableError,
  TransientSiteError,
} from '../../errors.ts';
import { decodePage } from '../fundamentus/page.ts';
import { parseRetryAfter } from './retry.ts';

/** Statuses that mean "not you, not now". */
const BLOCKED_STATUSES = new Set([401, 403, 429]);
/** Statuses that mean "not now". */
const UNAVAILABLE_STATUSES = new Set([408, 425, 500, 502, 503, 504]);

/**
 * Asks for the page of a path once. When `signal` is aborted, it rejects with its reason.
 * @param what it is the page of, for what is said of it
 * @throws SiteError
 */
export async function requestPage(
  path: string,
  what: string,
  settings: HttpSettings,
  signal: AbortSignal,
): Promise<string> {
  const url = new URL(path, `${settings.baseUrl.replace(/\/*$/, '')}/`);
  const limit = createTimeLimit(signal, settings.timeoutMs);
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
      throw new SiteBlockedError(`${what}: the site sends us to ${new URL(response.url).origin}`, {
        hint: 'What another site says is not stored: check PYNVEST_FUNDAMENTUS_URL.',
      });
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw createStatusError(response, what);
    }
    return decodePage(new Uint8Array(await response.arrayBuffer()));
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof TransientSiteError || error instanceof LayoutChangedError
      ? error
      : createUnreachableError(error, what, url, settings.timeoutMs);
  } finally {
    limit.clear();
  }
}

/**
 * A signal that is aborted with `signal` or when the time is up. The timer and the listener hold it:
 * Node 20 lets one made by AbortSignal.any of AbortSignal.timeout be collected before it fires.
 */
function createTimeLimit(signal: AbortSignal, ms: number): { signal: AbortSignal; clear(): void } {
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

function createStatusError(response: Response, what: string): Error {
  const { status } = response;
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), new Date());
  const asked =
    retryAfterMs === undefined ? '' : ` and asks to wait ${Math.ceil(retryAfterMs / 1000)} s`;
  if (BLOCKED_STATUSES.has(status)) {
    return new SiteBlockedError(`${what}: the site refuses us with status ${status}${asked}`, {
      hint: 'Wait a while, then ask more slowly (--pause, --concurrency).',
      retryAfterMs,
    });
  }
  if (UNAVAILABLE_STATUSES.has(status)) {
    return new SiteUnavailableError(`${what}: the site answered with status ${status}${asked}`, {
      retryAfterMs,
    });
  }
  return new LayoutChangedError(`${what}: the site answered with status ${status}`, {
    hint: 'The address of the page may have changed: check PYNVEST_FUNDAMENTUS_URL.',
  });
}

function createUnreachableError(error: unknown, what: string, url: URL, timeoutMs: number): Error {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new SiteUnavailableError(`${what}: no answer within ${timeoutMs} ms`, { cause: error });
  }
  return new SiteUnavailableError(`${what}: cannot reach ${url.origin} (${getRootCause(error)})`, {
    hint: 'Check the network connection, and PYNVEST_FUNDAMENTUS_URL where it is set.',
    cause: error,
  });
}

/** The innermost reason: fetch hides it as the cause of a bare "fetch failed". */
export function getRootCause(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message;
}

export interface HttpSettings {
  readonly baseUrl: string;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** The pause between two requests of one of those, in milliseconds. */
  readonly pauseMs: number;
  /** How long one request may take, in milliseconds, the body included. */
  readonly timeoutMs: number;
  /** How often a request that failed is sent again. */
  readonly retries: number;
  /** The wait before the first of them, in milliseconds; it doubles with each one after. */
  readonly backoffMs: number;
  readonly userAgent: string;
}
