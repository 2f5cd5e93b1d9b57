/** Messages given back to their queue: hidden for a wait that grows with every try. */
import type { Context, SQSRecord } from 'aws-lambda';
import { hideMessages } from '../src/queue/hide-messages.ts';
import { retryWaitSeconds } from '../src/queue/retry-wait.ts';
import { required, wholeNumber } from './environment.ts';
import { fieldsOf, type Log } from './log.ts';
import { sqsClient } from './queues.ts';

const DEFAULT_FIRST_WAIT_SECONDS = 120;

/** What is kept of the function's time to come back with its answer. */
const RESERVE_MS = 2_000;

export interface GivenBack {
  readonly record: SQSRecord;
  /** No try can change the outcome: it waits no longer from try to try, on its way to the dead letters. */
  readonly hopeless: boolean;
}

/**
 * Lets messages come again soon, and not only when the queue's visibility timeout is over, which is long
 * for the sake of a function that dies. Never fails: where a message cannot be hidden so, the log says
 * it, and the timeout brings it back.
 */
export async function giveBack(
  messages: readonly GivenBack[],
  log: Log,
  context: Context,
): Promise<void> {
  if (messages.length === 0) return;
  try {
    const firstSeconds = wholeNumber('PYNVEST_RETRY_WAIT_S', 1) ?? DEFAULT_FIRST_WAIT_SECONDS;
    const hidden = messages.map(({ record, hopeless }) => ({
      receiptHandle: record.receiptHandle,
      seconds: retryWaitSeconds({
        firstSeconds,
        receiveCount: hopeless ? 1 : Number(record.attributes.ApproximateReceiveCount) || 1,
        random: Math.random(),
      }),
    }));
    const remaining = Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS);
    const signal = AbortSignal.timeout(Math.floor(remaining));
    await hideMessages(sqsClient(), required('PYNVEST_QUEUE_URL'), hidden, signal);
    const waits = hidden.map(({ seconds }) => seconds);
    log.info('given back', { messages: waits.length, soonest: Math.min(...waits) });
  } catch (error) {
    log.warn('messages come again only after the visibility timeout', fieldsOf(error));
  }
}
