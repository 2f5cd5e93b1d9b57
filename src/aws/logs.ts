/**
 * Reads log events of CloudWatch Logs.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { getAwsErrorCode, withAwsErrors } from './errors.ts';
import type { AwsSession } from './session.ts';

export interface LogEvent {
  readonly id: string;
  /** When it was written, in milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

export interface LogEventQuery {
  readonly from: Date;
  /** In the syntax of CloudWatch Logs; undefined selects every event. */
  readonly filterPattern: string | undefined;
}

/** The events of a log group from a time on, in order; none where the group does not exist yet. */
export async function* readLogEvents(
  aws: AwsSession,
  groupName: string,
  { from, filterPattern }: LogEventQuery,
): AsyncGenerator<LogEvent> {
  let nextToken: string | undefined;
  do {
    const page = await readPage(aws, {
      logGroupName: groupName,
      startTime: from.getTime(),
      filterPattern,
      nextToken,
    });
    for (const { eventId, timestamp = 0, message = '', logStreamName } of page.events ?? []) {
      const id = eventId ?? `${groupName} ${logStreamName} ${timestamp} ${message}`;
      yield { id, timestamp, message };
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

/** The quota of FilterLogEvents of an account in a region, which cannot be raised. */
const REQUESTS_PER_SECOND = 5;
/** A little more than a second, as clocks differ. */
const QUOTA_WINDOW_MS = 1_100;

/** When the last requests of a session were answered: AWS counted each of them no later than that. */
const lastRequests = new WeakMap<AwsSession, number[]>();

/** Waits until a request stays under the quota. Requests of one session are made one after the other. */
async function waitForQuota(aws: AwsSession): Promise<void> {
  const times = lastRequests.get(aws) ?? [];
  lastRequests.set(aws, times);
  const [oldest] = times.splice(0, times.length - REQUESTS_PER_SECOND + 1);
  const wait = (oldest ?? 0) + QUOTA_WINDOW_MS - Date.now();
  if (wait > 0) await sleep(wait);
}

function recordAnswer(aws: AwsSession): void {
  lastRequests.get(aws)?.push(Date.now());
}

function readPage(aws: AwsSession, request: FilterLogEventsCommandInput) {
  return withAwsErrors(async () => {
    try {
      await waitForQuota(aws);
      return await aws.client(CloudWatchLogsClient).send(new FilterLogEventsCommand(request));
    } catch (error) {
      // A function that has never run has no log group.
      if (getAwsErrorCode(error) !== 'ResourceNotFoundException') throw error;
      return { events: [], nextToken: undefined };
    } finally {
      recordAnswer(aws);
    }
  });
}
