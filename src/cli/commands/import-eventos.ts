/**
 * `pynvest import eventos`: dividends, splits and other corporate events, from the site and from B3, into the lake.
 */
import { assetKinds } from '../../catalog/asset.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import { formatErrorWithHint, LakeError, SiteError } from '../../errors.ts';
import {
  type EventAsset,
  type EventsReport,
  findHistoryAssets,
  getEventKeys,
  getIssuer,
  importEvents,
} from '../../pipeline/import-events.ts';
import { dedupeTickers } from '../../pipeline/tickers.ts';
import { createCompanySource, defaultCompanySettings } from '../../sources/b3/company-events.ts';
import { createSite, type Site } from '../../sources/fundamentus/site.ts';
import type { HttpSettings } from '../../sources/http/settings.ts';
import { formatQuantity } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { type LakeHandle, openLake } from '../open-lake.ts';
import { option } from '../option.ts';
import { outputOptions, writeRows } from '../output/rows.ts';
import {
  addWatchedTickers,
  parseNamedTickers,
  tickerArgument,
  tickerOptions,
  watchlistOptions,
} from '../selection.ts';
import { readSiteSettings, readSourceSettings, siteOptions } from '../site-settings.ts';
import { lakeOptions } from '../target.ts';
import { createProgress, formatSeconds } from '../terminal/progress.ts';
import { createRetryNotifier, type Terminal } from '../terminal/terminal.ts';
import { createMarkingLake, deriveWithSpinner, printDerived } from './import.ts';

export const importEventosCommand = defineCommand({
  name: 'eventos',
  description: 'dividends, splits and other events, of all assets or of some',
  args: tickerArgument,
  options: {
    ...tickerOptions,
    ...watchlistOptions,
    ...outputOptions,
    ...lakeOptions,
    ...siteOptions,
    again: option('--again', 'ask also for what was read in the last 12 hours'),
    plan: option('--plan', 'say what would be asked for, and do nothing'),
  },
  helpText: `
Without tickers: all assets of the site's listings and of the imported history, old tickers included.
The site has the cash dividends of each ticker, B3 all events of each issuer. What a source no longer
shows stays in the lake, and is marked.

Exit status 3: something could not be read. The same command again asks for the rest.`,

  async handler({ terminal, args, options }) {
    const named = await addWatchedTickers(parseNamedTickers(args.ticker, options), options);
    const settings = readSiteSettings(options);
    const companySettings = readSourceSettings(defaultCompanySettings, options);
    const handle = await openLake(terminal, options);
    const signal = abortOnInterrupt(terminal);
    const notify = createRetryNotifier(terminal);
    const site = createSite(settings, signal, notify);
    const { assets, failed } = await findAssets(handle, site, named);
    for (const error of failed) terminal.warn(formatErrorWithHint(error));
    if (options.plan) {
      await writePlan(terminal, options.format, assets, [settings, companySettings]);
      return failed.length === 0 ? ExitStatus.done : ExitStatus.doneInPart;
    }
    const { tickers, issuers } = getEventKeys(assets);
    const progress = createProgress(terminal, 'Events', tickers.length + issuers.length);
    const { report, derived } = await handle
      .withExclusiveAccess('pynvest import eventos', async () => {
        const imported = await importEvents({
          ...{ assets, site, signal },
          ...{ lake: createMarkingLake(handle), notes: handle.notes },
          companies: createCompanySource(companySettings, signal, notify),
          concurrency: settings.concurrency,
          now: () => new Date(),
          again: options.again === true || named.length > 0,
          onKey: (key, isRead) => {
            if (terminal.verbose) terminal.notice(`${key}: ${isRead ? 'read' : 'failed'}`);
            progress.step(isRead);
          },
        });
        progress.stop();
        return { report: imported, derived: await deriveWithSpinner(terminal, handle) };
      })
      .finally(() => progress.stop());
    printReport(terminal, report, named);
    printDerived(terminal, derived);
    await writeRows(terminal, options.format, {
      columns: ['table', 'read', 'skipped', 'added', 'vanished', 'failed'],
      rows: report.sources.map((source) => [
        ...[source.table, source.read, source.skipped, source.added, source.vanished],
        source.failed.length,
      ]),
    });
    const failures = failed.length + (derived instanceof LakeError ? 1 : 0);
    return getExitStatus(report, named, failures);
  },
});

