/** An Athena that says what a test tells it to, over its real wire protocol, and keeps what it was asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ByLayer } from '../../src/catalog/dataset.ts';
import type { Lake } from '../../src/lake/lake.ts';
import { type AthenaEngine, openAthena } from '../../src/query/athena/engine.ts';

type Json = Readonly<Record<string, unknown>>;

export interface AthenaCall {
  readonly action: string;
  readonly input: Json;
}

/** A refusal: what AWS answers with a status and a code. */
export class Refusal {
  readonly code: string;
  readonly message: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    this.code = code;
    this.message = message;
    this.status = status;
  }
}

/** What is answered to an action; the count of earlier calls of the same action comes with it. */
export type Script = Readonly<Record<string, (input: Json, earlier: number) => Json | Refusal>>;

export interface ScriptedAthena {
  readonly url: string;
  readonly calls: AthenaCall[];
  /** The calls of one action. */
  of(action: string): AthenaCall[];
  close(): Promise<void>;
}

/** Starts it. Without a script, a query starts, has succeeded at once and answers no rows. */
export async function startScriptedAthena(script: Script = {}): Promise<ScriptedAthena> {
  const calls: AthenaCall[] = [];
  const of = (action: string): AthenaCall[] => calls.filter((call) => call.action === action);
  const answers: Script = { ...DEFAULTS, ...script };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const action = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const input = JSON.parse(body) as Json;
    const earlier = of(action).length;
    calls.push({ action, input });
    const answer =
      refusalOfParameters(input) ??
      answers[action]?.(input, earlier) ??
      new Refusal('Unscripted', action);
    const refused = answer instanceof Refusal;
    const said = refused ? { __type: answer.code, message: answer.message } : answer;
    response
      .writeHead(refused ? answer.status : 200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(said));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    of,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What Athena itself refuses of a query's parameters, whatever the script says. */
function refusalOfParameters({ QueryString: sql, ExecutionParameters: given }: Json) {
  const parameters = Array.isArray(given) ? given.map(String) : [];
  if (parameters.some((text) => text.length < 1 || text.length > 1024)) {
    return new Refusal('InvalidRequestException', 'a parameter has 1 to 1024 characters');
  }
  const before = String(sql ?? '')
    .split('?')
    .slice(0, -1);
  const clauses = before.map((_, at) =>
    before
      .slice(0, at + 1)
      .join('?')
      .match(/\b(SELECT|FROM|WHERE|GROUP|HAVING|ORDER|LIMIT)\b/gi)
      ?.at(-1),
  );
  return clauses.every((clause) => clause?.toUpperCase() === 'WHERE')
    ? undefined
    : new Refusal('InvalidRequestException', 'parameters can be placed only in the WHERE clause');
}

const DEFAULTS: Script = {
  StartQueryExecution: () => ({ QueryExecutionId: 'query-1' }),
  GetQueryExecution: () => executionIn('SUCCEEDED'),
  GetQueryResults: () => page([['n', 'integer']], []),
  StopQueryExecution: () => ({}),
};

/** How a query stands. */
export function executionIn(state: string, more: { reason?: string; type?: string } = {}): Json {
  return {
    QueryExecution: {
      QueryExecutionId: 'query-1',
      StatementType: more.type ?? 'DML',
      Status: { State: state, StateChangeReason: more.reason },
      Statistics: { DataScannedInBytes: 12_897_485, TotalExecutionTimeInMillis: 1_400 },
    },
  };
}

/** A page of results: columns with their types, rows of texts; undefined is a null. */
export function page(
  columns: readonly (readonly [name: string, type: string])[],
  rows: readonly (readonly (string | undefined)[])[],
  next?: string,
): Json {
  return {
    ResultSet: {
      Rows: rows.map((row) => ({
        Data: row.map((text) => (text === undefined ? {} : { VarCharValue: text })),
      })),
      ResultSetMetadata: { ColumnInfo: columns.map(([Name, Type]) => ({ Name, Type })) },
    },
    ...(next === undefined ? {} : { NextToken: next }),
  };
}

/** An engine over it, in a deployment whose databases have names of their own. */
export function engineOf(
  athena: ScriptedAthena,
  {
    lake,
    signal,
    databases = { sor: 'my_sor', sot: 'my_sot', spec: 'my_spec' },
  }: {
    readonly lake?: Lake;
    readonly signal?: AbortSignal;
    readonly databases?: ByLayer;
  } = {},
): AthenaEngine {
  return openAthena({
    clientSettings: {
      region: 'sa-east-1',
      endpoint: athena.url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    },
    workGroup: 'wg',
    databases,
    lake: lake ?? noLake,
    ...(signal === undefined ? {} : { signal }),
  });
}

const refuse = (): never => {
  throw new Error('the lake was asked');
};

const noLake: Lake = {
  mayHoldRawBatches: true,
  partitions: refuse,
  files: refuse,
  read: refuse,
  write: refuse,
  remove: refuse,
};
