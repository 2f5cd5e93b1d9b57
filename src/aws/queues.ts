/**
 * SQS queues: messages counted, sent, hidden until a retry, received and deleted, in batches.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import type { AssetKind } from '../catalog/asset.ts';
import { QueueError } from '../errors.ts';
import { getAwsErrorCode, withAwsErrors } from './errors.ts';
import type { QueueDepth } from './queue-depth.ts';
import type { AwsSession } from './session.ts';
import type { RunningSystem } from './system.ts';

export interface Queue {
  readonly client: SQSClient;
  readonly url: string;
}

interface TickerQueues {
  readonly source: Queue;
  readonly deadLetter: Queue;
}

/** The queues that the stack has for a kind of asset. */
export function getTickerQueues({ aws, output }: RunningSystem, kind: AssetKind): TickerQueues {
  const client = aws.client(SQSClient);
  const name = kind === 'acoes' ? 'Acoes' : 'Fiis';
  return {
    source: { client, url: output(`${name}QueueUrl`) },
    deadLetter: { client, url: output(`${name}DeadLetterQueueUrl`) },
  };
}

/** The queue of the first two functions' events that failed; undefined in a stack of an earlier version. */
export function findFailedEventsQueue({ aws, stack }: RunningSystem): Queue | undefined {
  const url = stack.outputs['FailedEventsQueueUrl'];
  return url ? { client: aws.client(SQSClient), url } : undefined;
}

export async function readQueueDepth({ client, url }: Queue): Promise<QueueDepth> {
  const { Attributes: counts = {} } = await withAwsErrors(() =>
    client.send(
      new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
    ),
  );
  return {
    visible: Number(counts['ApproximateNumberOfMessages'] ?? 0),
    inFlight: Number(counts['ApproximateNumberOfMessagesNotVisible'] ?? 0),
    delayed: Number(counts['ApproximateNumberOfMessagesDelayed'] ?? 0),
  };
}

export async function queueExists(aws: AwsSession, url: string): Promise<boolean> {
  try {
    await aws.client(SQSClient).send(new GetQueueAttributesCommand({ QueueUrl: url }));
    return true;
  } catch (error) {
    if (MISSING_QUEUE.test(getAwsErrorCode(error) ?? '')) return false;
    throw error;
  }
}

const MISSING_QUEUE = /^(QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/;

/** SQS takes and gives at most this many messages in one request. */
const BATCH_SIZE = 10;
const CONCURRENCY = 4;

/** Runs `work` on the items in batches of one request each, several batches at a time. */
async function inBatches<T>(
  items: readonly T[],
  work: (batch: readonly T[]) => Promise<void>,
): Promise<void> {
  const batches: (readonly T[])[] = [];
  for (let start = 0; start < items.length; start += BATCH_SIZE) {
    batches.push(items.slice(start, start + BATCH_SIZE));
  }
  await pMap(batches, work, { concurrency: CONCURRENCY });
}

const SEND_ATTEMPTS = 4;
const SEND_RETRY_MS = 200;

/**
 * Sends every body as a message of its own. Messages that SQS itself fails to take are sent again. A message may
 * be sent twice: readers must tolerate it. Once `deadline` is aborted no further batch is sent.
 *
 * @throws QueueError when a message was not taken after all attempts, is invalid, or was left by the deadline
 */
export async function sendMessages(
  queue: Queue,
  bodies: readonly string[],
  deadline?: AbortSignal,
): Promise<void> {
  let unsent = 0;
  await inBatches(bodies, async (batch) => {
    if (deadline?.aborted) unsent += batch.length;
    else await sendBatch(queue, batch);
  });
  if (unsent > 0) {
    throw new QueueError(
      `${unsent} of ${bodies.length} messages were not sent to ${queue.url}: no time was left`,
    );
  }
}

async function sendBatch(queue: Queue, bodies: readonly string[]): Promise<void> {
  let pending = bodies;
  for (let attempt = 1; ; attempt += 1) {
    const failures = await trySendBatch(queue, pending);
    if (failures.length === 0) return;
    const permanent = failures.find(({ SenderFault: isSenderFault }) => isSenderFault === true);
    if (permanent !== undefined || attempt >= SEND_ATTEMPTS) {
      const reason = formatEntryError(permanent ?? failures[0]);
      throw new QueueError(
        `${queue.url} did not take ${failures.length} of ${bodies.length} messages: ${reason}`,
      );
    }
    pending = failures.flatMap(({ Id: id }) => pending[Number(id)] ?? []);
    await sleep(SEND_RETRY_MS * 2 ** (attempt - 1) * (1 + Math.random()));
  }
}

/** The entries that failed; the id of each is its index in `bodies`. */
async function trySendBatch(
  { client, url }: Queue,
  bodies: readonly string[],
): Promise<BatchResultErrorEntry[]> {
  try {
    const { Failed: failures = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: bodies.map((body, index) => ({ Id: String(index), MessageBody: body })),
      }),
    );
    return failures;
  } catch (error) {
    throw new QueueError(`cannot send to ${url}: ${formatRequestError(error)}`, { cause: error });
  }
}

