/**
 * A batch of SQS messages, each asking for a ticker: stored together, failing alone. A message that failed returns to
 * its queue and is hidden for a time that grows with every attempt.
 */
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { changeVisibility, getRetryDelaySeconds } from '../src/aws/queues.ts';
import type { FailedTicker } from '../src/pipeline/collect.ts';
import {
  type CollectedDay,
  collectMessages,
  parseTickerMessage,
  type ReceivedMessage,
} from '../src/pipeline/collect-messages.ts';
import { createFundamentusSource } from '../src/pipeline/data-source.ts';
import { readInteger } from './environment.ts';
import { createDeadline, createErrorFields, createHandler, type Log } from './handler.ts';
import { lake } from './lake.ts';
import { getQueue } from './queues.ts';
import { createEnvironmentSite, readSiteSettings } from './site.ts';

interface TickerRequest {
  readonly record: SQSRecord;
  readonly message: ReceivedMessage;
}

/** What the site will answer the same way however often it is asked. */
const PERMANENT_FAILURES: readonly FailedTicker['kind'][] = ['not-found', 'later-day'];

/** The handler of the functions that read the queues. What fails is reported, and comes again. */
export const collectBatch = createHandler(
  async (event: SQSEvent, log: Log, context: Context): Promise<SQSBatchResponse> => {
    try {
      const failures = await collectRecords(event.Records, log, context);
      await returnToQueue(failures, log, context);
      return {
        batchItemFailures: failures.map(({ record }) => ({ itemIdentifier: record.messageId })),
      };
    } catch (error) {
      const all = event.Records.map((record) => ({ record, permanent: false }));
      await returnToQueue(all, log, context);
      throw error;
    }
  },
);

/** Stores what the messages ask for; answers those that failed. */
async function collectRecords(
  records: readonly SQSRecord[],
  log: Log,
  context: Context,
): Promise<ReturnedMessage[]> {
  const failures: ReturnedMessage[] = [];
  const wanted: TickerRequest[] = [];
  for (const record of records) {
    const { messageId, body, attributes } = record;
    const parsed = parseTickerMessage(body);
    if (parsed.ok) {
      const sentAt = Number(attributes.SentTimestamp) || undefined;
      wanted.push({ record, message: { ...parsed.message, sentAt } });
      continue;
    }
    log.error('a message cannot be read', { messageId, reason: parsed.reason });
    failures.push({ record, permanent: true });
  }
  const deadline = createDeadline(context);
  const days = await collectMessages({
    source: createFundamentusSource(createEnvironmentSite(deadline)),
    lake: lake(),
    messages: wanted.map(({ message }) => message),
    concurrency: readSiteSettings().concurrency,
    deadline,
    now: () => new Date(),
  });
  for (const day of days) logDay(log, day);
  for (const { record, message } of wanted) {
    const { ticker, partition } = message;
    const failure = days.find((day) => day.partition === partition)?.failed.get(ticker);
    if (failure === undefined) continue;
    log.error('a ticker failed', {
      ticker,
      partition,
      kind: failure.kind,
      reason: failure.reason,
      messageId: record.messageId,
      receiveCount: Number(record.attributes.ApproximateReceiveCount),
    });
    failures.push({ record, permanent: PERMANENT_FAILURES.includes(failure.kind) });
  }
  return failures;
}

function logDay(log: Log, day: CollectedDay) {
  const { partition, stored, storedBefore, failed, withoutPage, drift, bytes } = day;
  log.info('collected', {
    partition,
    stored: stored.size,
    storedBefore: storedBefore.size,
    failed: failed.size,
    withoutPage: withoutPage.size,
    bytes,
  });
  for (const ticker of stored) log.info('stored', { ticker, partition });
  for (const { ticker, reason } of withoutPage.values()) {
    log.info('still without a page', { ticker, partition, reason });
  }
  // Of what a few pages lack nothing follows: `pynvest status` looks at those of the whole day.
  if (drift.unknownLabels.length > 0) {
    log.warn('the pages have labels without a column', {
      partition,
      labels: drift.unknownLabels,
    });
  }
}

const DEFAULT_FIRST_WAIT_SECONDS = 120;

/** What is kept of the function's time to come back with its answer. */
const RESERVE_MS = 2_000;

export interface ReturnedMessage {
  readonly record: SQSRecord;
  /** No try can change the outcome: it waits no longer from try to try, on its way to the dead letters. */
  readonly permanent: boolean;
}

/**
 * Lets messages come again soon, and not only when the queue's visibility timeout is over, which is long
 * for the sake of a function that dies. Never fails: where a message cannot be hidden so, the log says
 * it, and the timeout brings it back.
 */
export async function returnToQueue(
  messages: readonly ReturnedMessage[],
  log: Log,
  context: Context,
): Promise<void> {
  if (messages.length === 0) return;
  try {
    const firstSeconds = readInteger('PYNVEST_RETRY_WAIT_S', 1) ?? DEFAULT_FIRST_WAIT_SECONDS;
    const hidden = messages.map(({ record, permanent }) => ({
      receiptHandle: record.receiptHandle,
      seconds: getRetryDelaySeconds({
        firstSeconds,
        receiveCount: permanent ? 1 : Number(record.attributes.ApproximateReceiveCount) || 1,
        random: Math.random(),
      }),
    }));
    const remaining = Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS);
    const signal = AbortSignal.timeout(Math.floor(remaining));
    await changeVisibility(getQueue('PYNVEST_QUEUE_URL'), hidden, signal);
    const waits = hidden.map(({ seconds }) => seconds);
    log.info('returned to the queue', { messages: waits.length, soonest: Math.min(...waits) });
  } catch (error) {
    log.warn('messages come again only after the visibility timeout', createErrorFields(error));
  }
}
