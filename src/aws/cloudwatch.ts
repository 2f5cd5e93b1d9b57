/**
 * Metrics of CloudWatch: how long the oldest message of a queue has waited, which SQS itself does not say.
 */

import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import type { RunningSystem } from './system.ts';

const PERIOD_SECONDS = 60;
/** SQS wakes a queue that nobody used for six hours, and measures it again, within a quarter of an hour. */
const NEWEST_MS = 15 * 60_000;

/**
 * The newest measure of each queue, in seconds; a queue of which CloudWatch knows none is absent. In a
 * dead-letter queue it counts from when a message came there.
 */
export async function readOldestMessages(
  { aws }: RunningSystem,
  queues: readonly string[],
): Promise<Map<string, number>> {
  const client = new CloudWatchClient(aws.clientSettings);
  const ages = new Map<string, number>();
  await Promise.all(
    queues.map(async (queue) => {
      const now = Date.now();
      const { Datapoints: measures = [] } = await client.send(
        new GetMetricStatisticsCommand({
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateAgeOfOldestMessage',
          Dimensions: [{ Name: 'QueueName', Value: queue }],
          StartTime: new Date(now - NEWEST_MS),
          EndTime: new Date(now),
          Period: PERIOD_SECONDS,
          Statistics: ['Maximum'],
        }),
      );
      const [newest] = measures.toSorted(
        (a, b) => (b.Timestamp?.getTime() ?? 0) - (a.Timestamp?.getTime() ?? 0),
      );
      if (newest?.Maximum !== undefined) ages.set(queue, newest.Maximum);
    }),
  );
  return ages;
}
