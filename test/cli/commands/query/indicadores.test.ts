import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { csvLines, jsonRows } from '../../../support/answers.ts';
import { collectDay } from '../../../support/days.ts';
import { duckdb } from '../../../support/duckdb.ts';
import { newFolder } from '../../../support/folders.ts';
import { pynvest } from '../../../support/in-process.ts';
import { day } from '../../../support/made-up-lake.ts';
import { funds, priced, smallMarket, stocks } from '../../../support/small-market.ts';

const stock = stocks[0]?.ticker ?? '';
const fund = funds[0]?.ticker ?? '';

let lake: string;
beforeAll(async () => {
  lake = await newFolder();
  const partition = day('2026-11-19');
  await collectDay(lake, priced(smallMarket, '1,50'), { partition });
  await collectDay(lake, smallMarket, { partition: day('2026-11-20') });
});

const indicadores = (...args: string[]) =>
  pynvest(['query', 'indicadores', '--lake', lake, ...args]);

describe('pynvest query indicadores', () => {
  test('prints every typed value of the newest day', async () => {
    const { status, stdout, stderr } = await indicadores('--ticker', stock, '--format', 'json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const rows = jsonRows(stdout);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      anomesdia_exec: 20261120,
      nome_papel: stock,
      vlr_cot: 38.72,
      vlr_ind_roe: 0.25,
      dt_ult_cot: '2026-11-19',
      outros_indicadores: null,
    });
  });

  test('prints the chosen columns of a stock and a fund together', async () => {
    const args = ['--ticker', `${fund},${stock}`, '--columns', 'vlr_cot, segmento'];
    const { status, stdout } = await indicadores(...args);
    expect(status).toBe(0);
    const [header, first, second] = csvLines(stdout);
    expect(header).toEqual(['anomesdia_exec', 'codigo_ticker_ativo', 'vlr_cot', 'segmento']);
    expect(first).toEqual(['20261120', stock, '38.72', '']);
    expect(second?.[1]).toBe(fund);
    expect(second?.[3]).not.toBe('');
  });

  test('prints the days that are asked for', async () => {
    const args = ['--ticker', stock, '--columns', 'vlr_cot', '--last', '2'];
    expect(csvLines((await indicadores(...args)).stdout).slice(1)).toEqual([
      ['20261119', stock, '1.5'],
      ['20261120', stock, '38.72'],
    ]);
  });

  test('screens all assets of the newest day where none is named', async () => {
    const columns = ['--columns', 'vlr_cot'];
    const all = await indicadores(...columns);
    expect(all).toMatchObject({ status: 0, stderr: '' });
    const tickers = (stdout: string) =>
      csvLines(stdout)
        .slice(1)
        .map(([, ticker]) => ticker);
    expect(tickers(all.stdout)).toEqual([
      ...stocks.map(({ ticker }) => ticker).sort(),
      ...funds.map(({ ticker }) => ticker).sort(),
    ]);
    const kind = await indicadores(...columns, '--tipo', 'fiis');
    expect(tickers(kind.stdout)).toEqual(funds.map(({ ticker }) => ticker).sort());
    const dear = await indicadores(
      ...columns,
      '--where',
      'vlr_ind_roe >= 25%',
      '--sort',
      'vlr_cot:desc',
    );
    expect(dear.status).toBe(0);
    const prices = csvLines(dear.stdout)
      .slice(1)
      .map(([, , price]) => Number(price));
    expect(prices).toContain(38.72);
    expect(prices).toEqual(prices.toSorted((a, b) => b - a));
    const one = await indicadores(...columns, '--sort', 'vlr_cot:desc', '--limit', '1');
    expect(csvLines(one.stdout)).toHaveLength(2);
    const none = await indicadores('--where', 'vlr_cot < 0');
    expect(none).toMatchObject({ status: 0, stderr: 'No row matches --where.\n' });
    expect(csvLines(none.stdout)).toHaveLength(1);
  });

  test('shows on a screen first what was asked about', async () => {
    const args = ['--where', 'vlr_ind_roe > -100', '--sort', 'vlr_patrim_liq:desc'];
    const { stdout } = await indicadores(
      ...args,
      '--tipo',
      'acoes',
      '--format',
      'table',
      '--names',
    );
    expect(stdout).toMatch(
      /^anomesdia_exec +nome_papel +vlr_patrim_liq +vlr_ind_roe +vlr_cot +pct_var_dia /,
    );
    const csv = await indicadores(...args, '--tipo', 'acoes', '--format', 'csv');
    expect(csv.stdout).toMatch(/^anomesdia_exec,nome_papel,tipo_papel,/);
  });

  test('of stocks and funds shows on a screen the ticker, the price and what both have first', async () => {
    const both = ['--ticker', `${stock},${fund}`, '--format', 'table', '--names'];
    const { stdout } = await indicadores(...both);
    const shown = stdout
      .split('\n')
      .map((line) => line.split(/ +/))
      .filter(([name]) => name !== '');
    const [heading = []] = shown;
    expect(heading.slice(0, 3)).toEqual(['anomesdia_exec', 'codigo_ticker_ativo', 'vlr_cot']);
    const filledFor = heading.slice(0, heading.indexOf('nome_papel'));
    expect(filledFor).toContain('vlr_max_52_sem');
    expect(filledFor).toContain('datetime_exec');
    expect(filledFor).not.toContain('fii');
  });

  test('says, where columns do not fit the screen, that --columns chooses', async () => {
    const args = ['query', 'indicadores', '--lake', lake, '--tipo', 'acoes', '--format', 'table'];
    const many = ['--from', '2026-11-19', '--to', '2026-11-20', '--where', 'vlr_cot > -1'];
    const { stderr } = await pynvest(
      [...args, ...many, '--columns', 'vlr_cot,nome_empresa,tipo_papel,nome_setor,nome_subsetor'],
      { env: { COLUMNS: '40' } },
    );
    expect(stderr).toMatch(
      /more columns? do(es)? not fit here: --columns selects those to show, --format csv shows them all\.\n$/,
    );
  });

  test('writes Parquet with the types of the catalog', async () => {
    const path = join(await newFolder(), 'screen.parquet');
    expect(await indicadores('-o', path)).toMatchObject({ status: 0, stdout: '' });
    const { types, rows } = await duckdb(`SELECT * FROM '${path}'`);
    expect(types).toMatchObject({
      anomesdia_exec: 'INTEGER',
      codigo_ticker_ativo: 'VARCHAR',
      vol_med_neg_2m: 'BIGINT',
      vlr_ind_roe: 'DOUBLE',
      dt_ult_cot: 'DATE',
    });
    expect(rows).toHaveLength(smallMarket.length);
  });

  test('says which column may be meant, with status 2', async () => {
    const args = ['--ticker', stock, '--columns', 'vlr_cott'];
    const { status, stdout, stderr } = await indicadores(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(
      'error: there is no column "vlr_cott"\nDid you mean vlr_cot? `pynvest columns` lists them all.\n',
    );
    const several = await indicadores('--columns', 'vlr_cott,VLR_COT,prezo,SEGMENTOS');
    expect(several).toMatchObject({
      status: 2,
      stderr:
        'error: there are no columns "vlr_cott", "prezo", "SEGMENTOS"\n' +
        'Did you mean vlr_cot, segmento? `pynvest columns` lists them all.\n',
    });
    const part = await indicadores('--columns', 'margem');
    expect(part.stderr).toContain('Did you mean vlr_ind_margem_bruta, ');
    const none = await indicadores('--ticker', stock, '--columns', ' , ');
    expect(none).toMatchObject({ status: 2, stderr: 'error: the list of columns is empty\n' });
  });

  test('does its part where one of two tickers is unknown, and fails where all are', async () => {
    const args = ['--ticker', `${stock},ZZZZ3`, '--columns', 'vlr_cot'];
    const part = await indicadores(...args);
    expect(part.status).toBe(3);
    expect(csvLines(part.stdout)).toHaveLength(2);
    expect(part.stderr).toBe(`! ZZZZ3: no row in the lake at ${lake}\n`);
    const none = await indicadores('--ticker', `${stock.slice(0, -1)}9`);
    expect(none).toMatchObject({ status: 1, stdout: '' });
    expect(none.stderr).toContain(`Did you mean ${stock}?`);
    expect(none.stderr).toContain('error: the lake has no such indicators');
  });

  test('with --where or --limit says nothing of a ticker that the lake has', async () => {
    const columns = ['--columns', 'vlr_cot'];
    const both = `${stock},${fund}`;
    for (const days of [[], ['--from', '2026-11-19'], ['--last', '1']]) {
      const none = await indicadores('--ticker', both, '--where', 'vlr_cot < 0', ...days);
      expect(none).toMatchObject({ status: 0, stderr: 'No row matches --where.\n' });
      expect(csvLines(none.stdout)[0]?.slice(0, 2)).toEqual([
        'anomesdia_exec',
        'codigo_ticker_ativo',
      ]);
      const cut = await indicadores('--ticker', both, '--limit', '1', ...columns, ...days);
      expect(cut).toMatchObject({ status: 0, stderr: '' });
      const slip = ['--ticker', `${stock},ZZZZ3`, '--where', 'vlr_cot < 0'];
      expect(await indicadores(...slip, ...days)).toMatchObject({
        status: 3,
        stderr: expect.stringContaining(`! ZZZZ3: no row in the lake at ${lake}\n`),
      });
    }
  });

  test('tells a ticker of the other kind from one of other days', async () => {
    const kind = await indicadores('--ticker', stock, '--tipo', 'fiis');
    expect(kind.status).toBe(1);
    expect(kind.stderr).toContain(`! ${stock}: no row among the fiis of the lake at ${lake}\n`);
    const days = await indicadores('--ticker', stock, '--to', '2026-01-01');
    expect(days).toMatchObject({ status: 1, stdout: '' });
    expect(days.stderr).toContain(`! ${stock}: no row on the days asked for\n`);
    expect(days.stderr).toContain('It has 2 days, from 2026-11-19 to 2026-11-20.\n');
  });

  test('fails on an empty lake, and says how it is filled', async () => {
    const nowhere = join(lake, 'nowhere');
    const args = ['query', 'indicadores', '--ticker', stock, '--lake', nowhere];
    const { status, stdout, stderr } = await pynvest(args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`\`pynvest run --lake ${nowhere}\` collects today`);
    const all = await pynvest(['query', 'indicadores', '--lake', nowhere]);
    expect(all).toMatchObject({ status: 1, stdout: '' });
    expect(all.stderr).toContain(`there is no lake at ${nowhere}`);
  });

  test('prints a table with headings where it is asked for', async () => {
    const args = ['--ticker', stock, '--columns', 'vlr_cot', '--format', 'table'];
    const { stdout } = await indicadores(...args);
    expect(stdout).toMatch(/^Coleta +Papel +Cotação\n/);
    expect(stdout).toContain('38,72');
  });
});

