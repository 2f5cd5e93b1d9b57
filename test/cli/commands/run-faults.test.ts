import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { jsonRows } from '../../support/answers.ts';
import { contentsBelow, filesBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { type Fault, startTestSite } from '../../support/site.ts';
import { manyStocks, smallMarket, stocks, tickersOf } from '../../support/small-market.ts';
import { sorTables, specTable } from '../../support/tables.ts';

let lake: string;
beforeEach(async () => {
  lake = await newFolder();
});

const quotes = `SELECT codigo_ticker_ativo AS t FROM ${specTable.database}.${specTable.name} ORDER BY 1`;

async function quotedTickers(): Promise<unknown[]> {
  const args = ['query', 'sql', quotes, '--format', 'json', '--lake', lake];
  return jsonRows((await pynvest(args)).stdout).map((row) => row['t']);
}

/** Runs against a site with these faults. */
async function runAgainst(
  fault: (what: string, attempt: number) => Fault | undefined,
  args: readonly string[] = [],
  assets = smallMarket,
) {
  const site = await startTestSite(assets, { fault });
  try {
    const env = { PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_LAKE: lake };
    return { ...(await pynvest(['run', ...args], { env })), requests: site.requests };
  } finally {
    await site.close();
  }
}

/** The Parquet files of the lake: its locks and reports may change. */
async function rowsOfLake(): Promise<[string, string][]> {
  const contents = Object.entries(await contentsBelow(lake));
  return contents.filter(([path]) => path.endsWith('.parquet'));
}

describe('pynvest run against a site with faults', () => {
  test('does its part, lists what failed and why, and is completed by the next run', async () => {
    const [bad, short] = stocks;
    const first = await runAgainst(
      (what) => (what === bad?.ticker ? 500 : what === short?.ticker ? 'truncated' : undefined),
      ['--retries', '1', '--quiet'],
    );
    expect(first.status).toBe(3);
    const said = first.stderr.trimEnd().split('\n').sort();
    expect(said).toEqual(
      [
        `! ${bad?.ticker}: the site answered with status 500`,
        `! ${short?.ticker}: the page is cut short`,
      ].sort(),
    );
    const others = smallMarket.filter((asset) => asset !== bad && asset !== short);
    expect(await quotedTickers()).toEqual(tickersOf(others));

    const second = await runAgainst(() => undefined);
    expect(second.status).toBe(0);
    expect(await quotedTickers()).toEqual(tickersOf(smallMarket));
  });

  test('has the failures in its report, each with its kind', async () => {
    const [gone] = stocks;
    const tickers = `ZZZZ3,${tickersOf(smallMarket).join(',')}`;
    const { status, stdout } = await runAgainst(
      (what) => (what === gone?.ticker ? 429 : undefined),
      ['--tickers', tickers, '--format', 'json', '--retries', '0'],
    );
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      tickers: {
        asked: 6,
        stored: 4,
        failed: [
          { ticker: gone?.ticker, kind: 'blocked' },
          { ticker: 'ZZZZ3', kind: 'not-found' },
        ],
      },
    });
  });

  test('gets everything in the end where faults of every sort pass', async () => {
    const faults: Fault[] = ['reset', 'hang', 'empty', 'truncated', 'garbage', 'no-tables', 503];
    const slow: Fault = { status: 429, retryAfter: '0' };
    const { status, stderr } = await runAgainst(
      (what, attempt) =>
        attempt > 2 ? undefined : [...faults, slow][(what.length + attempt * 3) % 8],
      ['--timeout', '2000', '--quiet'],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await quotedTickers()).toEqual(tickersOf(smallMarket));
  });

  test('ends in time where faults of every sort stay', async () => {
    const faults: Fault[] = [
      'reset',
      'hang',
      'empty',
      'truncated',
      'garbage',
      'no-tables',
      404,
      503,
    ];
    const assets = manyStocks(16);
    const { status, stderr } = await runAgainst(
      (what) => {
        const index = assets.findIndex(({ ticker }) => ticker === what);
        return index < 0 || index >= faults.length ? undefined : faults[index];
      },
      ['--tipo', 'acoes', '--timeout', '2000', '--retries', '1', '--quiet'],
      assets,
    );
    expect(status).toBe(3);
    expect(stderr.trimEnd().split('\n')).toHaveLength(faults.length);
    expect(await quotedTickers()).toEqual(tickersOf(assets.slice(faults.length)));
  });

  test('leaves the site alone where it refuses one after another, and stores nothing', async () => {
    const assets = manyStocks(40);
    const { status, stdout, stderr, requests } = await runAgainst(
      (what) => (what.length > 5 || what === 'acoes' || what === 'fiis' ? undefined : 403),
      ['--tipo', 'acoes', '--retries', '0', '--format', 'json'],
      assets,
    );
    expect(status).toBe(1);
    expect(requests.length).toBeLessThan(30);
    expect(stderr).toContain('tickers were not asked for: the site refused those before');
    expect(JSON.parse(stdout)).toMatchObject({ tickers: { asked: 40, stored: 0 } });
  });

  test('fails with one message where the site cannot be reached, and leaves the lake as it is', async () => {
    expect((await runAgainst(() => undefined)).status).toBe(0);
    const before = await rowsOfLake();
    const site = await startTestSite([]);
    await site.close();
    const env = { PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_LAKE: lake };
    const { status, stdout, stderr } = await pynvest(['run', '--quiet'], { env });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.match(/error:/g)).toHaveLength(1);
    expect(stderr).toContain(`cannot reach ${site.url} (ECONNREFUSED)`);
    expect(stderr).toContain('Check the network connection, and PYNVEST_FUNDAMENTUS_URL');
    expect(await rowsOfLake()).toEqual(before);
    expect((await filesBelow(lake)).filter((file) => file.startsWith('_lock'))).toEqual([]);
  });

  test('leaves the lake as it is where no listing can be read', async () => {
    expect((await runAgainst(() => undefined)).status).toBe(0);
    const before = await rowsOfLake();
    for (const fault of ['no-tables', 'truncated', 'empty'] as const) {
      const { status, stderr } = await runAgainst(
        (what) => (what === 'fiis' || what === 'acoes' ? fault : undefined),
        ['--retries', '0', '--quiet'],
      );
      expect(status).toBe(1);
      expect(stderr).toMatch(/^error: (acoes|fiis): /);
    }
    expect(await rowsOfLake()).toEqual(before);
  });

  test('collects one kind where the listing of the other cannot be read, and ends with status 3', async () => {
    const { status, stderr } = await runAgainst(
      (what) => (what === 'fiis' ? 'no-tables' : undefined),
      ['--retries', '0', '--quiet'],
    );
    expect(status).toBe(3);
    expect(stderr).toMatch(/^! fiis: the site answered with a page without data\. /);
    expect(await quotedTickers()).toEqual(tickersOf(stocks));
  });

  test('keeps a report of a run whose listing does not come, with why', async () => {
    const fault = (what: string): Fault | undefined => (what === 'fiis' ? 'no-tables' : undefined);
    const args = ['--retries', '0', '--quiet', '--tipo', 'fiis'];
    expect((await runAgainst(fault, args)).status).toBe(1);
    const files = await filesBelow(lake);
    expect(files).toEqual([expect.stringMatching(/^_runs.*-run-.*\.json$/)]);
    const report: unknown = JSON.parse(await readFile(join(lake, files[0] ?? ''), 'utf8'));
    expect(report).toMatchObject({
      tickers: { asked: 0, stored: 0, failed: [] },
      error: expect.stringMatching(/^fiis: the site answered with a page without data\. /),
    });
  });

  test('says with --verbose which page is asked for again', async () => {
    const [bad] = stocks;
    const once = (what: string, attempt: number): Fault | undefined =>
      what === bad?.ticker && attempt === 1 ? 500 : undefined;
    const said = /status 500; trying again in 0\.0 s \(4 tries left\)/;
    expect((await runAgainst(once, ['--verbose'])).stderr).toMatch(said);
    expect((await runAgainst(once)).stderr).not.toMatch(said);
  });
});

