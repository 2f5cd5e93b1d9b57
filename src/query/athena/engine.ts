/**
 * Athena over the lake in S3: a query is started, polled until it ends, and stopped if it is abandoned.
 */

import {
  AthenaClient,
  type AthenaClientConfig,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type GetQueryResultsOutput,
  type QueryExecution,
  StartQueryExecutionCommand,
  type StartQueryExecutionInput,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { isTransientError } from '../../aws/errors.ts';
import { PollPauses } from '../../aws/poll-pauses.ts';
import type { ByLayer, Table } from '../../catalog/dataset.ts';
import { tables } from '../../catalog/datasets.ts';
import type { Partition } from '../../catalog/partition.ts';
import { QueryError } from '../../errors.ts';
import type { Lake } from '../../lake/lake.ts';
import {
  numberRepeatedNames,
  type OutputRow,
  type OutputValue,
  parseDecimal,
  type QueryEngine,
  type QueryResult,
} from '../engine.ts';
import { type DerivationCheck, findReadTables, readsAdjustedPrices } from '../named-views.ts';
import { quoteLiteral } from '../sql.ts';
import { addQuery, noCost, type QueryCost } from './cost.ts';
import { type AthenaNames, toQueryError, withAthenaErrors } from './errors.ts';
import { createAthenaStatement, quoteDatabase } from './statement.ts';

interface AthenaSettings {
  /** The configuration of the client: region, profile. */
  readonly clientSettings: AthenaClientConfig & { readonly region: string };
  /** Defines where results are stored and how much a query may read. */
  readonly workGroup: string;
  readonly databases: ByLayer;
  /** Lists the partitions that Athena can see. */
  readonly lake: Lake;
  /** Stops the query in progress. */
  readonly signal?: AbortSignal;
  /** Whether the factors of the lake are those of its prices; they are unless it says otherwise. */
  readonly isDerived?: DerivationCheck;
}

export interface AthenaEngine extends QueryEngine {
  /** The cost of its queries so far. */
  getCost(): QueryCost;
  /** Stops the query in progress, which then rejects, and all later ones; resolves when Athena has confirmed. */
  stop(): Promise<void>;
}

/** An engine over Athena. It makes no call before the first query. */
export function openAthena(settings: AthenaSettings): AthenaEngine {
  const { clientSettings, workGroup, databases, lake, isDerived = async () => true } = settings;
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(settings.signal ? [settings.signal] : [])]);
  let inProgress: Promise<unknown> = Promise.resolve();
  const athena = new AthenaClient(clientSettings);
  const nameOf = ({ layer, name }: Table): string => `${quoteDatabase(databases[layer])}.${name}`;
  const names: AthenaNames = { workGroup, nameOf };
  const partitions = new Map<Table, Promise<Partition[]>>();
  let cost = noCost;

  const knownDays = (table: Table): Promise<Partition[]> => {
    const known = partitions.get(table) ?? lake.partitions(table);
    partitions.set(table, known);
    return known;
  };

  const execute = async (sql: string, parameters: readonly string[]): Promise<FinishedQuery> => {
    const input = {
      QueryString: sql,
      WorkGroup: workGroup,
      QueryExecutionContext: { Database: databases.spec },
      // Athena evaluates a parameter that is an expression; as a quoted literal it is only a text.
      ...(parameters.length > 0 ? { ExecutionParameters: parameters.map(quoteLiteral) } : {}),
    };
    const execution = withAthenaErrors(names, () => runToCompletion(athena, input, signal));
    inProgress = execution;
    const finished = await execution;
    const { Status: status, Statistics: statistics } = finished.execution;
    if (statistics !== undefined && status?.State !== 'FAILED') {
      cost = addQuery(cost, clientSettings.region, {
        bytesRead: statistics.DataScannedInBytes ?? 0,
        milliseconds: statistics.TotalExecutionTimeInMillis ?? 0,
      });
    }
    if (status?.State === 'SUCCEEDED') return finished;
    const reason = status?.StateChangeReason || status?.AthenaError?.ErrorMessage;
    const fallback = status?.State === 'CANCELLED' ? 'the query was cancelled in Athena' : '';
    throw toQueryError(reason || fallback, { ...names, readTables: findReadTables(sql, tables) });
  };

  return {
    async query({ sql, parameters = [] }) {
      // Nothing is waited for before most queries start: one that is asked to stop must be under way.
      const areProved = !readsAdjustedPrices(sql) || (await isDerived());
      const statement = createAthenaStatement(sql, databases, areProved);
      const { id, execution } = await execute(statement, parameters);
      const fetchPage: FetchPage = async (token) => {
        signal.throwIfAborted();
        return withAthenaErrors(names, () =>
          athena.send(new GetQueryResultsCommand({ QueryExecutionId: id, NextToken: token })),
        );
      };
      return createResult(fetchPage, execution.StatementType === 'DML');
    },
    nameOf,
    newestPartition: async (table) => (await knownDays(table)).at(-1),
    knownDays,
    getCost: () => cost,
    async stop() {
      stopping.abort(new QueryError('the query was stopped'));
      await inProgress.catch(() => undefined);
    },
    close: () => athena.destroy(),
  };
}