interface FoundAssets {
  readonly assets: readonly EventAsset[];
  /** The listings that could not be read. */
  readonly failed: readonly SiteError[];
}

/** The named assets; without any, those of the listings and of the history. */
async function findAssets(
  { lake }: LakeHandle,
  site: Site,
  named: readonly Ticker[],
): Promise<FoundAssets> {
  const { readMarketHistory } = await import('../../pipeline/derive-adjustments.ts');
  const papers = findHistoryAssets((await readMarketHistory(lake)).tickers);
  const kinds = new Map(papers.map(({ ticker, kind }) => [ticker, kind]));
  if (named.length > 0) {
    const assets = named.map((ticker) => ({ ticker, kind: kinds.get(ticker) }));
    return { assets, failed: [] };
  }
  const listed = { acoes: [] as readonly Ticker[], fiis: [] as readonly Ticker[] };
  const failed: SiteError[] = [];
  for (const kind of assetKinds) {
    try {
      listed[kind] = (await site.listing(kind)).tickers;
    } catch (error) {
      if (!(error instanceof SiteError)) throw error;
      failed.push(error);
    }
  }
  const tickers = dedupeTickers(listed);
  for (const kind of assetKinds) for (const ticker of tickers[kind]) kinds.set(ticker, kind);
  return { assets: [...kinds].map(([ticker, kind]) => ({ ticker, kind })), failed };
}

/** How long a request takes beside the pause, of a connection in the middle. */
const REQUEST_SECONDS = 0.3;

async function writePlan(
  terminal: Terminal,
  format: Parameters<typeof writeRows>[1],
  assets: readonly EventAsset[],
  settings: readonly HttpSettings[],
): Promise<void> {
  const { tickers, issuers } = getEventKeys(assets);
  const rows = [
    ['proventos', tickers.length],
    ['eventosB3', issuers.length],
  ] as const;
  // The two sources are asked at the same time.
  const seconds = rows.map(
    ([, requests], at) =>
      (requests * (REQUEST_SECONDS + (settings[at]?.pauseMs ?? 0) / 1000)) /
      (settings[at]?.concurrency ?? 1),
  );
  terminal.notice(
    `${formatQuantity(tickers.length, 'ticker')} of ${formatQuantity(issuers.length, 'issuer')}: ` +
      `${formatQuantity(tickers.length + issuers.length, 'request')}, ` +
      `about ${formatSeconds(Math.ceil(Math.max(0, ...seconds)))}`,
  );
  await writeRows(terminal, format, { columns: ['source', 'requests'], rows });
}

function printReport(
  terminal: Terminal,
  { sources, unknown }: EventsReport,
  named: readonly Ticker[],
): void {
  for (const { table, read, skipped, added, vanished, failed } of sources) {
    for (const { key, reason } of failed.slice(0, MAX_SHOWN)) {
      terminal.warn(reason.startsWith(key) ? reason : `${key}: ${reason}`);
    }
    if (failed.length > MAX_SHOWN) terminal.warn(`${table}: ${failed.length} failed in all`);
    const parts = [`${formatQuantity(read, 'key')} read`, `${added} rows added`];
    if (vanished > 0) parts.push(`${vanished} not shown any more`);
    if (skipped > 0) parts.push(`${skipped} read before (--again asks for them)`);
    terminal.notice(`${table}: ${parts.join(', ')}`);
  }
  for (const ticker of named.filter((each) => unknown.includes(each))) {
    terminal.warn(`${ticker}: neither the site nor B3 (as ${getIssuer(ticker)}) knows it`);
  }
}

const MAX_SHOWN = 10;

function getExitStatus(
  { sources, unknown }: EventsReport,
  named: readonly Ticker[],
  otherFailures: number,
): ExitStatus {
  const total = (name: 'read' | 'skipped'): number =>
    sources.reduce((sum, source) => sum + source[name], 0);
  const failed = sources.reduce((sum, source) => sum + source.failed.length, 0) + otherFailures;
  const isUnknown = named.some((ticker) => unknown.includes(ticker));
  if (failed > 0 && total('read') + total('skipped') === 0) return ExitStatus.failed;
  if (named.length > 0 && named.every((ticker) => unknown.includes(ticker))) {
    return ExitStatus.failed;
  }
  return failed > 0 || isUnknown ? ExitStatus.doneInPart : ExitStatus.done;
}
