/** The state machine that leaves one row a ticker: started, and followed to its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isoDate, type Partition } from '../catalog/partition.ts';
import { plainly } from '../deploy/aws.ts';
import type { DeployHost } from '../deploy/host.ts';
import type { RunningSystem } from './running-system.ts';

export interface DeduplicatedTable {
  readonly table: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
}

export type DedupOutcome =
  | {
      readonly kind: 'done';
      readonly seconds: number;
      readonly tables: readonly DeduplicatedTable[];
    }
  | {
      readonly kind: 'failed';
      /** As AWS says it: FAILED, TIMED_OUT or ABORTED. */
      readonly status: string;
      readonly seconds: number;
      readonly cause: string;
    }
  /** It was still at work when we stopped looking. */
  | { readonly kind: 'unfinished'; readonly execution: string };

const PAUSE_MS = 1_000;

/**
 * Starts the state machine for a day and follows it until it ends, or until `deadline` (milliseconds since
 * 1970). Another execution at the same time does no harm: every write looks whether its file has changed.
 */
export async function deduplicateRemotely(
  host: DeployHost,
  system: RunningSystem,
  partition: Partition,
  deadline: number,
): Promise<DedupOutcome> {
  const client = new SFNClient(system.aws.clientSettings);
  const stateMachineArn = system.output('StateMachineArn');
  const { executionArn } = await plainly(() =>
    client.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ partition }) }),
    ),
  );
  host.notice(`Removing the duplicates of ${isoDate(partition)} in AWS`);
  host.underWay('The state machine goes on in AWS. `pynvest logs --follow` shows what it does.');
  for (;;) {
    const { status, startDate, stopDate, error, cause } = await plainly(() =>
      client.send(new DescribeExecutionCommand({ executionArn })),
    );
    if (status !== 'RUNNING') {
      host.underWay(undefined);
      const seconds = ((stopDate ?? new Date()).getTime() - (startDate?.getTime() ?? 0)) / 1_000;
      const events = await historyOf(client, executionArn);
      if (status === 'SUCCEEDED') return { kind: 'done', seconds, tables: countsIn(events) };
      return {
        kind: 'failed',
        status: status ?? 'FAILED',
        seconds,
        cause: firstCause(events) ?? inWords(error, cause),
      };
    }
    if (Date.now() > deadline) {
      host.underWay(undefined);
      return { kind: 'unfinished', execution: executionArn ?? '' };
    }
    await sleep(PAUSE_MS);
  }
}

async function historyOf(client: SFNClient, executionArn: string | undefined) {
  const events: HistoryEvent[] = [];
  await plainly(async () => {
    for await (const page of paginateGetExecutionHistory({ client }, { executionArn })) {
      events.push(...(page.events ?? []));
    }
  });
  return events;
}

/** What each function answered: its table, and the rows before and after. */
export function countsIn(events: readonly HistoryEvent[]): DeduplicatedTable[] {
  const tables = events.flatMap(({ taskSucceededEventDetails: details }) => {
    const answer = payloadIn(details?.output);
    const { table, rowsBefore, rowsAfter } = answer;
    return typeof table === 'string'
      ? [{ table, rowsBefore: Number(rowsBefore), rowsAfter: Number(rowsAfter) }]
      : [];
  });
  return tables.sort((a, b) => (a.table < b.table ? -1 : 1));
}

/** Why it failed: of the last step that was given up, for a step that failed is tried again. */
export function firstCause(events: readonly HistoryEvent[]): string | undefined {
  const failures = events.flatMap(
    ({ taskFailedEventDetails: failed, taskTimedOutEventDetails: timedOut }) =>
      failed ?? timedOut ?? [],
  );
  const last = failures.at(-1);
  return last === undefined ? undefined : inWords(last.error, last.cause);
}

/** Lambda puts what was thrown into the cause, as JSON. */
function inWords(error: string | undefined, cause: string | undefined): string {
  const { errorType, errorMessage } = fieldsIn(cause);
  if (typeof errorMessage === 'string') return `${String(errorType ?? error)}: ${errorMessage}`;
  return [error, cause].filter(Boolean).join(': ') || 'no cause was given';
}

/** The answer of a function that a state machine invoked, however it is wrapped. */
function payloadIn(output: string | undefined): Readonly<Record<string, unknown>> {
  const answer = fieldsIn(output);
  const { Payload: payload = answer } = answer;
  return typeof payload === 'string' ? fieldsIn(payload) : objectOf(payload);
}

function fieldsIn(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
