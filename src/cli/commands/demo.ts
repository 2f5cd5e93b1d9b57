/**
 * `pynvest demo`: the whole pipeline offline, on a small fictional market with some years of history, into a lake of
 * its own.
 */

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';
import type { AssetKind } from '../../catalog/asset.ts';
import { CASH_MARKET } from '../../catalog/datasets/b3.ts';
import { rateSeries } from '../../catalog/datasets/bcb.ts';
import { indicators } from '../../catalog/datasets.ts';
import { formatIsoDate, getPartition, getYear, type Partition } from '../../catalog/partition.ts';
import { type Ticker, toTicker } from '../../catalog/ticker.ts';
import type { DemoAsset } from '../../demo/market.ts';
import { createDemoMarket, type DemoMarket } from '../../demo/market-snapshot.ts';
import { startDemoSite } from '../../demo/site.ts';
import { describeDiskError, getErrorCode, LakeError, UsageError } from '../../errors.ts';
import { REPORTS_FOLDER } from '../../lake/lake.ts';
import { createMarkingLake } from '../../pipeline/adjustment-state.ts';
import { createFundamentusSource } from '../../pipeline/data-source.ts';
import { deriveQuoteMarket, fillQuotes } from '../../pipeline/fill-quotes.ts';
import { importEvents } from '../../pipeline/import-events.ts';
import { importHistory } from '../../pipeline/import-history.ts';
import { readSeries } from '../../pipeline/read-series.ts';
import type { RunReport } from '../../pipeline/report.ts';
import { run } from '../../pipeline/run.ts';
import { createQuotesRequest } from '../../query/quotes.ts';
import { queryRows } from '../../query/read-rows.ts';
import { createCompanySource, defaultCompanySettings } from '../../sources/b3/company-events.ts';
import { createYearFile, defaultB3Settings } from '../../sources/b3/files.ts';
import { createSeriesSource, defaultSeriesSettings } from '../../sources/bcb/series.ts';
import { createSite, defaultSiteSettings } from '../../sources/fundamentus/site.ts';
import { createHttpClient } from '../../sources/http/client.ts';
import type { HttpSettings } from '../../sources/http/settings.ts';
import { defineCommand } from '../command.ts';
import { quoteShellWord } from '../command-line.ts';
import { printDerived, runDerivation } from '../derive-adjustments.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { type LocalLakeHandle, openLocalLake } from '../open-lake.ts';
import { option } from '../option.ts';
import {
  moveColumnsFirst,
  outputOptions,
  PREFERRED_COLUMNS,
  resolveFormat,
  writeRows,
} from '../output/rows.ts';
import { printRunReport } from '../output/run-report.ts';
import { findLakeFolder } from '../target.ts';
import { createSpinner } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const demoCommand = defineCommand({
  name: 'demo',
  description: 'the whole pipeline offline, on a small fictional market',
  options: {
    lake: option(
      '--lake <dir>',
      "the folder of the demo's lake: new, empty or of an earlier demo (default: demo, in the platform's data folder)",
    ),
    ...outputOptions,
  },

  async handler({ terminal, options }) {
    const root = await findDemoFolder(options.lake);
    const handle = await openLocalLake(terminal, root);
    const market = createDemoMarket(getPartition(new Date()));
    try {
      await makeDemoLake(handle, market, terminal);
    } catch (error) {
      // The next demo makes a lake of its own: half of this one is of no use.
      await removeDemoLake(root).catch(() => undefined);
      throw error;
    }
    terminal.notice('');
    const engine = await handle.openEngine();
    try {
      const quotes = await queryRows(engine, createQuotesRequest([], { from: market.today }));
      const isTable = resolveFormat(terminal, options.format) === 'table';
      await writeRows(
        terminal,
        options.format,
        isTable ? moveColumnsFirst(quotes, PREFERRED_COLUMNS) : quotes,
      );
    } finally {
      engine.close();
    }
    terminal.notice(formatNextSteps(market, root));
    return ExitStatus.done;
  },
});

