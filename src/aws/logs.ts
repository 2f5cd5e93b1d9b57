/**
 * Reads log events of CloudWatch Logs.
 */

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

function readPage(aws: AwsSession, request: FilterLogEventsCommandInput) {
  return withAwsErrors(async () => {
    try {
      return await aws.client(CloudWatchLogsClient).send(new FilterLogEventsCommand(request));
    } catch (error) {
      // A function that has never run has no log group.
      if (getAwsErrorCode(error) !== 'ResourceNotFoundException') throw error;
      return { events: [], nextToken: undefined };
    }
  });
}
