/** The messages of a queue, batch by batch, hidden from others no longer than need be. */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { plainly } from '../deploy/aws.ts';
import { QueueError } from '../errors.ts';

/** For so long (in seconds) a message is nobody else's after it was received, and no longer if we die. */
const HIDDEN_SECONDS = 60;
const LARGEST_BATCH = 10;
/** So many batches in a row of what was seen before: all has come round again. */
const STALE_BATCHES = 3;

/**
 * Takes every message of a queue once, in batches, and puts back those that `work` does not answer: also
 * when it fails. A message that is taken is hidden from others for a while, whatever becomes of us.
 */
export async function eachBatch(
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
        MessageSystemAttributeNames: ['SentTimestamp'],
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
export async function deleteAll(
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