const NEWEST_QUOTES =
  'SELECT anomesdia_exec, codigo_ticker_ativo, vlr_cot FROM cotacoes ORDER BY 1 DESC, 2 LIMIT 20';

function formatNextSteps({ assets }: DemoMarket, root: string): string {
  const of = (kind: AssetKind): string => assets.find((asset) => asset.kind === kind)?.ticker ?? '';
  const [stock, fund] = [of('acoes'), of('fiis')];
  const pynvest = process.env['npm_command'] === 'exec' ? 'npx pynvest' : 'pynvest';
  const lake = `--lake ${quoteShellWord(root)}`;
  return [
    '',
    'The lake stays until the next demo. Ask it more:',
    `  ${pynvest} show ${stock} ${lake}`,
    `  ${pynvest} rank magic ${lake}`,
    `  ${pynvest} query historico ${stock} ${fund} --chart ${lake}`,
    `  ${pynvest} query proventos ${fund} --total ${lake}`,
    `  ${pynvest} report ${stock} ${fund} -o report.html ${lake}`,
    `  ${pynvest} query sql "${NEWEST_QUOTES}" ${lake}`,
    'Then collect the real market, which takes a few minutes:',
    `  ${pynvest} run`,
    '',
  ].join('\n');
}

/**
 * The folder of `--lake`, or the one beside the lake of the platform's data folder.
 * @throws UsageError where it holds anything but a demo's lake
 */
async function findDemoFolder(lake: string | undefined): Promise<string> {
  const root =
    lake === undefined ? join(await getDataFolder(), 'demo') : await findLakeFolder({ lake });
  const entries = await listFolder(root);
  if (entries.length === 0) return root;
  const { isDemoLake } = await import('../../lake/local/layout.ts');
  if (await isDemoLake(root)) return root;
  throw new UsageError(`${root} is neither empty nor the lake of a demo`, {
    hint: 'Name a new or an empty folder: --lake DIR.',
  });
}

async function getDataFolder(): Promise<string> {
  const { default: envPaths } = await import('env-paths');
  return envPaths('pynvest', { suffix: '' }).data;
}

async function listFolder(root: string): Promise<string[]> {
  return readdir(root).catch((error: unknown) => {
    if (getErrorCode(error) === 'ENOENT') return [];
    throw new LakeError(`cannot read ${root}: ${describeDiskError(error)}`, {
      hint: 'Name another folder: --lake DIR.',
      cause: error,
    });
  });
}

/** What belongs to the lock of the process that empties the folder. */
const LOCK_NAMES: ReadonlySet<string> = new Set(['_lock', '_lock.json', '_tmp']);

/** The reports and notes go last: with them the folder is a demo's lake, and without anything it is empty. */
async function emptyDemoLake(root: string): Promise<void> {
  const names = (await listFolder(root)).filter((name) => !LOCK_NAMES.has(name));
  for (const name of [...names.filter((each) => each !== REPORTS_FOLDER), REPORTS_FOLDER]) {
    await rm(join(root, name), { recursive: true, force: true });
  }
}

async function removeDemoLake(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
}

/** The quotes of so many sessions before today follow from the history. */
const SESSIONS_WITH_QUOTES = 60;

const now = (): Date => new Date();

async function makeDemoLake(
  handle: LocalLakeHandle,
  market: DemoMarket,
  terminal: Terminal,
): Promise<void> {
  const signal = abortOnInterrupt(terminal, {
    started: 'stopping',
    finished: 'The demo lake is removed.',
  });
  const { DEMO_NOTE } = await import('../../lake/local/layout.ts');
  await handle.withExclusiveAccess('pynvest demo', async () => {
    await emptyDemoLake(handle.root);
    await handle.notes.write(DEMO_NOTE, 'a fictional market\n');
    const { assets, listings, today, earlierDay, earlierAssets } = market;
    const site = await startDemoSite(assets, { year: getYear(today), listings });
    try {
      terminal.notice(`A fictional market of ${assets.length} assets, served at ${site.url}`);
      await collect(handle, earlierAssets, earlierDay, signal);
      const report = await collectFrom(handle, site.url, today, signal);
      printRunReport(terminal, report);
      await importPast(handle, market, site.url, terminal, signal);
    } finally {
      await site.close();
    }
  });
}

