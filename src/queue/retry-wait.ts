/** How long a message that failed stays hidden before it is tried again. Pure. */

/** No wait is longer: the evening has to be done before the day is over. */
const LONGEST_SECONDS = 1_800;

/** A wait is this share longer or shorter, by chance: not all that failed together come back together. */
const JITTER = 0.25;

export interface RetryWait {
  /** About how long the first wait is, in seconds; each one after it is twice as long. */
  readonly firstSeconds: number;
  /** How often the message has been received, from 1. */
  readonly receiveCount: number;
  /** From 0 to 1. */
  readonly random: number;
}

/** The wait in whole seconds. */
export function retryWaitSeconds({ firstSeconds, receiveCount, random }: RetryWait): number {
  const growing = firstSeconds * 2 ** (Math.max(1, receiveCount) - 1);
  const jitter = 1 - JITTER + 2 * JITTER * random;
  return Math.round(Math.min(growing, LONGEST_SECONDS) * jitter);
}
