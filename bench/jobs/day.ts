/** A whole day: every page of a market of the real one's size, from a site on this machine, into a lake. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defaultSiteSettings } from '../../src/sources/fundamentus/site.ts';
import { type Context, commandPath } from '../context.ts';
import type { Findings } from '../figures.ts';
import { MARKET_SIZE } from '../market.ts';
import { interleave, sampleOf } from '../measure.ts';
import { runNode } from '../processes.ts';

const TICKERS = MARKET_SIZE.acoes + MARKET_SIZE.fiis;
/** Each kind's listing is a page too. */
const PAGES = TICKERS + 2;
const CONCURRENCY = String(defaultSiteSettings.concurrency);

export async function dayJob(context: Context): Promise<Findings> {
  const command = commandPath(context);
  const folder = await mkdtemp(join(context.cache, 'day-'));
  const { site, url } = await startSite(context);
  const peaks: number[] = [];
  try {
    const peakFile = join(folder, 'peak');
    const preload = pathToFileURL(join(context.project, 'bench', 'peak-memory.mjs')).href;
    const samples = await interleave(
      context.rounds(4),
      {
        run: async () => {
          const lake = await mkdtemp(join(folder, 'lake-'));
          const { ms, stdout } = await runNode(
            ['--import', preload, command, 'run', '--quiet', '--format', 'json', '--lake', lake],
            { ...siteEnvironment(url), PYNVEST_BENCH_PEAK_FILE: peakFile },
          );
          requireWholeDay(stdout);
          peaks.push(Number(await readFile(peakFile, 'utf8')));
          await rm(lake, { recursive: true });
          return ms;
        },
        bare: async () =>
          (await runNode([join(context.cache, 'code', 'bare-client.mjs'), url, CONCURRENCY])).ms,
      },
      1,
    );
    const rate = Math.round((PAGES / samples.run.median) * 1000);
    const peak = Math.round(sampleOf(peaks).median / 2 ** 20);
    return {
      figures: [
        {
          job: `run, a day of ${TICKERS} tickers`,
          ours: samples.run,
          peer: { name: 'bare fetch of the same pages', sample: samples.bare },
          note: `${rate} pages/s, ${CONCURRENCY} at once, peak memory ${peak} MB`,
        },
      ],
      remarks: [],
    };
  } finally {
    site.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
}

export async function startSite(context: Context): Promise<{ site: ChildProcess; url: string }> {
  const site = fork(join(context.cache, 'code', 'site-process.mjs'));
  const [{ url }] = (await once(site, 'message')) as [{ url: string }];
  return { site, url };
}

/** The site of this machine needs no mercy. */
function siteEnvironment(url: string): Record<string, string> {
  return {
    PYNVEST_FUNDAMENTUS_URL: url,
    PYNVEST_CONCURRENCY: CONCURRENCY,
    PYNVEST_PAUSE_MS: '0',
  };
}

function requireWholeDay(report: string): void {
  const { tickers } = JSON.parse(report) as { tickers: { stored: number } };
  if (tickers.stored !== TICKERS) {
    throw new Error(`the run stored ${tickers.stored} of ${TICKERS} tickers`);
  }
}
