/** Bounded concurrency with a pause: how a polite client spaces its requests. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import pLimit from 'p-limit';

/** Waits; rejects with the signal's own reason when that is aborted meanwhile. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/**
 * Runs tasks, at most `concurrency` at once, and lets `pauseMs` pass between the end of one task and
 * the start of the next in its place. `hold` puts off all that have not started.
 */
export class Pacer {
  readonly #limit: LimitFunction;
  readonly #pauseMs: number;
  /** When each idle place may start its next task, in `performance.now()` milliseconds. */
  readonly #idleSince: number[];
  #heldUntil = 0;

  constructor(concurrency: number, pauseMs: number) {
    this.#limit = pLimit(concurrency);
    this.#pauseMs = pauseMs;
    this.#idleSince = Array.from({ length: concurrency }, () => 0);
  }

  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#limit(async () => {
      const readyAt = this.#idleSince.shift() ?? 0;
      try {
        await this.#waitUntil(readyAt, signal);
        signal.throwIfAborted();
        return await task();
      } finally {
        this.#idleSince.push(performance.now() + this.#pauseMs);
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