/** Most queries of this lake take a second or two. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;

/** How many polls in a row may fail, each after the client's own retries. */
const MAX_POLL_FAILURES = 5;

interface FinishedQuery {
  readonly id: string;
  readonly execution: QueryExecution;
}

/**
 * Starts a query and waits until it has ended, whether it succeeded or not. If the signal aborts, the query is
 * stopped, and this rejects with the signal's reason once Athena has confirmed.
 */
async function runToCompletion(
  athena: AthenaClient,
  input: StartQueryExecutionInput,
  signal: AbortSignal,
): Promise<FinishedQuery> {
  signal.throwIfAborted();
  // Not aborted while it starts: without its id the query could not be stopped.
  const { QueryExecutionId: id } = await athena.send(new StartQueryExecutionCommand(input));
  if (id === undefined) throw new QueryError('Athena started the query without an id');
  try {
    return { id, execution: await waitForCompletion(athena, id, signal) };
  } catch (error) {
    // However the wait ended, the result will not be read, and the query is billed by what it scans.
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
  const pauses = new PollPauses(MIN_PAUSE_MS, MAX_PAUSE_MS);
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      const { QueryExecution: execution } = await athena.send(
        new GetQueryExecutionCommand({ QueryExecutionId: id }),
      );
      failures = 0;
      if (execution !== undefined && hasEnded(execution)) return execution;
    } catch (error) {
      failures += 1;
      if (!isTransientError(error) || failures > MAX_POLL_FAILURES) throw error;
    }
    await pauses.wait(signal);
  }
}

function hasEnded({ Status: status }: QueryExecution): boolean {
  return ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(status?.State ?? '');
}

/** Fetches the first page, or the one of a token. */
type FetchPage = (token: string | undefined) => Promise<GetQueryResultsOutput>;

/**
 * A result whose rows are fetched as they are read, at most a page of a thousand ahead: no more than two pages are
 * in memory.
 *
 * The pages come from the API and not from the CSV file in S3: only they have the columns' types, and tell a null
 * from an empty text without a CSV reader that does.
 *
 * @param hasHeader whether the first row repeats the names of the columns, as for SELECT and not for SHOW or DESCRIBE
 */
async function createResult(fetchPage: FetchPage, hasHeader: boolean): Promise<QueryResult> {
  const first = await fetchPage(undefined);
  const info = first.ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
  const types = info.map(({ Type: type = '' }) => type);
  const parsers = types.map(getValueParser);

  const parseRow = (texts: readonly (string | undefined)[]): OutputRow =>
    parsers.map((parse, index) => {
      const text = texts[index];
      return text === undefined ? null : parse(text);
    });

  async function* rows(): AsyncGenerator<OutputRow> {
    let page = first;
    let skipped = hasHeader ? 1 : 0;
    for (;;) {
      const { NextToken: token } = page;
      const next = token ? fetchPage(token) : undefined;
      // Its failure is thrown below, after the rows of this page; until then it must not count as unhandled.
      next?.catch(() => undefined);
      for (const { Data: cells = [] } of (page.ResultSet?.Rows ?? []).slice(skipped)) {
        const texts = cells.map(({ VarCharValue: text }) => text);
        yield parseRow(splitDescribeCells(texts, parsers.length));
      }
      if (next === undefined) return;
      page = await next;
      skipped = 0;
    }
  }
  const columns = numberRepeatedNames(info.map(({ Name: name = '' }) => name));
  return { columns, types, rows: rows() };
}

/** DESCRIBE has several columns, but one cell with all their values, separated by tabs and padded. */
function splitDescribeCells(
  texts: readonly (string | undefined)[],
  columns: number,
): readonly (string | undefined)[] {
  const [only] = texts;
  if (texts.length !== 1 || columns < 2 || only === undefined) return texts;
  return only.split('\t').map((text) => text.trim());
}

type ValueParser = (text: string) => OutputValue;

/** NaN and the infinities stay text, as from DuckDB: JSON has no numbers for them. */
const parseDouble: ValueParser = (text) => {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
};

/** Athena pads fractions of a second with zeros and writes `UTC` out; DuckDB does neither. */
const parseTime: ValueParser = (text) =>
  text
    .replace(/(\d\d:\d\d:\d\d)\.(\d*?)0*(?=$| )/, (_, clock: string, digits: string) =>
      digits === '' ? clock : `${clock}.${digits}`,
    )
    .replace(/ UTC$/, '+00');

const VALUE_PARSERS: Readonly<Record<string, ValueParser>> = {
  boolean: (text) => text === 'true',
  tinyint: Number,
  smallint: Number,
  int: Number,
  integer: Number,
  bigint: BigInt,
  float: parseDouble,
  real: parseDouble,
  double: parseDouble,
  decimal: parseDecimal,
  time: parseTime,
  'time with time zone': parseTime,
  timestamp: parseTime,
  'timestamp with time zone': parseTime,
};

/**
 * The parser for a type as `ColumnInfo.Type` names it. Dates and texts stay as they are printed; so do arrays, rows,
 * maps and bytes, whose notation cannot be parsed without loss.
 */
export function getValueParser(type: string): ValueParser {
  return VALUE_PARSERS[type.toLowerCase()] ?? ((text) => text);
}
