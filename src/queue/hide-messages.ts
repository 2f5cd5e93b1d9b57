/** Messages that were received and not served, hidden until they are to be tried again. */
import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { QueueError } from '../errors.ts';

/** So many messages one call takes. */
const LARGEST_BATCH = 10;
const CALLS_AT_ONCE = 4;

export interface HiddenMessage {
  readonly receiptHandle: string;
  readonly seconds: number;
}

/**
 * Hides each message for its time, from now. One that is not hidden so stays hidden for the queue's own
 * visibility timeout: it is late then, and not lost.
 *
 * @throws QueueError where the queue did not do so for one of them
 */
export async function hideMessages(
  sqs: SQSClient,
  queueUrl: string,
  messages: readonly HiddenMessage[],
  signal: AbortSignal,
): Promise<void> {
  const batches: HiddenMessage[][] = [];
  for (let start = 0; start < messages.length; start += LARGEST_BATCH) {
    batches.push(messages.slice(start, start + LARGEST_BATCH));
  }
  const reasons: string[] = [];
  const hide = async (batch: HiddenMessage[]): Promise<void> => {
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
  await pMap(batches, hide, { concurrency: CALLS_AT_ONCE });
  const [first] = reasons;
  if (first === undefined) return;
  throw new QueueError(
    `${reasons.length} of ${messages.length} messages could not be hidden in ${queueUrl}: ${first}`,
  );
}
