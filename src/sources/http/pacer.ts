/** Bounded concurrency with pauses: how a polite client spaces its requests. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import pLimit from 'p-limit';

/** Waits; rejects with the signal's reason when that is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
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
