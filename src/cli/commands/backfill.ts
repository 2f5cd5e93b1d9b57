/**
 * `pynvest backfill`: rebuilds past days from the raw rows in the lake; the quotes of days without any follow from B3's
 * history.
 */

import pMap from 'p-map';
import { getDayBefore, getPartition, type Partition } from '../../catalog/partition.ts';
import { UsageError } from '../../errors.ts';
import {
  fillQuotes,
  hasHistoryOf,
  type QuoteMarket,
  readQuoteMarket,
} from '../../pipeline/fill-quotes.ts';
import { findQuoteGaps, formatYears, type QuoteGap } from '../../pipeline/quote-gaps.ts';
import {
  createNothingToRebuildError,
  findDaysWithRawText,
  backfill as rebuildDay,
} from '../../pipeline/rebuild.ts';
import type { RunReport } from '../../pipeline/report.ts';
import { quotesTable } from '../../query/columns.ts';
import { formatQuantity } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { formatGaps } from '../missing-quotes.ts';
import { assertNamedFolder, type LakeHandle, openLake } from '../open-lake.ts';
import { option } from '../option.ts';
import { type OutputFormat, outputOptions, resolveFormat } from '../output/rows.ts';
import { printRunReport, writeRunReports } from '../output/run-report.ts';
import { parseDayBounds, parseDayOption } from '../selection.ts';
import { readSuccessions } from '../successions.ts';
import { lakeOptions } from '../target.ts';
import { createProgress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Most of a day's time is waiting for the disk, or for S3. */
const DAYS_AT_ONCE = { concurrency: 8 };

export const backfillCommand = defineCommand({
  name: 'backfill',
  description:
    "make past days right: rebuild typed tables and quotes from the raw text, and other days' quotes from B3's history",
  options: {
    ...outputOptions,
    ...lakeOptions,
    date: option('--date <day>', 'one day, such as 2026-11-19 or ontem'),
    from: option('--from <day>', 'the first of several days'),
    to: option('--to <day>', 'the last of several days'),
  },

  async handler({ terminal, options }) {
    const [from, to] = parseDayRange(options);
    const handle = await openLake(terminal, options);
    await assertNamedFolder(handle, options);
    const { lake, withExclusiveAccess, storeReport } = handle;
    const signal = abortOnInterrupt(terminal);
    // Before the lock, which would create the folder: there may be no such days.
    const rawDays = new Set(await findDaysWithRawText(lake, from, to));
    const hasHistory = await hasHistoryOf(lake, from, to);
    if (rawDays.size === 0 && !hasHistory)
      throw await createNothingToRebuildError(lake, from, to, hasHistory);
    const successions = await readSuccessions();
    const reports: RunReport[] = [];
    let notImported: QuoteGap[] = [];
    await withExclusiveAccess('pynvest backfill', async () => {
      const market = hasHistory ? await readQuoteMarket(lake, successions) : undefined;
      const sessions = findSessions(market, from, to).filter((day) => !rawDays.has(day));
      const days = [...rawDays, ...sessions];
      if (days.length === 0) throw await createNothingToRebuildError(lake, from, to, hasHistory);
      const progress = createProgress(terminal, 'Days', days.length);
      const now = () => new Date();
      const work = async (day: Partition): Promise<void> => {
        signal.throwIfAborted();
        const report =
          market === undefined || rawDays.has(day)
            ? await rebuildDay(lake, day, now)
            : await fillQuotes(lake, market, day, now);
        // Of ten years' sessions, reports would be 2,500 files.
        if (report.origin === undefined) await storeReport(report);
        reports.push(report);
        progress.step(report.error === undefined);
      };
      try {
        await pMap(days, work, DAYS_AT_ONCE);
      } finally {
        progress.stop();
      }
      notImported = await findNotImported(handle, market, from, to);
    });
    reports.sort((a, b) => a.partition - b.partition);
    for (const report of reports) printRunReport(terminal, report);
    const done = reports.filter(({ error }) => error === undefined);
    await writeRunReports(terminal, options.format, selectShown(terminal, options.format, reports));
    // Below the table, which may have hundreds of days.
    noticeDone(terminal, done);
    if (notImported.length > 0) noticeNotImported(terminal, notImported);
    if (done.length === reports.length) return ExitStatus.done;
    return done.length > 0 ? ExitStatus.doneInPart : ExitStatus.failed;
  },
});

/** On a terminal, a table of hundreds of filled sessions would push the summary out of sight. */
const MOST_FILLED_SHOWN = 30;

/** The reports that the answer has a line of: all of them, but on a terminal not those of very many sessions. */
function selectShown(
  terminal: Terminal,
  format: OutputFormat | undefined,
  reports: readonly RunReport[],
): readonly RunReport[] {
  const isFilled = ({ origin, error }: RunReport): boolean =>
    origin === 'b3' && error === undefined;
  const filled = reports.filter(isFilled);
  if (resolveFormat(terminal, format) !== 'table' || filled.length <= MOST_FILLED_SHOWN) {
    return reports;
  }
  const newest = new Set(filled.slice(-MOST_FILLED_SHOWN));
  terminal.notice(`The newest ${MOST_FILLED_SHOWN} of the filled sessions:`);
  return reports.filter((report) => !isFilled(report) || newest.has(report));
}

function noticeDone(terminal: Terminal, done: readonly RunReport[]): void {
  const rebuilt = done.filter(({ origin }) => origin === undefined);
  if (rebuilt.length > 0) {
    terminal.notice(`Rebuilt ${formatQuantity(rebuilt.length, 'day')}: ${formatRange(rebuilt)}`);
  }
  const filled = done.filter(({ origin }) => origin === 'b3');
  if (filled.length === 0) return;
  const rows = filled.reduce((sum, report) => sum + countRows(report), 0);
  terminal.notice(
    `Quotes of ${formatQuantity(filled.length, 'session')} follow from B3's history: ` +
      `${formatRange(filled)}, ${rows} rows`,
  );
  const empty = filled.filter((report) => countRows(report) === 0);
  if (empty.length > 0) {
    terminal.notice(
      `No paper has a price in reais on ${formatQuantity(empty.length, 'session')} of those: ${formatRange(empty)}`,
    );
  }
}

function findSessions(
  market: QuoteMarket | undefined,
  from: Partition,
  to: Partition,
): readonly Partition[] {
  return (market?.sessions ?? []).filter((day) => from <= day && day <= to);
}

/** The sessions of these days that were not filled, because the lake lacks B3's history of them. */
async function findNotImported(
  { lake, notes }: LakeHandle,
  market: QuoteMarket | undefined,
  from: Partition,
  to: Partition,
): Promise<QuoteGap[]> {
  const yesterday = getDayBefore(getPartition(new Date()));
  const gaps = await findQuoteGaps({
    ...{ stored: await lake.partitions(quotesTable), notes, from },
    to: Math.min(to, yesterday) as Partition,
    readSessions: async (first, last) => findSessions(market, first, last),
  });
  return gaps.filter(({ years }) => years.length > 0);
}

function noticeNotImported(terminal: Terminal, gaps: readonly QuoteGap[]): void {
  const years = formatYears([...new Set(gaps.flatMap((each) => each.years))]);
  terminal.notice(
    `Not filled: the lake has no history of B3 ${formatGaps(gaps)}. ` +
      `\`pynvest import cotahist --year ${years}\` brings it; then repeat this backfill.`,
  );
}

function countRows({ rows }: RunReport): number {
  return Object.values(rows).reduce((sum, count) => sum + count, 0);
}

/** @param reports at least one, in order */
function formatRange(reports: readonly RunReport[]): string {
  return [...new Set([reports.at(0)?.date, reports.at(-1)?.date])].join(' to ');
}

interface DayOptions {
  readonly date?: string;
  readonly from?: string;
  readonly to?: string;
}

/** @throws UsageError where the days are not fully given */
function parseDayRange({ date, from, to }: DayOptions): readonly [Partition, Partition] {
  if (date !== undefined) {
    if (from !== undefined || to !== undefined) {
      throw new UsageError('--date excludes --from and --to');
    }
    const day = parseDayOption(date, '--date');
    return [day, day];
  }
  const bounds = parseDayBounds({ from, to });
  if (bounds.from === undefined || bounds.to === undefined) {
    throw new UsageError('which days?', { hint: 'Pass --date DAY, or --from DAY --to DAY.' });
  }
  return [bounds.from, bounds.to];
}
