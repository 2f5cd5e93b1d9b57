/**
 * The executions of the deduplication's state machine, as Step Functions lists them.
 */

import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { RunningSystem } from './system.ts';

export interface Execution {
  readonly name: string;
  readonly status: string;
  readonly startedAt: Date;
  /** Undefined while it runs. */
  readonly stoppedAt: Date | undefined;
  /** Why it failed; undefined where it did not, or does not say. */
  readonly cause: string | undefined;
}

/** So many of the newest are looked at: they come in order of time, but an order is quickly made sure of. */
const EXECUTIONS_READ = 100;

export async function findLastExecution(system: RunningSystem): Promise<Execution | undefined> {
  const sfn = system.aws.client(SFNClient);
  const stateMachineArn = system.output('StateMachineArn');
  const { executions = [] } = await sfn.send(
    new ListExecutionsCommand({ stateMachineArn, maxResults: EXECUTIONS_READ }),
  );
  const [last] = executions.toSorted(
    (a, b) => (b.startDate?.getTime() ?? 0) - (a.startDate?.getTime() ?? 0),
  );
  if (last?.startDate === undefined) return undefined;
  const status = last.status ?? 'UNKNOWN';
  const hasFailed = status !== 'SUCCEEDED' && status !== 'RUNNING';
  const { error, cause } = hasFailed
    ? await sfn.send(new DescribeExecutionCommand({ executionArn: last.executionArn }))
    : {};
  return {
    name: last.name ?? '',
    status,
    startedAt: last.startDate,
    stoppedAt: last.stopDate,
    cause: [error, cause].filter(Boolean).join(': ') || undefined,
  };
}
