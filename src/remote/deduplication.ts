/**
 * The deduplication by the state machine: started, and followed to its end.
 */

import { withAwsErrors } from '../aws/errors.ts';
import {
  type ExecutionEvent,
  type ExecutionState,
  readExecution,
  readExecutionHistory,
  startExecution,
} from '../aws/executions.ts';
import { PollPauses } from '../aws/poll-pauses.ts';
import type { AwsSession } from '../aws/session.ts';
import type { RunningSystem } from '../aws/system.ts';
import { formatIsoDate, type Partition } from '../catalog/partition.ts';
import type { Host } from '../host.ts';

interface TableDeduplication {
  readonly table: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
}

export type DeduplicationResult =
  | {
      readonly kind: 'done';
      readonly seconds: number;
      readonly tables: readonly TableDeduplication[];
    }
  | {
      readonly kind: 'failed';
      /** FAILED, TIMED_OUT or ABORTED. */
      readonly status: string;
      readonly seconds: number;
      readonly cause: string;
    }
  /** It was still running at the deadline. */
  | { readonly kind: 'unfinished'; readonly execution: string };

/** A day of a few tickers is done within a second. */
const MIN_PAUSE_MS = 200;
const MAX_PAUSE_MS = 2_000;

/**
 * Starts the state machine for a day and follows it until it ends, or until `deadline` (milliseconds since
 * 1970). Another execution at the same time does no harm: every write checks that its file has not changed.
 */
export async function runRemoteDeduplication(
  host: Host,
  system: RunningSystem,
  partition: Partition,
  deadline: number,
): Promise<DeduplicationResult> {
  const { aws } = system;
  const execution = await withAwsErrors(() =>
    startExecution(aws, system.output('StateMachineArn'), { partition }),
  );
  host.notice(`Removing the duplicates of ${formatIsoDate(partition)} in AWS`);
  host.setBackgroundNotice(
    'The state machine continues in AWS. `pynvest logs --follow` shows its progress.',
  );
  const state = await host.wait('Waiting for the state machine', () =>
    waitUntilEnded(aws, execution, deadline),
  );
  host.setBackgroundNotice(undefined);
  if (state === undefined) return { kind: 'unfinished', execution };
  return createResult(state, await withAwsErrors(() => readExecutionHistory(aws, execution)));
}

/** The state of an execution that has ended; undefined at the deadline. */
async function waitUntilEnded(
  aws: AwsSession,
  execution: string,
  deadline: number,
): Promise<ExecutionState | undefined> {
  const pauses = new PollPauses(MIN_PAUSE_MS, MAX_PAUSE_MS);
  for (;;) {
    const state = await withAwsErrors(() => readExecution(aws, execution));
    if (state.status !== 'RUNNING') return state;
    if (Date.now() > deadline) return undefined;
    await pauses.wait();
  }
}

function createResult(
  { status, startedAt, stoppedAt, error, cause }: ExecutionState,
  events: readonly ExecutionEvent[],
): DeduplicationResult {
  const seconds = ((stoppedAt ?? new Date()).getTime() - (startedAt?.getTime() ?? 0)) / 1_000;
  if (status === 'SUCCEEDED') return { kind: 'done', seconds, tables: parseRowCounts(events) };
  const reason = findFailureCause(events) ?? formatCause(error, cause);
  return { kind: 'failed', status, seconds, cause: reason };
}

/** The answer of each function: its table, and the rows before and after. */
export function parseRowCounts(events: readonly ExecutionEvent[]): TableDeduplication[] {
  const tables = events.flatMap(({ taskSucceededEventDetails: details }) => {
    const answer = parsePayload(details?.output);
    const { table, rowsBefore, rowsAfter } = answer;
    return typeof table === 'string'
      ? [{ table, rowsBefore: Number(rowsBefore), rowsAfter: Number(rowsAfter) }]
      : [];
  });
  return tables.sort((a, b) => (a.table < b.table ? -1 : 1));
}

/** Why it failed: the cause of the last failed step, as steps that fail are retried. */
export function findFailureCause(events: readonly ExecutionEvent[]): string | undefined {
  const failures = events.flatMap(
    ({ taskFailedEventDetails: failed, taskTimedOutEventDetails: timedOut }) =>
      failed ?? timedOut ?? [],
  );
  const last = failures.at(-1);
  return last === undefined ? undefined : formatCause(last.error, last.cause);
}

/** Lambda gives the error that a function threw as JSON in the cause. */
function formatCause(error: string | undefined, cause: string | undefined): string {
  const { errorType, errorMessage } = parseFields(cause);
  if (typeof errorMessage === 'string') return `${String(errorType ?? error)}: ${errorMessage}`;
  return [error, cause].filter(Boolean).join(': ') || 'no cause was given';
}

/** The answer of a function that a state machine invoked, however it is wrapped. */
function parsePayload(output: string | undefined): Readonly<Record<string, unknown>> {
  const answer = parseFields(output);
  const { Payload: payload = answer } = answer;
  return typeof payload === 'string' ? parseFields(payload) : toObject(payload);
}

function parseFields(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return toObject(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
