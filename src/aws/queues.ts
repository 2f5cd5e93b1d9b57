/**
 * SQS queues: messages counted, sent, hidden for a retry, received and deleted, in batches of ten.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import type { AssetKind } from '../catalog/asset.ts';
import { QueueError } from '../errors.ts';
import { withAwsErrors } from './errors.ts';
import type { QueueDepth } from './queue-depth.ts';
import type { RunningSystem } from './system.ts';

/** The addresses of a kind's queues. */
export interface QueueUrls {
  readonly source: string;
  readonly deadLetter: string;
}

export function getQueueUrls(system: RunningSystem, kind: AssetKind): QueueUrls {
  const name = kind === 'acoes' ? 'Acoes' : 'Fiis';
  return {
    source: system.output(`${name}QueueUrl`),
    deadLetter: system.output(`${name}DeadLetterQueueUrl`),
  };
}

export function createSqsClient({ aws }: RunningSystem): SQSClient {
  return new SQSClient(aws.clientSettings);
}

export async function readQueueDepth(client: SQSClient, QueueUrl: string): Promise<QueueDepth> {
  const { Attributes: counts = {} } = await withAwsErrors(() =>
    client.send(
      new GetQueueAttributesCommand({
        QueueUrl,
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

/** So many messages one call takes. */
const SEND_BATCH_SIZE = 10;
const SEND_CONCURRENCY = 4;

const SEND_ATTEMPTS = 4;
const SEND_RETRY_MS = 200;

/**
 * Sends every body as a message of its own. What the queue does not take for a reason of its own is
 * sent again. A message may be sent twice; whoever reads them copes. Once `deadline` is aborted nothing
 * further is sent.
 *
 * @throws QueueError where one was not taken in the end, or never can be, or no time was left for it
 */
export async function sendMessages(
  sqs: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
  deadline: AbortSignal = new AbortController().signal,
): Promise<void> {
  const batches: string[][] = [];
  for (let start = 0; start < bodies.length; start += SEND_BATCH_SIZE) {
    batches.push(bodies.slice(start, start + SEND_BATCH_SIZE));
  }
  let left = 0;
  const sendInTime = async (batch: string[]): Promise<void> => {
    if (deadline.aborted) left += batch.length;
    else await sendBatch(sqs, queueUrl, batch);
  };
  await pMap(batches, sendInTime, { concurrency: SEND_CONCURRENCY });
  if (left > 0) {
    throw new QueueError(
      `${left} of ${bodies.length} messages were not sent to ${queueUrl}: no time was left`,
    );
  }
}

async function sendBatch(sqs: SQSClient, queueUrl: string, bodies: string[]): Promise<void> {
  let waiting = bodies;
  for (let attempt = 1; ; attempt += 1) {
    const refused = await sendOnce(sqs, queueUrl, waiting);
    if (refused.length === 0) return;
    const fatal = refused.find(({ SenderFault: ours }) => ours === true);
    if (fatal !== undefined || attempt >= SEND_ATTEMPTS) {
      const { Code: code, Message: message } = fatal ?? refused[0] ?? {};
      throw new QueueError(
        `${queueUrl} did not take ${refused.length} of ${bodies.length} messages: ` +
          `${code ?? 'no code'}: ${message ?? 'no reason given'}`,
      );
    }
    waiting = refused.flatMap(({ Id: id }) => waiting[Number(id)] ?? []);
    await sleep(SEND_RETRY_MS * 2 ** (attempt - 1) * (1 + Math.random()));
  }
}

/** The entries that the queue did not take; the id of each is its place in `bodies`. */
async function sendOnce(
  sqs: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
): Promise<BatchResultErrorEntry[]> {
  try {
    const { Failed: refused } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: bodies.map((body, index) => ({ Id: String(index), MessageBody: body })),
      }),
    );
    return refused ?? [];
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    throw new QueueError(`cannot send to ${queueUrl}: ${name}: ${message}`, { cause: error });
  }
}

/** So many messages one call takes. */
const VISIBILITY_BATCH_SIZE = 10;
const VISIBILITY_CONCURRENCY = 4;

interface VisibilityChange {
  readonly receiptHandle: string;
  readonly seconds: number;
}

/**
 * Hides each message for its time, from now. One that is not hidden so stays hidden for the queue's own
 * visibility timeout: it is late then, and not lost.
 *
 * @throws QueueError where the queue did not do so for one of them
 */
export async function changeVisibility(
  sqs: SQSClient,
  queueUrl: string,
  messages: readonly VisibilityChange[],
  signal: AbortSignal,
): Promise<void> {
  const batches: VisibilityChange[][] = [];
  for (let start = 0; start < messages.length; start += VISIBILITY_BATCH_SIZE) {
    batches.push(messages.slice(start, start + VISIBILITY_BATCH_SIZE));
  }
  const reasons: string[] = [];
  const hide = async (batch: VisibilityChange[]): Promise<void> => {
    const command = new ChangeMessageVisibilityBatchCommand({
      QueueUrl: queueUrl,
      Entries: batch.map(({ receiptHandle, seconds }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      })),
    });
    try {
      const { Failed: refused = [] } = await sqs.send(command, { abortSignal: signal });
      reasons.push(
        ...refused.map(({ Code, Message }) => `${Code}: ${Message ?? 'no reason given'}`),
      );
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      reasons.push(...batch.map(() => `${name}: ${message}`));
    }
  };
  await pMap(batches, hide, { concurrency: VISIBILITY_CONCURRENCY });
  const [first] = reasons;
  if (first === undefined) return;
  throw new QueueError(
    `${reasons.length} of ${messages.length} messages could not be hidden in ${queueUrl}: ${first}`,
  );
}

/** No wait is longer: the evening has to be done before the day is over. */
const MAX_RETRY_SECONDS = 1_800;

/** A wait is this share longer or shorter, by chance: not all that failed together come back together. */
const RETRY_JITTER = 0.25;

interface RetryDelay {
  /** About how long the first wait is, in seconds; each one after it is twice as long. */
  readonly firstSeconds: number;
  /** How often the message has been received, from 1. */
  readonly receiveCount: number;
  /** From 0 to 1. */
  readonly random: number;
}

/** The wait in whole seconds. */
export function getRetryDelaySeconds({ firstSeconds, receiveCount, random }: RetryDelay): number {
  const growing = firstSeconds * 2 ** (Math.max(1, receiveCount) - 1);
  const jitter = 1 - RETRY_JITTER + 2 * RETRY_JITTER * random;
  return Math.round(Math.min(growing, MAX_RETRY_SECONDS) * jitter);
}

/** For so long (in seconds) a message is nobody else's after it was received, and no longer if we die. */
const RECEIVE_VISIBILITY_SECONDS = 60;
const RECEIVE_BATCH_SIZE = 10;
/** So many batches in a row of what was seen before: all has come round again. */
const MAX_STALE_BATCHES = 3;

/**
 * Takes every message of a queue once, in batches, and puts back those that `work` does not answer: also
 * when it fails. A message that is taken is hidden from others for a while, whatever becomes of us.
 */
export async function processMessages(
  client: SQSClient,
  queueUrl: string,
  work: (messages: readonly Message[]) => Promise<readonly Message[]>,
): Promise<void> {
  const seen = new Set<string>();
  const toPutBack = new Map<string, Message>();
  try {
    for (let stale = 0; stale < MAX_STALE_BATCHES; ) {
      const messages = await receiveMessages(client, queueUrl);
      if (messages.length === 0) return;
      for (const message of messages) toPutBack.set(message.MessageId ?? '', message);
      const fresh = messages.filter(({ MessageId }) => !seen.has(MessageId ?? ''));
      stale = fresh.length === 0 ? stale + 1 : 0;
      if (fresh.length === 0) continue;
      for (const { MessageId } of fresh) seen.add(MessageId ?? '');
      for (const { MessageId } of await work(fresh)) toPutBack.delete(MessageId ?? '');
    }
  } finally {
    await returnMessages(client, queueUrl, [...toPutBack.values()]);
  }
}

async function receiveMessages(client: SQSClient, queueUrl: string): Promise<Message[]> {
  const { Messages: messages = [] } = await withAwsErrors(() =>
    client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: RECEIVE_BATCH_SIZE,
        VisibilityTimeout: RECEIVE_VISIBILITY_SECONDS,
        // A long poll asks all of a queue's servers: one that brings nothing means that there is nothing.
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    ),
  );
  return messages;
}

/** Makes messages visible again; what cannot be comes back by itself after a while. */
async function returnMessages(
  client: SQSClient,
  queueUrl: string,
  messages: readonly Message[],
): Promise<void> {
  for (let start = 0; start < messages.length; start += RECEIVE_BATCH_SIZE) {
    const Entries = messages.slice(start, start + RECEIVE_BATCH_SIZE).map((message, index) => ({
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
export async function deleteMessages(
  client: SQSClient,
  queueUrl: string,
  messages: readonly Message[],
): Promise<void> {
  const { Failed: refused = [] } = await withAwsErrors(() =>
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
