/** The dead-letter queues: looked at without losing or hiding anything, sent back, removed. */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { AssetKind } from '../catalog/asset.ts';
import { plainly } from '../deploy/aws.ts';
import { QueueError } from '../errors.ts';
import { sendMessages } from '../queue/send-messages.ts';
import { type ParsedMessage, parseMessage } from '../queue/ticker-message.ts';
import type { RunningSystem } from './running-system.ts';

export interface DeadLetter {
  readonly queue: AssetKind;
  readonly id: string;
  readonly body: string;
  readonly parsed: ParsedMessage;
  /** When it was first sent. */
  readonly sentAt: Date;
  /** How often it was taken from its queues, our own looks included. */
  readonly received: number;
}

export interface DeadLetters {
  readonly letters: readonly DeadLetter[];
  /** Messages that someone else holds just now, and that come back by themselves. */
  readonly held: number;
}

/** For so long (in seconds) a message is nobody else's after it was received, and no longer if we die. */
const HIDDEN_SECONDS = 60;
const LARGEST_BATCH = 10;
/** So many batches in a row of what was seen before: all has come round again. */
const STALE_BATCHES = 3;

interface Queues {
  readonly kind: AssetKind;
  readonly source: string;
  readonly dead: string;
}

function queuesOf(system: RunningSystem, kind: AssetKind): Queues {
  const name = kind === 'acoes' ? 'Acoes' : 'Fiis';
  return {
    kind,
    source: system.output(`${name}QueueUrl`),
    dead: system.output(`${name}DeadLetterQueueUrl`),
  };
}

export function sqsClientOf({ aws }: RunningSystem): SQSClient {
  return new SQSClient(aws.clientSettings);
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
    held += await heldByOthers(client, dead);
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

/**
 * Takes every message of a queue once, in batches, and puts back those that `work` does not answer: also
 * when it fails. A message that is taken is hidden from others for a while, whatever becomes of us.
 */
async function eachBatch(
  client: SQSClient,
  queueUrl: string,
  work: (messages: readonly Message[]) => Promise<readonly Message[]>,
): Promise<void> {
  const seen = new Set<string>();
  const toPutBack = new Map<string, Message>();
  try {
    for (let stale = 0; stale < STALE_BATCHES; ) {
      const messages = await receive(client, queueUrl);
      if (messages.length === 0) return;
      for (const message of messages) toPutBack.set(message.MessageId ?? '', message);
      const fresh = messages.filter(({ MessageId }) => !seen.has(MessageId ?? ''));
      stale = fresh.length === 0 ? stale + 1 : 0;
      if (fresh.length === 0) continue;
      for (const { MessageId } of fresh) seen.add(MessageId ?? '');
      for (const { MessageId } of await work(fresh)) toPutBack.delete(MessageId ?? '');
    }
  } finally {
    await putBack(client, queueUrl, [...toPutBack.values()]);
  }
}

async function receive(client: SQSClient, queueUrl: string): Promise<Message[]> {
  const { Messages: messages = [] } = await plainly(() =>
    client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: LARGEST_BATCH,
        VisibilityTimeout: HIDDEN_SECONDS,
        // A long poll asks all of a queue's servers: one that brings nothing means that there is nothing.
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
      }),
    ),
  );
  return messages;
}

/** Makes messages visible again; what cannot be comes back by itself after a while. */
async function putBack(
  client: SQSClient,
  queueUrl: string,
  messages: readonly Message[],
): Promise<void> {
  for (let start = 0; start < messages.length; start += LARGEST_BATCH) {
    const Entries = messages.slice(start, start + LARGEST_BATCH).map((message, index) => ({
      Id: String(index),
      ReceiptHandle: message.ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    await client
      .send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }))
      .catch(() => undefined);
  }
}

/** @throws QueueError where one is still there: it was sent and may be sent again */
async function deleteAll(
  client: SQSClient,
  queueUrl: string,
  messages: readonly Message[],
): Promise<void> {
  const { Failed: refused = [] } = await plainly(() =>
    client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    ),
  );
  const [first] = refused;
  if (first === undefined) return;
  throw new QueueError(
    `${queueUrl} kept ${refused.length} of ${messages.length} messages: ${first.Code}: ${first.Message}`,
    { hint: 'Run the command again: what is there twice by now does no harm.' },
  );
}

async function heldByOthers(client: SQSClient, queueUrl: string): Promise<number> {
  const { Attributes: attributes = {} } = await plainly(() =>
    client.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
      }),
    ),
  );
  return Number(attributes.ApproximateNumberOfMessagesNotVisible ?? 0);
}

function letterOf(queue: AssetKind, message: Message): DeadLetter {
  const { MessageId: id = '', Body: body = '', Attributes: attributes = {} } = message;
  return {
    queue,
    id,
    body,
    parsed: parseMessage(body),
    sentAt: new Date(Number(attributes.SentTimestamp ?? 0)),
    received: Number(attributes.ApproximateReceiveCount ?? 0),
  };
}
