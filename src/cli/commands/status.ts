/**
 * `pynvest status`: whether the lake is fresh and complete, and the system in AWS around it healthy.
 */

import { UsageError } from '../../errors.ts';
import type { StatusRequest } from '../../health/facts/read-facts.ts';
import { type Concern, readStatus, type StatusReport } from '../../health/status-report.ts';
import { areAdjustmentsDerived } from '../../pipeline/adjustment-state.ts';
import { createSite } from '../../sources/fundamentus/site.ts';
import { joinSentences } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { addLakeOptions } from '../command-line.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { assertNamedFolder, type LakeHandle, openLake } from '../open-lake.ts';
import { option } from '../option.ts';
import { writeCodes } from '../output/codes.ts';
import {
  type OutputOptions,
  outputOptions,
  resolveFormat,
  writeObject,
  writeRows,
} from '../output/rows.ts';
import { formatStatus } from '../output/status.ts';
import { readSiteSettings, siteOptions, useSiteOfSystem } from '../site-settings.ts';
import { type LakeOptions, lakeOptions } from '../target.ts';
import { withSpinner } from '../terminal/progress.ts';
import { createRetryNotifier, getWidth, type Terminal } from '../terminal/terminal.ts';

const HELP_TEXT = `
Exit status, for cron and the like:
  0  no problem
  1  something could not be read, and there is no problem; or --lake names a folder that does not exist
  3  a problem: a table without the newest trading day that is due (today from 19:00 in São Paulo, in AWS from the deduplication's schedule on), or without one of the last 5 trading days; over 1 % of the tickers missing; duplicates; a file that cannot be read; an unfinished day; an import that was interrupted; a failed run or deduplication; dead letters; a schedule that is disabled or missing; an alarm in ALARM; a stack whose deployment failed
An empty lake, values that do not parse, new and vanished labels, older gaps and drift are notes.
The site is asked again once, unless --retries is given.
A collection on a day without trading counts for the trading day before it.
JSON is one object; CSV is one line per table.`;

/** Without the site's listings the day before is compared with: few retries are enough. */
const STATUS_RETRIES = 1;

export const statusCommand = defineCommand({
  name: 'status',
  description: 'whether the lake is fresh and complete, and what to do if it is not',
  options: {
    ...outputOptions,
    ...lakeOptions,
    ...siteOptions,
    site: option('--no-site', 'do not ask the site for its tickers: compare with the day before'),
    drift: option('--drift', 'detect drift of the stack in AWS now, which takes a minute or more'),
    list: option('--list', 'list the codes of the report, with their meaning and what to do'),
  },
  helpText: HELP_TEXT,

  async handler({ terminal, options }) {
    if (options.list) {
      await writeCodes(terminal, options.format, 'status');
      return ExitStatus.done;
    }
    const settings = readSiteSettings(options);
    const retries = options.retries ?? process.env['PYNVEST_RETRIES'];
    const patience = retries === undefined ? { ...settings, retries: STATUS_RETRIES } : settings;
    const opened = await openLake(terminal, options);
    await assertNamedFolder(opened, options, { mayBeOther: true });
    const parameters = opened.kind === 'aws' ? opened.system.stack.parameters : undefined;
    const signal = abortOnInterrupt(terminal);
    const request: StatusRequest = {
      lake: opened.lake,
      place: opened.place,
      at: getStatusTarget(opened, options.drift),
      site:
        options.site === false
          ? undefined
          : createSite(
              useSiteOfSystem(patience, parameters),
              signal,
              createRetryNotifier(terminal),
            ),
      newestReports: (most) => opened.readNewestReports(most),
      areAdjustmentsDerived: () => areAdjustmentsDerived(opened.notes),
      // A line for each table has no place for it.
      withoutSize: !['json', 'table'].includes(resolveFormat(terminal, options.format)),
      now: new Date(),
    };
    const report = await withSpinner(terminal, 'Reading the lake', () => readStatus(request));
    await writeStatus(terminal, options, addLakeOptionsToRemedies(report, options));
    if (report.problems.length > 0) return ExitStatus.doneInPart;
    return report.untold.length > 0 ? ExitStatus.failed : ExitStatus.done;
  },
});

function addLakeOptionsToRemedies(report: StatusReport, options: LakeOptions): StatusReport {
  const add = (concerns: readonly Concern[]): Concern[] =>
    concerns.map((each) => ({ ...each, remedy: addLakeOptions(each.remedy, options) }));
  const { problems, notes, untold } = report;
  return { ...report, problems: add(problems), notes: add(notes), untold: add(untold) };
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
    terminal.stdout.write(formatStatus(report, getWidth(terminal.stdout) ?? 80, terminal.locale));
    return;
  }
  const [first] = report.tables;
  const columns = Object.keys(first ?? {}) as (keyof NonNullable<typeof first>)[];
  const rows = report.tables.map((table) => columns.map((column) => table[column]));
  await writeRows(terminal, chosen, { columns, rows });
  // The lines of the tables do not hold them.
  for (const { what, remedy } of [...report.problems, ...report.untold]) {
    terminal.warn(joinSentences(what, remedy));
  }
  for (const { what, remedy } of report.notes) terminal.notice(joinSentences(what, remedy));
}
