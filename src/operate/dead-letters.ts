/** The dead-letter queues: looked at without losing or hiding anything, sent back, removed. */
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import type { AssetKind } from '../catalog/asset.ts';
import { plainly } from '../deploy/aws.ts';
import { sendMessages } from '../queue/send-messages.ts';
import { type ParsedMessage, parseMessage } from '../queue/ticker-message.ts';
import { deleteAll, eachBatch } from './queue-batches.ts';
import { type Queues, queueDepth, queuesOf, sqsClientOf } from './queues.ts';
import type { RunningSystem } from './running-system.ts';

export interface DeadLetter {
  readonly queue: AssetKind;
  readonly id: string;
  readonly body: string;
  readonly parsed: ParsedMessage;
  /** When it was first sent. */
  readonly sentAt: Date;
}

export interface DeadLetters {
  readonly letters: readonly DeadLetter[];
  /** Messages that someone else holds just now, and that come back by themselves. */
  readonly held: number;
}

/** Every message of the dead-letter queues, each once; all of them are back in place afterwards. */
export async function readDeadLetters(
  system: RunningSystem,
  kinds: readonly AssetKind[],
): Promise<DeadLetters> {
  const client = sqsClientOf(system);
  const letters: DeadLetter[] = [];
  let held = 0;
  for (const kind of kinds) {
    const { dead } = queuesOf(system, kind);
    held += (await queueDepth(client, dead)).inFlight;
    await eachBatch(client, dead, async (messages) => {
      letters.push(...messages.map((message) => letterOf(kind, message)));
      return [];
    });
  }
  return { letters, held };
}

/**
 * Sends the chosen messages back to the queues that they came from. Each is sent before it is removed
 * here: who dies in between leaves it in both places, which collects its page once more than needed.
 * @returns those that were sent; one that has gone meanwhile is left out
 */
export function sendBack(
  system: RunningSystem,
  chosen: readonly DeadLetter[],
): Promise<DeadLetter[]> {
  return takeOut(system, chosen, (client, { source }, letters) =>
    sendMessages(
      client,
      source,
      letters.map(({ body }) => body),
    ),
  );
}

/** Removes the chosen messages for good. @returns those that were removed */
export function removeLetters(
  system: RunningSystem,
  chosen: readonly DeadLetter[],
): Promise<DeadLetter[]> {
  return takeOut(system, chosen, async () => undefined);
}

async function takeOut(
  system: RunningSystem,
  chosen: readonly DeadLetter[],
  before: (client: SQSClient, queues: Queues, letters: readonly DeadLetter[]) => Promise<void>,
): Promise<DeadLetter[]> {
  const client = sqsClientOf(system);
  const done: DeadLetter[] = [];
  for (const kind of new Set(chosen.map(({ queue }) => queue))) {
    const wanted = new Map(
      chosen.filter(({ queue }) => queue === kind).map((letter) => [letter.id, letter]),
    );
    const queues = queuesOf(system, kind);
    await eachBatch(client, queues.dead, async (messages) => {
      const taken = messages.filter(({ MessageId }) => wanted.has(MessageId ?? ''));
      if (taken.length === 0) return [];
      const letters = taken.map((message) => letterOf(kind, message));
      await plainly(() => before(client, queues, letters));
      await deleteAll(client, queues.dead, taken);
      done.push(...letters);
      return taken;
    });
  }
  return done;
}

function letterOf(queue: AssetKind, message: Message): DeadLetter {
  const { MessageId: id = '', Body: body = '', Attributes: attributes = {} } = message;
  return {
    queue,
    id,
    body,
    parsed: parseMessage(body),
    sentAt: new Date(Number(attributes.SentTimestamp ?? 0)),
  };
}
