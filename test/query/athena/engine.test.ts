import { afterEach, describe, expect, test } from 'vitest';
import { QueryError, UsageError } from '../../../src/errors.ts';
import type { OutputValue } from '../../../src/query/engine.ts';
import {
  engineOf,
  executionIn,
  page,
  Refusal,
  type Script,
  type ScriptedAthena,
  startScriptedAthena,
} from '../../support/scripted-athena.ts';
import { specTable } from '../../support/tables.ts';

const QUOTES = 'db_pynvest_spec.tbspec_fundamentus_cotacao_ativos';

let athena: ScriptedAthena;
afterEach(() => athena?.close());

async function ask(script: Script, sql = 'SELECT 1', parameters: string[] = []) {
  athena = await startScriptedAthena(script);
  const engine = engineOf(athena);
  const { columns, types, rows } = await engine.query({ sql, parameters });
  const all: (readonly OutputValue[])[] = [];
  for await (const row of rows) all.push(row);
  return { columns, types, rows: all, engine };
}

async function failure(script: Script, sql?: string): Promise<QueryError> {
  const error = await ask(script, sql).catch((each: unknown) => each);
  if (!(error instanceof QueryError)) throw new Error(`no QueryError: ${String(error)}`);
  return error;
}

const failedFor = (reason: string): Script => ({
  GetQueryExecution: () => executionIn('FAILED', { reason }),
});

describe('an answer of Athena', () => {
  test('has each value by its column type, and a null that is no empty text', async () => {
    const columns = [
      ['a', 'varchar'],
      ['b', 'integer'],
      ['c', 'bigint'],
      ['d', 'double'],
      ['e', 'boolean'],
      ['f', 'date'],
      ['g', 'timestamp'],
      ['h', 'decimal'],
      ['i', 'timestamp with time zone'],
      ['j', 'array'],
      ['k', 'time'],
    ] as const;
    const heading = columns.map(([name]) => name);
    const moment = '2026-11-20 21:45:00.000';
    const answer = await ask({
      GetQueryResults: () =>
        page(columns, [
          heading,
          [
            '',
            '-7',
            '9007199254740993',
            '1.0E7',
            'true',
            '2026-11-20',
            moment,
            '1.50',
            `${moment} UTC`,
            '[1, 2]',
            '21:45:00.500',
          ],
          [
            'a, "b"\nç',
            '0',
            '-1',
            'NaN',
            'false',
            '2026-01-01',
            '2026-11-20 21:45:00.120',
            '12345678901234567.5',
            moment,
            '[]',
            '21:45:00.000',
          ],
          heading.map(() => undefined),
        ]),
    });
    expect(answer.columns).toEqual(heading);
    expect(answer.types).toEqual(columns.map(([, type]) => type));
    expect(answer.rows).toEqual([
      [
        '',
        -7,
        9007199254740993n,
        1e7,
        true,
        '2026-11-20',
        '2026-11-20 21:45:00',
        1.5,
        '2026-11-20 21:45:00+00',
        '[1, 2]',
        '21:45:00.5',
      ],
      [
        'a, "b"\nç',
        0,
        -1n,
        'NaN',
        false,
        '2026-01-01',
        '2026-11-20 21:45:00.12',
        '12345678901234567.5',
        '2026-11-20 21:45:00',
        '[]',
        '21:45:00',
      ],
      heading.map(() => null),
    ]);
  });

  test('comes page by page, at most one ahead of the reader', async () => {
    athena = await startScriptedAthena({
      GetQueryResults: (_, earlier) =>
        page(
          [['n', 'bigint']],
          earlier === 0 ? [['n'], ['0']] : [[String(earlier)]],
          earlier === 5 ? undefined : `after-${earlier}`,
        ),
    });
    const { rows } = await engineOf(athena).query({ sql: 'SELECT n FROM t' });
    const seen: OutputValue[] = [];
    for await (const [n = null] of rows) {
      seen.push(n);
      expect(athena.of('GetQueryResults').length).toBeLessThanOrEqual(seen.length + 1);
    }
    expect(seen).toEqual([0n, 1n, 2n, 3n, 4n, 5n]);
    expect(athena.of('GetQueryResults').map(({ input }) => input['NextToken'])).toEqual([
      undefined,
      ...['after-0', 'after-1', 'after-2', 'after-3', 'after-4'],
    ]);
  });

  test('whose later page fails has the rows before it, then the reason', async () => {
    athena = await startScriptedAthena({
      GetQueryResults: (_, earlier) =>
        earlier === 0
          ? page([['n', 'integer']], [['n'], ['1']], 'next')
          : new Refusal(
              'AccessDeniedException',
              'User: me is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::results',
            ),
    });
    const { rows } = await engineOf(athena).query({ sql: 'SELECT n FROM t' });
    const seen: OutputValue[] = [];
    const reading = (async () => {
      for await (const [n = null] of rows) seen.push(n);
    })();
    await expect(reading).rejects.toThrow('do not allow s3:GetObject on arn:aws:s3:::results');
    expect(seen).toEqual([1]);
  });

  test('of DESCRIBE has no heading, and its one cell is split into its columns', async () => {
    const { rows } = await ask(
      {
        GetQueryExecution: () => executionIn('SUCCEEDED', { type: 'UTILITY' }),
        GetQueryResults: () =>
          page(
            [
              ['col_name', 'string'],
              ['data_type', 'string'],
            ],
            [['vlr_cot     \tdouble   ']],
          ),
      },
      `DESCRIBE ${QUOTES}`,
    );
    expect(rows).toEqual([['vlr_cot', 'double']]);
  });
});

