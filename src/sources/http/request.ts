/**
 * One HTTP request with a time limit: the body of the answer, or an error that says whether asking again may help.
 */

import {
  NotAPageError,
  PynvestError,
  RedirectedError,
  SiteUnavailableError,
} from '../../errors.ts';
import { createStatusError, createTransferError } from './failures.ts';
import type { HttpSettings } from './settings.ts';

export interface HttpRequest {
  /** Relative to the base URL of the settings. */
  readonly path: string;
  /** What is asked for, such as a ticker: messages begin with it. */
  readonly subject: string;
}

/** A request for a body that is held in memory. */
export interface BytesRequest extends HttpRequest {
  /** A body with more bytes, after decompression, is not read to its end. */
  readonly maxBytes: number;
}

/**
 * Sends a request once and reads the whole body, both within the time limit.
 *
 * @throws NotAPageError when the body is too large; another SiteError; the signal's reason when that is aborted
 */
export async function fetchBytes(
  request: BytesRequest,
  settings: HttpSettings,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { subject, maxBytes } = request;
  const limit = createTimeLimit(signal, settings.timeoutMs);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of readBody(request, settings, limit)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new NotAPageError(subject, `it has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
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
  const target = { url: new URL(path, `${settings.baseUrl.replace(/\/*$/, '')}/`) };
  try {
    const response = await fetchFollowing(target, subject, settings, limit.signal);
    if (!response.ok) {
      await response.body?.cancel();
      throw createStatusError(response, subject, settings);
    }
    if (response.body !== null) yield* response.body;
  } catch (error) {
    limit.parent.throwIfAborted();
    throw error instanceof PynvestError
      ? error
      : createTransferError(error, subject, target.url, settings);
  } finally {
    limit.clear();
  }
}

const MAX_REDIRECTS = 5;

/**
 * Follows redirects within the site, and keeps in `target` the address that is asked at the moment: where it does
 * not answer, the message must name it. Another site is never asked.
 *
 * @throws RedirectedError when a redirect leads to another site
 */
async function fetchFollowing(
  target: { url: URL },
  subject: string,
  settings: HttpSettings,
  signal: AbortSignal,
): Promise<Response> {
  const first = target.url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await (settings.proxy?.fetch ?? fetch)(target.url, {
      headers: { ...settings.headers, 'user-agent': settings.userAgent },
      redirect: 'manual',
      signal,
    });
    const next = findRedirect(response, target.url);
    if (next === undefined) return response;
    await response.body?.cancel();
    if (!isSameSite(first, next)) {
      // An address without an origin, such as one of a file, has "null" there.
      const where = next.origin === 'null' ? `an address of ${next.protocol}` : next.origin;
      throw new RedirectedError(`${subject}: the site redirects to ${where}`, {
        hint: `Another site is not asked: check ${settings.urlVariable}, and set it where the site has moved.`,
      });
    }
    target.url = next;
  }
  throw new SiteUnavailableError(
    `${subject}: the site redirects more than ${MAX_REDIRECTS} times, at last to ${target.url.href}`,
    { hint: `Check ${settings.urlVariable} where it is set.` },
  );
}

/** The statuses that redirect a GET: RFC 9110, section 15.4. */
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function findRedirect({ status, headers }: Response, asked: URL): URL | undefined {
  const location = headers.get('location');
  if (location === null || !REDIRECT_STATUSES.has(status)) return undefined;
  return URL.canParse(location, asked.href) ? new URL(location, asked) : undefined;
}

/** A redirect may lead to another path, to or from `www.`, or from http to https; nowhere else. */
function isSameSite(asked: URL, next: URL): boolean {
  const nameOf = ({ hostname }: URL): string => hostname.replace(/^www\./, '');
  if (nameOf(asked) !== nameOf(next)) return false;
  if (asked.protocol === next.protocol) return asked.port === next.port;
  return next.protocol === 'https:';
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
