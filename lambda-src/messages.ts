/** A batch of SQS messages, each asking for a ticker: stored together, failing alone. */
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { FailedTicker } from '../src/pipeline/collect.ts';
import {
  type CollectedDay,
  collectMessages,
  type ReceivedMessage,
} from '../src/pipeline/collect-messages.ts';
import { parseMessage } from '../src/queue/ticker-message.ts';
import { deadlineOf } from './deadline.ts';
import { type GivenBack, giveBack } from './give-back.ts';
import { lake } from './lake.ts';
import { type Log, logged } from './log.ts';
import { site, siteSettings } from './site.ts';

interface Wanted {
  readonly record: SQSRecord;
  readonly message: ReceivedMessage;
}

/** What the site will answer the same way however often it is asked. */
const HOPELESS: readonly FailedTicker['kind'][] = ['not-found', 'later-day'];

/** The handler of the functions that read the queues. What fails is reported, and comes again. */
export const collectBatch = logged(
  async (event: SQSEvent, log: Log, context: Context): Promise<SQSBatchResponse> => {
    try {
      const failures = await collectRecords(event.Records, log, context);
      await giveBack(failures, log, context);
      return {
        batchItemFailures: failures.map(({ record }) => ({ itemIdentifier: record.messageId })),
      };
    } catch (error) {
      const all = event.Records.map((record) => ({ record, hopeless: false }));
      await giveBack(all, log, context);
      throw error;
    }
  },
);

/** Stores what the messages ask for; answers those that failed. */
async function collectRecords(
  records: readonly SQSRecord[],
  log: Log,
  context: Context,
): Promise<GivenBack[]> {
  const failures: GivenBack[] = [];
  const wanted: Wanted[] = [];
  for (const record of records) {
    const { messageId, body, attributes } = record;
    const parsed = parseMessage(body);
    if (parsed.ok) {
      const sentAt = Number(attributes.SentTimestamp) || undefined;
      wanted.push({ record, message: { ...parsed.message, sentAt } });
      continue;
    }
    log.error('a message cannot be read', { messageId, reason: parsed.reason });
    failures.push({ record, hopeless: true });
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
    failures.push({ record, hopeless: HOPELESS.includes(failure.kind) });
  }
  return failures;
}

function logDay(log: Log, { partition, stored, storedBefore, failed, drift, bytes }: CollectedDay) {
  log.info('collected', {
    partition,
    stored: stored.size,
    storedBefore: storedBefore.size,
    failed: failed.size,
    bytes,
  });
  for (const ticker of stored) log.info('stored', { ticker, partition });
  // Of what a few pages lack nothing follows: `pynvest status` looks at those of the whole day.
  if (drift.unknownLabels.length > 0) {
    log.warn('the pages have labels that no column takes', {
      partition,
      labels: drift.unknownLabels,
    });
  }
}