interface VisibilityChange {
  readonly receiptHandle: string;
  /** How long the message stays hidden, from now. */
  readonly seconds: number;
}

/**
 * Hides each message for its time. One for which this fails stays hidden for the queue's own visibility timeout:
 * late, not lost.
 *
 * @throws QueueError after all batches, when a message could not be changed
 */
export async function changeVisibility(
  { client, url }: Queue,
  changes: readonly VisibilityChange[],
  signal?: AbortSignal,
): Promise<void> {
  const reasons: string[] = [];
  await inBatches(changes, async (batch) => {
    const command = new ChangeMessageVisibilityBatchCommand({
      QueueUrl: url,
      Entries: batch.map(({ receiptHandle, seconds }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      })),
    });
    try {
      const { Failed: failures = [] } = await client.send(
        command,
        signal === undefined ? {} : { abortSignal: signal },
      );
      reasons.push(...failures.map(formatEntryError));
    } catch (error) {
      reasons.push(...batch.map(() => formatRequestError(error)));
    }
  });
  const [first] = reasons;
  if (first === undefined) return;
  throw new QueueError(
    `${reasons.length} of ${changes.length} messages could not be hidden in ${url}: ${first}`,
  );
}

function formatEntryError({ Code: code, Message: message }: Partial<BatchResultErrorEntry> = {}) {
  return `${code ?? 'no code'}: ${message ?? 'no reason given'}`;
}

function formatRequestError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : `Error: ${String(error)}`;
}

/** A retry waits at most about this long: a day's collection must end on that day. */
const MAX_RETRY_SECONDS = 1_800;

/** Delays vary by this share in both directions, so that messages that failed together do not return together. */
const RETRY_JITTER = 0.25;

interface RetryDelay {
  /** The delay before the first retry, in seconds; it doubles with each further one. */
  readonly firstSeconds: number;
  /** How often the message has been received, from 1. */
  readonly receiveCount: number;
  /** From 0 to 1. */
  readonly random: number;
}

/** How long a failed message stays hidden before its next attempt, in whole seconds. */
export function getRetryDelaySeconds({ firstSeconds, receiveCount, random }: RetryDelay): number {
  const growing = firstSeconds * 2 ** (Math.max(1, receiveCount) - 1);
  const jitter = 1 - RETRY_JITTER + 2 * RETRY_JITTER * random;
  return Math.round(Math.min(growing, MAX_RETRY_SECONDS) * jitter);
}

export interface ReceivedMessage {
  readonly id: string;
  readonly body: string;
  readonly receiptHandle: string;
  /** When it was first sent. */
  readonly sentAt: Date;
}

/** How long a received message is hidden from other readers; it returns by itself if this process dies. */
const RECEIVE_VISIBILITY_SECONDS = 60;
/** After this many batches without a new message, every message has been seen. */
const MAX_STALE_BATCHES = 3;

