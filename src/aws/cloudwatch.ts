/**
 * CloudWatch: the states of alarms, and the age of a queue's oldest message, which SQS itself does not give.
 */

import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
} from '@aws-sdk/client-cloudwatch';
import type { AwsSession } from './session.ts';

const PERIOD_SECONDS = 60;
/** SQS measures a queue again within 15 minutes after six hours without use. */
const MAX_AGE_MS = 15 * 60_000;

/**
 * The newest measured age of each queue's oldest message, in seconds; a queue without a measurement is absent.
 * In a dead-letter queue the age counts from the message's arrival there.
 */
export async function readOldestMessageAges(
  aws: AwsSession,
  queueNames: readonly string[],
): Promise<Map<string, number>> {
  const ages = new Map<string, number>();
  await Promise.all(
    queueNames.map(async (queue) => {
      const now = Date.now();
      const { Datapoints: measurements = [] } = await aws.client(CloudWatchClient).send(
        new GetMetricStatisticsCommand({
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateAgeOfOldestMessage',
          Dimensions: [{ Name: 'QueueName', Value: queue }],
          StartTime: new Date(now - MAX_AGE_MS),
          EndTime: new Date(now),
          Period: PERIOD_SECONDS,
          Statistics: ['Maximum'],
        }),
      );
      const [newest] = measurements.toSorted(
        (a, b) => (b.Timestamp?.getTime() ?? 0) - (a.Timestamp?.getTime() ?? 0),
      );
      if (newest?.Maximum !== undefined) ages.set(queue, newest.Maximum);
    }),
  );
  return ages;
}

interface AlarmState {
  readonly state: 'ok' | 'alarm' | 'insufficient-data';
  /** When the alarm changed to this state. */
  readonly since: Date | undefined;
}

/** The states of up to 100 metric alarms by name; an alarm that does not exist is absent. */
export async function readAlarmStates(
  aws: AwsSession,
  names: readonly string[],
): Promise<ReadonlyMap<string, AlarmState>> {
  // Without names CloudWatch answers with all the alarms of the account.
  if (names.length === 0) return new Map();
  const { MetricAlarms: alarms = [] } = await aws.client(CloudWatchClient).send(
    new DescribeAlarmsCommand({
      AlarmNames: [...names],
      // Permission for single alarms can be granted for this type only.
      AlarmTypes: ['MetricAlarm'],
      MaxRecords: 100,
    }),
  );
  return new Map(
    alarms.flatMap(({ AlarmName: name, StateValue: value = '', StateUpdatedTimestamp: since }) => {
      const state = ALARM_STATES[value];
      return name === undefined || state === undefined ? [] : [[name, { state, since }]];
    }),
  );
}

const ALARM_STATES: Readonly<Record<string, AlarmState['state']>> = {
  OK: 'ok',
  ALARM: 'alarm',
  INSUFFICIENT_DATA: 'insufficient-data',
};
