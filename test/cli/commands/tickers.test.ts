import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoMarket } from '../../../src/demo/market.ts';
import { csvLines, jsonRows } from '../../support/answers.ts';
import { pynvest } from '../../support/in-process.ts';
import { startTestSite, type TestSite } from '../../support/site.ts';
import { tickersOf } from '../../support/small-market.ts';

// Some assets twice and in no order, as in the site's own listings.
const listed = [...demoMarket].reverse().concat(demoMarket.slice(0, 5));
const stocks = demoMarket.filter(({ kind }) => kind === 'acoes');
const funds = demoMarket.filter(({ kind }) => kind === 'fiis');

let site: TestSite;
let env: Record<string, string>;
beforeAll(async () => {
  site = await startTestSite(listed);
  env = { PYNVEST_FUNDAMENTUS_URL: site.url };
});
afterAll(() => site.close());

describe('pynvest tickers', () => {
  test('prints all of them, sorted, each once', async () => {
    const { status, stdout, stderr } = await pynvest(['tickers'], { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [header, ...rows] = csvLines(stdout);
    expect(header).toEqual(['ticker', 'tipo']);
    expect(rows.map(([ticker]) => ticker)).toEqual(tickersOf(demoMarket));
  });

  test.each([
    ['acoes', stocks],
    ['FIIS', funds],
  ])('prints those of %s alone', async (kind, assets) => {
    const { status, stdout } = await pynvest(['tickers', kind, '--format', 'json'], { env });
    expect(status).toBe(0);
    expect(jsonRows(stdout)).toEqual(
      tickersOf(assets).map((ticker) => ({ ticker, tipo: kind.toLowerCase() })),
    );
  });

  test('refuses a kind that is none with status 2, and asks the site for nothing', async () => {
    const before = site.requests.length;
    const { status, stdout, stderr } = await pynvest(['tickers', 'xyz'], { env });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(
      'error: "xyz" is not a kind of asset\nUse acoes (stocks) or fiis (real-estate funds).\n',
    );
    expect(site.requests).toHaveLength(before);
  });

  test('fails where the site refuses, and says so', async () => {
    const refusing = await startTestSite(listed, { fault: () => 403 });
    const { status, stdout, stderr } = await pynvest(['tickers', 'acoes', '--retries', '1'], {
      env: { PYNVEST_FUNDAMENTUS_URL: refusing.url },
    });
    await refusing.close();
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('error: acoes: the site refuses us with status 403');
    expect(refusing.requests).toHaveLength(2);
  });
});
