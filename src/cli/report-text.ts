/** A run's report for a person. */
import { assetKinds } from '../catalog/asset.ts';
import { tables } from '../catalog/tables.ts';
import { counted } from '../counted.ts';
import type { RunReport } from '../pipeline/report.ts';
import { isNews } from '../transform/drift.ts';
import { failureLines, whatToDo } from './failures-text.ts';
import { writeObject, writeRows } from './output.ts';
import type { OutputFormat } from './output-formats.ts';
import type { Terminal } from './terminal.ts';

/** Says on stderr what was stored, and, `--quiet` or not, what went wrong. */
export function sayReport(terminal: Terminal, report: RunReport): void {
  const { tickers, unparsed, drift } = report;
  for (const line of failureLines(tickers.failed, terminal.verbose)) terminal.warn(line);
  if (tickers.rejected.length > 0) {
    terminal.warn(`the listing names what is no ticker: ${tickers.rejected.join(', ')}`);
  }
  for (const fault of report.listing_faults ?? []) terminal.warn(fault);
  for (const { column, values, examples } of unparsed) {
    const shown = examples.map(({ ticker, text }) => `${ticker} ${JSON.stringify(text)}`);
    const are = values === 1 ? 'does not parse and is' : 'do not parse and are';
    terminal.warn(`${column}: ${counted(values, 'value')} ${are} null (${shown.join(', ')})`);
  }
  for (const { kind, label, pages, firstTicker } of drift.unknownLabels) {
    terminal.warn(
      `${kind}: ${JSON.stringify(label)} on ${counted(pages, 'page')} (first ${firstTicker}) ` +
        'has no column; kept in outros_indicadores',
    );
  }
  sayVanished(terminal, report);
  sayUnfinished(terminal, report);
  if (report.error !== undefined) terminal.warn(errorLine(report, report.error));
  if (report.command === 'run') {
    terminal.notice(
      `Stored ${tickers.stored} of ${counted(tickers.asked, 'ticker')} for ${report.date} ` +
        `in ${report.seconds.toFixed(1)} s (${(report.bytes_written / 1e6).toFixed(1)} MB written)`,
    );
    for (const line of whatToDo(tickers)) terminal.notice(line);
    if (report.listing_faults) {
      terminal.notice(
        'The site may be in trouble: run again later, and the day has what it lists then.',
      );
    }
  }
}

/** Which day it is about stands in every other line of a run; a backfill may be of many. */
function errorLine({ command, date }: RunReport, error: string): string {
  return command === 'backfill' ? `${date} was not rebuilt: ${error}` : error;
}

function sayUnfinished(terminal: Terminal, { uncompleted_days: unfinished = [] }: RunReport): void {
  for (const { date, reason } of unfinished) {
    terminal.warn(
      date === null
        ? `earlier days were not looked at: ${reason}`
        : `${date}, left unfinished by a run, was not completed: ${reason}`,
    );
  }
  if (unfinished.length === 0) return;
  terminal.notice(
    'Every run tries earlier days again; `pynvest doctor` says what is wrong with them.',
  );
}

function sayVanished(terminal: Terminal, { drift }: RunReport): void {
  const news = drift.vanishedColumns.filter(
    (column) => isNews(column) || (!column.retired && terminal.verbose),
  );
  for (const kind of assetKinds) {
    const labels = news.filter((each) => each.kind === kind).map(({ label }) => label);
    if (labels.length > 0) terminal.warn(`${kind}: on no page: ${[...new Set(labels)].join(', ')}`);
  }
  if (news.length > 0) {
    terminal.notice(
      'The site no longer prints these: their columns are null in this day. Where it only renamed them, a ' +
        'newer version of pynvest may know the new names; what it prints instead is in outros_indicadores.',
    );
  }
}

/** The reports themselves as JSON; otherwise the rows a table that they count. */
export async function writeReports(
  terminal: Terminal,
  format: OutputFormat | undefined,
  reports: readonly RunReport[],
): Promise<void> {
  if (format === 'json') {
    const [only] = reports;
    return writeObject(terminal, reports.length === 1 && only ? only : reports);
  }
  await writeRows(terminal, format, {
    columns: ['anomesdia_exec', 'table', 'rows'],
    essential: ['table', 'rows'],
    // Where the tables could not be made to follow, nobody has counted their rows.
    rows: reports
      .filter(({ error }) => error === undefined)
      .flatMap(({ partition, rows }) =>
        tables.map(({ name }) => [partition, name, rows[name] ?? 0]),
      ),
  });
}
