/** Athena over the lake in S3. */
import {
  AthenaClient,
  type AthenaClientConfig,
  GetQueryResultsCommand,
} from '@aws-sdk/client-athena';
import type { Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { QueryError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import type { ByLayer } from '../lake/s3-places.ts';
import { andQuery, noSpending, type Spending } from './athena-cost.ts';
import { type AthenaNames, callFailure, failureOf } from './athena-errors.ts';
import { type FinishedQuery, runToItsEnd } from './athena-execution.ts';
import { resultOf } from './athena-rows.ts';
import type { QueryEngine } from './engine.ts';
import { databaseName, selectForAthena } from './select-for-athena.ts';
import { literal } from './sql-names.ts';

export interface AthenaPlaces {
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
  spent(): Spending;
  /** Stops the query under way, which then rejects, and all later ones; resolves when Athena knows. */
  stop(): Promise<void>;
}

/** An engine that asks Athena. Nothing is asked before the first query. */
export function openAthena(places: AthenaPlaces): AthenaEngine {
  const { clientSettings, workGroup, databases, lake } = places;
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(places.signal ? [places.signal] : [])]);
  let underWay: Promise<unknown> = Promise.resolve();
  const athena = new AthenaClient(clientSettings);
  const nameOf = ({ layer, name }: Table): string => `${databaseName(databases[layer])}.${name}`;
  const names: AthenaNames = { workGroup, nameOf };
  const known = new Map<Table, Promise<Partition[]>>();
  let spent = noSpending;

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
      throw callFailure(error, names);
    }
  };

  const finish = async (sql: string, parameters: readonly string[]): Promise<FinishedQuery> => {
    const input = {
      QueryString: sql,
      WorkGroup: workGroup,
      QueryExecutionContext: { Database: databases.spec },
      // Athena takes a parameter for an expression where it is one: in quotes it is a text and no more.
      ...(parameters.length > 0 ? { ExecutionParameters: parameters.map(literal) } : {}),
    };
    const ended = plainly(() => runToItsEnd(athena, input, signal));
    underWay = ended;
    const finished = await ended;
    const { Status: status, Statistics: statistics } = finished.execution;
    if (statistics !== undefined && status?.State !== 'FAILED') {
      spent = andQuery(spent, clientSettings.region, {
        bytesRead: statistics.DataScannedInBytes ?? 0,
        milliseconds: statistics.TotalExecutionTimeInMillis ?? 0,
      });
    }
    if (status?.State === 'SUCCEEDED') return finished;
    const said = status?.StateChangeReason || status?.AthenaError?.ErrorMessage;
    const otherwise = status?.State === 'CANCELLED' ? 'somebody stopped the query' : '';
    throw failureOf(said || otherwise, names);
  };

  return {
    async query(sql, parameters = []) {
      const { id, execution } = await finish(selectForAthena(sql, databases), parameters);
      const page = (after: string | undefined) => {
        signal.throwIfAborted();
        return plainly(() =>
          athena.send(new GetQueryResultsCommand({ QueryExecutionId: id, NextToken: after })),
        );
      };
      return resultOf(async (after) => page(after), execution.StatementType === 'DML');
    },
    nameOf,
    newestPartition: async (table) => (await knownDays(table)).at(-1),
    knownDays,
    spent: () => spent,
    async stop() {
      stopping.abort(new QueryError('the query was stopped'));
      await underWay.catch(() => undefined);
    },
    close: () => athena.destroy(),
  };
}
