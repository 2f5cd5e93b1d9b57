/**
 * A polite HTTP client: bounded concurrency, a pause between requests, retries with jittered back-off that honour
 * Retry-After. Every source asks through it.
 */

import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import pLimit from 'p-limit';
import pRetry from 'p-retry';
import { getRootCause } from './failures.ts';
import { type BytesRequest, fetchBytes, fetchStream, type HttpRequest } from './request.ts';
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