describe('a query of Athena', () => {
  test('has its parameters as quoted texts, its own database names, and no place for results', async () => {
    await ask({}, `SELECT vlr_cot FROM ${QUOTES} WHERE codigo_ticker_ativo = ?;`, [
      "PETR4' OR 1=1",
    ]);
    const [start] = athena.of('StartQueryExecution');
    expect(start?.input).toMatchObject({
      QueryString:
        'SELECT vlr_cot FROM my_spec.tbspec_fundamentus_cotacao_ativos WHERE codigo_ticker_ativo = ?',
      ExecutionParameters: ["'PETR4'' OR 1=1'"],
      WorkGroup: 'wg',
    });
    expect(start?.input).not.toHaveProperty('ResultConfiguration');
  });

  test('about a table of a database that begins with a digit has its name in quotes', async () => {
    athena = await startScriptedAthena();
    const databases = { sor: '1_sor', sot: '1_sot', spec: '1_spec' };
    const engine = engineOf(athena, { databases });
    await engine.query({ sql: `SELECT 1 FROM ${engine.nameOf(specTable)}` });
    expect(athena.of('StartQueryExecution').map(({ input }) => input['QueryString'])).toEqual([
      `SELECT 1 FROM "1_spec".${specTable.name}`,
    ]);
  });

  test('that would change something never reaches it', async () => {
    await expect(ask({}, `DROP TABLE ${QUOTES}`)).rejects.toThrow(UsageError);
    expect(athena.calls).toEqual([]);
  });

  test('is asked after until it is over, and survives that the question fails now and then', async () => {
    const { engine } = await ask({
      GetQueryExecution: (_, earlier) => {
        if (earlier === 0) return executionIn('QUEUED');
        if (earlier === 2 || earlier === 3) {
          return earlier === 2
            ? new Refusal('InternalServerException', 'oops', 500)
            : new Refusal('ThrottlingException', 'Rate exceeded');
        }
        return executionIn(earlier < 5 ? 'RUNNING' : 'SUCCEEDED');
      },
    });
    expect(athena.of('GetQueryExecution')).toHaveLength(6);
    expect(engine.getCost()).toMatchObject({ queries: 1, bytesRead: 12_897_485 });
  });

  test('of which it keeps saying nothing is given up and stopped', async () => {
    const error = await failure({
      GetQueryExecution: () => new Refusal('InternalServerException', 'oops', 500),
    });
    expect(error.message).toBe('Athena does not answer: oops');
    expect(athena.of('GetQueryExecution')).toHaveLength(6);
    expect(athena.of('StopQueryExecution')).toHaveLength(1);
  });

  test('after which it cannot be asked is stopped, and reported', async () => {
    const denied =
      'User: me is not authorized to perform: athena:GetQueryExecution on resource: arn:x';
    const error = await failure({
      GetQueryExecution: () => new Refusal('AccessDeniedException', denied),
    });
    expect(error.message).toBe(
      'these AWS credentials do not allow athena:GetQueryExecution on arn:x',
    );
    expect(athena.of('StopQueryExecution').map(({ input }) => input['QueryExecutionId'])).toEqual([
      'query-1',
    ]);
  });

  test('under way is stopped when the signal aborts', async () => {
    const controller = new AbortController();
    athena = await startScriptedAthena({
      GetQueryExecution: (_, earlier) => {
        if (earlier === 1) controller.abort(new Error('enough'));
        return executionIn('RUNNING');
      },
    });
    const engine = engineOf(athena, { signal: controller.signal });
    await expect(engine.query({ sql: 'SELECT 1' })).rejects.toThrow('enough');
    expect(athena.of('StopQueryExecution')).toHaveLength(1);
    expect(athena.of('GetQueryResults')).toHaveLength(0);
    await expect(engine.query({ sql: 'SELECT 1' })).rejects.toThrow('enough');
    expect(athena.of('StartQueryExecution')).toHaveLength(1);
  });
});

