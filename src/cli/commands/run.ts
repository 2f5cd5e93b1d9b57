/**
 * `pynvest run`: collects today into the lake.
 */
import { indicators } from '../../catalog/datasets.ts';
import { formatIsoDate, getPartition } from '../../catalog/partition.ts';
import { UsageError } from '../../errors.ts';
import type { TickerOutcome } from '../../pipeline/collect.ts';
import { createFundamentusSource } from '../../pipeline/data-source.ts';
import { parseMissingTickers, type RunReport } from '../../pipeline/report.ts';
import { run as collectDay } from '../../pipeline/run.ts';
import { createSite } from '../../sources/fundamentus/site.ts';
import { formatQuantity } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { createListingReader, suggestTicker } from '../known-tickers.ts';
import { assertNoDemo, openLake } from '../open-lake.ts';
import { option } from '../option.ts';
import { outputOptions } from '../output/rows.ts';
import { printRunReport, writeRunReports } from '../output/run-report.ts';
import { parseSelection, selectionOptions, tickerArgument } from '../selection.ts';
import { readSiteSettings, siteOptions } from '../site-settings.ts';
import { lakeOptions } from '../target.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import { createRetryNotifier, type Terminal } from '../terminal/terminal.ts';

const LISTING_NAMES: ReadonlySet<string> = new Set(indicators.map(({ id }) => id));

export const runCommand = defineCommand({
  name: 'run',
  description: "today's collection, all layers",
  args: tickerArgument,
  options: {
    ...outputOptions,
    ...lakeOptions,
    ...siteOptions,
    ...selectionOptions,
    remote: option('--remote', 'by the functions in AWS, followed from here to their end'),
    wait: option('--wait <time>', 'how long --remote follows them, such as 45m (default 30m)'),
  },

  async handler({ terminal, args, options }) {
    if (options.remote)
      return (await import('../remote.ts')).runRemoteDay(terminal, options, args.ticker);
    if (options.wait !== undefined) throw new UsageError('--wait goes with --remote');
    const selection = await parseSelection(options, args.ticker);
    const settings = readSiteSettings(options);
    const handle = await openLake(terminal, options);
    await assertNoDemo(handle);
    const { lake, place, withExclusiveAccess, storeReport, readNewestReports } = handle;
    const signal = abortOnInterrupt(terminal);
    // The day is fixed here: a run that crosses midnight stays in one partition.
    const partition = getPartition(new Date());
    const notifyRetry = createRetryNotifier(terminal);
    const site = createSite(settings, signal, (what, ...rest) => {
      // The report names the pages that failed; a listing that is late holds everything up.
      if (LISTING_NAMES.has(what) || terminal.verbose) notifyRetry(what, ...rest);
    });
    let progress: Progress | undefined;
    const report = await withExclusiveAccess('pynvest run', async () => {
      const missing = parseMissingTickers(await readNewestReports(REPORTS_READ));
      terminal.notice(`Collecting ${formatIsoDate(partition)} into ${place}`);
      return collectDay({
        source: createFundamentusSource(site),
        lake,
        partition,
        selection,
        concurrency: settings.concurrency,
        signal,
        now: () => new Date(),
        missing,
        writeReport: storeReport,
        events: {
          onListed: (tickers) => {
            const origin = new URL(settings.baseUrl).origin;
            terminal.notice(`${formatQuantity(tickers.length, 'ticker')} to fetch from ${origin}`);
            progress = createProgress(terminal, 'Pages', tickers.length);
          },
          onTicker: (outcome) => {
            if (terminal.verbose) terminal.notice(formatOutcome(outcome));
            progress?.step(outcome.ok);
          },
          onCompleted: (day) =>
            terminal.notice(`Completed ${formatIsoDate(day)}, left unfinished by a run`),
          onCollected: () => {
            progress?.stop();
            terminal.notice('Building the typed tables and the quotes');
          },
        },
      }).finally(() => progress?.stop());
    });
    printRunReport(terminal, report);
    if ('tickers' in selection) await noticeMisspelt(terminal, report, createListingReader(site));
    if ('tickers' in selection && options.format !== 'json') {
      terminal.notice('The rows are those of the whole day, of every ticker that it has:');
    }
    await writeRunReports(terminal, options.format, [report]);
    return getExitStatus(report);
  },
});

/** For each named ticker that the site does not have, one that was probably meant. */
async function noticeMisspelt(
  terminal: Terminal,
  { tickers: { failed } }: RunReport,
  readListings: () => Promise<readonly string[]>,
): Promise<void> {
  for (const { ticker, kind } of failed) {
    if (kind !== 'not-found') continue;
    const suggestion = suggestTicker(ticker, await readListings());
    if (suggestion !== undefined) terminal.notice(`${ticker}: ${suggestion}`);
  }
}

/** A backfill of a quarter may have left as many reports since the last run. */
const REPORTS_READ = 100;

function getExitStatus(report: RunReport): ExitStatus {
  const { error, uncompleted_days: unfinished = [], listing_faults: faults = [] } = report;
  const { stored, failed } = report.tickers;
  if (error !== undefined || (failed.length > 0 && stored === 0)) return ExitStatus.failed;
  return failed.length + unfinished.length + faults.length > 0
    ? ExitStatus.doneInPart
    : ExitStatus.done;
}

function formatOutcome(outcome: TickerOutcome): string {
  if (outcome.ok) return `${outcome.ticker}: read`;
  const { ticker, reason } = outcome.failure;
  return reason.startsWith(ticker) ? reason : `${ticker}: ${reason}`;
}
