/**
 * The pauses between polls of AWS: short at first, for what is quick, and longer as the wait goes on, for each poll is
 * a request.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const GROWTH = 1.5;

export class PollPauses {
  readonly #shortestMs: number;
  readonly #longestMs: number;
  #nextMs: number;

  constructor(shortestMs: number, longestMs: number) {
    this.#shortestMs = shortestMs;
    this.#longestMs = longestMs;
    this.#nextMs = shortestMs;
  }

  /** The next pause in milliseconds; the one after it is longer. */
  takeNext(): number {
    const pause = this.#nextMs;
    this.#nextMs = Math.min(this.#longestMs, pause * GROWTH);
    return pause;
  }

  /** Waits for the next pause. @throws AbortError when the signal ends it */
  async wait(signal?: AbortSignal): Promise<void> {
    await sleep(this.takeNext(), undefined, { ...(signal && { signal }) });
  }

  /** Begins with the shortest pause again: something has happened, so more may follow soon. */
  reset(): void {
    this.#nextMs = this.#shortestMs;
  }
}