/** Every message of a queue, each once; all become visible again. */
export async function readMessages(queue: Queue): Promise<ReceivedMessage[]> {
  const read: ReceivedMessage[] = [];
  await processMessages(queue, async (messages) => {
    read.push(...messages);
    return [];
  });
  return read;
}

/**
 * Runs `work` on those of the messages that still exist, batch by batch, and deletes them after it: a failure in
 * between leaves them in the queue.
 * @returns the messages that were deleted
 */
export async function consumeMessages(
  queue: Queue,
  ids: ReadonlySet<string>,
  work: (messages: readonly ReceivedMessage[]) => Promise<void>,
): Promise<ReceivedMessage[]> {
  const consumed: ReceivedMessage[] = [];
  const isComplete = (): boolean => consumed.length === ids.size;
  await processMessages(
    queue,
    async (messages) => {
      const found = messages.filter(({ id }) => ids.has(id));
      if (found.length === 0) return [];
      await work(found);
      await deleteMessages(queue, found);
      consumed.push(...found);
      return found;
    },
    isComplete,
  );
  return consumed;
}

/**
 * Hands every message of a queue to `work`, in batches, each message once, or those up to the batch after which
 * `isComplete`. `work` answers those that it deleted; all others become visible again at the end, also when `work`
 * throws.
 */
async function processMessages(
  queue: Queue,
  work: (messages: readonly ReceivedMessage[]) => Promise<readonly ReceivedMessage[]>,
  isComplete: () => boolean = () => false,
): Promise<void> {
  const seen = new Set<string>();
  const toReturn = new Map<string, ReceivedMessage>();
  try {
    for (let staleBatches = 0; staleBatches < MAX_STALE_BATCHES && !isComplete(); ) {
      const messages = await receiveMessages(queue);
      if (messages.length === 0) return;
      for (const message of messages) toReturn.set(message.id, message);
      const unseen = messages.filter(({ id }) => !seen.has(id));
      staleBatches = unseen.length === 0 ? staleBatches + 1 : 0;
      if (unseen.length === 0) continue;
      for (const { id } of unseen) seen.add(id);
      for (const { id } of await work(unseen)) toReturn.delete(id);
    }
  } finally {
    const visibleNow = [...toReturn.values()].map(({ receiptHandle }) => {
      return { receiptHandle, seconds: 0 };
    });
    // Those for which this fails become visible when their time is over.
    await changeVisibility(queue, visibleNow).catch(() => undefined);
  }
}

async function receiveMessages({ client, url }: Queue): Promise<ReceivedMessage[]> {
  const { Messages: messages = [] } = await withAwsErrors(() =>
    client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: BATCH_SIZE,
        VisibilityTimeout: RECEIVE_VISIBILITY_SECONDS,
        // A long poll asks all of a queue's servers, so an empty answer means an empty queue.
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    ),
  );
  return messages.map(({ MessageId = '', Body = '', ReceiptHandle = '', Attributes = {} }) => ({
    id: MessageId,
    body: Body,
    receiptHandle: ReceiptHandle,
    sentAt: new Date(Number(Attributes.SentTimestamp ?? 0)),
  }));
}

/** @throws QueueError when a message was not deleted: it may be received again */
async function deleteMessages(
  { client, url }: Queue,
  messages: readonly ReceivedMessage[],
): Promise<void> {
  await inBatches(messages, async (batch) => {
    const { Failed: failures = [] } = await withAwsErrors(() =>
      client.send(
        new DeleteMessageBatchCommand({
          QueueUrl: url,
          Entries: batch.map(({ receiptHandle }, index) => ({
            Id: String(index),
            ReceiptHandle: receiptHandle,
          })),
        }),
      ),
    );
    if (failures.length === 0) return;
    throw new QueueError(
      `${failures.length} of ${batch.length} messages were not deleted from ${url}: ${formatEntryError(failures[0])}`,
      { hint: 'Run the command again. A ticker that is in a queue twice does no harm.' },
    );
  });
}