describe('pynvest run into a lake whose old days have faults', () => {
  test('collects today, says what is wrong with the old day and what to do, and ends with status 3', async () => {
    const folder = join(lake, 'sor', sorTables.acoes.name, 'anomesdia_exec=20261120');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'acoes-1.raw.parquet'), 'junk');
    const { status, stderr } = await runAgainst(() => undefined);
    expect(status).toBe(3);
    expect(await quotedTickers()).toEqual(tickersOf(smallMarket));
    expect(stderr).toMatch(
      /! 2026-11-20, left unfinished by a run, was not completed: .*acoes-1\.raw\.parquet cannot be read as .*`pynvest doctor --fix` moves it to _quarantine\./,
    );
    expect(stderr).toContain('`pynvest doctor` says what is wrong with them');
    const [file = ''] = (await filesBelow(lake)).filter((each) => each.startsWith('_runs'));
    expect(JSON.parse(await readFile(join(lake, file), 'utf8'))).toMatchObject({
      tickers: { asked: 5, stored: 5, failed: [] },
      uncompleted_days: [{ date: '2026-11-20', reason: expect.stringContaining('cannot be read') }],
    });
    // What the warning tells to do is enough.
    await rm(folder, { recursive: true });
    expect((await runAgainst(() => undefined)).status).toBe(0);
  });
});
