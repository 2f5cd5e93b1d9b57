/** `pynvest status`: whether the lake is up to date and whole, and the system behind it well. */
import { UsageError } from '../errors.ts';
import { createSite } from '../fundamentus/client.ts';
import type { Concern, StatusReport } from '../operate/status/report.ts';
import { status as statusOf } from '../operate/status/status.ts';
import { abortOnInterrupt, ExitStatus } from './exit.ts';
import { type LakeAtHand, openLake } from './lake-at-hand.ts';
import { forThisLake } from './lake-line.ts';
import type { LakeOptions, OutputOptions, SiteOptions } from './options.ts';
import { chosenFormat, writeObject, writeRows } from './output.ts';
import { siteSettings } from './settings.ts';
import { writeStatusCodes } from './status-list.ts';
import { statusText } from './status-text.ts';
import { sayRetry, type Terminal } from './terminal.ts';

export interface StatusOptions extends OutputOptions, LakeOptions, SiteOptions {
  /** False for `--no-site`. */
  readonly site?: boolean;
  readonly drift?: boolean;
  readonly list?: boolean;
}

/** The day before answers as well: a site that is away is not waited for long. */
const FEW_RETRIES = 1;

export async function status(terminal: Terminal, options: StatusOptions): Promise<ExitStatus> {
  if (options.list) {
    await writeStatusCodes(terminal, options.format);
    return ExitStatus.done;
  }
  const settings = siteSettings(options);
  const retries = options.retries ?? process.env['PYNVEST_RETRIES'];
  const patience = retries === undefined ? { ...settings, retries: FEW_RETRIES } : settings;
  const opened = await openLake(terminal, options);
  const signal = abortOnInterrupt(terminal);
  const report = await statusOf({
    lake: opened.lake,
    place: opened.place,
    at: placeOf(opened, options),
    site: options.site === false ? undefined : createSite(patience, signal, sayRetry(terminal)),
    newestReports: (most) => opened.newestReports(most),
    now: new Date(),
  });
  await write(terminal, options, forCopying(report, options));
  if (report.problems.length > 0) return ExitStatus.doneInPart;
  return report.untold.length > 0 ? ExitStatus.failed : ExitStatus.done;
}

function forCopying(report: StatusReport, options: LakeOptions): StatusReport {
  const said = (concerns: readonly Concern[]): Concern[] =>
    concerns.map((each) => ({ ...each, remedy: forThisLake(each.remedy, options) }));
  const { problems, notes, untold } = report;
  return { ...report, problems: said(problems), notes: said(notes), untold: said(untold) };
}

/** @throws UsageError where `--drift` is said of a folder */
function placeOf(opened: LakeAtHand, { drift = false }: StatusOptions) {
  if (opened.kind === 'aws') {
    return { target: 'aws', system: opened.system, detectDrift: drift } as const;
  }
  if (!drift) return { target: 'local', root: opened.root } as const;
  throw new UsageError('--drift is about the stack in AWS, and this lake is a folder', {
    hint: 'Leave it out, or say --target aws.',
  });
}

async function write(
  terminal: Terminal,
  { format }: StatusOptions,
  report: StatusReport,
): Promise<void> {
  const chosen = chosenFormat(terminal, format);
  if (chosen === 'json') return writeObject(terminal, report);
  if (chosen === 'table') {
    terminal.stdout.write(statusText(report, terminal.stdout.columns ?? 80));
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
