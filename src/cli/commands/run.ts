/**
 * `pynvest run`: collects today into the lake.
 */
import { assetKinds } from '../../catalog/asset.ts';
import { isoDate, partitionOf } from '../../catalog/partition.ts';
import { UsageError } from '../../errors.ts';
import type { TickerOutcome } from '../../pipeline/collect.ts';
import type { RunReport } from '../../pipeline/report.ts';
import { run as collectDay } from '../../pipeline/run.ts';
import { createSite } from '../../sources/fundamentus/site.ts';
import { formatQuantity } from '../../text.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { openLake } from '../open-lake.ts';
import type { RunOptions } from '../options.ts';
import { printRunReport, writeRunReports } from '../output/run-report.ts';
import { parseSelection, readSiteSettings } from '../settings.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import { createRetryNotifier, type Terminal } from '../terminal/terminal.ts';

const LISTING_NAMES: ReadonlySet<string> = new Set(assetKinds);

export async function run(terminal: Terminal, options: RunOptions): Promise<ExitStatus> {
  if (options.remote) return (await import('../remote.ts')).runRemoteDay(terminal, options);
  if (options.wait !== undefined) throw new UsageError('--wait goes with --remote');
  const selection = await parseSelection(options);
  const settings = readSiteSettings(options);
  const target = await openLake(terminal, options);
  const signal = abortOnInterrupt(terminal);
  // The day is fixed here: a run that crosses midnight stays in one partition.
  const partition = partitionOf(new Date());
  let progress: Progress | undefined;
  const report = await target.withExclusiveAccess('pynvest run', (): Promise<RunReport> => {
    terminal.notice(`Collecting ${isoDate(partition)} into ${target.place}`);
    return collectDay({
      // Of single pages the report tells; a listing that does not come holds up everything.
      site: createSite(settings, signal, (what, ...rest) => {
        if (LISTING_NAMES.has(what) || terminal.verbose)
          createRetryNotifier(terminal)(what, ...rest);
      }),
      lake: target.lake,
      partition,
      selection,
      concurrency: settings.concurrency,
      signal,
      now: () => new Date(),
      writeReport: (kept) => target.storeReport(kept),
      events: {
        onListed: (tickers) => {
          terminal.notice(
            `${formatQuantity(tickers.length, 'ticker')} to ask for at ${new URL(settings.baseUrl).origin}`,
          );
          progress = createProgress(terminal, 'Pages', tickers.length);
        },
        onTicker: (outcome) => {
          if (terminal.verbose) terminal.notice(formatOutcome(outcome));
          progress?.step(outcome.ok);
        },
        onCompleted: (day) =>
          terminal.notice(`Completed ${isoDate(day)}, left unfinished by a run`),
        onCollected: () => {
          progress?.stop();
          terminal.notice('Pages are in; making the typed tables and the quotes');
        },
      },
    }).finally(() => progress?.stop());
  });
  printRunReport(terminal, report);
  await writeRunReports(terminal, options.format, [report]);
  return getExitStatus(report);
}

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
