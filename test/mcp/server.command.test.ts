/** The server as an assistant starts it: a process, asked by the official SDK's client. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { callTool, tools } from '../../src/mcp/server.ts';
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import { commandEnvironment, commandFile } from '../support/command.ts';
import { writeExchange } from '../support/exchange.ts';
import { contentsBelow, newFolder } from '../support/folders.ts';
import { quote, typed, writeQuotes, writeRowsTo } from '../support/made-up-lake.ts';
import { sotTables } from '../support/tables.ts';

interface StructuredAnswer {
  readonly source: string;
  readonly day: string | null;
  readonly lake_newest_day?: string | null;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  readonly next_offset: number | null;
  readonly notes: readonly string[];
}

/** @param mode which revision of the protocol the client opens with: one of 2025, or the newest that both know */
async function startClient(lake: string, mode: 'legacy' | 'auto' = 'legacy'): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  const args = [commandFile, 'mcp', '--lake', lake];
  const env = commandEnvironment({ HTTPS_PROXY: 'http://127.0.0.1:9' });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, env, stderr: 'ignore' }),
  );
  return client;
}

let lake: string;
let outside: string;
let client: Client;
let before: Record<string, string>;

const bank = { nome_empresa: 'BANCO SABIÁ SA', nome_setor: 'Intermediários Financeiros' };

beforeAll(async () => {
  [lake, outside] = [await newFolder(), await newFolder()];
  await writeFile(join(outside, 'secret.csv'), 'a,b\n1,2\n');
  await writeExchange(createLocalLake(lake));
  const sabia = { nome_ativo: 'BANCO SABIÁ SA', nome_setor_segmento: 'Intermediários Financeiros' };
  const fund = {
    tipo_ativo: 'Fundo Imobiliário',
    nome_ativo: 'FII DEMO',
    nome_setor_segmento: 'Logística',
  };
  for (const [day, price] of [
    ['2026-11-18', 24],
    ['2026-11-19', 24.56],
  ] as const) {
    await writeQuotes(lake, day, [
      quote('BSAB4', price, { dt_ult_cot: day, pct_var_dia: 0.0141, ...sabia }),
      quote('DEMO11', 108.4, { dt_ult_cot: day, ...fund }),
    ]);
  }
  await writeRowsTo(lake, sotTables.acoes, '2026-11-19', [
    typed('acoes', 'BSAB4', {
      ...bank,
      vlr_cot: 24.56,
      vlr_ind_roe: 0.182,
      vlr_ind_div_yield: 0.05,
      dt_ult_cot: '2026-11-19',
    }),
  ]);
  await writeRowsTo(lake, sotTables.fiis, '2026-11-19', [
    typed('fiis', 'DEMO11', { vlr_cot: 108.4, vlr_div_yield: 0.086, dt_ult_cot: '2026-11-19' }),
  ]);
  before = await contentsBelow(lake);
  client = await startClient(lake);
});
afterAll(() => client.close());

async function call(name: string, args: object = {}) {
  const result = await client.callTool({ name, arguments: { ...args } });
  const [content] = result.content;
  const text = content?.type === 'text' ? content.text : '';
  return { isError: result.isError === true, text, content: result.structuredContent };
}

async function ask(name: string, args: object = {}): Promise<StructuredAnswer> {
  const { isError, text, content } = await call(name, args);
  expect(isError, text).toBe(false);
  // The text is the same, for clients that read no structured content.
  expect(JSON.parse(text)).toEqual(content);
  return content as StructuredAnswer;
}

async function refused(name: string, args: object): Promise<string> {
  const { isError, text } = await call(name, args);
  expect(isError, text).toBe(true);
  return text;
}

/** It takes hours. */
const PRODUCT = `SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y),
  UNNEST(sequence(1, 10000)) c(z) WHERE x * y % 7 = z`;

const SITE = 'fundamentus.com.br';
const toObjects = ({ columns, rows }: StructuredAnswer) =>
  rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));

