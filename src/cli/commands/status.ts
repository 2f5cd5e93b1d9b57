/**
 * `pynvest status`: whether the lake is fresh and complete, and the system behind it healthy.
 */

import { UsageError } from '../../errors.ts';
import { readStatus as statusOf } from '../../health/status.ts';
import type { Concern, StatusReport } from '../../health/status-report.ts';
import { createSite } from '../../sources/fundamentus/site.ts';
import { addLakeOptions } from '../command-line.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { type LakeHandle, openLake } from '../open-lake.ts';
import type { LakeOptions, OutputOptions, SiteOptions } from '../options.ts';
import { resolveFormat, writeObject, writeRows } from '../output/rows.ts';
import { formatStatus, writeStatusCodes } from '../output/status.ts';
import { readSiteSettings } from '../settings.ts';
import { createRetryNotifier, type Terminal } from '../terminal/terminal.ts';

interface StatusOptions extends OutputOptions, LakeOptions, SiteOptions {
  /** False for `--no-site`. */
  readonly site?: boolean;
  readonly drift?: boolean;
  readonly list?: boolean;
}

/** The day before answers as well: a site that is away is not waited for long. */
const STATUS_RETRIES = 1;

export async function status(terminal: Terminal, options: StatusOptions): Promise<ExitStatus> {
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
    at: getStatusTarget(opened, options),
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
}

function addLakeOptionsToRemedies(report: StatusReport, options: LakeOptions): StatusReport {
  const said = (concerns: readonly Concern[]): Concern[] =>
    concerns.map((each) => ({ ...each, remedy: addLakeOptions(each.remedy, options) }));
  const { problems, notes, untold } = report;
  return { ...report, problems: said(problems), notes: said(notes), untold: said(untold) };
}

/** @throws UsageError where `--drift` is said of a folder */
function getStatusTarget(opened: LakeHandle, { drift = false }: StatusOptions) {
  if (opened.kind === 'aws') {
    return { target: 'aws', system: opened.system, detectDrift: drift } as const;
  }
  if (!drift) return { target: 'local', root: opened.root } as const;
  throw new UsageError('--drift is about the stack in AWS, and this lake is a folder', {
    hint: 'Leave it out, or say --target aws.',
  });
}

async function writeStatus(
  terminal: Terminal,
  { format }: StatusOptions,
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
