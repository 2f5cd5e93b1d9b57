/**
 * How many messages a queue holds. Pure: no SDK client is loaded here.
 */

export function getQueueName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** How many messages wait, are in somebody's hands, and are not to be had yet; about, as SQS counts. */
export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** All the messages of a queue, whatever they wait for. */
export function countMessages({ visible, inFlight, delayed }: QueueDepth): number {
  return visible + inFlight + delayed;
}

/** The letters of a dead-letter queue, those that somebody looks at just now included. */
export function countDeadLetters({ visible, inFlight }: QueueDepth): number {
  return visible + inFlight;
}
