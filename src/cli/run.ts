/** `pynvest run`: today's collection into the lake. */
import { assetKinds } from '../catalog/asset.ts';
import { isoDate, partitionOf } from '../catalog/partition.ts';
import { parseTickers } from '../catalog/ticker.ts';
import { counted } from '../counted.ts';
import { UsageError } from '../errors.ts';
import { createSite } from '../fundamentus/client.ts';
import type { TickerOutcome } from '../pipeline/collect.ts';
import type { RunReport } from '../pipeline/report.ts';
import { run as collectDay, type Selection } from '../pipeline/run.ts';
import { abortOnInterrupt, ExitStatus } from './exit.ts';
import { openLake } from './lake-at-hand.ts';
import type { LakeOptions, OutputOptions, SiteOptions, WatchlistOptions } from './options.ts';
import { createProgress, type Progress } from './progress.ts';
import { sayReport, writeReports } from './report-text.ts';
import { parseKinds, siteSettings } from './settings.ts';
import { sayRetry, type Terminal } from './terminal.ts';

const LISTINGS: ReadonlySet<string> = new Set(assetKinds);

export interface RunOptions extends OutputOptions, LakeOptions, SiteOptions, WatchlistOptions {
  readonly tickers?: string;
  /** As the queries call it. */
  readonly ticker?: string;
  readonly tipo?: string;
  readonly remote?: boolean;
  readonly wait?: string;
}

export async function run(terminal: Terminal, options: RunOptions): Promise<ExitStatus> {
  if (options.remote) return (await import('./run-remote.ts')).runRemote(terminal, options);
  if (options.wait !== undefined) throw new UsageError('--wait goes with --remote');
  const selection = await selectionOf(options);
  const settings = siteSettings(options);
  const target = await openLake(terminal, options);
  const signal = abortOnInterrupt(terminal);
  // The day is fixed here: a run that crosses midnight stays in one partition.
  const partition = partitionOf(new Date());
  let progress: Progress | undefined;
  const report = await target.exclusively('pynvest run', (): Promise<RunReport> => {
    terminal.notice(`Collecting ${isoDate(partition)} into ${target.place}`);
    return collectDay({
      // Of single pages the report tells; a listing that does not come holds up everything.
      site: createSite(settings, signal, (what, ...rest) => {
        if (LISTINGS.has(what) || terminal.verbose) sayRetry(terminal)(what, ...rest);
      }),
      lake: target.lake,
      partition,
      selection,
      concurrency: settings.concurrency,
      signal,
      now: () => new Date(),
      keepReport: (kept) => target.keepReport(kept),
      events: {
        listed: (tickers) => {
          terminal.notice(
            `${counted(tickers.length, 'ticker')} to ask for at ${new URL(settings.baseUrl).origin}`,
          );
          progress = createProgress(terminal, 'Pages', tickers.length);
        },
        ticker: (outcome) => {
          if (terminal.verbose) terminal.notice(outcomeLine(outcome));
          progress?.step(outcome.ok);
        },
        completed: (day) => terminal.notice(`Completed ${isoDate(day)}, left unfinished by a run`),
        collected: () => {
          progress?.stop();
          terminal.notice('Pages are in; making the typed tables and the quotes');
        },
      },
    }).finally(() => progress?.stop());
  });
  sayReport(terminal, report);
  await writeReports(terminal, options.format, [report]);
  return statusOf(report);
}

function statusOf(report: RunReport): ExitStatus {
  const { error, uncompleted_days: unfinished = [], listing_faults: faults = [] } = report;
  const { stored, failed } = report.tickers;
  if (error !== undefined || (failed.length > 0 && stored === 0)) return ExitStatus.failed;
  return failed.length + unfinished.length + faults.length > 0
    ? ExitStatus.doneInPart
    : ExitStatus.done;
}

function outcomeLine(outcome: TickerOutcome): string {
  if (outcome.ok) return `${outcome.ticker}: read`;
  const { ticker, reason } = outcome.failure;
  return reason.startsWith(ticker) ? reason : `${ticker}: ${reason}`;
}

/** What the options ask for: both listings, one, or tickers. @throws UsageError */
export async function selectionOf(options: RunOptions): Promise<Selection> {
  const { tickers, ticker, tipo, watchlist = false } = options;
  const lists = [tickers, ticker].filter((list) => list !== undefined);
  if (lists.length === 0 && !watchlist) return { kinds: parseKinds(tipo) };
  if (tipo !== undefined) {
    const named = lists.length === 0 ? '--watchlist' : '--tickers';
    throw new UsageError(`${named} and --tipo exclude each other`, {
      hint: 'Leave --tipo out: the tickers that are named are asked for, whatever their kind.',
    });
  }
  const { withWatched } = await import('./watchlist.ts');
  const named = lists.length === 0 ? [] : parseTickers(lists.join(','));
  return { tickers: await withWatched(named, { watchlist }) };
}
