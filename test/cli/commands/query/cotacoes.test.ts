import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { withLock } from '../../../../src/lake/local/lock.ts';
import { csvLines, jsonRows } from '../../../support/answers.ts';
import { filesBelow, newFolder } from '../../../support/folders.ts';
import { pynvest } from '../../../support/in-process.ts';
import { quote, writeQuotes, writeRowsTo } from '../../../support/made-up-lake.ts';
import { sorTables, specTable } from '../../../support/tables.ts';

let lake: string;
beforeAll(async () => {
  lake = await newFolder();
  await writeQuotes(lake, '2026-11-18', [quote('PETR4', 11), quote('VALE3', 21)]);
  await writeQuotes(lake, '2026-11-19', [quote('PETR4', 12), quote('OLDD3', 9)]);
  const rest = { dt_ult_cot: '2026-11-20', pct_var_dia: -0.0066 };
  await writeQuotes(lake, '2026-11-20', [quote('VALE3', 23), quote('PETR4', 13, rest)]);
});

const cotacoes = (...args: string[]) => pynvest(['query', 'cotacoes', '--lake', lake, ...args]);

/** The day, ticker and price of every row of a CSV. */
function rowsOf(stdout: string): string[][] {
  const [header = [], ...rows] = csvLines(stdout);
  const positions = ['anomesdia_exec', 'codigo_ticker_ativo', 'vlr_cot'].map((name) =>
    header.indexOf(name),
  );
  return rows.map((row) => positions.map((position) => row[position] ?? ''));
}

