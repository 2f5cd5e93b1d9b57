/**
 * Formats the report of a run: what was stored, what failed and why, and what to do next.
 */

import { getTables } from '../../catalog/dataset.ts';
import { dailyDatasets, indicators } from '../../catalog/datasets.ts';
import type { Partition } from '../../catalog/partition.ts';
import type { FailedTicker } from '../../pipeline/collect.ts';
import type { Deduplication } from '../../pipeline/deduplicate-partition.ts';
import { isKnownAsMissing } from '../../pipeline/missing-tickers.ts';
import type { RunReport } from '../../pipeline/report.ts';
import { escapeControls, formatFirst, formatQuantity, quoteBriefly, truncate } from '../../text.ts';
import { isSignificant } from '../../transform/drift.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type OutputFormat, type OutputOptions, writeObject, writeRows } from './rows.ts';

/** Prints on stderr what was stored, and what went wrong, the latter with `--quiet`, too. */
export function printRunReport(terminal: Terminal, report: RunReport): void {
  const { tickers, unparsed, drift } = report;
  for (const line of formatFailures(tickers.failed, terminal.verbose)) terminal.warn(line);
  if (tickers.rejected.length > 0) {
    terminal.warn(`the listing contains invalid tickers: ${formatRejected(tickers.rejected)}`);
  }
  for (const fault of report.listing_faults ?? []) terminal.warn(fault);
  for (const { column, values, examples } of unparsed) {
    const shown = examples.map(({ ticker, text }) => `${ticker} ${quoteBriefly(text)}`);
    const are = values === 1 ? 'does not parse and is' : 'do not parse and are';
    terminal.warn(
      `${column}: ${formatQuantity(values, 'value')} ${are} null (${shown.join(', ')})`,
    );
  }
  for (const { kind, label, pages, firstTicker } of drift.unknownLabels) {
    terminal.warn(
      `${kind}: ${quoteBriefly(label)} on ${formatQuantity(pages, 'page')} (first ${firstTicker}) ` +
        'has no column; kept in outros_indicadores',
    );
  }
  warnVanishedLabels(terminal, report);
  warnUnfinishedDays(terminal, report);
  if (report.error !== undefined) terminal.warn(formatReportError(report, report.error));
  if (report.command === 'run') {
    const count = `${tickers.stored} of ${formatQuantity(tickers.asked, 'ticker')} for ${report.date}`;
    terminal.notice(
      report.error === undefined
        ? `Stored ${count} in ${report.seconds.toFixed(1)} s (${(report.bytes_written / 1e6).toFixed(1)} MB written)`
        : `Read ${count}, but their typed rows and quotes are not complete`,
    );
    noteMissingTickers(terminal, tickers);
    for (const line of formatAdvice(tickers)) terminal.notice(line);
    if (report.listing_faults) {
      terminal.notice('The site may be in trouble: run again later to add what it lists then.');
    }
  }
}

/** No failure: the site lists them still, and has no page of them, such as of a fund that was closed. */
function noteMissingTickers(terminal: Terminal, { missing = [] }: RunReport['tickers']): void {
  const known = missing.filter(isKnownAsMissing).map(({ ticker }) => ticker);
  if (known.length === 0) return;
  const are =
    known.length === 1 ? 'is listed, but the site has had' : 'are listed, but the site has had';
  terminal.notice(
    `${formatQuantity(known.length, 'ticker')} ${are} no page for many runs; asked for once a week: ` +
      formatTickerList(known),
  );
}

/** Entries of a listing that are no tickers, the first of them. */
export function formatRejected(entries: readonly string[]): string {
  return formatFirst(entries.map((entry) => escapeControls(truncate(entry, 60))));
}

/** The other lines of a run name its day; a backfill may be of several days. */
function formatReportError({ command, date }: RunReport, error: string): string {
  return command === 'backfill' ? `${date} was not rebuilt: ${error}` : error;
}

function warnUnfinishedDays(
  terminal: Terminal,
  { uncompleted_days: unfinished = [] }: RunReport,
): void {
  for (const { date, reason } of unfinished) {
    terminal.warn(
      date === null
        ? `earlier days were not checked: ${reason}`
        : `${date}, left unfinished by a run, was not completed: ${reason}`,
    );
  }
  if (unfinished.length === 0) return;
  terminal.notice(
    'Every run tries earlier days again; `pynvest doctor` says what is wrong with them.',
  );
}

function warnVanishedLabels(terminal: Terminal, { drift }: RunReport): void {
  const vanished = drift.vanishedColumns.filter(
    (column) => isSignificant(column) || (!column.retired && terminal.verbose),
  );
  for (const { id } of indicators) {
    const labels = vanished.filter(({ kind }) => kind === id).map(({ label }) => label);
    if (labels.length > 0) terminal.warn(`${id}: on no page: ${[...new Set(labels)].join(', ')}`);
  }
  if (vanished.length > 0) {
    terminal.notice(
      'The site no longer prints these: their columns are null in this day. Where it only renamed them, a ' +
        'newer version of pynvest may know the new names; what it prints instead is in outros_indicadores.',
    );
  }
}

