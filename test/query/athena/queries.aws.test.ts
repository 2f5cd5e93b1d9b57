/** The same question to the lake in a folder and to the one in AWS. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  ListQueryExecutionsCommand,
  UpdateWorkGroupCommand,
} from '@aws-sdk/client-athena';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getTable } from '../../../src/catalog/dataset.ts';
import { history } from '../../../src/catalog/datasets/b3.ts';
import type { Partition } from '../../../src/catalog/partition.ts';
import { readS3Note, writeS3Note } from '../../../src/lake/s3/lake.ts';
import { createMarkingLake, noteDerived } from '../../../src/pipeline/adjustment-state.ts';
import type { ImportNotes } from '../../../src/pipeline/imported-years.ts';
import { csvLines, jsonRows } from '../../support/answers.ts';
import { hasAws } from '../../support/aws-account.ts';
import { askAthena } from '../../support/aws-calls.ts';
import { type AwsFront, startAwsFront } from '../../support/aws-front.ts';
import type { CommandResult } from '../../support/command.ts';
import { formatCotahist, formatRecord } from '../../support/cotahist.ts';
import { eventSources, serveEventSources } from '../../support/event-sources.ts';
import { writeExchange } from '../../support/exchange.ts';
import { newFolder } from '../../support/folders.ts';
import { serve } from '../../support/raw-server.ts';
import { specTable } from '../../support/tables.ts';
import { startTwinLakes, type TargetName, type TwinLakes } from '../../support/twin-lakes.ts';

const QUOTES = `db_pynvest_spec.${specTable.name}`;

/** Ten rows, and by joins of it with itself as many as one likes. */
const DIGITS = 'WITH d(n) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))';
const TEN_THOUSAND = `${DIGITS} SELECT a.n + 10 * b.n + 100 * c.n + 1000 * e.n AS n
  FROM d AS a, d AS b, d AS c, d AS e ORDER BY n`;
const HUNDRED_THOUSAND = `${DIGITS} SELECT a.n FROM d AS a, d AS b, d AS c, d AS e, d AS f`;
const ENDLESS = `${DIGITS} SELECT sum(a.n * b.n + c.n * e.n - f.n * g.n * h.n + i.n * j.n * k.n * l.n) AS n
  FROM d AS a, d AS b, d AS c, d AS e, d AS f, d AS g, d AS h, d AS i, d AS j, d AS k, d AS l`;

const EVERY_KIND = `SELECT * FROM (VALUES
  (1, 'plain', CAST(-0.25 AS double), CAST(9007199254740993 AS bigint), DATE '2026-11-20', true),
  (2, 'a "b", c' || chr(10) || 'd; -- e', CAST(1e20 AS double), CAST(-1 AS bigint), DATE '1999-12-31', false),
  (3, '', CAST(0 AS double), CAST(0 AS bigint), NULL, NULL),
  (-4, NULL, NULL, NULL, NULL, NULL)
) AS t(whole, words, fraction, large, day, yes) ORDER BY whole`;

