/**
 * Athena over the lake in S3: a query is started, polled until it ends, and stopped where nobody waits for it.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  AthenaClient,
  type AthenaClientConfig,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  type StartQueryExecutionInput,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import type { Partition } from '../../catalog/partition.ts';
import type { ByLayer, Table } from '../../catalog/tables.ts';
import { QueryError } from '../../errors.ts';
import type { Lake } from '../../lake/lake.ts';
import type { QueryEngine } from '../engine.ts';
import { quoteLiteral } from '../sql.ts';
import { addQuery, noCost, type QueryCost } from './cost.ts';
import { type AthenaNames, isTransient, toCallError, toQueryError } from './errors.ts';
import { createResult } from './results.ts';
import { createAthenaStatement, quoteDatabase } from './statement.ts';

interface AthenaSettings {
  /** What a client of Athena is made with: region, profile. */
  readonly clientSettings: AthenaClientConfig & { readonly region: string };
  /** Says where results go and how much a query may read; nothing here says otherwise. */
  readonly workGroup: string;
  readonly databases: ByLayer;
  /** Knows the partitions that Athena can see. */
  readonly lake: Lake;
  /** Stops the query under way. */
  readonly signal?: AbortSignal;
}

export interface AthenaEngine extends QueryEngine {
  /** What its queries have cost so far. */
  getCost(): QueryCost;
  /** Stops the query under way, which then rejects, and all later ones; resolves when Athena knows. */
  stop(): Promise<void>;
}

/** An engine that asks Athena. Nothing is asked before the first query. */
export function openAthena(places: AthenaSettings): AthenaEngine {
  const { clientSettings, workGroup, databases, lake } = places;
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(places.signal ? [places.signal] : [])]);
  let underWay: Promise<unknown> = Promise.resolve();
  const athena = new AthenaClient(clientSettings);
  const nameOf = ({ layer, name }: Table): string => `${quoteDatabase(databases[layer])}.${name}`;
  const names: AthenaNames = { workGroup, nameOf };
  const known = new Map<Table, Promise<Partition[]>>();
  let spent = noCost;

  const knownDays = (table: Table): Promise<Partition[]> => {
    const partitions = known.get(table) ?? lake.partitions(table);
    known.set(table, partitions);
    return partitions;
  };

  /** Does the work; what AWS refuses comes out in plain words. */
  const plainly = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toCallError(error, names);
    }
  };

  const finish = async (sql: string, parameters: readonly string[]): Promise<FinishedQuery> => {
    const input = {
      QueryString: sql,
      WorkGroup: workGroup,
      QueryExecutionContext: { Database: databases.spec },
      // Athena takes a parameter for an expression where it is one: in quotes it is a text and no more.
      ...(parameters.length > 0 ? { ExecutionParameters: parameters.map(quoteLiteral) } : {}),
    };
    const ended = plainly(() => runToCompletion(athena, input, signal));
    underWay = ended;
    const finished = await ended;
    const { Status: status, Statistics: statistics } = finished.execution;
    if (statistics !== undefined && status?.State !== 'FAILED') {
      spent = addQuery(spent, clientSettings.region, {
        bytesRead: statistics.DataScannedInBytes ?? 0,
        milliseconds: statistics.TotalExecutionTimeInMillis ?? 0,
      });
    }
    if (status?.State === 'SUCCEEDED') return finished;
    const said = status?.StateChangeReason || status?.AthenaError?.ErrorMessage;
    const otherwise = status?.State === 'CANCELLED' ? 'somebody stopped the query' : '';
    throw toQueryError(said || otherwise, names);
  };

  return {
    async query(sql, parameters = []) {
      const { id, execution } = await finish(createAthenaStatement(sql, databases), parameters);
      const page = (after: string | undefined) => {
        signal.throwIfAborted();
        return plainly(() =>
          athena.send(new GetQueryResultsCommand({ QueryExecutionId: id, NextToken: after })),
        );
      };
      return createResult(async (after) => page(after), execution.StatementType === 'DML');
    },
    nameOf,
    newestPartition: async (table) => (await knownDays(table)).at(-1),
    knownDays,
    getCost: () => spent,
    async stop() {
      stopping.abort(new QueryError('the query was stopped'));
      await underWay.catch(() => undefined);
    },
    close: () => athena.destroy(),
  };
}

/** Most queries of this lake take a second or two; one that takes minutes is not asked of more often. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
const PAUSE_GROWTH = 1.4;

/** So often in a row may the question how it stands fail, each after the client's own tries. */
const MAX_POLL_FAILURES = 5;

interface FinishedQuery {
  readonly id: string;
  readonly execution: QueryExecution;
}

/**
 * Starts a query and waits for its end, whichever that is. Where the signal aborts, Athena is told to
 * stop the query, and this rejects with the signal's reason once Athena knows.
 */
async function runToCompletion(
  athena: AthenaClient,
  input: StartQueryExecutionInput,
  signal: AbortSignal,
): Promise<FinishedQuery> {
  signal.throwIfAborted();
  // Not aborted on the way: a query whose id never came could not be stopped.
  const { QueryExecutionId: id } = await athena.send(new StartQueryExecutionCommand(input));
  if (id === undefined) throw new QueryError('Athena started the query without naming it');
  try {
    return { id, execution: await waitForCompletion(athena, id, signal) };
  } catch (error) {
    // Whatever ends our waiting ends the query: nobody would read it, and it costs by what it reads.
    await athena
      .send(new StopQueryExecutionCommand({ QueryExecutionId: id }))
      .catch(() => undefined);
    signal.throwIfAborted();
    throw error;
  }
}

async function waitForCompletion(
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
      if (!isTransient(error) || failures > MAX_POLL_FAILURES) throw error;
    }
    await sleep(pause, undefined, { signal });
    pause = Math.min(MAX_PAUSE_MS, pause * PAUSE_GROWTH);
  }
}