/** The reports themselves as JSON; in other formats the number of rows of each table. */
export async function writeRunReports(
  terminal: Terminal,
  format: OutputFormat | undefined,
  reports: readonly RunReport[],
): Promise<void> {
  if (format === 'json') {
    const [only] = reports;
    return writeObject(terminal, reports.length === 1 && only ? only : reports);
  }
  await writeRows(terminal, format, {
    isReport: true,
    columns: ['anomesdia_exec', 'table', 'rows'],
    essential: ['table', 'rows'],
    // Where the typed tables could not be written, the rows were not counted.
    rows: reports
      .filter(({ error }) => error === undefined)
      .flatMap(({ partition, rows, origin }) =>
        getTables(dailyDatasets)
          // From B3's history the quotes alone follow.
          .filter(({ name }) => origin === undefined || name in rows)
          .map(({ name }) => [partition, name, rows[name] ?? 0]),
      ),
  });
}

type RowCounts = Omit<Deduplication, 'bytes'>;

export function countRemovedRows(results: readonly RowCounts[]): number {
  return results.reduce((sum, { rowsBefore, rowsAfter }) => sum + rowsBefore - rowsAfter, 0);
}

export async function writeDeduplicationRows(
  terminal: Terminal,
  { format }: OutputOptions,
  partition: Partition,
  results: readonly RowCounts[],
): Promise<void> {
  await writeRows(terminal, format, {
    isReport: true,
    columns: ['anomesdia_exec', 'table', 'rows_before', 'rows_after'],
    essential: ['table', 'rows_after'],
    rows: results.map((each) => [partition, each.table, each.rowsBefore, each.rowsAfter]),
  });
}

/** A cause that more tickers share is printed once. */
const MAX_LINES_PER_CAUSE = 5;
/** Of such a cause no more tickers are named: a site that refuses requests refuses hundreds. */
const MAX_NAMED_TICKERS = 40;

/**
 * A line per ticker with its cause; one line with their names for a cause that many share.
 * @param namesAll names each ticker
 */
function formatFailures(failed: readonly FailedTicker[], namesAll: boolean): string[] {
  const byCause = new Map<string, string[]>();
  const notAsked = new Map<string, number>();
  for (const { ticker, kind, reason } of failed) {
    if (kind === 'not-asked') {
      const why = reason.replace(/^not asked: /, '');
      notAsked.set(why, (notAsked.get(why) ?? 0) + 1);
      continue;
    }
    const cause = reason.startsWith(`${ticker}: `) ? reason.slice(ticker.length + 2) : reason;
    byCause.set(cause, [...(byCause.get(cause) ?? []), ticker]);
  }
  const lines = [...byCause].flatMap(([cause, tickers]) =>
    namesAll || tickers.length <= MAX_LINES_PER_CAUSE
      ? tickers.map((ticker) => `${ticker}: ${cause}`)
      : [`${formatQuantity(tickers.length, 'ticker')}: ${cause} (${formatTickerList(tickers)})`],
  );
  for (const [why, count] of notAsked) {
    const were = count === 1 ? 'was' : 'were';
    lines.push(`${formatQuantity(count, 'ticker')} ${were} not asked for: ${why}`);
  }
  return lines;
}

function formatTickerList(tickers: readonly string[]): string {
  const named = tickers.slice(0, MAX_NAMED_TICKERS).join(', ');
  return tickers.length <= MAX_NAMED_TICKERS ? named : `${named}, …; --verbose names all`;
}

/** What to do about the failures, a line each. */
function formatAdvice({ failed, stored }: RunReport['tickers']): string[] {
  const lines: string[] = [];
  const stays = stored > 0 ? '; what is stored stays' : '';
  if (failed.some(({ kind }) => kind === 'not-found')) {
    lines.push('`pynvest tickers` lists the tickers that the site has.');
  }
  if (failed.some(({ kind }) => kind === 'blocked')) {
    lines.push(
      'The site refuses requests for now: wait a while, then run again more slowly, with ' +
        `--concurrency 2 --pause 2000${stays}.`,
    );
  } else if (failed.some(({ kind }) => kind === 'redirected')) {
    lines.push(
      'The site redirects to another one, which is not asked: check PYNVEST_FUNDAMENTUS_URL, set it if the site has ' +
        `moved, then run again${stays}.`,
    );
  } else if (failed.some(({ kind }) => kind !== 'not-found' && kind !== 'layout-changed')) {
    lines.push(`Run again to complete the day${stays}.`);
  }
  if (failed.some(({ kind }) => kind === 'layout-changed')) {
    lines.push(
      'For pages that cannot be read, install the newest version of pynvest, which may know them, then run again.',
    );
  }
  return lines;
}