describe('a column of the other kind', () => {
  test.each([
    ['--where', 'roe > 1'],
    ['--sort', 'roe'],
  ])('is named as such in %s', async (option, value) => {
    const { status, stderr } = await indicadores(fund, option, value);
    expect(status).toBe(0);
    expect(stderr).toContain(
      'vlr_ind_roe is a column of stocks (acoes): it is empty for funds (fiis), which have nothing like it.',
    );
    expect((await indicadores(stock, option, value)).stderr).not.toContain('is empty for');
  });

  test('is named with its owner and its counterpart', async () => {
    const { status, stderr } = await indicadores(stock, '--columns', 'vlr_div_yield,vlr_cot');
    expect(status).toBe(0);
    expect(stderr).toBe(
      'vlr_div_yield is a column of funds (fiis): it is empty for stocks (acoes), which have vlr_ind_div_yield.\n',
    );
  });

  test('of another command is refused with that command', async () => {
    const { status, stderr } = await pynvest([
      ...['query', 'cotacoes', '--lake', lake, '--columns', 'vlr_ind_roe'],
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain(
      `vlr_ind_roe is a column of acoes: \`pynvest query indicadores --lake ${lake}\` has it.`,
    );
  });
});

test('tickers are words, and the value of the option in either spelling', async () => {
  const words = await indicadores(stock.toLowerCase(), fund, '--columns', 'vlr_cot');
  expect(words.status).toBe(0);
  for (const option of ['--ticker', '--tickers']) {
    const named = await indicadores(option, `${stock},${fund}`, '--columns', 'vlr_cot');
    expect(named).toEqual(words);
  }
});

test('a hint never comes before the error that makes it meaningless', async () => {
  const { status, stderr } = await indicadores('--where', 'vlr_ind_roe > 20,5%');
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error: --where/);
  expect(stderr).not.toContain('holds fractions');
});

test('--last says how many days there are, where there are fewer', async () => {
  const { stderr } = await indicadores(stock, '--last', '30', '--columns', 'vlr_cot');
  expect(stderr).toBe('--last 30: the lake has 2 days, 2026-11-19 to 2026-11-20.\n');
});

test('like finds a text whatever its accents and its case', async () => {
  const find = (pattern: string) =>
    indicadores('--tipo', 'fiis', '--where', `nome_fii like '${pattern}'`, '--columns', 'nome_fii');
  const all = csvLines((await indicadores('--tipo', 'fiis', '--columns', 'nome_fii')).stdout);
  const name =
    all
      .slice(1)
      .map((line) => line.at(-1) ?? '')
      .find((text) => /[À-ÿ]/.test(text)) ??
    all[1]?.at(-1) ??
    '';
  expect(name).not.toBe('');
  const plain = name
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toUpperCase();
  for (const pattern of [name, plain, name.normalize('NFD'), name.toLowerCase()]) {
    expect(csvLines((await find(pattern.replaceAll("'", "''"))).stdout).slice(1)).not.toEqual([]);
  }
});
