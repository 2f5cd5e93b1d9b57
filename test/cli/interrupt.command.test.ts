import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DemoAsset } from '../../src/demo/market.ts';
import type { RunReport } from '../../src/pipeline/report.ts';
import { jsonRows } from '../support/answers.ts';
import { commandFile, startProgram, startPynvest } from '../support/command.ts';
import { ask } from '../support/engines.ts';
import { filesBelow, newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';
import { startTestSite } from '../support/site.ts';
import { manyStocks, smallMarket, tickersOf } from '../support/small-market.ts';
import { sorTables, specTable } from '../support/tables.ts';

let lake: string;
beforeEach(async () => {
  lake = await newFolder();
});

async function quotedTickers(): Promise<unknown[]> {
  const sql = `SELECT codigo_ticker_ativo FROM ${specTable.database}.${specTable.name} ORDER BY 1`;
  return (await ask(lake, sql)).rows.map(([ticker]) => ticker);
}

/** The rows of raw text of stocks, which is all that a run leaves that is stopped half-way. */
async function rawRows(): Promise<number> {
  const { database, name } = sorTables.acoes;
  return Number((await ask(lake, `SELECT count(*) FROM ${database}.${name}`)).rows[0]?.[0]);
}

/** A site whose pages stop coming once it was asked so often, until it is told to go on. */
async function stoppingSite(assets: readonly DemoAsset[], after: number) {
  let stopped = true;
  let shown = 0;
  const fault = (): 'hang' | undefined => {
    shown += 1;
    return stopped && shown > after ? 'hang' : undefined;
  };
  const site = await startTestSite(assets, { fault });
  const goOn = (): void => {
    stopped = false;
  };
  return { ...site, goOn };
}

/** Waits until the site has been asked so often. */
async function asked(requests: readonly string[], count: number): Promise<void> {
  while (requests.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a held lake', () => {
  test('is refused to a second run, which names the first, and can be read', async () => {
    const site = await startTestSite(smallMarket, { fault: () => 'hang' });
    const env = { PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_LAKE: lake };
    const first = startPynvest(['run'], { env });
    await first.says('Collecting');
    for (const args of [['run'], ['run', '--tickers', 'TUCA3', '--quiet']]) {
      const { status, stdout, stderr } = await pynvest(args, { env });
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(
        `error: the lake at ${lake} is in use by process ${first.process.pid}`,
      );
      expect(stderr).toContain('(pynvest run), since ');
      expect(stderr).toContain('Wait until it ends, or name another lake with --lake DIR.');
    }
    const args = ['doctor', '--format', 'json', '--timeout', '50', '--retries', '0'];
    const found = jsonRows((await pynvest(args, { env })).stdout);
    expect(found.find((row) => row['code'] === 'locked')?.['detail']).toContain(
      `a run is in progress: process ${first.process.pid}`,
    );
    const sql = `SELECT count(*) AS n FROM ${specTable.database}.${specTable.name}`;
    expect((await pynvest(['query', 'sql', sql], { env })).stdout).toBe('n\n0\n');
    first.process.kill('SIGINT');
    expect((await first.result).status).toBe(130);
    expect((await filesBelow(lake)).filter((file) => file.startsWith('_lock'))).toEqual([]);
    await site.close();
  });
});

describe('an interrupted run', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s keeps what has come, and the next run completes it',
    async (signal) => {
      const assets = manyStocks(24);
      const site = await stoppingSite(assets, 11);
      const env = { PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_LAKE: lake };
      const started = startPynvest(['run', '--tipo', 'acoes'], { env });
      await asked(site.requests, 12);
      started.process.kill(signal);
      const { status, stdout, stderr } = await started.result;
      expect({ status, stdout }).toEqual({ status: signal === 'SIGTERM' ? 143 : 130, stdout: '' });
      expect(stderr).toContain('Interrupted: keeping what has been read.');
      expect(stderr).toContain('What is stored stays; run the command again to complete it.');
      expect(stderr).not.toContain('error:');
      const kept = (await filesBelow(lake)).filter((file) => file.endsWith('.parquet'));
      expect(kept.length).toBeGreaterThan(0);
      const reports = (await filesBelow(lake)).filter((file) => file.startsWith('_runs'));
      expect(reports).toHaveLength(1);
      const report: RunReport = JSON.parse(await readFile(join(lake, reports[0] ?? ''), 'utf8'));
      expect(report).toMatchObject({ interrupted: true, tickers: { asked: 24, failed: [] } });
      expect(report.tickers.stored).toBe(await rawRows());
      expect(site.requests.length).toBeLessThan(assets.length);

      site.goOn();
      const next = await pynvest(['run', '--tipo', 'acoes', '--quiet'], { env });
      await site.close();
      expect(next).toMatchObject({ status: 0, stderr: '' });
      expect(await quotedTickers()).toEqual(tickersOf(assets));
    },
  );

  test('by kill -9 gives the lake free, and the next run completes it', async () => {
    const assets = manyStocks(12);
    const site = await stoppingSite(assets, 4);
    const env = { PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_LAKE: lake };
    const started = startPynvest(['run', '--tipo', 'acoes'], { env });
    await asked(site.requests, 5);
    started.process.kill('SIGKILL');
    expect((await started.result).status).toBeNull();
    site.goOn();
    const next = await pynvest(['run', '--tipo', 'acoes', '--quiet'], { env });
    await site.close();
    expect(next).toMatchObject({ status: 0, stderr: '' });
    expect(await quotedTickers()).toEqual(tickersOf(assets));
  });

  test('ends at once where it is interrupted twice', async () => {
    const site = await startTestSite(smallMarket, { fault: () => 'hang' });
    const env = { PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_LAKE: lake };
    const started = startPynvest(['run'], { env });
    await started.says('Collecting');
    started.process.kill('SIGINT');
    started.process.kill('SIGINT');
    expect((await started.result).status).toBe(130);
    await site.close();
  });

  test('of scrape and tickers prints nothing and ends with 130', async () => {
    const site = await startTestSite(smallMarket, { fault: () => 'hang' });
    const env = { PYNVEST_FUNDAMENTUS_URL: site.url };
    for (const args of [['scrape', 'TUCA3'], ['tickers']]) {
      const before = site.requests.length;
      const started = startPynvest(args, { env });
      await asked(site.requests, before + 1);
      started.process.kill('SIGINT');
      const { status, stdout, stderr } = await started.result;
      expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
      expect(stderr).not.toContain('error:');
    }
    await site.close();
  });
});