/** The demo's own site needs none of the pauses that are due to the real ones. */
function toDemoSettings(settings: HttpSettings, baseUrl: string): HttpSettings {
  return { ...settings, baseUrl, pauseMs: 0 };
}

/** Collects the pages of a market of another day, from a site of their own. */
async function collect(
  handle: LocalLakeHandle,
  assets: readonly DemoAsset[],
  day: Partition,
  signal: AbortSignal,
): Promise<void> {
  const site = await startDemoSite(assets, { year: getYear(day) });
  try {
    await collectFrom(handle, site.url, day, signal);
  } finally {
    await site.close();
  }
}

async function collectFrom(
  { lake, storeReport }: LocalLakeHandle,
  url: string,
  partition: Partition,
  signal: AbortSignal,
): Promise<RunReport> {
  const settings = toDemoSettings(defaultSiteSettings, url);
  return run({
    source: createFundamentusSource(createSite(settings, signal)),
    ...{ lake, partition, signal, now },
    selection: { datasets: indicators },
    concurrency: settings.concurrency,
    writeReport: storeReport,
  });
}

/** Prices and events, by the imports that fetch the real ones, and quotes of the last sessions. */
async function importPast(
  handle: LocalLakeHandle,
  { assets, listings, today, earlierDay }: DemoMarket,
  url: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { notes } = handle;
  const lake = createMarkingLake(handle.lake, handle.notes);
  const { getTemporaryFolder } = await import('../../lake/local/disk.ts');
  const sessionDays = listings
    .flatMap(({ sessions }) => sessions.map(({ day }) => day))
    .sort((a, b) => a - b);
  const years = sessionDays.map(getYear);
  const withSpinner = createSpinner(terminal, 'Importing its history');
  await withSpinner(() =>
    importHistory({
      files: [...new Set(years)].sort((a, b) => a - b).map(createYearFile),
      markets: new Set([CASH_MARKET]),
      client: createHttpClient(toDemoSettings(defaultB3Settings, url), signal),
      folder: getTemporaryFolder(handle.root),
      ...{ lake, notes, signal, now, again: false },
      events: { onBytes: () => undefined, onFile: () => undefined },
    }),
  );
  await importEvents({
    assets: assets.flatMap(({ ticker, kind }) => toEventAsset(ticker, kind)),
    site: createSite(toDemoSettings(defaultSiteSettings, url), signal),
    companies: createCompanySource(toDemoSettings(defaultCompanySettings, url), signal),
    ...{ lake, notes, signal, now, again: false },
    concurrency: defaultSiteSettings.concurrency,
    onKey: () => undefined,
  });
  const market = await runDerivation(terminal, handle, deriveQuoteMarket);
  if (market instanceof LakeError) throw market;
  const { derived, quotes } = market;
  // What returns are compared with: without it, a report would ask the central bank.
  await readSeries({
    source: createSeriesSource(toDemoSettings(defaultSeriesSettings, url), signal),
    lake: handle.lake,
    code: rateSeries.cdi.code,
    first: formatIsoDate(sessionDays.at(0) ?? today),
    last: formatIsoDate(sessionDays.at(-1) ?? today),
    withExclusiveAccess: (work) => work(),
  });
  const collected = new Set([today, earlierDay]);
  const sessions = quotes.sessions.filter((day) => !collected.has(day));
  await pMap(
    sessions.slice(-SESSIONS_WITH_QUOTES),
    (day) => fillQuotes(handle.lake, quotes, day, now),
    { concurrency: 8 },
  );
  terminal.notice(`Imported ${years.length} sessions of ${new Set(years).size} years`);
  printDerived(terminal, derived);
}

function toEventAsset(
  text: string,
  kind: AssetKind,
): { readonly ticker: Ticker; readonly kind: AssetKind }[] {
  const ticker = toTicker(text);
  return ticker === undefined ? [] : [{ ticker, kind }];
}
