/**
 * A polite HTTP client: bounded concurrency, a pause between requests, retries with jittered back-off that honour
 * Retry-After. Each request has a time limit, and stays on the site. Every source asks through it.
 */

import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import pLimit from 'p-limit';
import pRetry from 'p-retry';
import {
  NotAPageError,
  PynvestError,
  RedirectedError,
  SiteUnavailableError,
} from '../../errors.ts';
import { createStatusError, createTransferError, getRootCause } from './failures.ts';
import { computeRetryDelay, isRetryable, limitRetries } from './retry.ts';
import type { HttpSettings } from './settings.ts';

export interface HttpClient {
  /**
   * Asks until `read` accepts the body or the attempts are used up.
   *
   * @throws NotAPageError when the body is too large, another SiteError, and what `read` throws
   */
  getBytes<T>(request: BytesRequest, read: (body: Uint8Array) => T): Promise<T>;
  /**
   * The same for a body too large for memory. `read` begins anew with each attempt.
   *
   * @throws SiteError, and what `read` throws
   */
  getStream<T>(
    request: HttpRequest,
    read: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<T>;
}

/** Called when a request failed and will be sent again in `waitMs` milliseconds. */
export type OnRetry = (subject: string, error: Error, retriesLeft: number, waitMs: number) => void;

/** When `signal` is aborted, every call under way rejects with its reason. */
export function createHttpClient(
  settings: HttpSettings,
  signal: AbortSignal,
  onRetry: OnRetry = () => undefined,
): HttpClient {
  // Every request under way, and every wait, listens to the signal: Node would warn of a leak.
  setMaxListeners(0, signal);
  const pacer = new Pacer(settings.concurrency, settings.pauseMs);

  const countRetriesLeft = (error: unknown, attempt: number): number =>
    isRetryable(error)
      ? Math.max(limitRetries(getRootCause(error), settings.retries) - attempt + 1, 0)
      : 0;

  /** Where the site asks for a wait, no request starts before it is over. */
  const sendOnce = async <T>(send: () => Promise<T>): Promise<T> => {
    try {
      return await send();
    } catch (error) {
      if (isRetryable(error) && error.retryAfterMs !== undefined) pacer.hold(error.retryAfterMs);
      throw error;
    }
  };

  const sendWithRetries = <T>(subject: string, send: () => Promise<T>): Promise<T> =>
    pRetry(() => pacer.run(() => sendOnce(send), signal), {
      retries: settings.retries,
      minTimeout: 0,
      maxTimeout: 0,
      shouldRetry: ({ error, attemptNumber }) => countRetriesLeft(error, attemptNumber) > 0,
      onFailedAttempt: async ({ error, attemptNumber: attempt }) => {
        signal.throwIfAborted();
        const retriesLeft = countRetriesLeft(error, attempt);
        if (!isRetryable(error) || retriesLeft === 0) return;
        const { retryAfterMs } = error;
        const { backoffMs } = settings;
        const random = Math.random();
        const waitMs = computeRetryDelay({ attempt, backoffMs, retryAfterMs, random });
        onRetry(subject, error, retriesLeft, waitMs);
        await pause(waitMs, signal);
      },
    });

  return {
    getBytes: (request, read) =>
      sendWithRetries(request.subject, async () =>
        read(await fetchBytes(request, settings, signal)),
      ),
    getStream: (request, read) =>
      sendWithRetries(request.subject, () => read(fetchStream(request, settings, signal))),
  };
}

/** Waits; rejects with the signal's reason when that is aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/**
 * Runs at most `concurrency` tasks at once, each in a slot, and waits `pauseMs` between the end of a task and the
 * start of the next in its slot. `hold` delays all tasks that have not started.
 */
export class Pacer {
  readonly #limit: LimitFunction;
  readonly #pauseMs: number;
  /** When each idle slot may start its next task, in `performance.now()` milliseconds. */
  readonly #readyTimes: number[];
  #heldUntil = 0;

  constructor(concurrency: number, pauseMs: number) {
    this.#limit = pLimit(concurrency);
    this.#pauseMs = pauseMs;
    this.#readyTimes = Array.from({ length: concurrency }, () => 0);
  }

  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#limit(async () => {
      const readyAt = this.#readyTimes.shift() ?? 0;
      try {
        await this.#waitUntil(readyAt, signal);
        signal.throwIfAborted();
        return await task();
      } finally {
        this.#readyTimes.push(performance.now() + this.#pauseMs);
      }
    });
  }

  /** Starts nothing for `ms` milliseconds from now. */
  hold(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, performance.now() + ms);
  }

  async #waitUntil(readyAt: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const wait = Math.max(readyAt, this.#heldUntil) - performance.now();
      if (wait <= 0) return;
      await pause(wait, signal);
    }
  }
}

interface HttpRequest {
  /** Relative to the base URL of the settings. */
  readonly path: string;
  /** What is asked for, such as a ticker: messages begin with it. */
  readonly subject: string;
}

/** A request for a body that is held in memory. */
interface BytesRequest extends HttpRequest {
  /** A body with more bytes, after decompression, is not read to its end. */
  readonly maxBytes: number;
}

/**
 * Sends a request once and reads the whole body, both within the time limit.
 *
 * @throws NotAPageError when the body is too large; another SiteError; the signal's reason when that is aborted
 */
async function fetchBytes(
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
async function* fetchStream(
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
