/**
 * `pynvest import eventos`: dividends, splits and other corporate events, from the site and from B3, into the lake.
 */
import { assetKinds } from '../../catalog/asset.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import { formatErrorWithHint, LakeError, SiteError } from '../../errors.ts';
import { createMarkingLake } from '../../pipeline/adjustment-state.ts';
import { getIssuer } from '../../pipeline/event-readings.ts';
import {
  type EventAsset,
  type EventsReport,
  findHistoryAssets,
  findKeysToAsk,
  getEventKeys,
  importEvents,
} from '../../pipeline/import-events.ts';
import { dedupeTickers } from '../../pipeline/tickers.ts';
import { formatNumber } from '../../presentation/notation.ts';
import { createCompanySource, defaultCompanySettings } from '../../sources/b3/company-events.ts';
import { createSite, type Site } from '../../sources/fundamentus/site.ts';
import type { HttpSettings } from '../../sources/http/settings.ts';
import { formatQuantity, joinSentences } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { deriveWithSpinner, printDerived } from '../derive-adjustments.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { createListingReader, suggestTicker } from '../known-tickers.ts';
import { assertNoDemo, type LakeHandle, openLake } from '../open-lake.ts';
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
import { createProgress, formatBytes, formatSeconds } from '../terminal/progress.ts';
import { createRetryNotifier, type Terminal } from '../terminal/terminal.ts';

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
The site has the cash dividends of each ticker, B3 all events of each issuer. What a source no longer shows stays in the lake, and is marked.

