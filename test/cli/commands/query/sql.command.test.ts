import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { csvLines, jsonRows } from '../../../support/answers.ts';
import { commandFile, startProgram } from '../../../support/command.ts';
import { filesBelow, newFolder } from '../../../support/folders.ts';
import { pynvest } from '../../../support/in-process.ts';
import { quote, writeQuotes } from '../../../support/made-up-lake.ts';

const TABLE = 'db_pynvest_spec.tbspec_fundamentus_cotacao_ativos';
const PRICES = `SELECT codigo_ticker_ativo AS ticker, vlr_cot FROM ${TABLE} ORDER BY 1`;

let lake: string;
beforeAll(async () => {
  lake = await newFolder();
  await writeQuotes(lake, '2026-11-20', [quote('PETR4', 38.72), quote('VALE3', 60)]);
});

const sql = (text: string, ...args: string[]) =>
  pynvest(['query', 'sql', text, '--lake', lake, ...args]);

describe('pynvest query sql', () => {
  test('answers the text given, and the text on standard input for -', async () => {
    const given = await sql(PRICES);
    expect(given).toEqual({
      status: 0,
      stdout: 'ticker,vlr_cot\nPETR4,38.72\nVALE3,60\n',
      stderr: '',
    });
    const args = ['query', 'sql', '-', '--lake', lake];
    expect(await pynvest(args, { input: `-- preços\n${PRICES};\n` })).toEqual(given);
  });

  test('prints whole numbers of any size with every digit as JSON', async () => {
    const { status, stdout } = await sql(
      `SELECT sum(9007199254740993) AS soma, count(*) AS n, max(anomesdia_exec) AS dia FROM ${TABLE}`,
      '--format',
      'json',
    );
    expect(status).toBe(0);
    expect(stdout).toBe('[\n{"soma":18014398509481986,"n":2,"dia":20261120}\n]\n');
  });

  test('prints instants in UTC, wherever the machine is', async () => {
    const text = "SELECT TIMESTAMP WITH TIME ZONE '2026-11-20 18:45:00-03:00' AS t";
    const args = ['query', 'sql', text, '--lake', lake];
    const { stdout } = await pynvest(args, { env: { TZ: 'America/Sao_Paulo' } });
    expect(stdout).toMatch(/^t\n2026-11-20 21:45:00(\+00(:00)?|Z| UTC)\n$/);
  });

  test('prints the header alone, or an empty array, where there are no rows', async () => {
    const none = `${PRICES.replace('ORDER BY', 'WHERE vlr_cot < 0 ORDER BY')}`;
    expect((await sql(none)).stdout).toBe('ticker,vlr_cot\n');
    expect(jsonRows((await sql(none, '--format', 'json')).stdout)).toEqual([]);
  });

  test('answers from an empty lake, too', async () => {
    const args = ['query', 'sql', PRICES, '--lake'];
    const { status, stdout } = await pynvest([...args, await newFolder()]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'ticker,vlr_cot\n' });
    const none = await pynvest([...args, `${lake}/none`]);
    expect({ status: none.status, stdout: none.stdout }).toEqual({ status: 1, stdout: '' });
    expect(none.stderr).toContain(`there is no lake at ${lake}/none: the folder does not exist`);
  });

  test.each([
    ['', 'the text of the SELECT is empty'],
    ['SELECT 1; SELECT 2', 'only one SELECT is allowed'],
    ["COPY (SELECT 1) TO '<folder>/x.csv'", 'only a SELECT is allowed'],
    ["ATTACH '<folder>/x.db'", 'only a SELECT is allowed'],
  ])('refuses %j with status 2, and writes nothing', async (text, message) => {
    const folder = await newFolder();
    const { status, stdout, stderr } = await sql(text.replace('<folder>', folder));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
    expect(await filesBelow(folder)).toEqual([]);
  });

  test('reads no file outside of the lake, unless --allow-files names its folder', async () => {
    const [folder, other] = [await newFolder(), await newFolder()];
    await writeFile(`${folder}/mine.csv`, 'ticker,buy\nPETR4,30\n');
    await writeFile(`${other}/yours.csv`, 'ticker,buy\nVALE3,50\n');
    const joined = `SELECT ticker, vlr_cot > buy AS gain
      FROM ${TABLE} JOIN '${folder}/mine.csv' ON ticker = codigo_ticker_ativo`;
    expect(await sql(joined)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: `error: a query may not read ${folder}/mine.csv\nIt can read the lake, and what --allow-files names: a file, or a folder of files.\n`,
    });
    const allowed = await sql(joined, '--allow-files', other, '--allow-files', folder);
    const answer = { status: 0, stdout: 'ticker,gain\nPETR4,true\n', stderr: '' };
    expect(allowed).toMatchObject(answer);
    expect(await sql(joined, '--allow-files', `${folder}/mine.csv`)).toMatchObject(answer);
    // A file alone: not those beside it.
    await writeFile(`${folder}/other.csv`, 'a\n1\n');
    const beside = `SELECT * FROM '${folder}/other.csv'`;
    expect((await sql(beside, '--allow-files', `${folder}/mine.csv`)).stderr).toContain(
      `a query may not read ${folder}/other.csv`,
    );
    const missing = await sql(joined, '--allow-files', `${folder}/none`);
    expect(missing).toMatchObject({ status: 2, stdout: '' });
    expect(missing.stderr).toContain(
      `--allow-files ${folder}/none: there is no such file or folder`,
    );
  });

  test('refuses empty standard input with status 2', async () => {
    const { status, stderr } = await pynvest(['query', 'sql', '-', '--lake', lake]);
    expect(status).toBe(2);
    expect(stderr).toContain('the text of the SELECT is empty');
  });

  test('says what is wrong with a query and what may be meant, and the stack only with --verbose', async () => {
    const wrong = `SELECT vlr_cott FROM ${TABLE}`;
    const short = await sql(wrong);
    expect(short).toMatchObject({ status: 1, stdout: '' });
    expect(short.stderr).toMatch(/^error: there is no column vlr_cott\nDid you mean vlr_cot\b/);
    expect(short.stderr).not.toMatch(/^ {4}at /m);
    const long = await sql(wrong, '--verbose');
    expect(long.status).toBe(1);
    expect(long.stderr).toMatch(/^ {4}at /m);
    expect(long.stderr).toContain('caused by:');
    for (const [text, meant] of [
      ['SELECT codigo_ticker_ativo FROM acoes', 'nome_papel'],
      ['SELECT f.ticker FROM fiis f', 'fii'],
      ['SELECT a.codigo_ticker_ativo FROM acoes a, cotacoes c', 'nome_papel'],
      ['SELECT dy FROM acoes', 'vlr_ind_div_yield'],
      ['SELECT vlr_div_yield FROM acoes', 'vlr_ind_div_yield'],
      ['SELECT preco FROM cotacoes', 'vlr_cot'],
      ['SELECT vlr_fechamneto FROM historico', 'vlr_fechamento'],
    ] as const) {
      expect((await sql(text)).stderr).toContain(`\nDid you mean ${meant}?\n`);
    }
    const table = await sql('SELECT * FROM cotacao');
    expect(table.stderr).toMatch(/^error: there is no table cotacao\n(The tables: |Did you mean )/);
    const near = await sql('SELECT * FROM acoess');
    expect(near.stderr).toContain('Did you mean acoes?');
    const far = await sql('SELECT * FROM zzzzzz');
    expect(far.stderr).toContain('The tables: cotacoes, acoes, fiis, historico, eventos');
    expect(far.stderr).toContain(TABLE);
  });

  test('names a broken file, with nothing on stdout', async () => {
    const broken = await newFolder();
    const path = await writeQuotes(broken, '2026-11-20', [quote('PETR4', 1)]);
    await writeFile(path, 'no Parquet');
    const { status, stdout, stderr } = await pynvest(['query', 'sql', PRICES, '--lake', broken]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`error: ${path} cannot be read`);
    expect(stderr).toContain('pynvest doctor --fix');
  });
});

describe('a reader that goes away', () => {
  test.each(['csv', 'json'])('ends the command quietly as it prints %s', async (format) => {
    const query = `"$0" "$1" query sql 'SELECT * FROM range(3000000)' --dialect duckdb --lake "$2" --format ${format}`;
    const shell = [
      '-c',
      `set -o pipefail; ${query} | head -1`,
      process.execPath,
      commandFile,
      lake,
    ];
    const { status, stdout, stderr } = await startProgram('bash', shell).result;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n')).toHaveLength(2);
  });

  test('gets every row where it stays', async () => {
    const { stdout } = await sql('SELECT i AS n FROM range(50000) t(i)', '--dialect', 'duckdb');
    expect(
      csvLines(stdout)
        .slice(1)
        .map(([n]) => Number(n)),
    ).toEqual(Array.from({ length: 50_000 }, (_, index) => index));
  });
});
