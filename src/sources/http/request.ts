/**
 * One HTTP request with a time limit: the body of the answer, or an error that says whether asking again may help.
 */
import {
  LayoutChangedError,
  SiteBlockedError,
  SiteError,
  SiteUnavailableError,
} from '../../errors.ts';
import { parseRetryAfter } from './retry.ts';
import type { HttpSettings } from './settings.ts';

export interface HttpRequest {
  /** Relative to the base URL of the settings. */
  readonly path: string;
  /** What is asked for, such as a ticker: messages begin with it. */
  readonly subject: string;
}

/** Statuses that mean "not you, not now". */
const BLOCKED_STATUSES: ReadonlySet<number> = new Set([401, 403, 429]);
/** Statuses that mean "not now". */
const UNAVAILABLE_STATUSES: ReadonlySet<number> = new Set([408, 425, 500, 502, 503, 504]);

/**
 * Sends a request once and reads the whole body, both within the time limit.
 *
 * @throws SiteError; the signal's reason when that is aborted
 */
export async function fetchBytes(
  request: HttpRequest,
  settings: HttpSettings,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const limit = createTimeLimit(signal, settings.timeoutMs);
  const chunks: Uint8Array[] = [];
  for await (const chunk of readBody(request, settings, limit)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Sends a request once; the chunks of the body as they arrive. The time limit is that of the wait for each of
 * them, so that a large file may take its time.
 *
 * @throws SiteError; the signal's reason when that is aborted
 */
export async function* fetchStream(
  request: HttpRequest,
  settings: HttpSettings,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const limit = createTimeLimit(signal, settings.timeoutMs);
  for await (const chunk of readBody(request, settings, limit)) {
    limit.stop();
    yield chunk;
    limit.restart();
  }
}

/** Converts the errors of the transfer, and never those of the code that consumes the chunks. */
async function* readBody(
  { path, subject }: HttpRequest,
  settings: HttpSettings,
  limit: TimeLimit,
): AsyncGenerator<Uint8Array> {
  const url = new URL(path, `${settings.baseUrl.replace(/\/*$/, '')}/`);
  try {
    const response = await fetch(url, {
      headers: { ...settings.headers, 'user-agent': settings.userAgent },
      signal: limit.signal,
    });
    const refusal = findRefusal(response, url, subject, settings);
    if (refusal !== undefined) {
      await response.body?.cancel();
      throw refusal;
    }
    if (response.body !== null) yield* response.body;
  } catch (error) {
    limit.parent.throwIfAborted();
    throw error instanceof SiteError ? error : createTransferError(error, subject, url, settings);
  } finally {
    limit.clear();
  }
}

interface TimeLimit {
  /** Aborted when the time is up, or with `parent`. */
  readonly signal: AbortSignal;
  readonly parent: AbortSignal;
  stop(): void;
  restart(): void;
  clear(): void;
}

/**
 * The timer and the listener hold the controller: Node 20 lets a signal made by AbortSignal.any of
 * AbortSignal.timeout be collected before it fires.
 */
function createTimeLimit(parent: AbortSignal, ms: number): TimeLimit {
  const controller = new AbortController();
  const abort = (): void => controller.abort(parent.reason);
  const start = (): NodeJS.Timeout =>
    setTimeout(() => controller.abort(new DOMException('the time is up', 'TimeoutError')), ms);
  let timer = start();
  parent.addEventListener('abort', abort, { once: true });
  if (parent.aborted) abort();
  const stop = (): void => clearTimeout(timer);
  return {
    signal: controller.signal,
    parent,
    stop,
    restart() {
      stop();
      timer = start();
    },
    clear() {
      stop();
      parent.removeEventListener('abort', abort);
    },
  };
}

/** Why the body of an answer must not be read; undefined where it may. */
function findRefusal(
  response: Response,
  url: URL,
  subject: string,
  settings: HttpSettings,
): SiteError | undefined {
  const answered = new URL(response.url);
  if (!isSameSite(url, answered)) {
    return new SiteBlockedError(`${subject}: the site redirects to ${answered.origin}`, {
      hint: `Pages of another site are not stored: check ${settings.urlVariable}.`,
    });
  }
  return response.ok ? undefined : createStatusError(response, subject, settings);
}

/** A redirect may lead to another path, to or from `www.`, or from http to https; nowhere else. */
function isSameSite(asked: URL, answered: URL): boolean {
  const nameOf = ({ hostname }: URL): string => hostname.replace(/^www\./, '');
  if (nameOf(asked) !== nameOf(answered)) return false;
  if (asked.protocol === answered.protocol) return asked.port === answered.port;
  return answered.protocol === 'https:';
}

function createStatusError(
  { status, headers }: Response,
  subject: string,
  settings: HttpSettings,
): SiteError {
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), new Date());
  const wait =
    retryAfterMs === undefined ? '' : ` and asks to wait ${Math.ceil(retryAfterMs / 1000)} s`;
  if (BLOCKED_STATUSES.has(status)) {
    return new SiteBlockedError(`${subject}: the site refuses us with status ${status}${wait}`, {
      hint: 'Wait a while, then ask more slowly (--pause, --concurrency).',
      retryAfterMs,
    });
  }
  if (UNAVAILABLE_STATUSES.has(status)) {
    return new SiteUnavailableError(`${subject}: the site answered with status ${status}${wait}`, {
      retryAfterMs,
    });
  }
  return new LayoutChangedError(`${subject}: the site answered with status ${status}`, {
    hint: `The address of the page may have changed: check ${settings.urlVariable}.`,
  });
}

function createTransferError(
  error: unknown,
  subject: string,
  url: URL,
  { timeoutMs, urlVariable }: HttpSettings,
): SiteUnavailableError {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new SiteUnavailableError(`${subject}: no answer within ${timeoutMs} ms`, {
      cause: error,
    });
  }
  return new SiteUnavailableError(
    `${subject}: cannot reach ${url.origin} (${getRootCause(error)})`,
    {
      hint: `Check the network connection, and ${urlVariable} where it is set.`,
      cause: error,
    },
  );
}

/** The innermost reason: fetch hides it as the cause of a bare "fetch failed". */
export function getRootCause(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message;
}
