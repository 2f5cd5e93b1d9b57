/**
 * How many messages a queue holds. Pure: no SDK client is loaded here.
 */

export function getQueueName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** How many messages wait, are being processed, and are delayed; approximate, as SQS counts them. */
export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** All messages of a queue. */
export function countMessages({ visible, inFlight, delayed }: QueueDepth): number {
  return visible + inFlight + delayed;
}

/** All messages of a dead-letter queue, including those that someone is reading. */
export function countDeadLetters({ visible, inFlight }: QueueDepth): number {
  return visible + inFlight;
}
