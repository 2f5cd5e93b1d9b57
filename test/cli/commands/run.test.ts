import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dailyTables as tables } from '../../../src/catalog/datasets.ts';
import { csvLines, jsonRows } from '../../support/answers.ts';
import { filesBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { startTestSite, type TestSite } from '../../support/site.ts';
import { funds, smallMarket, stocks, tickersOf } from '../../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../../support/tables.ts';

let site: TestSite;
let lake: string;
let env: Record<string, string>;
beforeAll(async () => {
  site = await startTestSite(smallMarket);
});
afterAll(() => site.close());
beforeEach(async () => {
  lake = await newFolder();
  env = { PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_LAKE: lake };
});

async function quotedTickers(): Promise<unknown[]> {
  const sql = `SELECT codigo_ticker_ativo AS t FROM ${specTable.database}.${specTable.name} ORDER BY 1`;
  const { stdout } = await pynvest(['query', 'sql', sql, '--format', 'json'], { env });
  return jsonRows(stdout).map((row) => row['t']);
}

describe('pynvest run', () => {
  test('fills all five tables, and says so on stderr alone', async () => {
    const { status, stdout, stderr } = await pynvest(['run'], { env });
    expect(status).toBe(0);
    const [header, ...rows] = csvLines(stdout);
    expect(header).toEqual(['anomesdia_exec', 'table', 'rows']);
    expect(rows.map(([, table, count]) => [table, Number(count)])).toEqual([
      [sorTables.acoes.name, stocks.length],
      [sorTables.fiis.name, funds.length],
      [sotTables.acoes.name, stocks.length],
      [sotTables.fiis.name, funds.length],
      [specTable.name, smallMarket.length],
    ]);
    expect(stderr).toContain(`into ${lake}\n`);
    expect(stderr).toContain(`${smallMarket.length} tickers to fetch from ${site.url}`);
    expect(stderr).toContain(`Stored ${smallMarket.length} of ${smallMarket.length} tickers`);
    const day = rows[0]?.[0];
    expect((await filesBelow(lake)).filter((file) => file.endsWith('.parquet'))).toEqual(
      tables
        .map(({ layer, name }) => join(layer, name, `anomesdia_exec=${day}`, 'dedup.parquet'))
        .sort(),
    );
    expect(await quotedTickers()).toEqual(tickersOf(smallMarket));
  });

  test('collects all tickers that an option names several times, and says whose rows it counts', async () => {
    await pynvest(['run', '-q'], { env });
    const named = [stocks[0], funds[0]].flatMap((asset) => ['--ticker', asset?.ticker ?? '']);
    const { status, stdout, stderr } = await pynvest(['run', ...named], { env });
    expect(status).toBe(0);
    expect(stderr).toContain('Stored 2 of 2 tickers');
    expect(stderr).toMatch(/The rows are those of the whole day, of every ticker that it has:\n$/);
    expect(csvLines(stdout).at(-1)?.at(-1)).toBe(String(smallMarket.length));
  });

  test('prints with --format json the report that it keeps', async () => {
    const { status, stdout, stderr } = await pynvest(['run', '--format', 'json', '-q'], { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const kept = (await filesBelow(lake)).filter((file) => file.startsWith('_runs'));
    expect(kept).toHaveLength(1);
    expect(await readFile(join(lake, kept[0] ?? ''), 'utf8')).toBe(stdout);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'run',
      tickers: { asked: 5, stored: 5, failed: [], rejected: [] },
      rows: { [specTable.name]: 5 },
      unparsed: [],
      drift: { unknownLabels: [] },
    });
    expect(kept[0]).toMatch(/\d{8}T\d{6}-run-\d{8}-\d+\.json$/);
  });

  test('collects only the tickers named with --tickers, and asks for no listing', async () => {
    const before = site.requests.length;
    const list = ` ${stocks[0]?.ticker.toLowerCase()} ,${funds[0]?.ticker},`;
    const { status } = await pynvest(['run', '--tickers', list], { env });
    expect(status).toBe(0);
    expect(site.requests.slice(before).sort()).toEqual(
      [funds[0], stocks[0]].map((asset) => `/detalhes.php?papel=${asset?.ticker}`).sort(),
    );
    expect(await quotedTickers()).toEqual([funds[0]?.ticker, stocks[0]?.ticker].sort());
  });

  test('takes --ticker for --tickers, and both', async () => {
    const [first, second] = stocks.map(({ ticker }) => ticker);
    const args = ['run', '--ticker', `${first}`, '--tickers', `${second}`];
    expect((await pynvest(args, { env })).status).toBe(0);
    expect(await quotedTickers()).toEqual([first, second].sort());
    expect((await pynvest(['run', '--help'])).stdout).not.toContain('--ticker <');
  });

  test('says with --verbose what came of each ticker', async () => {
    const args = ['run', '--tickers', `${stocks[0]?.ticker},ZZZZ3`, '--verbose'];
    const { stderr } = await pynvest(args, { env });
    expect(stderr).toContain(`\n${stocks[0]?.ticker}: read\n`);
    expect(stderr).toContain('\nZZZZ3: the site has no such ticker');
    const quiet = await pynvest(args.slice(0, -1), { env });
    expect(quiet.stderr).not.toContain(': read\n');
  });

  test('suggests a ticker for a named one that the site does not have', async () => {
    const { ticker = '' } = stocks[0] ?? {};
    const [first = '', second = '', ...rest] = ticker;
    const typo = [second, first, ...rest].join('');
    const { stderr } = await pynvest(['run', '--tickers', typo], { env });
    expect(stderr).toContain(`${typo}: Did you mean ${ticker}?\n`);
  });

  test('collects only a kind with --tipo, and keeps the other kind of the same day', async () => {
    expect((await pynvest(['run', '--tipo', 'fiis'], { env })).status).toBe(0);
    expect(await quotedTickers()).toEqual(tickersOf(funds));
    expect((await pynvest(['run', '--tipo', 'acoes'], { env })).status).toBe(0);
    expect(await quotedTickers()).toEqual(tickersOf(smallMarket));
  });

  test.each([
    [['--tickers', 'TUCA3', '--tipo', 'acoes'], 'named tickers and --tipo exclude each other'],
    [['--tipo', 'etfs'], '"etfs" is not a kind of asset'],
    [['--tickers', 'TUCA3,petrobras'], '"petrobras" is not a B3 ticker'],
    [['--tickers', ' , '], 'the list of tickers is empty'],
    [['--lake', ''], '--lake takes the path of a folder'],
  ])('refuses %j with status 2, and touches nothing', async (args, text) => {
    const before = site.requests.length;
    const { status, stdout, stderr } = await pynvest(['run', ...args], { env });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`error: ${text}`);
    expect(await filesBelow(lake)).toEqual([]);
    expect(site.requests).toHaveLength(before);
  });
});
