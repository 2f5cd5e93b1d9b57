/** A batch of SQS messages, each asking for a ticker: stored together, failing alone. */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import {
  type CollectedDay,
  collectMessages,
  type ReceivedMessage,
} from '../src/pipeline/collect-messages.ts';
import { parseMessage } from '../src/queue/ticker-message.ts';
import { deadlineOf } from './deadline.ts';
import { lake } from './lake.ts';
import { type Log, logged } from './log.ts';
import { site, siteSettings } from './site.ts';

/** The handler of the functions that read the queues. What fails is reported, and comes again. */
export const collectBatch = logged(
  async (event: SQSEvent, log: Log, context: Context): Promise<SQSBatchResponse> => {
    const failures: string[] = [];
    const wanted: { readonly id: string; readonly message: ReceivedMessage }[] = [];
    for (const { messageId, body, attributes } of event.Records) {
      const parsed = parseMessage(body);
      if (parsed.ok) {
        const sentAt = Number(attributes.SentTimestamp) || undefined;
        wanted.push({ id: messageId, message: { ...parsed.message, sentAt } });
        continue;
      }
      log.error('a message cannot be read', { messageId, reason: parsed.reason });
      failures.push(messageId);
    }
    const deadline = deadlineOf(context);
    const days = await collectMessages({
      site: site(deadline),
      lake: lake(),
      messages: wanted.map(({ message }) => message),
      concurrency: siteSettings().concurrency,
      deadline,
      now: () => new Date(),
    });
    for (const day of days) logDay(log, day);
    for (const { id, message } of wanted) {
      const { ticker, partition } = message;
      const failure = days.find((day) => day.partition === partition)?.failed.get(ticker);
      if (failure === undefined) continue;
      log.error('a ticker failed', {
        ticker,
        partition,
        kind: failure.kind,
        reason: failure.reason,
        messageId: id,
      });
      failures.push(id);
    }
    return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
  },
);

function logDay(log: Log, { partition, stored, storedBefore, failed, drift, bytes }: CollectedDay) {
  log.info('collected', {
    partition,
    stored: stored.size,
    storedBefore: storedBefore.size,
    failed: failed.size,
    bytes,
  });
  for (const ticker of stored) log.info('stored', { ticker, partition });
  if (drift.unknownLabels.length > 0) {
    log.warn('the pages have labels that no column takes', {
      partition,
      labels: drift.unknownLabels,
    });
  }
  const vanished = drift.vanishedColumns.filter(({ retired }) => !retired);
  if (vanished.length > 0) {
    log.warn('labels stood on no page of this batch', { partition, columns: vanished });
  }
}
