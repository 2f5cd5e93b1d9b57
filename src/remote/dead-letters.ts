/**
 * The dead-letter queues: read without losing a message, redriven, deleted.
 */

import {
  consumeMessages,
  getTickerQueues,
  type ReceivedMessage,
  readMessages,
  readQueueDepth,
  sendMessages,
} from '../aws/queues.ts';
import type { RunningSystem } from '../aws/system.ts';
import type { AssetKind } from '../catalog/asset.ts';
import { type ParsedTickerMessage, parseTickerMessage } from '../pipeline/collect-messages.ts';

export interface DeadLetter {
  readonly queue: AssetKind;
  readonly id: string;
  readonly body: string;
  readonly parsed: ParsedTickerMessage;
  /** When it was first sent. */
  readonly sentAt: Date;
}

interface DeadLetters {
  readonly deadLetters: readonly DeadLetter[];
  /** Messages that another reader has received just now; they return by themselves. */
  readonly inFlight: number;
}

/** Every message of the dead-letter queues, each once; all remain in their queue. */
export async function readDeadLetters(
  system: RunningSystem,
  kinds: readonly AssetKind[],
): Promise<DeadLetters> {
  // At once: that a queue has no more messages is known a second after it is asked.
  const byKind = await Promise.all(
    kinds.map(async (kind) => {
      const { deadLetter } = getTickerQueues(system, kind);
      const { inFlight } = await readQueueDepth(deadLetter);
      const messages = await readMessages(deadLetter);
      return { inFlight, deadLetters: messages.map((message) => parseDeadLetter(kind, message)) };
    }),
  );
  return {
    deadLetters: byKind.flatMap(({ deadLetters }) => deadLetters),
    inFlight: byKind.reduce((total, { inFlight }) => total + inFlight, 0),
  };
}

/**
 * Sends the chosen messages back to the queues that they came from. Each is sent before it is deleted here: a
 * failure in between leaves it in both queues, and its page is collected once more than needed.
 * @returns those that were sent; one that no longer exists is left out
 */
export function redriveDeadLetters(
  system: RunningSystem,
  chosen: readonly DeadLetter[],
): Promise<DeadLetter[]> {
  return processDeadLetters(system, chosen, (kind, deadLetters) =>
    sendMessages(
      getTickerQueues(system, kind).source,
      deadLetters.map(({ body }) => body),
    ),
  );
}

/** Deletes the chosen messages. @returns those that were deleted */
export function deleteDeadLetters(
  system: RunningSystem,
  chosen: readonly DeadLetter[],
): Promise<DeadLetter[]> {
  return processDeadLetters(system, chosen, async () => undefined);
}

/** Runs `work` on the chosen messages that still exist, then deletes them. */
async function processDeadLetters(
  system: RunningSystem,
  chosen: readonly DeadLetter[],
  work: (kind: AssetKind, deadLetters: readonly DeadLetter[]) => Promise<void>,
): Promise<DeadLetter[]> {
  const done: DeadLetter[] = [];
  for (const kind of new Set(chosen.map(({ queue }) => queue))) {
    const ids = new Set(chosen.filter(({ queue }) => queue === kind).map(({ id }) => id));
    const { deadLetter } = getTickerQueues(system, kind);
    const parse = (message: ReceivedMessage): DeadLetter => parseDeadLetter(kind, message);
    const consumed = await consumeMessages(deadLetter, ids, (messages) =>
      work(kind, messages.map(parse)),
    );
    done.push(...consumed.map(parse));
  }
  return done;
}

function parseDeadLetter(queue: AssetKind, { id, body, sentAt }: ReceivedMessage): DeadLetter {
  return { queue, id, body, parsed: parseTickerMessage(body), sentAt };
}
