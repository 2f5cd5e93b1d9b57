/**
 * `pynvest status`: whether the lake is fresh and complete, and the system behind it healthy.
 */

import { UsageError } from '../../errors.ts';
import { readStatus as statusOf } from '../../health/status.ts';
import type { Concern, StatusReport } from '../../health/status-report.ts';
import { createSite } from '../../sources/fundamentus/site.ts';
import { defineCommand } from '../command.ts';
import { addLakeOptions } from '../command-line.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { type LakeHandle, openLake } from '../open-lake.ts';
import { option } from '../option.ts';
import {
  type OutputOptions,
  outputOptions,
  resolveFormat,
  writeObject,
  writeRows,
} from '../output/rows.ts';
import { formatStatus, writeStatusCodes } from '../output/status.ts';
import { readSiteSettings, siteOptions } from '../site-settings.ts';
import { type LakeOptions, lakeOptions } from '../target.ts';
import { createRetryNotifier, type Terminal } from '../terminal/terminal.ts';

const HELP_TEXT = `
Exit status, for cron and the like:
  0  all is well
  1  something could not be found out
  3  a problem: a table without the newest trading day that is due (today from 19:00 in São Paulo, in
     AWS from the deduplication's schedule on), or without one of the last 5 trading days; over 1 % of
     the tickers missing; duplicates; a file that cannot be read; a day or a run that did not come to
     its end; dead letters; a failed deduplication; a schedule disabled or gone; an alarm in ALARM; a
     stack that is not whole
Values that do not parse, new and vanished labels, older gaps and drift are notes: they change nothing.
The site is asked again once where --retries does not say otherwise.
A collection on a day without trading stands for the trading day before it.
JSON is one object; CSV is one line a table.`;

/** The comparison with the day before is enough where the site does not answer: it is not asked for long. */
const STATUS_RETRIES = 1;

export const statusCommand = defineCommand({
  name: 'status',
  description: 'whether the lake is up to date and whole, and what to do where it is not',
  options: {
    ...outputOptions,
    ...lakeOptions,
    ...siteOptions,
    site: option(
      '--no-site',
      'do not ask the site which tickers there are: compare with the day before',
    ),
    drift: option('--drift', 'look anew for drift of the stack in AWS; takes a minute or more'),
    list: option('--list', 'the codes of all that can be named, what they mean and what to do'),
  },
  helpText: HELP_TEXT,

  async handler({ terminal, options }) {
    if (options.list) {
      await writeStatusCodes(terminal, options.format);
      return ExitStatus.done;
    }
    const settings = readSiteSettings(options);
    const retries = options.retries ?? process.env['PYNVEST_RETRIES'];
    const patience = retries === undefined ? { ...settings, retries: STATUS_RETRIES } : settings;
    const opened = await openLake(terminal, options);
    const signal = abortOnInterrupt(terminal);
    const report = await statusOf({
      lake: opened.lake,
      place: opened.place,
      at: getStatusTarget(opened, options.drift),
      site:
        options.site === false
          ? undefined
          : createSite(patience, signal, createRetryNotifier(terminal)),
      newestReports: (most) => opened.readNewestReports(most),
      now: new Date(),
    });
    await writeStatus(terminal, options, addLakeOptionsToRemedies(report, options));
    if (report.problems.length > 0) return ExitStatus.doneInPart;
    return report.untold.length > 0 ? ExitStatus.failed : ExitStatus.done;
  },
});

function addLakeOptionsToRemedies(report: StatusReport, options: LakeOptions): StatusReport {
  const said = (concerns: readonly Concern[]): Concern[] =>
    concerns.map((each) => ({ ...each, remedy: addLakeOptions(each.remedy, options) }));
  const { problems, notes, untold } = report;
  return { ...report, problems: said(problems), notes: said(notes), untold: said(untold) };
}

/** @throws UsageError for `--drift` of a folder */
function getStatusTarget(opened: LakeHandle, drift = false) {
  if (opened.kind === 'aws') {
    return { target: 'aws', system: opened.system, detectDrift: drift } as const;
  }
  if (!drift) return { target: 'local', root: opened.root } as const;
  throw new UsageError('--drift is about the stack in AWS, and this lake is a folder', {
    hint: 'Leave it out, or pass --target aws.',
  });
}

async function writeStatus(
  terminal: Terminal,
  { format }: OutputOptions,
  report: StatusReport,
): Promise<void> {
  const chosen = resolveFormat(terminal, format);
  if (chosen === 'json') return writeObject(terminal, report);
  if (chosen === 'table') {
    terminal.stdout.write(formatStatus(report, terminal.stdout.columns ?? 80));
    return;
  }
  const [first] = report.tables;
  const columns = Object.keys(first ?? {}) as (keyof NonNullable<typeof first>)[];
  const rows = report.tables.map((table) => columns.map((column) => table[column]));
  await writeRows(terminal, chosen, { columns, rows });
  // The lines of the tables have no room for them.
  for (const { what, remedy } of [...report.problems, ...report.untold]) {
    terminal.warn(remedy === '' ? what : `${what}. ${remedy}`);
  }
  for (const { what, remedy } of report.notes) terminal.notice(`${what}. ${remedy}`);
}