describe('pynvest query cotacoes', () => {
  test('the line below a table is of all rows of an asset, without the change of raw quotes', async () => {
    const screen = async (...args: string[]): Promise<string> => {
      const words = ['query', 'cotacoes', 'PETR4', '--lake', lake, ...args];
      const { stdout } = await pynvest(words, { columns: 120, env: { LANG: 'pt_BR.UTF-8' } });
      return stdout;
    };
    expect(await screen()).toMatch(/11,00 → 13,00\n$/);
    expect(await screen('--sort', 'vlr_cot:desc')).toMatch(/11,00 → 13,00\n$/);
    expect(await screen('--where', 'vlr_cot > 1')).not.toContain('→');
    expect(await screen('--sort', 'vlr_cot', '--limit', '3')).not.toContain('→');
  });

  test('prints every day of an asset, all columns, and nothing on stderr', async () => {
    const args = ['--ticker', 'petr4', '--format', 'json'];
    const { status, stdout, stderr } = await cotacoes(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const rows = jsonRows(stdout);
    expect(rows.map((row) => [row['anomesdia_exec'], row['vlr_cot']])).toEqual([
      [20261118, 11],
      [20261119, 12],
      [20261120, 13],
    ]);
    expect(Object.keys(rows[0] ?? {}).sort()).toEqual(
      ['anomesdia_exec', ...specTable.columns.map(({ name }) => name)].sort(),
    );
    expect(rows[2]).toMatchObject({ dt_ult_cot: '2026-11-20', pct_var_dia: -0.0066 });
    expect(rows[0]).toMatchObject({ dt_ult_cot: null, pct_var_dia: null });
  });

  test.each([
    // Quiet, for the lake lacks sessions of the end of that month.
    [
      ['petr4.sa', 'VALE3F', '--from', '18/11/2026', '--to', '2026-11', '--last', '1', '--quiet'],
      ['PETR4 13', 'VALE3 23'],
    ],
    [
      ['--ticker', 'VALE3,PETR4', '--last', '1'],
      ['PETR4 13', 'VALE3 23'],
    ],
    [
      ['--ticker', 'PETR4', '--from', '2026-11-19'],
      ['PETR4 12', 'PETR4 13'],
    ],
    [
      ['--ticker', 'PETR4', '--to', '20261119'],
      ['PETR4 11', 'PETR4 12'],
    ],
    [
      ['--from', '2026-11-19', '--to', '2026-11-19'],
      ['OLDD3 9', 'PETR4 12'],
    ],
    [
      ['--last', '1'],
      ['OLDD3 9', 'PETR4 13', 'VALE3 23'],
    ],
    [[], ['PETR4 13', 'VALE3 23']],
  ])('with %j prints the quotes of those days', async (args, expected) => {
    const { status, stdout, stderr } = await cotacoes(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(rowsOf(stdout).map(([, ticker, price]) => `${ticker} ${price}`)).toEqual(expected);
  });

  test.each([
    [['--where', 'vlr_cot > 13'], ['VALE3 23']],
    [['--where', 'VLR_COT > 13', '--sort', 'Vlr_Cot'], ['VALE3 23']],
    [['--ticker', 'PETR4', '--where', 'vlr_cot < 13', '--last', '1'], ['PETR4 12']],
    [
      ['--ticker', 'PETR4,VALE3', '--where', 'vlr_cot > 20'],
      ['VALE3 21', 'VALE3 23'],
    ],
    [
      ['--last', '1', '--sort', 'vlr_cot:desc'],
      ['VALE3 23', 'PETR4 13', 'OLDD3 9'],
    ],
    [
      ['--last', '1', '--sort', 'pct_var_dia:desc,vlr_cot', '--limit', '2'],
      ['PETR4 13', 'OLDD3 9'],
    ],
    [
      [
        '--where',
        "dt_ult_cot = 2026-11-20 and codigo_ticker_ativo like 'P%'",
        '--from',
        '2026-11-18',
      ],
      ['PETR4 13'],
    ],
  ])('with %j prints the rows that are so, in that order', async (args, expected) => {
    const { status, stdout, stderr } = await cotacoes(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(rowsOf(stdout).map(([, ticker, price]) => `${ticker} ${price}`)).toEqual(expected);
  });

  test('says what a condition hardly means, and answers it', async () => {
    const args = ['--where', 'pct_var_dia < 5', '--columns', 'vlr_cot'];
    const { status, stdout, stderr } = await cotacoes(...args);
    expect({ status, rows: rowsOf(stdout) }).toEqual({
      status: 0,
      rows: [['20261120', 'PETR4', '13']],
    });
    expect(stderr).toBe('pct_var_dia holds fractions: 5 means 500%. For 5% write 5%.\n');
  });

  test('prints the chosen columns behind the day and the ticker', async () => {
    const { stdout } = await cotacoes('--columns', 'pct_var_dia, VLR_COT', '--sort', 'dt_ult_cot');
    expect(stdout).toBe(
      'anomesdia_exec,codigo_ticker_ativo,pct_var_dia,vlr_cot\n' +
        '20261120,PETR4,-0.0066,13\n20261120,VALE3,,23\n',
    );
  });

  test('of one kind has its assets alone, and names a ticker of the other as absent', async () => {
    const mixed = await newFolder();
    const fund = (ticker: string, price: number) =>
      quote(ticker, price, { tipo_ativo: 'Fundo Imobiliário' });
    await writeQuotes(mixed, '2026-11-18', [quote('PETR4', 11), fund('HGLG11', 160)]);
    await writeQuotes(mixed, '2026-11-19', [quote('PETR4', 12), fund('HGLG11', 161)]);
    const asked = async (...args: string[]) => {
      const options = ['--lake', mixed, '--columns', 'vlr_cot'];
      return pynvest(['query', 'cotacoes', ...options, ...args]);
    };
    for (const [args, rows] of [
      [['--tipo', 'fiis'], '20261119,HGLG11,161\n'],
      [['--tipo', 'Ações'], '20261119,PETR4,12\n'],
      [['--tipo', 'fii', '--where', 'vlr_cot < 161', '--last', '1'], '20261118,HGLG11,160\n'],
    ] as const) {
      const stdout = `anomesdia_exec,codigo_ticker_ativo,vlr_cot\n${rows}`;
      expect(await asked(...args)).toEqual({ status: 0, stdout, stderr: '' });
    }
    const other = await asked(
      '--tipo',
      'fiis',
      '--ticker',
      'HGLG11,PETR4',
      '--where',
      'vlr_cot > 0',
    );
    expect(other).toMatchObject({
      status: 3,
      stderr: `! PETR4: no row among the fiis of the lake at ${mixed}\n`,
    });
    expect(csvLines(other.stdout)).toHaveLength(3);
    await writeQuotes(mixed, '2026-11-20', [quote('PETR4', 13)]);
    expect(await asked('--tipo', 'fiis')).toMatchObject({
      status: 0,
      stderr:
        "The newest day, 2026-11-20, has no quotes of fiis: --last 1 asks for each one's newest.\n",
    });
  });

  test.each([
    ['csv', 'anomesdia_exec,codigo_ticker_ativo,vlr_cot\n'],
    ['json', '[\n]\n'],
    ['table', ''],
  ])('answers without rows, as %s, where no row is as --where says', async (format, stdout) => {
    for (const tickers of [[], ['--ticker', 'PETR4,OLDD3']]) {
      const narrow = ['--where', 'vlr_cot > 1000', '--columns', 'vlr_cot', '--format', format];
      expect(await cotacoes(...tickers, ...narrow)).toEqual({
        status: 0,
        stdout,
        stderr: 'No row matches --where.\n',
      });
    }
  });

  test('of a condition names the tickers that the lake lacks, and no other', async () => {
    const slip = await cotacoes('--ticker', 'VALE3,PETR3', '--where', 'vlr_cot > 22');
    expect(slip.status).toBe(3);
    expect(slip.stderr).toBe(`! PETR3: no row in the lake at ${lake}. Did you mean PETR4?\n`);
    const none = await cotacoes('--ticker', 'PETR3,OLDD3', '--where', 'vlr_cot > 22');
    expect(none.status).toBe(3);
    expect(csvLines(none.stdout)).toHaveLength(1);
    const older = ['--from', '2026-11-20', '--where', 'vlr_cot > 22'];
    const elsewhere = await cotacoes('--ticker', 'VALE3,OLDD3', ...older);
    expect(elsewhere).toMatchObject({
      status: 3,
      stderr: '! OLDD3: no row on the days asked for\n',
    });
    const unknown = await cotacoes('--ticker', 'PETR3', '--where', 'vlr_cot > 22');
    expect(unknown).toMatchObject({ status: 1, stdout: '' });
  });

  test('cut off by --limit says nothing of a ticker that has rows, only of one without', async () => {
    const cut = await cotacoes('--ticker', 'OLDD3,VALE3', '--limit', '1');
    expect(rowsOf(cut.stdout).map(([, ticker]) => ticker)).toEqual(['OLDD3']);
    expect(cut).toMatchObject({ status: 0, stderr: '' });
    const slip = await cotacoes('--ticker', 'OLDD3,VALE4', '--limit', '1');
    expect(slip).toMatchObject({
      status: 3,
      stderr: `! VALE4: no row in the lake at ${lake}. Did you mean VALE3?\n`,
    });
  });

  test('of days that the lake lacks says which it has', async () => {
    for (const tickers of [[], ['--ticker', 'PETR4']]) {
      const { status, stdout, stderr } = await cotacoes('--from', '2026-12-01', ...tickers);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(
        `error: the lake at ${lake} has no quotes of those days\n` +
          'It has 3 days, from 2026-11-18 to 2026-11-20.\n',
      );
    }
  });

  test('fits a table into the columns of whatever shows it', async () => {
    const args = ['query', 'cotacoes', '--lake', lake, '--format', 'table', '--last', '9'];
    const { stdout } = await pynvest(args, { env: { COLUMNS: '60' } });
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  test('fails for a ticker that the lake lacks, and names the one that may be meant', async () => {
    const { status, stdout, stderr } = await cotacoes('--ticker', 'PETR3');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`! PETR3: no row in the lake at ${lake}. Did you mean PETR4?`);
    expect(stderr).toContain('error: the lake has no such quotes');
  });

  test('does its part where one of two tickers is unknown', async () => {
    const { status, stdout, stderr } = await cotacoes('--ticker', 'XXXX11,VALE3', '--quiet');
    expect(status).toBe(3);
    expect(rowsOf(stdout).map(([, ticker]) => ticker)).toEqual(['VALE3', 'VALE3']);
    expect(stderr).toBe(`! XXXX11: no row in the lake at ${lake}\n`);
  });

  test('tells a ticker that other days have from one that the lake lacks', async () => {
    const { status, stderr } = await cotacoes('--ticker', 'VALE3', '--to', '2026-01-01');
    expect(status).toBe(1);
    expect(stderr).toContain('! VALE3: no row on the days asked for\n');
  });

  test('fails on an empty lake, says how it is filled, and makes no folder', async () => {
    const nowhere = join(lake, 'nowhere');
    const { status, stdout, stderr } = await pynvest(['query', 'cotacoes', '--lake', nowhere]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`error: there is no lake at ${nowhere}: the folder does not exist\n`);
    expect(stderr).toContain(`\`pynvest run --lake ${nowhere}\` collects today`);
    expect(await filesBelow(nowhere)).toEqual([]);
  });

  test('where a run got no further than raw rows says so, as the indicators do', async () => {
    const half = await newFolder();
    await writeRowsTo(half, sorTables.acoes, '2026-11-20', [{ nome_papel: 'PETR4' }], 'a.raw');
    for (const [query, what] of [
      ['cotacoes', 'quotes'],
      ['indicadores', 'indicators'],
    ] as const) {
      expect(await pynvest(['query', query, '--ticker', 'PETR4', '--lake', half])).toEqual({
        status: 1,
        stdout: '',
        stderr:
          `error: the lake at ${half} has raw rows of 2026-11-20, but no ${what} yet: a run was stopped half-way\n` +
          `\`pynvest run --lake ${half}\` completes it.\n`,
      });
    }
  });

  test.each([
    [['--ticker', "X' OR '1'='1"], 'is not a B3 ticker'],
    [['--ticker', ','], 'the list of tickers is empty'],
    [['--from', '2026-11-20', '--to', '2026-11-18'], 'comes after'],
    [['--last', '0'], '--last is "0"'],
    [['--from', 'amanhã'], '"amanhã" is not a date'],
    [['--columns', 'vlr_ind_roe'], 'there is no column "vlr_ind_roe"'],
    [['--columns', ','], 'the list of columns is empty'],
    [['--columns', 'prco'], 'Did you mean preco?'],
    [
      ['--columns', 'vlr_fechamento'],
      'vlr_fechamento is a column of historico: `pynvest query historico ',
    ],
    [['--columns', 'vlr_fator'], 'pynvest query proventos '],
    [['--where', 'vlr_cott > 1'], 'Did you mean vlr_cot?'],
    [['--where', '1 = 1'], 'expected a column at the beginning, found `1`'],
    [['--where', 'vlr_cot > 1; DROP TABLE x'], 'unexpected "; DROP TABLE x"'],
    [['--sort', 'vlr_cot:down'], 'Write vlr_cot:asc or vlr_cot:desc;'],
    [['--tipo', 'etf'], '"etf" is not a kind of asset'],
    [['--limit', ''], '--limit is ""'],
    [['--last', ' '], '--last is " "'],
    [['--columns', '*'], 'Leave --columns out to get all of them.'],
    [['--columns', 'vlr_cot;pct'], 'there is no column "pct"'],
    [['--limit', '0'], '--limit is "0"'],
  ])('refuses %j with status 2', async (args, text) => {
    const { status, stdout, stderr } = await cotacoes(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(text);
  });
});

test('says of a lake that a run is filling that it is not empty', async () => {
  const filling = await newFolder();
  await withLock(filling, 'pynvest run', async () => {
    for (const command of ['query cotacoes', 'dedup now']) {
      const { status, stderr } = await pynvest([...command.split(' '), '--lake', filling]);
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^error: the lake at .* has nothing yet: process \d+ .*\(pynvest run\)/,
      );
      expect(stderr).toContain('Run the command again when that has ended.\n');
    }
    await writeRowsTo(filling, sorTables.acoes, '2026-11-19', [{ nome_papel: 'PETR4' }]);
    const raw = await pynvest(['query', 'cotacoes', '--lake', filling]);
    expect(raw.stderr).toContain('but no quotes yet: a run is in progress\n');
  });
});