/** Lets every request wait for ever, and none of the waits keep the process: as if a connection were lost unnoticed. */
const LOST_CONNECTIONS = new URL(
  `data:text/javascript,${encodeURIComponent(`
    const start = globalThis.setTimeout;
    globalThis.setTimeout = (...args) => start(...args).unref();
    globalThis.fetch = () => new Promise(() => {});
  `)}`,
);

test('a command that waits for nothing any more has failed, and says so', async () => {
  const env = { PYNVEST_LAKE: lake };
  const { status, stderr } = await startPynvest(['tickers'], { env, preload: [LOST_CONNECTIONS] })
    .result;
  expect(stderr).toContain('error: pynvest stopped unexpectedly');
  expect(status).toBe(1);
});

test.runIf(process.platform === 'linux')(
  'a limit of the size of files is an error that is told',
  async () => {
    const site = await startTestSite(smallMarket);
    const env = { PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_LAKE: lake };
    const line = `ulimit -f 8; exec '${process.execPath}' '${commandFile}' run`;
    const { status, stderr } = await startProgram('bash', ['-c', line], { env }).result;
    await site.close();
    expect(stderr).toContain('error: cannot write ');
    expect(status).toBe(1);
    expect((await filesBelow(lake)).filter((file) => /^_lock|part$/.test(file))).toEqual([]);
  },
);