describe('an engine that is asked to stop', () => {
  test('has Athena stop the query under way, and starts no other', async () => {
    athena = await startScriptedAthena({ GetQueryExecution: () => executionIn('RUNNING') });
    const engine = engineOf(athena);
    const asking = engine.query({ sql: 'SELECT 1' }).catch((error: unknown) => error);
    await engine.stop();
    expect(athena.of('StopQueryExecution')).toHaveLength(1);
    expect(await asking).toMatchObject({ message: 'the query was stopped' });
    await expect(engine.query({ sql: 'SELECT 1' })).rejects.toThrow();
    expect(athena.of('StartQueryExecution')).toHaveLength(1);
  });

  test('asks nothing of Athena where no query is under way', async () => {
    const { engine } = await ask({});
    await engine.stop();
    expect(athena.of('StopQueryExecution')).toEqual([]);
  });
});

describe('a query that failed', () => {
  test.each([
    [
      "COLUMN_NOT_FOUND: line 2:8: Column 'vlr_cott' cannot be resolved or requester is not authorized to access requested resources",
      'there is no column vlr_cott (line 2)',
      'Did you mean vlr_cot?',
    ],
    [
      "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.my_spec.tbspec_fundamentus_cotacao_ativo' does not exist",
      'there is no table my_spec.tbspec_fundamentus_cotacao_ativo (line 1)',
      'Did you mean my_spec.tbspec_fundamentus_cotacao_ativos?',
    ],
    [
      "SCHEMA_NOT_FOUND: line 1:15: Schema 'elsewhere' does not exist",
      'there is no table elsewhere (line 1)',
      /^The tables: cotacoes, .* my_sor\./,
    ],
    [
      "SYNTAX_ERROR: line 3:1: mismatched input 'FORM'. Expecting: ',', 'EXCEPT', 'FETCH'",
      "syntax error in line 3: mismatched input 'FORM'",
      undefined,
    ],
    [
      'Bytes scanned limit was exceeded',
      'Athena stopped the query: it would read more than the limit of the workgroup wg',
      /anomesdia_exec.*AthenaScanLimitBytes/,
    ],
    [
      'HIVE_BAD_DATA: Field vlr_cot type BINARY in parquet file s3://b/k is incompatible with type double',
      /^Athena cannot read the lake: Field vlr_cot .* \(HIVE_BAD_DATA\)$/,
      /doctor --target aws/,
    ],
    [
      'HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://b/k (offset=0): NoSuchKey',
      'a file of the lake was replaced while Athena read it',
      /run the query again/,
    ],
    [
      'Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 1)',
      'AWS denied Athena access with these credentials',
      /s3:GetObject/,
    ],
    [
      'Query exhausted resources at this scale factor. This query ran against the "x" database',
      'the query exceeds the resources of Athena',
      /less at a time/,
    ],
    [
      'HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://b/k: The specified bucket does not exist',
      'a bucket of the lake is missing',
      /pynvest deploy/,
    ],
    ['DIVISION_BY_ZERO: Division by zero', 'Division by zero', undefined],
    [
      "FUNCTION_NOT_FOUND: line 1:8: Function 'strftime' not registered",
      'Athena has no function strftime (line 1)',
      /Trino's: date_format/,
    ],
    ['', 'the query failed; Athena gave no reason', undefined],
  ])('for %j says so in plain words', async (reason, message, hint) => {
    const error = await failure(failedFor(reason));
    expect(error.message).toEqual(
      message instanceof RegExp ? expect.stringMatching(message) : message,
    );
    expect(error.hint).toEqual(hint instanceof RegExp ? expect.stringMatching(hint) : hint);
  });

  test.each([
    [
      'InvalidRequestException',
      "line 1:8: mismatched input ','. Expecting: <query>",
      /^syntax error in line 1/,
    ],
    ['InvalidRequestException', 'WorkGroup is not found.', /^Athena has no workgroup wg$/],
    [
      'InvalidRequestException',
      'WorkGroup wg is disabled.',
      /^the workgroup wg of Athena is disabled$/,
    ],
    [
      'InvalidRequestException',
      'Unable to verify/create output bucket results',
      /^the bucket for the results/,
    ],
    ['InvalidRequestException', 'Something else', /^Something else$/],
    [
      'TooManyRequestsException',
      'You have exceeded the limit',
      /^Athena does not answer: You have exceeded/,
    ],
    ['ExpiredTokenException', 'The security token is expired', /credentials have expired/],
  ])('at its start with %s: %s', async (code, text, message) => {
    const error = await failure({ StartQueryExecution: () => new Refusal(code, text) });
    expect(error.message).toMatch(message);
    expect(athena.of('StopQueryExecution')).toEqual([]);
  });

  test('because no answer comes', async () => {
    const gone = await startScriptedAthena();
    await gone.close();
    await expect(engineOf(gone).query({ sql: 'SELECT 1' })).rejects.toThrow(
      /^Athena does not answer/,
    );
  });

  test('because somebody else stopped it', async () => {
    const error = await failure({ GetQueryExecution: () => executionIn('CANCELLED') });
    expect(error.message).toBe('the query was cancelled in Athena');
  });
});
