/**
 * The dead-letter queues: read without losing a message, redriven, deleted.
 */

import { withAwsErrors } from '../aws/errors.ts';
import {
  deleteMessages,
  getTickerQueues,
  processMessages,
  type ReceivedMessage,
  readQueueDepth,
  sendMessages,
} from '../aws/queues.ts';
import type { RunningSystem } from '../aws/system.ts';
import type { AssetKind } from '../catalog/asset.ts';
import { type ParsedTickerMessage, parseTickerMessage } from '../pipeline/ticker-message.ts';

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
  /** Messages that someone else holds just now, and that come back by themselves. */
  readonly inFlight: number;
}

/** Every message of the dead-letter queues, each once; all of them are back in place afterwards. */
export async function readDeadLetters(
  system: RunningSystem,
  kinds: readonly AssetKind[],
): Promise<DeadLetters> {
  const letters: DeadLetter[] = [];
  let held = 0;
  for (const kind of kinds) {
    const { deadLetter } = getTickerQueues(system, kind);
    held += (await readQueueDepth(deadLetter)).inFlight;
    await processMessages(deadLetter, async (messages) => {
      letters.push(...messages.map((message) => parseDeadLetter(kind, message)));
      return [];
    });
  }
  return { deadLetters: letters, inFlight: held };
}

/**
 * Sends the chosen messages back to the queues that they came from. Each is sent before it is removed
 * here: who dies in between leaves it in both places, which collects its page once more than needed.
 * @returns those that were sent; one that has gone meanwhile is left out
 */
export function redriveDeadLetters(
  system: RunningSystem,
  chosen: readonly DeadLetter[],
): Promise<DeadLetter[]> {
  return processDeadLetters(system, chosen, (kind, letters) =>
    sendMessages(
      getTickerQueues(system, kind).source,
      letters.map(({ body }) => body),
    ),
  );
}

/** Removes the chosen messages for good. @returns those that were removed */
export function deleteDeadLetters(
  system: RunningSystem,
  chosen: readonly DeadLetter[],
): Promise<DeadLetter[]> {
  return processDeadLetters(system, chosen, async () => undefined);
}

async function processDeadLetters(
  system: RunningSystem,
  chosen: readonly DeadLetter[],
  before: (kind: AssetKind, letters: readonly DeadLetter[]) => Promise<void>,
): Promise<DeadLetter[]> {
  const done: DeadLetter[] = [];
  for (const kind of new Set(chosen.map(({ queue }) => queue))) {
    const wanted = new Map(
      chosen.filter(({ queue }) => queue === kind).map((letter) => [letter.id, letter]),
    );
    const { deadLetter } = getTickerQueues(system, kind);
    await processMessages(deadLetter, async (messages) => {
      const taken = messages.filter(({ id }) => wanted.has(id));
      if (taken.length === 0) return [];
      const letters = taken.map((message) => parseDeadLetter(kind, message));
      await withAwsErrors(() => before(kind, letters));
      await deleteMessages(deadLetter, taken);
      done.push(...letters);
      return taken;
    });
  }
  return done;
}

function parseDeadLetter(queue: AssetKind, { id, body, sentAt }: ReceivedMessage): DeadLetter {
  return { queue, id, body, parsed: parseTickerMessage(body), sentAt };
}