Exit status 3: something could not be read. The same command again asks for the rest.`,

  async handler({ terminal, args, options }) {
    const named = await addWatchedTickers(parseNamedTickers(args.ticker, options), options);
    const settings = readSiteSettings(options);
    const companySettings = readSourceSettings(defaultCompanySettings, options);
    const handle = await openLake(terminal, options);
    await assertNoDemo(handle);
    const signal = abortOnInterrupt(terminal);
    const notify = createRetryNotifier(terminal);
    const site = createSite(settings, signal, notify);
    const { assets, failed, inHistory } = await findAssets(handle, site, named);
    for (const error of failed) terminal.warn(formatErrorWithHint(error));
    const now = () => new Date();
    const again = options.again === true || named.length > 0;
    if (options.plan) {
      const keys = await findKeysToAsk({ assets, notes: handle.notes, now, again });
      writeSkipped(terminal, assets, keys);
      await writePlan(terminal, options.format, keys, [settings, companySettings]);
      return failed.length === 0 ? ExitStatus.done : ExitStatus.doneInPart;
    }
    const { tickers, issuers } = getEventKeys(assets);
    const progress = createProgress(terminal, 'Events', tickers.length + issuers.length);
    const { report, derived } = await handle
      .withExclusiveAccess('pynvest import eventos', async () => {
        const imported = await importEvents({
          ...{ assets, site, signal },
          ...{ lake: createMarkingLake(handle.lake, handle.notes), notes: handle.notes },
          companies: createCompanySource(companySettings, signal, notify),
          concurrency: settings.concurrency,
          ...{ now, again },
          onKey: (key, isRead) => {
            if (terminal.verbose) terminal.notice(`${key}: ${isRead ? 'read' : 'failed'}`);
            progress.step(isRead);
          },
        });
        progress.stop();
        return { report: imported, derived: await deriveWithSpinner(terminal, handle) };
      })
      .finally(() => progress.stop());
    printReport(terminal, report);
    const misspelt = await warnUnknown(terminal, report, named, inHistory, site);
    printDerived(terminal, derived);
    await writeRows(terminal, options.format, {
      isReport: true,
      columns: ['table', 'read', 'skipped', 'added', 'vanished', 'failed'],
      rows: report.sources.map((source) => [
        ...[source.table, source.read, source.skipped, source.added, source.vanished],
        source.failed.length,
      ]),
    });
    const failures = failed.length + (derived instanceof LakeError ? 1 : 0);
    return getExitStatus(report, named, failures + misspelt);
  },
});

interface FoundAssets {
  readonly assets: readonly EventAsset[];
  /** The listings that could not be read. */
  readonly failed: readonly SiteError[];
  readonly inHistory: ReadonlySet<string>;
}

/** The named assets; without any, those of the listings and of the history. */
async function findAssets(
  { lake }: LakeHandle,
  site: Site,
  named: readonly Ticker[],
): Promise<FoundAssets> {
  const { readMarketHistory } = await import('../../pipeline/market-history.ts');
  const papers = findHistoryAssets((await readMarketHistory(lake)).tickers);
  const kinds = new Map(papers.map(({ ticker, kind }) => [ticker, kind]));
  const inHistory = new Set<string>(kinds.keys());
  if (named.length > 0) {
    const assets = named.map((ticker) => ({ ticker, kind: kinds.get(ticker) }));
    return { assets, failed: [], inHistory };
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
  return { assets: [...kinds].map(([ticker, kind]) => ({ ticker, kind })), failed, inHistory };
}

/** How long a request takes beside the pause, of a connection in the middle. */
const REQUEST_SECONDS = 0.3;

/** Of an asset with twenty years of events, as a page and as B3's JSON: a plan names orders of magnitude. */
const ROWS_PER_KEY = 40;
const PAGE_BYTES = 6_000;
const ANSWER_BYTES = 10_000;

/** The years that have events: each is a file of a table. */
const YEARS_OF_EVENTS = 25;

function writeSkipped(
  terminal: Terminal,
  assets: readonly EventAsset[],
  { tickers, issuers }: ReturnType<typeof getEventKeys>,
): void {
  const all = getEventKeys(assets);
  const skipped = all.tickers.length + all.issuers.length - tickers.length - issuers.length;
  if (skipped === 0) return;
  terminal.notice(`${formatQuantity(skipped, 'key')} read before: --again asks for them`);
}

async function writePlan(
  terminal: Terminal,
  format: Parameters<typeof writeRows>[1],
  { tickers, issuers }: ReturnType<typeof getEventKeys>,
  settings: readonly HttpSettings[],
): Promise<void> {
  const rows = (
    [
      ['proventos', tickers.length, PAGE_BYTES],
      ['eventosB3', issuers.length, ANSWER_BYTES],
    ] as const
  ).map(
    ([source, requests, bytes]) =>
      [
        ...([source, requests, requests * bytes, requests * ROWS_PER_KEY] as const),
        requests === 0 ? 0 : YEARS_OF_EVENTS,
      ] as const,
  );
  const total = (at: 2 | 3 | 4): number => rows.reduce((sum, row) => sum + row[at], 0);
  // The two sources are asked at the same time.
  const seconds = rows.map(
    ([, requests], at) =>
      (requests * (REQUEST_SECONDS + (settings[at]?.pauseMs ?? 0) / 1000)) /
      (settings[at]?.concurrency ?? 1),
  );
  terminal.notice(
    `${formatQuantity(tickers.length, 'ticker')} of ${formatQuantity(issuers.length, 'issuer')}: ` +
      `${formatQuantity(tickers.length + issuers.length, 'request')}, ` +
      `about ${formatSeconds(Math.ceil(Math.max(0, ...seconds)))}. ` +
      `Estimates: ${formatBytes(total(2), terminal.locale)} to read, ${formatNumber(total(3), terminal.locale, 0)} rows in ${formatQuantity(total(4), 'file')}`,
  );
  await writeRows(terminal, format, {
    isReport: true,
    columns: ['source', 'requests', 'estimated_bytes', 'estimated_rows', 'estimated_files'],
    rows,
  });
}

function printReport(terminal: Terminal, { sources }: EventsReport): void {
  for (const { table, read, skipped, added, vanished, failed } of sources) {
    for (const { key, reason } of failed.slice(0, MAX_SHOWN)) {
      terminal.warn(reason.startsWith(key) ? reason : `${key}: ${reason}`);
    }
    if (failed.length > MAX_SHOWN) terminal.warn(`${table}: ${failed.length} failed in all`);
    for (const hint of new Set(failed.flatMap((each) => each.hint ?? []))) terminal.notice(hint);
    const parts = [`${formatQuantity(read, 'key')} read`, `${added} rows added`];
    if (vanished > 0) parts.push(`${vanished} not shown any more`);
    if (skipped > 0) parts.push(`${skipped} read before (--again asks for them)`);
    terminal.notice(`${table}: ${parts.join(', ')}`);
  }
}

/**
 * Warns of each named ticker that does not exist: neither source knows it; or the site, whose page for any ticker has
 * an empty table, shows no dividend and does not list it, and no price of it was imported.
 * @returns the number of those, without the ones of which the report says that nothing knows them
 */
async function warnUnknown(
  terminal: Terminal,
  { unknown, withoutDividends }: EventsReport,
  named: readonly Ticker[],
  inHistory: ReadonlySet<string>,
  site: Site,
): Promise<number> {
  const readListings = createListingReader(site);
  let misspelt = 0;
  for (const ticker of named) {
    const isUnknown = unknown.includes(ticker);
    if (!isUnknown && (!withoutDividends.includes(ticker) || inHistory.has(ticker))) continue;
    const listed = await readListings();
    // Without the listings nothing says that there is no such ticker.
    if (!isUnknown && (listed.length === 0 || listed.includes(ticker))) continue;
    if (!isUnknown) misspelt += 1;
    const what = isUnknown
      ? `neither the site nor B3 (as ${getIssuer(ticker)}) knows it`
      : 'the site shows no dividend of it and does not list it, and the lake has no price of it';
    const suggestion = suggestTicker(ticker, [...listed, ...inHistory]);
    terminal.warn(joinSentences(`${ticker}: ${what}`, suggestion ?? ''));
  }
  return misspelt;
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
