/** Athena over the lake in S3. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AthenaClient,
  type AthenaClientConfig,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { QueryError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import type { ByLayer } from '../lake/s3-places.ts';
import type { OutputValue, QueryEngine } from './engine.ts';
import { literal } from './views.ts';

export interface AthenaPlaces {
  /** What a client of Athena is made with: region, profile. */
  readonly clientSettings: AthenaClientConfig;
  readonly workGroup: string;
  readonly databases: ByLayer;
  /** Knows the partitions that Athena can see. */
  readonly lake: Lake;
}

export async function openAthena(places: AthenaPlaces): Promise<QueryEngine> {
  const { clientSettings, workGroup, databases, lake } = places;
  const athena = new AthenaClient(clientSettings);
  return {
    async query(sql, parameters = []) {
      const { QueryExecutionId: id } = await athena.send(
        new StartQueryExecutionCommand({
          QueryString: sql,
          WorkGroup: workGroup,
          ...(parameters.length > 0 ? { ExecutionParameters: parameters.map(literal) } : {}),
        }),
      );
      for (;;) {
        const { QueryExecution: execution } = await athena.send(
          new GetQueryExecutionCommand({ QueryExecutionId: id }),
        );
        const { State: state, StateChangeReason: reason } = execution?.Status ?? {};
        if (state === 'SUCCEEDED') break;
        if (state === 'FAILED' || state === 'CANCELLED') {
          throw new QueryError(reason ?? `the query was ${state.toLowerCase()}`);
        }
        await sleep(200);
      }
      const { ResultSet: set } = await athena.send(
        new GetQueryResultsCommand({ QueryExecutionId: id }),
      );
      const described = set?.ResultSetMetadata?.ColumnInfo ?? [];
      const columns = described.map(({ Name = '' }) => Name);
      const rows = (set?.Rows ?? [])
        .slice(1)
        .map(({ Data = [] }): OutputValue[] =>
          Data.map(({ VarCharValue }) => VarCharValue ?? null),
        );
      return {
        columns,
        types: described.map(({ Type = '' }) => Type),
        rows: (async function* () {
          yield* rows;
        })(),
      };
    },
    nameOf: ({ layer, name }) => `${databases[layer]}.${name}`,
    newestPartition: async (table) => (await lake.partitions(table)).at(-1),
    close: () => athena.destroy(),
  };
}
