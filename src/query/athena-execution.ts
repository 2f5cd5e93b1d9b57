/** One query of Athena, from its start to its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  type StartQueryExecutionInput,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { QueryError } from '../errors.ts';
import { isPassing } from './athena-errors.ts';

/** Most queries of this lake take a second or two; one that takes minutes is not asked of more often. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const PAUSE_GROWTH = 1.4;

/** So often in a row may the question how it stands fail, each after the client's own tries. */
const FAILURES_SURVIVED = 5;

export interface FinishedQuery {
  readonly id: string;
  readonly execution: QueryExecution;
}

/**
 * Starts a query and waits for its end, whichever that is. Where the signal aborts, Athena is told to
 * stop the query, and this rejects with the signal's reason once Athena knows.
 */
export async function runToItsEnd(
  athena: AthenaClient,
  input: StartQueryExecutionInput,
  signal: AbortSignal,
): Promise<FinishedQuery> {
  signal.throwIfAborted();
  // Not aborted on the way: a query whose id never came could not be stopped.
  const { QueryExecutionId: id } = await athena.send(new StartQueryExecutionCommand(input));
  if (id === undefined) throw new QueryError('Athena started the query without naming it');
  try {
    return { id, execution: await untilOver(athena, id, signal) };
  } catch (error) {
    // Whatever ends our waiting ends the query: nobody would read it, and it costs by what it reads.
    await athena
      .send(new StopQueryExecutionCommand({ QueryExecutionId: id }))
      .catch(() => undefined);
    signal.throwIfAborted();
    throw error;
  }
}

async function untilOver(
  athena: AthenaClient,
  id: string,
  signal: AbortSignal,
): Promise<QueryExecution> {
  let pause = FIRST_PAUSE_MS;
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      const { QueryExecution: execution } = await athena.send(
        new GetQueryExecutionCommand({ QueryExecutionId: id }),
      );
      failures = 0;
      const state = execution?.Status?.State;
      const isOver = state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED';
      if (execution !== undefined && isOver) return execution;
    } catch (error) {
      failures += 1;
      if (!isPassing(error) || failures > FAILURES_SURVIVED) throw error;
    }
    await sleep(pause, undefined, { signal });
    pause = Math.min(LONGEST_PAUSE_MS, pause * PAUSE_GROWTH);
  }
}
