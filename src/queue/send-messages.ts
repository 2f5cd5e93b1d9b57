/** Messages into an SQS queue. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BatchResultErrorEntry,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { QueueError } from '../errors.ts';

/** So many messages one call takes. */
const LARGEST_BATCH = 10;
const CALLS_AT_ONCE = 4;

const TRIES = 4;
const FIRST_WAIT_MS = 200;

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
  for (let start = 0; start < bodies.length; start += LARGEST_BATCH) {
    batches.push(bodies.slice(start, start + LARGEST_BATCH));
  }
  let left = 0;
  const sendInTime = async (batch: string[]): Promise<void> => {
    if (deadline.aborted) left += batch.length;
    else await sendBatch(sqs, queueUrl, batch);
  };
  await pMap(batches, sendInTime, { concurrency: CALLS_AT_ONCE });
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
    if (fatal !== undefined || attempt >= TRIES) {
      const { Code: code, Message: message } = fatal ?? refused[0] ?? {};
      throw new QueueError(
        `${queueUrl} did not take ${refused.length} of ${bodies.length} messages: ` +
          `${code ?? 'no code'}: ${message ?? 'no reason given'}`,
      );
    }
    waiting = refused.flatMap(({ Id: id }) => waiting[Number(id)] ?? []);
    await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1) * (1 + Math.random()));
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