describe.runIf(hasAws)('queries of both lakes', () => {
  let twins: TwinLakes;
  let front: AwsFront;
  beforeAll(async () => {
    twins = await startTwinLakes();
    front = await startAwsFront(twins.system.account.url);
    for (const lake of Object.values(twins.lakes)) await writeExchange(lake);
  }, 120_000);
  afterAll(async () => {
    await front?.close();
    await twins?.close();
  });

  /** Asks both, and answers what AWS said once it is sure that the lake in the folder said the same. */
  const same = async (
    args: readonly string[],
    status = 0,
    env: Readonly<Record<string, string>> = {},
  ): Promise<CommandResult> => {
    const local = await twins.on('local', args, { env });
    const aws = await twins.on('aws', args, { env });
    expect(local, local.stderr).toMatchObject({ status });
    expect(aws, aws.stderr).toMatchObject({ status });
    expect(aws.stdout).toBe(local.stdout);
    return aws;
  };

  test.each([
    ['of a ticker', ['--ticker', 'TUCA3', '--every-day'], 2],
    ['of a ticker, one a session', ['--ticker', 'TUCA3'], 1],
    ['of several tickers', ['--ticker', 'TUCA3,DEMO11', '--every-day'], 4],
    ['of the newest day of all', [], 5],
    ['of the newest row of each', ['--last', '1'], 5],
    ['of the newest row of some', ['--last', '1', '--ticker', 'DEMO11,TUCA3'], 2],
    ['from a day', ['--from', '2026-11-20', '--ticker', 'TUCA3'], 1],
    ['to a day', ['--to', '2026-11-19'], 5],
    ['between days', ['--from', '2026-11-19', '--to', '2026-11-20', '--every-day'], 10],
  ])('quotes %s', async (_, args, rows) => {
    const { stdout } = await same(['query', 'cotacoes', ...args, '--format', 'json']);
    expect(jsonRows(stdout)).toHaveLength(rows);
  });

  test.each([
    ['adjusted prices', ['query', 'historico', 'NOVO3'], 0],
    [
      'prices as they were, of all',
      ['query', 'historico', '--ajuste', 'nenhum', '--from', '2023-01-02'],
      0,
    ],
    ['years', ['query', 'historico', 'TUCA4,NOVO3', '--freq', 'ano'], 0],
    ['returns', ['query', 'retorno', 'VELH3,TUCA4'], 0],
    ['what is not proved', ['audit'], 3],
    [
      'the view of adjusted prices',
      ['query', 'sql', 'SELECT * FROM cotacoes_ajustadas c ORDER BY c.codigo_ativo, c.dt_pregao'],
      0,
    ],
    [
      'the short name of the events',
      ['query', 'sql', 'SELECT codigo_evento FROM eventos ORDER BY 1'],
      0,
    ],
  ])('of the history: %s', async (_, args, status) => {
    const { stdout } = await same([...args, '--format', 'json'], status);
    expect(jsonRows(stdout).length).toBeGreaterThan(0);
  });

  test('the view of adjusted prices in the catalog, as the console of Athena reads it', async () => {
    const { system } = twins;
    const view = `${system.databases.spec}.cotacoes_ajustadas`;
    const select = `SELECT * FROM ${view} c ORDER BY c.codigo_ativo, c.dt_pregao`;
    const ask = (sql: string) => askAthena(system.account, system.outputs['WorkGroup'] ?? '', sql);
    // Athena prints a double of its own as 12.0.
    const toValue = (cell = ''): string | number =>
      /^-?\d[\d.E-]*$/.test(cell) && !cell.includes('-', 1) ? Number(cell) : cell;
    const { stdout } = await twins.on('local', ['query', 'sql', select]);
    const [, ...local] = csvLines(stdout);
    expect(local.length).toBeGreaterThan(0);
    expect((await ask(select)).map((row) => row.map(toValue))).toEqual(
      local.map((row) => row.map(toValue)),
    );

    const proofs = async () =>
      (await ask(`SELECT DISTINCT ajuste_provado FROM ${view}`)).flat().sort();
    const notes: ImportNotes = {
      read: (name) => readS3Note(system.s3, system.buckets.sor, name),
      write: (name, text) => writeS3Note(system.s3, system.buckets.sor, name, text),
    };
    expect(await proofs()).toEqual(['false', 'true']);
    // An import that dies after its first change.
    const marking = createMarkingLake(twins.lakes.aws, notes);
    const [file] = await marking.files(getTable(history, 'sot'), 2023 as Partition);
    if (file === undefined) throw new Error('no history');
    await marking.write(file, await marking.read(file));
    expect(await proofs()).toEqual(['false']);
    await noteDerived(notes, new Map());
    expect(await proofs()).toEqual(['false', 'true']);
  });

  test('a slip in a ticker: status 3, and what was meant', async () => {
    const { stderr, stdout } = await same(['query', 'cotacoes', '--ticker', 'TUCA4,DEMO11'], 3);
    expect(stderr).toContain('Did you mean TUCA3?');
    expect(csvLines(stdout)).toHaveLength(2);
  });

  test('no ticker that the lake has: status 1, and nothing on stdout', async () => {
    const { stderr, stdout } = await same(['query', 'cotacoes', '--ticker', 'NADA3'], 1);
    expect(stdout).toBe('');
    expect(stderr).toContain('the lake has no such quotes');
  });

  test.each([
    ['of a stock', ['--ticker', 'TUCA3']],
    ['of a fund', ['--ticker', 'DEMO11']],
    ['of both kinds', ['--ticker', 'TUCA3,DEMO11']],
    ['in columns of choice', ['--ticker', 'TUCA3,DEMO11', '--columns', 'vlr_cot,vlr_ind_roe']],
    ['of all days', ['--ticker', 'TUCA3,DEMO11', '--from', '2026-11-01', '--format', 'json']],
  ])('indicators %s', async (_, args) => {
    const { stdout } = await same(['query', 'indicadores', ...args]);
    expect(stdout).not.toBe('');
  });

  test.each(['csv', 'json'])('SQL with every kind of value, as %s', async (format) => {
    await same(['query', 'sql', EVERY_KIND, '--format', format]);
  });

  test('SQL over the tables, with the names that they have on this machine', async () => {
    const { stdout } = await same([
      ...['query', 'sql'],
      `SELECT q.codigo_ticker_ativo, q.vlr_cot, p.nome_empresa, q.dt_ult_cot
       FROM ${QUOTES} AS q LEFT JOIN tbsot_fundamentus_indicadores_acoes_prep AS p
         ON p.nome_papel = q.codigo_ticker_ativo AND p.anomesdia_exec = q.anomesdia_exec
       ORDER BY 1, q.anomesdia_exec`,
    ]);
    expect(csvLines(stdout)).toHaveLength(11);
  });

  test('more rows than a page of Athena holds', async () => {
    const { stdout } = await same(['query', 'sql', TEN_THOUSAND]);
    const numbers = csvLines(stdout)
      .slice(1)
      .map(([n]) => Number(n));
    expect(numbers).toEqual(Array.from({ length: 10_000 }, (_, index) => index));
  });

  test.each([
    ['an unknown column', `SELECT vlr_cott FROM ${QUOTES}`, 1, /no column vlr_cott.*\n.*vlr_cot\?/],
    ['an unknown table', 'SELECT * FROM tbspec_cotacoes', 1, /no table .*tbspec_cotacoes/],
    ['a slip in the syntax', `SELECT * FORM ${QUOTES}`, 1, /syntax error/],
    ['a statement that changes', `DROP TABLE ${QUOTES}`, 2, /only a SELECT is allowed/],
    ['two statements', 'SELECT 1; SELECT 2', 2, /this text has 2 statements/],
  ])('SQL with %s is refused in plain words', async (_, sql, status, reason) => {
    const { stdout, stderr } = await twins.on('aws', ['query', 'sql', sql]);
    expect({ status: (await twins.on('local', ['query', 'sql', sql])).status, stdout }).toEqual({
      status,
      stdout: '',
    });
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/bug in pynvest|Exception/);
  });

  test('where it is asked, and what it cost, is said once, on stderr; --quiet says neither', async () => {
    const args = ['query', 'sql', `SELECT count(*) AS n FROM ${QUOTES}`, '--format', 'json'];
    const { stdout, stderr } = await twins.on('aws', args);
    expect(jsonRows(stdout)).toEqual([{ n: 10 }]);
    expect(stderr).toMatch(
      /^Lake: the stack pynvest in sa-east-1 \(set by PYNVEST_TARGET\)\nAthena read \d+\.\d kB in \d+\.\d s, under US\$ 0\.0001\n$/,
    );
    expect(await twins.on('aws', [...args, '--quiet'])).toMatchObject({ status: 0, stderr: '' });
    const said = await twins.on('aws', [...args, '--target', 'aws']);
    expect(said.stderr).toMatch(/^Athena read [^\n]*\n$/);
  });

  test('what the workgroup does not allow is said in plain words', async () => {
    const athena = athenaClient();
    const { outputs } = twins.system;
    const set = (changes: object) =>
      athena.send(new UpdateWorkGroupCommand({ WorkGroup: outputs['WorkGroup'], ...changes }));
    const limit = (bytes: number) =>
      set({ ConfigurationUpdates: { BytesScannedCutoffPerQuery: bytes } });
    await limit(1);
    const much = await twins.on('aws', ['query', 'cotacoes']);
    await limit(10_000_000_000);
    expect(much).toMatchObject({ status: 1, stdout: '' });
    expect(much.stderr).toContain('would read more than the limit of the workgroup pynvest');
    expect(much.stderr).toMatch(/AthenaScanLimitBytes=N` changes the limit/);
    await set({ State: 'DISABLED' });
    const closed = await twins.on('aws', ['query', 'cotacoes']);
    await set({ State: 'ENABLED' });
    expect(closed).toMatchObject({ status: 1, stdout: '' });
    expect(closed.stderr).toContain('the workgroup pynvest of Athena is disabled');
    expect(closed.stderr).toContain('--state ENABLED');
    expect(await twins.on('aws', ['query', 'cotacoes'])).toMatchObject({ status: 0 });
  });

  test('Ctrl-C stops the query in Athena', async () => {
    const env = { AWS_ENDPOINT_URL: front.url };
    const running = twins.start('aws', ['query', 'sql', ENDLESS], { env });
    const sent = (action: string) =>
      front.requests.filter(({ target }) => target === `AmazonAthena.${action}`).length;
    while (sent('GetQueryExecution') < 2) await new Promise((wait) => setTimeout(wait, 20));
    running.process.kill('SIGINT');
    const { status, stdout, stderr } = await running.result;
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr).toContain('Interrupted: stopping the query in Athena.');
    expect(stderr).toContain('Interrupted. The query is stopped');
    expect(sent('StopQueryExecution')).toBe(1);
    expect(await newestState()).toBe('CANCELLED');
  });

  test('a reader that goes away ends it quietly, and no more pages are fetched', async () => {
    const env = { AWS_ENDPOINT_URL: front.url };
    const args = ['query', 'sql', HUNDRED_THOUSAND, '--format', 'json', '--quiet'];
    const fetched = (): number =>
      front.requests.filter(({ target }) => target === 'AmazonAthena.GetQueryResults').length;
    const before = fetched();
    const running = twins.start('aws', args, { env });
    const { stdout } = running.process;
    if (stdout === null) throw new Error('no stdout');
    await once(stdout, 'data');
    stdout.destroy();
    expect(await running.result).toMatchObject({ status: 0, stderr: '' });
    expect(fetched() - before).toBeLessThan(50);
  });

  test('a reader that goes away leaves no query running', async () => {
    const running = twins.start('aws', ['query', 'cotacoes', '--ticker', 'TUCA3,NADA3', '--quiet']);
    running.process.stdout?.destroy();
    expect(await running.result).toMatchObject({ status: 0, stderr: '' });
    expect(await newestState()).toMatch(/^(SUCCEEDED|CANCELLED)$/);
  });

  test('the tickers and the pages of the site need no lake, wherever it is', async () => {
    const listed = await same(['tickers', '--format', 'json']);
    const noAws = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    const named = ['tickers', '--format', 'json', '--target', 'aws'];
    expect(await twins.on('aws', named, { env: noAws })).toEqual(listed);

    const scraped = async (target: TargetName, more: readonly string[] = []) => {
      const args = ['scrape', 'TUCA3', 'DEMO11', '--format', 'json', ...more];
      const { status, stdout, stderr } = await twins.on(target, args, { env: noAws });
      expect(status, stderr).toBe(0);
      return jsonRows(stdout).map(({ datetime_exec: readAt, ...row }) => {
        expect(readAt).toMatch(/T/);
        return row;
      });
    };
    const local = await scraped('local');
    expect(local).toHaveLength(2);
    expect(await scraped('aws')).toEqual(local);
    expect(await scraped('local', ['--target', 'aws'])).toEqual(local);
  });

  function athenaClient(): AthenaClient {
    return new AthenaClient(twins.system.account.clientSettings);
  }

  /** How the query stands that was started last. */
  async function newestState(): Promise<string | undefined> {
    const athena = athenaClient();
    const { QueryExecutionIds: ids = [] } = await athena.send(
      new ListQueryExecutionsCommand({ WorkGroup: twins.system.outputs['WorkGroup'] }),
    );
    const { QueryExecution: execution } = await athena.send(
      new GetQueryExecutionCommand({ QueryExecutionId: ids.at(-1) }),
    );
    return execution?.Status?.State;
  }

  // The last one: it changes both lakes.
  test('imports of prices and events, quotes of past days, and every question about them', async () => {
    const folder = await newFolder();
    const record = (day: string, close: number, number: string, ticker = 'TUCA3') =>
      formatRecord({ day, ticker, close, isin: 'BRTUCAACNOR1', distribution: number });
    const records = [
      record('20240315', 1000, '105'),
      record('20240318', 990, '106'),
      record('20240502', 1000, '106'),
      record('20240503', 500, '107'),
      formatRecord({ day: '20240503', ticker: 'JABU4', isin: 'BRJABUACNPR1' }),
    ];
    await writeFile(join(folder, 'COTAHIST_A2024.TXT'), formatCotahist(records));
    const { env } = await serveEventSources(eventSources);
    const rateDays = listWeekdays('2024-03-15', '2024-05-03').map((day) =>
      day.split('-').reverse().join('/'),
    );
    const rateMonths = ['01/03/2024', '01/04/2024', '01/05/2024'];
    const rates = await serve(({ url = '' }, response) => {
      const [dates, valor] = url.includes('.433/') ? [rateMonths, '0.16'] : [rateDays, '0.040168'];
      response.end(JSON.stringify(dates.map((data) => ({ data, valor }))));
    });
    const all = { ...env, PYNVEST_BCB_URL: rates };
    const days = ['--from', '2024-03-01', '--to', '2024-05-31'];
    const imported = await same(['import', 'cotahist', folder], 0, all);
    expect(imported.stdout).toContain('2024,5,0,');
    await same(['import', 'eventos'], 0, all);
    const filled = await same(['backfill', ...days]);
    expect(csvLines(filled.stdout)).toHaveLength(1 + 4);
    for (const [args, rows, status] of [
      [['query', 'cotacoes', 'TUCA3', ...days], 4],
      [['query', 'historico', 'TUCA3', ...days], 4],
      [['query', 'historico', 'TUCA3', '--ajuste', 'nenhum', '--freq', 'mes'], 2],
      [['query', 'historico', 'TUCA3', '--ajuste', 'desdobramentos', '--freq', 'semana'], 3],
      [['query', 'retorno', 'TUCA3', '--contra', 'cdi'], 1],
      [['query', 'retorno', 'TUCA3', '--contra', 'ipca'], 1],
      [['query', 'retorno', 'TUCA3', '--contra', 'cdi,ipca'], 1],
      [['query', 'proventos', 'TUCA3,ONCA11'], 4],
      [['query', 'proventos', 'TUCA3', '--total'], 1],
      [['audit'], undefined, 3],
      [['audit', 'TUCA3'], undefined, 3],
      [['query', 'sql', 'SELECT * FROM tbsot_b3_cotacoes_historicas ORDER BY 1, 2, 3'], undefined],
      [['query', 'sql', 'SELECT * FROM tbsot_eventos_corporativos ORDER BY 1, 2'], 5],
      [['query', 'sql', 'SELECT * FROM tbspec_fatores_ajuste ORDER BY 1, 2'], undefined],
      [
        ['query', 'sql', 'SELECT * FROM tbsot_bcb_series ORDER BY 1, 2'],
        rateDays.length + rateMonths.length,
      ],
      [
        [
          'query',
          'sql',
          'SELECT dt_com, vlr_provento FROM tbsor_fundamentus_proventos ORDER BY 1, 2',
        ],
        3,
      ],
      [['query', 'sql', 'SELECT codigo_isin, tipo_evento FROM tbsor_b3_eventos ORDER BY 1, 2'], 3],
    ] as const) {
      const { stdout } = await same([...args, '--format', 'json'], status ?? 0, all);
      if (rows === undefined) expect(jsonRows(stdout).length, args.join(' ')).toBeGreaterThan(0);
      else expect(jsonRows(stdout), args.join(' ')).toHaveLength(rows);
    }
    const compared = ['query', 'retorno', 'TUCA3', '--contra', 'cdi,ipca', '--format', 'json'];
    expect(jsonRows((await same(compared, 0, all)).stdout)).toMatchObject([
      { pct_cdi: expect.any(Number), pct_ipca: expect.closeTo(1.0016 ** 2 - 1, 12) },
    ]);
    const { stdout } = await same(['query', 'historico', 'TUCA3', '--format', 'csv']);
    expect(stdout).toMatch(/2024-05-02,TUCA3,.*,true\n2024-05-03,TUCA3,/);
  }, 120_000);
});

/** The days from Monday to Friday from one day to another, YYYY-MM-DD. */
function listWeekdays(from: string, to: string): string[] {
  const days: string[] = [];
  for (const day = new Date(from); day <= new Date(to); day.setUTCDate(day.getUTCDate() + 1)) {
    if (day.getUTCDay() % 6 !== 0) days.push(day.toISOString().slice(0, 10));
  }
  return days;
}