describe('the tools', () => {
  test('are listed as read-only, with a schema and a description', async () => {
    const { tools: listed } = await client.listTools();
    expect(listed.map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
    for (const { name, annotations, description, inputSchema, outputSchema } of listed) {
      expect(annotations, name).toMatchObject({ readOnlyHint: true, openWorldHint: false });
      expect(description?.length, name).toBeGreaterThan(40);
      expect(inputSchema['additionalProperties'], name).toBe(false);
      expect(outputSchema?.['properties'], name).toHaveProperty('day');
    }
    expect(client.getServerVersion()?.name).toBe('pynvest');
    expect(client.getInstructions()).toContain('0.1 is 10%');
  });

  test.each(['docs/assistants.md', 'docs/pt-BR/assistentes.md'])(
    'are those of %s',
    async (path) => {
      const page = await readFile(join(import.meta.dirname, '..', '..', path), 'utf8');
      const listed = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
      expect(listed).toEqual(tools.map(({ name }) => name));
    },
  );

  test('find_assets finds by name and sector, without regard to accents', async () => {
    const found = await ask('find_assets', { text: 'sabia' });
    expect(found).toMatchObject({ source: SITE, day: '2026-11-19', next_offset: null });
    expect(found.rows).toEqual([
      ['BSAB4', 'Ação', bank.nome_empresa, bank.nome_setor, 24.56, '2026-11-19'],
    ]);
    expect((await ask('find_assets', { text: 'logist', kind: 'acoes' })).rows).toEqual([]);
    expect((await ask('find_assets', { kind: 'fiis' })).rows[0]?.[0]).toBe('DEMO11');
  });

  test('get_profile has the indicators in groups', async () => {
    const profile = await ask('get_profile', { ticker: 'bsab4' });
    expect(profile).toMatchObject({ source: SITE, day: '2026-11-19' });
    expect(profile.notes[0]).toContain('BSAB4: BANCO SABIÁ SA, Intermediários Financeiros');
    expect(toObjects(profile).find(({ column }) => column === 'vlr_ind_roe')).toMatchObject({
      ...{ section: 'Rentabilidade', label: 'ROE', value: 0.182 },
    });
  });

  test.each(['BSAB4.SA', 'BSAB4F'])('get_profile takes %s, as get_quotes does', async (ticker) => {
    expect((await ask('get_profile', { ticker })).notes[0]).toContain('BSAB4: BANCO SABIÁ SA');
    expect((await ask('get_quotes', { tickers: [ticker] })).rows[0]?.[1]).toBe('BSAB4');
  });

  test('days are written as in the command', async () => {
    const own = { tickers: ['BSAB4'], columns: ['vlr_cot'] };
    const all = await ask('get_quotes', { ...own, from: '18/11/2026', to: '2026' });
    expect(all.rows.map(([day]) => day)).toEqual([20261118, 20261119]);
    expect((await ask('get_quotes', { ...own, from: '99999d', to: 'hoje' })).rows).toHaveLength(2);
    expect((await ask('get_profile', { ticker: 'BSAB4', as_of: 'hoje' })).day).toBe('2026-11-19');
  });

  test('a column of the other kind is named as such where it is empty', async () => {
    const note = expect.stringContaining(
      'vlr_ind_roe is a column of stocks (acoes): it is empty for funds (fiis)',
    );
    const args = { tickers: ['DEMO11'], columns: ['roe'] };
    expect((await ask('get_indicators', args)).notes).toEqual([note]);
    const filtered = { tickers: ['DEMO11'], columns: ['vlr_cot'], where: 'roe > 1' };
    expect((await ask('get_indicators', filtered)).notes).toContainEqual(note);
    expect((await ask('rank_assets', { by: 'dy', where: 'roe > 10%' })).notes).toContainEqual(note);
  });

  test('get_indicators has those of some assets, or of all of a kind', async () => {
    const args = { tickers: ['BSAB4'], columns: ['vlr_ind_roe'] };
    expect(await ask('get_indicators', args)).toEqual({
      ...{ source: SITE, day: '2026-11-19', next_offset: null, notes: [] },
      columns: ['anomesdia_exec', 'codigo_ticker_ativo', 'vlr_ind_roe'],
      rows: [[20261119, 'BSAB4', 0.182]],
    });
    const funds = await ask('get_indicators', {
      ...{ kind: 'fiis', columns: ['vlr_div_yield'], where: 'vlr_div_yield > 8%' },
      ...{ sort: 'vlr_div_yield:desc', from: '2026-11-01' },
    });
    expect(funds.rows).toEqual([[20261119, 'DEMO11', 0.086]]);
  });

  test('get_quotes has the newest session, or those asked for', async () => {
    const columns = ['vlr_cot', 'pct_var_dia'];
    const newest = await ask('get_quotes', { tickers: ['BSAB4', 'BSAB3'], columns });
    expect(newest).toMatchObject({ source: SITE, day: '2026-11-19' });
    expect(newest.rows).toEqual([[20261119, 'BSAB4', 24.56, 0.0141]]);
    expect(newest.notes).toEqual(['BSAB3: no row in this answer. Did you mean BSAB4?']);
    const last = await ask('get_quotes', { tickers: ['BSAB4'], last: 2, columns });
    expect(last.rows.map(([day]) => day)).toEqual([20261118, 20261119]);
    expect((await ask('get_quotes', { sort: 'vlr_cot:desc' })).rows[0]?.[1]).toBe('DEMO11');
  });

  test('rank_assets ranks by columns and by a named screen, and says what it leaves out', async () => {
    const ranked = await ask('rank_assets', { by: 'vlr_ind_roe:desc', kind: 'acoes' });
    expect(ranked).toMatchObject({ source: SITE, day: '2026-11-19' });
    expect(toObjects(ranked)[0]).toMatchObject({
      ...{ posicao: 1, codigo_ticker_ativo: 'BSAB4', vlr_ind_roe: 0.182 },
    });
    const magic = await ask('rank_assets', { by: 'magic' });
    expect(magic.rows).toEqual([]);
    expect(magic.notes[0]).toContain('EV/EBIT');
    expect(magic.notes.join('\n')).toContain('Ações of 2026-11-19: 0 ranked, 1 not:');
    const screens = await ask('list_screens');
    expect(screens.rows.map(([name]) => name)).toContain('magic');
  });

  test('get_history has adjusted prices under all tickers of the asset', async () => {
    const args = { tickers: ['NOVO3'], from: '2023-01-02' };
    const history = await ask('get_history', args);
    expect(history).toMatchObject({ source: `B3, ${SITE}`, day: '2024-01-03' });
    expect(
      toObjects(history).map((row) => [
        row['dt_pregao'],
        row['codigo_ticker_ativo'],
        row['vlr_fechamento'],
      ]),
    ).toEqual([
      ['2023-12-27', 'VELH3', 18],
      ['2023-12-28', 'VELH3', 18],
      ['2024-01-02', 'NOVO3', 18],
      ['2024-01-03', 'NOVO3', 18.9],
    ]);
    expect(history.notes).toEqual(['NOVO3 was VELH3 before 2024-01-02.']);
    const raw = await ask('get_history', { ...args, adjustment: 'nenhum', frequency: 'ano' });
    expect(raw.source).toBe('B3');
    expect(toObjects(raw).map((row) => row['vlr_fechamento'])).toEqual([20, 18.9]);
    const unproved = await ask('get_history', { ...args, tickers: ['TUCA4'] });
    expect(unproved.notes).toEqual([
      expect.stringContaining('2 of these rows rest on an adjustment'),
    ]);
  });

  test('get_events has the ledger', async () => {
    const events = await ask('get_events', { tickers: ['NOVO3'], to: '2023-12-27' });
    expect(events).toMatchObject({ source: `B3, ${SITE}`, day: '2023-12-27' });
    expect(toObjects(events)[0]).toMatchObject({
      ...{ codigo_ticker_ativo: 'VELH3', tipo_evento: 'DESDOBRAMENTO', fontes: 'b3' },
    });
    expect((await ask('get_events', { tickers: ['NOVO3'], from: '2026-01-02' })).rows).toEqual([]);
  });

  test('get_returns has the total return', async () => {
    const returns = await ask('get_returns', { tickers: ['NOVO3', 'XXXX3'], from: '2023-01-02' });
    expect(returns).toMatchObject({ source: `B3, ${SITE}`, day: '2024-01-03' });
    expect(toObjects(returns)).toEqual([
      expect.objectContaining({
        ...{ codigo_ticker_ativo: 'NOVO3', dt_inicio: '2023-12-27', dt_fim: '2024-01-03' },
        ...{ qtd_pregoes: 4, pct_retorno_total: expect.closeTo(0.05, 10), ajuste_provado: true },
      }),
    ]);
    expect(returns.notes[0]).toContain('XXXX3: no row');
  });

  test('get_returns of twelve months begins with the close before them', async () => {
    const returns = await ask('get_returns', { tickers: ['NOVO3'], to: '2025-01-01' });
    expect(toObjects(returns)).toEqual([
      expect.objectContaining({ dt_inicio: '2023-12-28', dt_fim: '2024-01-03' }),
    ]);
  });

  test('describe_columns has names, tables and meanings', async () => {
    const found = await ask('describe_columns', { of: 'acoes', text: 'roe' });
    expect(toObjects(found)).toContainEqual({
      ...{ of: 'acoes', table: 'db_pynvest_sot.tbsot_fundamentus_indicadores_acoes_prep' },
      ...{ column: 'vlr_ind_roe', type: 'double', description: expect.stringContaining('fração') },
    });
  });

  test('get_status has the newest day of each table, and what is wrong', async () => {
    const status = await ask('get_status');
    expect(status.source).toBe(`the lake at ${lake}`);
    expect(toObjects(status)).toContainEqual(
      expect.objectContaining({
        ...{ table: 'tbspec_fundamentus_cotacao_ativos', last_partition: '2026-11-19', rows: 2 },
      }),
    );
    expect(status.notes[0]).toMatch(/^The newest trading day that should be collected is 20/);
  });
});

describe('run_sql', () => {
  const run = (sql: string, page = {}) => ask('run_sql', { sql, ...page });

  test('answers a SELECT with the day and the source of each table', async () => {
    const answer = await run(
      `SELECT q.codigo_ticker_ativo, h.dt_pregao FROM cotacoes q LEFT JOIN historico h
       ON h.codigo_ticker_ativo = q.codigo_ticker_ativo WHERE q.anomesdia_exec = 20261119 ORDER BY 1`,
    );
    expect(answer.rows).toEqual([
      ['BSAB4', null],
      ['DEMO11', null],
    ]);
    // The rows carry no day of theirs.
    expect(answer).toMatchObject({ day: null, lake_newest_day: '2026-11-19' });
    expect(answer.source.split(', ').sort()).toEqual(['B3', SITE]);
    expect(answer.notes).toContain('tbsot_b3_cotacoes_historicas: to 2024.');
  });

  test.each([
    // The day of the rows, where they carry one; never that of the tables.
    ['SELECT anomesdia_exec, vlr_cot FROM cotacoes WHERE anomesdia_exec = 20261118', '2026-11-18'],
    ['SELECT vlr_cot FROM cotacoes WHERE anomesdia_exec = 20261118', null],
    ['SELECT dt_pregao FROM historico WHERE ano = 2023', '2023-12-28'],
    ['SELECT vlr_fechamento FROM historico WHERE ano = 2023', null],
    ['SELECT anomesdia_exec FROM cotacoes WHERE anomesdia_exec = 20200101', null],
  ])('%s is of %s', async (sql, day) => {
    const answer = await run(sql);
    expect(answer.day).toBe(day);
    expect(answer.lake_newest_day).toBe(sql.includes('cotacoes') ? '2026-11-19' : null);
  });

  test.each([
    "SELECT 'cotacoes' AS x",
    'SELECT 1 AS x -- historico',
    'SELECT 1 AS historico /* FROM cotacoes */',
    'WITH cotacoes AS (SELECT 1 AS n) SELECT n FROM cotacoes',
  ])('%s is of no table', async (sql) => {
    expect(await run(sql)).toMatchObject({ source: 'no table', day: null, lake_newest_day: null });
  });

  test('cuts a long text with a word, and refuses a row that is longer than an answer', async () => {
    const text = await call('run_sql', { sql: "SELECT rpad('x', 20000000, 'x') AS x, 1 AS n" });
    expect(text.text.length).toBeLessThan(10_000);
    expect(JSON.stringify(text.content).length).toBeLessThan(10_000);
    expect(text.content).toMatchObject({
      rows: [[expect.stringMatching(/^x+… \(cut: 20000000 characters\)$/), 1]],
      notes: [expect.stringContaining('are cut; substr() in run_sql reads a part of one.')],
    });
    const wide = Array.from({ length: 40 }, (_, at) => `rpad('y', 5000, 'y') AS c${at}`);
    const refusal = await refused('run_sql', { sql: `SELECT ${wide.join(', ')}` });
    expect(refusal).toContain('Ask for fewer columns');
    const name = await refused('run_sql', { sql: `SELECT 1 AS "${'z'.repeat(70_000)}"` });
    expect(name.length).toBeLessThan(5_000);
  });

  test('has whole numbers that JSON would round, and lists, as text', async () => {
    const { rows } = await run(
      'SELECT 9007199254740993 AS a, 9007199254740991 AS b, ARRAY[1, 2] AS c, 1.5 AS d, true AS e, NULL AS f',
    );
    expect(rows).toEqual([['9007199254740993', 9007199254740991, '[1, 2]', 1.5, true, null]]);
  });

  test('cuts a long answer with a word, and goes on where it ended', async () => {
    const sql = "SELECT n, rpad('x', 200, 'x') AS texto FROM UNNEST(sequence(1, 5000)) AS t(n)";
    const first = await run(sql, { limit: 1000 });
    const next = first.next_offset ?? 0;
    expect(next).toBe(first.rows.length);
    expect(next).toBeGreaterThan(100);
    expect(next).toBeLessThan(1000);
    expect(JSON.stringify(first).length).toBeLessThan(45_000);
    expect(first.notes).toContain(
      `There are more rows: call again with offset ${next}, or ask for less.`,
    );
    const second = await run(sql, { limit: 2, offset: next });
    expect(second.rows.map(([n]) => n)).toEqual([next + 1, next + 2]);
    const last = await run(sql, { limit: 10, offset: 4995 });
    expect([last.rows.length, last.next_offset]).toEqual([5, null]);
  });

  test.each([
    ["COPY (SELECT 1) TO 'x.csv'", 'only a SELECT is allowed'],
    ['INSERT INTO cotacoes SELECT * FROM cotacoes', 'only a SELECT is allowed'],
    ['SELECT 1; SELECT 2', 'this text has 2 statements'],
    ["SELECT * FROM query('SELECT 1')", 'a query only reads'],
    ['SELECT nothing FROM cotacoes', 'there is no column nothing'],
  ])('refuses %s', async (sql, reason) => {
    expect(await refused('run_sql', { sql })).toContain(reason);
  });

  test.each(['/etc/passwd', 'secret.csv', '../secret.csv'])(
    'reads no file such as %s',
    async (name) => {
      const path = name === 'secret.csv' ? join(outside, name) : name;
      for (const read of ['read_csv', 'read_text', 'glob']) {
        const text = await refused('run_sql', { sql: `SELECT * FROM ${read}('${path}')` });
        expect(text).toMatch(/^a query may not read .*\nThis server reads the tables of the lake/);
      }
    },
  );

  test('uses no network', async () => {
    const text = await refused('run_sql', {
      sql: "SELECT * FROM read_csv('https://example.com/x.csv')",
    });
    expect(text).toMatch(/may not read|https/);
  });
});

test('a SELECT that takes too long is stopped, and the answer says so', async () => {
  const tool = tools.find(({ name }) => name === 'run_sql');
  const engine = await openDuckDb(lake);
  const unused = () => Promise.reject(new Error('not asked'));
  const context = {
    ...{ place: lake, openEngine: unused, explainEmptyLake: unused, readStatus: unused },
    ...{ areAdjustmentsDerived: unused, findEventsReading: unused, sqlTimeLimitMs: 100 },
  };
  await expect(
    tool?.answer({ sql: PRODUCT, limit: 1, offset: 0 }, engine, context),
  ).rejects.toThrow('the query took more than 0.1 seconds');
  engine.close();
});

test('a call that is cancelled while its engine is opened asks nothing', async () => {
  const tool = tools.find(({ name }) => name === 'run_sql');
  if (tool === undefined) throw new Error('no run_sql');
  const cancelled = new AbortController();
  const asked: string[] = [];
  const unused = () => Promise.reject(new Error('not asked'));
  const context = {
    ...{ place: lake, explainEmptyLake: unused, readStatus: unused, sqlTimeLimitMs: 10_000 },
    ...{ areAdjustmentsDerived: unused, findEventsReading: unused },
    openEngine: async () => {
      const engine = await openDuckDb(lake);
      cancelled.abort();
      const query: typeof engine.query = (statement) => {
        asked.push(statement.sql);
        return engine.query(statement);
      };
      return Object.assign(Object.create(engine), { query, close: () => engine.close() });
    },
  };
  const args = { sql: 'SELECT 1 AS n', limit: 1, offset: 0 };
  const { isError, content } = await callTool(tool, args, context, cancelled.signal);
  expect([isError, JSON.stringify(content)]).toEqual([true, expect.stringContaining('cancelled')]);
  expect(asked).toEqual([]);
});

test.each([
  ['were never read', undefined, true],
  ['were read long ago', '2026-01-02', true],
  ['were read that week', '2026-11-18', false],
])('a ranking by income advises to read events again where they %s', async (_, readOn, advises) => {
  const tool = tools.find(({ name }) => name === 'rank_assets');
  const engine = await openDuckDb(lake);
  const unused = () => Promise.reject(new Error('not asked'));
  const context = {
    ...{ place: lake, openEngine: unused, explainEmptyLake: unused, readStatus: unused },
    ...{ areAdjustmentsDerived: unused, sqlTimeLimitMs: 10_000 },
    findEventsReading: async (tickers: readonly string[]) =>
      tickers.includes('BSAB4') ? readOn : undefined,
  };
  const answer = await tool?.answer(tool.input.parse({ by: 'bazin' }), engine, context);
  engine.close();
  expect(answer?.rows).not.toEqual([]);
  expect(answer?.notes?.join('\n').includes('pynvest import eventos')).toBe(advises);
});

describe('arguments that are wrong', () => {
  test.each([
    ['get_quotes', { ticker: 'BSAB4' }, 'Unrecognized key: "ticker"'],
    ['get_quotes', { tickers: ['nonsense!'] }, 'is not a B3 ticker'],
    ['get_quotes', { tickers: ['BSAB4'], from: '19/13/2026' }, 'is not a date'],
    ['get_quotes', { from: '2026-11-19', to: '2026-11-18' }, 'comes after'],
    ['get_quotes', { columns: ['vlr_cotacao'] }, 'describe_columns lists them all.'],
    ['get_quotes', { where: 'vlr_cot >' }, 'where'],
    ['get_quotes', { where: 'abs(vlr_cot) > 1' }, 'where has no functions; run_sql has.'],
    ['get_quotes', { columns: ['roe'] }, 'get_indicators has it.'],
    ['rank_assets', { by: ' , ' }, 'list_screens'],
    ['get_indicators', { sort: 'vlr_cot:up' }, 'vlr_cot:asc or vlr_cot:desc'],
    ['get_quotes', { limit: 100_000 }, 'expected number to be <=1000'],
    ['get_profile', {}, 'ticker'],
    ['get_profile', { ticker: 'BSAB9' }, 'Did you mean BSAB4?'],
    ['get_history', { tickers: ['NOVO3'], frequency: 'hora' }, 'semana'],
    ['describe_columns', { of: 'opcoes' }, 'cotacoes'],
    ['rank_assets', { by: 'magik' }, 'magic'],
    ['rank_assets', { by: 'magic', kind: 'fiis' }, 'For fiis there are'],
  ])('%s %j says what to do', async (name, args, reason) => {
    expect(await refused(name, args)).toContain(reason);
  });

  test('a tool that there is not is an error of the protocol', async () => {
    await expect(client.callTool({ name: 'delete_lake', arguments: {} })).rejects.toThrow(
      'delete_lake',
    );
  });
});

test('calls at once have each their own answer, and one that is cancelled leaves the others alone', async () => {
  const slow = new AbortController();
  const cancelled = client
    .callTool({ name: 'run_sql', arguments: { sql: PRODUCT } }, { signal: slow.signal })
    .catch((error: Error) => error);
  const sums = Array.from({ length: 4 }, (_, at) =>
    ask('run_sql', { sql: `SELECT ${at} + 1 AS n` }),
  );
  const answers = await Promise.all(sums);
  expect(answers.map(({ rows }) => rows[0]?.[0])).toEqual([1, 2, 3, 4]);
  slow.abort();
  expect(await cancelled).toBeInstanceOf(Error);
  expect((await ask('run_sql', { sql: 'SELECT 5 AS n' })).rows).toEqual([[5]]);
});

test('a client of the newest revision of the protocol is served, too', async () => {
  const own = await startClient(lake, 'auto');
  try {
    expect(own.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    const { structuredContent } = await own.callTool({
      ...{ name: 'find_assets', arguments: { text: 'sabia' } },
    });
    expect(structuredContent).toMatchObject({ day: '2026-11-19', source: SITE });
  } finally {
    await own.close();
  }
});

test('nothing in the lake has changed', async () => {
  expect(await contentsBelow(lake)).toEqual(before);
});

describe('the process', () => {
  const start = (root: string, ...args: string[]) => {
    const server = spawn(process.execPath, [commandFile, 'mcp', '--lake', root, ...args], {
      env: commandEnvironment(),
    });
    let [stdout, stderr] = ['', ''];
    server.stdout.on('data', (text) => {
      stdout += text;
    });
    server.stderr.on('data', (text) => {
      stderr += text;
    });
    const ended = once(server, 'close').then(([status, signal]) => ({
      status,
      signal,
      stdout,
      stderr,
    }));
    return { server, ended };
  };
  const initialize = `${JSON.stringify({
    ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
    params: {
      ...{ protocolVersion: '2025-06-18', capabilities: {} },
      clientInfo: { name: 'old', version: '1' },
    },
  })}\n`;

  test.each(['end of input', 'SIGTERM', 'SIGINT'] as const)(
    'ends cleanly at %s, and stdout has only the protocol',
    async (how) => {
      const { server, ended } = start(lake, '--verbose');
      // An assistant of an earlier revision of the protocol.
      server.stdin.write(initialize);
      await once(server.stdout, 'data');
      if (how === 'end of input') server.stdin.end();
      else server.kill(how);
      const { status, signal, stdout, stderr } = await ended;
      expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
      const messages = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(messages).toMatchObject([
        { jsonrpc: '2.0', id: 1, result: { protocolVersion: '2025-06-18' } },
      ]);
    },
  );

  test('ends in the middle of a SELECT, and passes over a line that is no message', async () => {
    const { server, ended } = start(lake);
    server.stdin.write(`${initialize}this is { no JSON\n`);
    await once(server.stdout, 'data');
    const ask = (id: number, sql: string): void => {
      const params = { name: 'run_sql', arguments: { sql } };
      const request = { jsonrpc: '2.0', id, method: 'tools/call', params };
      server.stdin.write(`${JSON.stringify(request)}\n`);
    };
    // Once it has answered, it has loaded its engine.
    ask(2, 'SELECT 1 AS n');
    await once(server.stdout, 'data');
    ask(3, PRODUCT);
    // It is probably running by then; if not, it ends sooner.
    await sleep(150);
    server.kill('SIGTERM');
    expect(await ended).toMatchObject({ status: 0, signal: null });
  });

  test('answers all that was asked before its input ended, and then ends', async () => {
    const { server, ended } = start(lake);
    const calls = [
      'SELECT 41 + 1 AS n',
      'SELECT vlr_cot FROM cotacoes WHERE anomesdia_exec = 20261119',
    ];
    const messages = [
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      ...calls.map((sql, at) => ({
        ...{ jsonrpc: '2.0', id: at + 2, method: 'tools/call' },
        params: { name: 'run_sql', arguments: { sql } },
      })),
      // One that is cancelled is not waited for.
      {
        ...{ jsonrpc: '2.0', id: 9, method: 'tools/call' },
        params: { name: 'run_sql', arguments: { sql: PRODUCT } },
      },
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 9 } },
    ];
    server.stdin.end(`${initialize}${messages.map((each) => JSON.stringify(each)).join('\n')}\n`);
    const { status, signal, stdout } = await ended;
    expect({ status, signal }).toEqual({ status: 0, signal: null });
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
    expect(answers.find(({ id }) => id === 2)?.result.structuredContent.rows).toEqual([[42]]);
  });

  test('ends where the input ends before any request', async () => {
    const { server, ended } = start(lake);
    server.stdin.end();
    expect(await ended).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  test('serves a lake that does not exist yet, and says what fills it', async () => {
    const folder = join(await newFolder(), 'lake');
    const own = await startClient(folder);
    try {
      const result = await own.callTool({ name: 'get_quotes', arguments: {} });
      expect(result.isError).toBe(true);
      expect(JSON.stringify(result.content)).toContain('there is no lake at');
      expect(JSON.stringify(result.content)).toContain('`pynvest run` collects today');
    } finally {
      await own.close();
    }
  });
});
