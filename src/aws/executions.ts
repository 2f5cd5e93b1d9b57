/**
 * Executions of the state machine that removes duplicates: started, described, listed.
 */

import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { getAwsErrorCode } from './errors.ts';
import type { AwsSession } from './session.ts';

export interface Execution {
  readonly name: string;
  /** As Step Functions names it, such as `RUNNING` or `TIMED_OUT`. */
  readonly status: string;
  readonly startedAt: Date;
  /** Undefined while it runs. */
  readonly stoppedAt: Date | undefined;
  /** Why it failed; undefined where it did not, or AWS gives no cause. */
  readonly cause: string | undefined;
}

/** @returns the ARN of the execution */
export async function startExecution(
  aws: AwsSession,
  stateMachineArn: string,
  input: unknown,
): Promise<string> {
  const { executionArn = '' } = await aws
    .client(SFNClient)
    .send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
  return executionArn;
}

export interface ExecutionState {
  readonly status: string;
  readonly startedAt: Date | undefined;
  readonly stoppedAt: Date | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

export async function readExecution(
  aws: AwsSession,
  executionArn: string,
): Promise<ExecutionState> {
  const {
    status = 'FAILED',
    startDate: startedAt,
    stopDate: stoppedAt,
    error,
    cause,
  } = await aws.client(SFNClient).send(new DescribeExecutionCommand({ executionArn }));
  return { status, startedAt, stoppedAt, error, cause };
}

export type ExecutionEvent = HistoryEvent;

/** The events of an execution, in order. */
export async function readExecutionHistory(
  aws: AwsSession,
  executionArn: string,
): Promise<ExecutionEvent[]> {
  const events: ExecutionEvent[] = [];
  const pages = paginateGetExecutionHistory({ client: aws.client(SFNClient) }, { executionArn });
  for await (const page of pages) events.push(...(page.events ?? []));
  return events;
}

/** How many executions are read to find the last: Step Functions lists the newest first, but promises no order. */
const EXECUTIONS_READ = 100;

/** The execution that started last; undefined where there was none yet. */
export async function findLastExecution(
  aws: AwsSession,
  stateMachineArn: string,
): Promise<Execution | undefined> {
  const { executions = [] } = await aws
    .client(SFNClient)
    .send(new ListExecutionsCommand({ stateMachineArn, maxResults: EXECUTIONS_READ }));
  const [last] = executions.toSorted(
    (a, b) => (b.startDate?.getTime() ?? 0) - (a.startDate?.getTime() ?? 0),
  );
  if (last?.startDate === undefined) return undefined;
  const { executionArn = '', name = '', status = 'UNKNOWN' } = last;
  const hasFailed = status !== 'SUCCEEDED' && status !== 'RUNNING';
  const failure = hasFailed ? await readExecution(aws, executionArn) : undefined;
  return {
    name,
    status,
    startedAt: last.startDate,
    stoppedAt: last.stopDate,
    cause: [failure?.error, failure?.cause].filter(Boolean).join(': ') || undefined,
  };
}

export async function stateMachineExists(
  aws: AwsSession,
  stateMachineArn: string,
): Promise<boolean> {
  try {
    await aws.client(SFNClient).send(new DescribeStateMachineCommand({ stateMachineArn }));
    return true;
  } catch (error) {
    if (getAwsErrorCode(error) === 'StateMachineDoesNotExist') return false;
    throw error;
  }
}
