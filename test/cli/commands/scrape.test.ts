import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvLines, jsonRows } from '../../support/answers.ts';
import { pynvest } from '../../support/in-process.ts';
import { startTestSite, type TestSite } from '../../support/site.ts';
import { blanked, funds, stocks, withValues } from '../../support/small-market.ts';
import { sorTables, sotTables } from '../../support/tables.ts';

const [stock, other, third] = stocks;
const [fund] = funds;
if (!stock || !other || !third || !fund) throw new Error('the small market is too small');
const unreadable = withValues(other, { 'P/L': 'n/d' });

let site: TestSite;
let env: Record<string, string>;
beforeAll(async () => {
  site = await startTestSite([stock, unreadable, blanked(third, ''), fund]);
  env = { PYNVEST_FUNDAMENTUS_URL: site.url };
});
afterAll(() => site.close());

const scrape = (...args: string[]) => pynvest(['scrape', ...args], { env });

describe('pynvest scrape', () => {
  test('prints the typed values of an asset', async () => {
    const { status, stdout, stderr } = await scrape(stock.ticker, '--format', 'json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [row, ...more] = jsonRows(stdout);
    expect(more).toEqual([]);
    expect(Object.keys(row ?? {})).toEqual(sotTables.acoes.columns.map(({ name }) => name));
    expect(row).toMatchObject({
      nome_papel: stock.ticker,
      vlr_cot: 38.72,
      dt_ult_cot: '2026-11-19',
      pct_var_dia: 0.0057,
      vlr_ind_roe: 0.25,
    });
    expect(row?.['datetime_exec']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}-03:00$/);
  });

  test('prints the text of the page with --raw', async () => {
    const { status, stdout } = await scrape(fund.ticker, '--raw', '--format', 'json');
    expect(status).toBe(0);
    const [row] = jsonRows(stdout);
    expect(Object.keys(row ?? {})).toEqual(sorTables.fiis.columns.map(({ name }) => name));
    expect(row).toMatchObject({
      fii: fund.ticker,
      vlr_cot: fund.values['Cotação'],
      dt_ult_cot: '19/11/2026',
    });
  });

  test('prints stocks and funds together, in the order given and each once', async () => {
    const list = `${fund.ticker},${stock.ticker.toLowerCase()}`;
    const { status, stdout } = await scrape(list, stock.ticker, '--format', 'json');
    expect(status).toBe(0);
    const rows = jsonRows(stdout);
    expect(rows.map((row) => [row['codigo_ticker_ativo'], row['fii'], row['nome_papel']])).toEqual([
      [fund.ticker, fund.ticker, null],
      [stock.ticker, null, stock.ticker],
    ]);
    expect(Object.keys(rows[0] ?? {})[0]).toBe('codigo_ticker_ativo');
    const table = await scrape(list, '--format', 'table', '--names');
    const heading = table.stdout.split('\n')[0]?.split(/ +/) ?? [];
    expect(heading.slice(0, 2)).toEqual(['codigo_ticker_ativo', 'vlr_cot']);
    expect(heading.indexOf('vlr_max_52_sem')).toBeLessThan(heading.indexOf('nome_papel'));
  });

  test('takes tickers by the option that other commands have, too', async () => {
    const named = await scrape(stock.ticker, fund.ticker, '--raw');
    expect(named.status).toBe(0);
    const ignoringTime = (text: string) => text.replaceAll(/T\d\d:\d\d:\d\d\.\d{3}/g, '');
    for (const args of [
      ['--ticker', `${stock.ticker},${fund.ticker}`],
      [stock.ticker, '--ticker', fund.ticker],
    ]) {
      const { status, stdout, stderr } = await scrape(...args, '--raw');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(ignoringTime(stdout)).toBe(ignoringTime(named.stdout));
    }
  });

  test('prints the columns that --columns names, of all that it names', async () => {
    const both = [stock.ticker, fund.ticker];
    const chosen = ['--columns', 'vlr_cot', '--columns', 'vlr_ind_roe', '--format', 'json'];
    const { status, stdout, stderr } = await scrape(...both, ...chosen);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(jsonRows(stdout)).toEqual([
      { codigo_ticker_ativo: stock.ticker, vlr_cot: 38.72, vlr_ind_roe: 0.25 },
      { codigo_ticker_ativo: fund.ticker, vlr_cot: expect.any(Number), vlr_ind_roe: null },
    ]);
    const before = site.requests.length;
    const refused = await scrape(stock.ticker, '--columns', 'vlr_cott');
    expect({ status: refused.status, stdout: refused.stdout }).toEqual({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('vlr_cot');
    expect(site.requests).toHaveLength(before);
  });

  test('suggests the listed ticker that a misspelt one may mean', async () => {
    const [first = '', second = '', ...rest] = stock.ticker;
    const { status, stderr } = await scrape([second, first, ...rest].join(''));
    expect(status).toBe(1);
    expect(stderr).toContain(`Did you mean ${stock.ticker}?\n`);
  });

  test('does its part where one of two is unknown, and names that one', async () => {
    const { status, stdout, stderr } = await scrape(stock.ticker, 'ZZZZ3');
    expect(status).toBe(3);
    expect(stdout.split('\n')).toHaveLength(3);
    expect(stderr).toBe(
      'error: ZZZZ3: the site has no such ticker\n`pynvest tickers` lists those that it has.\n',
    );
  });

  test('refuses a page that shows next to nothing of its asset', async () => {
    const { status, stdout, stderr } = await scrape(third.ticker);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/known labels and only \d+ values?/);
  });

  test('fails where all are unknown', async () => {
    const { status, stdout, stderr } = await scrape('ZZZZ3', 'YYYY11');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('ZZZZ3: the site has no such ticker');
    expect(stderr).toContain('YYYY11: the site has no such ticker');
  });

  test.each([['PETR'], ['PETR4X'], ['../../etc'], ["PETR4' OR 1=1"], ['TUCA3,PETROBRAS']])(
    'refuses %j before it reaches the site',
    async (name) => {
      const before = site.requests.length;
      const { status, stdout, stderr } = await scrape(name);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain('is not a B3 ticker');
      expect(site.requests).toHaveLength(before);
    },
  );

  test('names a value that does not parse, and prints it as absent', async () => {
    const { status, stdout, stderr } = await scrape(unreadable.ticker);
    expect(status).toBe(0);
    expect(stderr).toMatch(new RegExp(`^! ${unreadable.ticker}: \\w+: "n/d" does not parse\\n$`));
    const [header, row] = csvLines(stdout);
    const column = /: (\w+):/.exec(stderr)?.[1] ?? '';
    expect(row?.[header?.indexOf(column) ?? -1]).toBe('');
  });
});
