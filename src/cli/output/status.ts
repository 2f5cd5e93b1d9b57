/**
 * Formats a status report in short lines and sections that fit a narrow terminal.
 */

import { dailyTables } from '../../catalog/datasets.ts';
import { formatMinute, formatTableName } from '../../health/finding.ts';
import type { Concern, StatusReport, TableStatus } from '../../health/status-report.ts';
import {
  formatDay,
  formatMeasure,
  formatNumber,
  formatProse,
  type Locale,
} from '../../presentation/notation.ts';
import { formatFirst } from '../../text.ts';
import { wrapText } from '../terminal/terminal.ts';

type LabelledLine = readonly [name: string, text: string];

const INDENT = 11;

/** Lays the report out within `width` characters; days and numbers in the notation of a locale. */
export function formatStatus(report: StatusReport, width: number, locale: Locale): string {
  const dueDay = formatDay(report.due_day, locale);
  const sections = [
    [
      ...createLines('Lake', [report.place]),
      ...createLines('Checked', [`${formatTime(report.checked_at, locale)}, São Paulo`]),
      ...createLines('Due', [`${dueDay}, the newest trading day that the lake should have`]),
    ].flatMap((line) => wrapLine(line, width)),
    formatTables(report.tables, width, locale),
    formatDetails(report, locale).flatMap((line) => wrapLine(line, width)),
    ...[
      formatConcerns('Problems', report.problems, width, locale),
      formatConcerns('Unavailable', report.untold, width, locale),
      formatConcerns('Notes', report.notes, width, locale),
    ],
  ];
  const shown = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`);
  const isGood = report.problems.length + report.untold.length === 0;
  return `${shown.join('\n')}${isGood ? '\nNo problem found.\n' : ''}`;
}

function formatTables(rows: readonly TableStatus[], screenWidth: number, locale: Locale): string[] {
  const headings = ['Table', 'Last day', 'Age', 'Late', 'Tickers', 'Rows', 'Gaps'];
  const lines = rows.map((row) => [
    formatTableName(
      dailyTables.find(({ name }) => name === row.table) ?? { name: row.table, layer: row.layer },
    ),
    row.last_partition === null ? '-' : formatDay(row.last_partition, locale),
    formatAge(row.age_hours),
    row.trading_days_behind === null ? '-' : formatCount(row.trading_days_behind, locale),
    formatTickerCount(row, locale),
    row.rows === null ? '-' : formatCount(row.rows, locale),
    formatCount(row.missing_days, locale),
  ]);
  const all = [headings, ...lines];
  const widths = headings.map((_, index) =>
    Math.max(...all.map((line) => (line[index] ?? '').length)),
  );
  const shown = headings.map((_, index) => index);
  const measure = (): number => shown.reduce((sum, index) => sum + (widths[index] ?? 0) + 2, -2);
  for (const heading of LEFT_OUT_FIRST) {
    if (measure() > screenWidth) shown.splice(shown.indexOf(headings.indexOf(heading)), 1);
  }
  return all.map((line) =>
    shown
      .map((index) => {
        const [cell = '', width = 0] = [line[index], widths[index]];
        return index < 2 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}

/** On a narrow screen; `--format json` has them. */
const LEFT_OUT_FIRST = ['Rows', 'Age', 'Gaps'];

/** A time in São Paulo, to the minute. */
function formatTime(iso: string, locale: Locale): string {
  const [day = '', minute = ''] = formatMinute(new Date(iso)).split(' ');
  return `${formatDay(day, locale)} ${minute}`;
}

function formatCount(count: number, locale: Locale): string {
  return formatMeasure(count, 'count', locale);
}

function formatSeconds(seconds: number, locale: Locale): string {
  return `${formatNumber(seconds, locale, 1)} s`;
}

/** `58/60` where it is known how many there should be. */
function formatTickerCount(
  { tickers, expected_tickers: expected, missing_tickers }: TableStatus,
  locale: Locale,
): string {
  if (tickers === null) return '-';
  if (expected === null) return formatCount(tickers, locale);
  const [found, all] = [expected - (missing_tickers ?? 0), expected];
  return `${formatCount(found, locale)}/${formatCount(all, locale)}`;
}

function formatAge(hours: number | null): string {
  // Rows that a clock which was ahead has stored are of no age; two machines differ by seconds.
  if (hours === null || hours <= -1) return '-';
  if (hours < 1) return '<1 h';
  return hours < 48 ? `${Math.floor(hours)} h` : `${Math.floor(hours / 24)} d`;
}

function formatDetails(report: StatusReport, locale: Locale): LabelledLine[] {
  const { folder, schedules, queues, stack } = report;
  return [
    ...createLines('Last run', formatLastRun(report, locale)),
    ...createLines('Imports', formatImports(report, locale)),
    ...createLines(
      'Folder',
      folder === null
        ? []
        : [
            `${formatSize(folder.bytes, locale)} in ${formatCount(folder.files, locale)} ${folder.files === 1 ? 'file' : 'files'}`,
            folder.lock === null ? 'no run in progress' : `locked by ${folder.lock}`,
          ],
    ),
    ...createLines(
      'Schedules',
      (schedules ?? []).map(({ purpose, state, expression, next_firing: next }) =>
        state === 'enabled'
          ? `${purpose}: ${expression}, next ${next === null ? 'not known' : formatTime(next, locale)}`
          : `${purpose}: ${state.toUpperCase()}`,
      ),
    ),
    ...createLines(
      'Queues',
      (queues ?? []).map(
        ({ queue, visible, in_flight: inFlight, delayed, oldest_message_seconds: oldest }) =>
          `${queue}: ${formatQueueCounts({ waiting: visible, 'in flight': inFlight, delayed }, locale)}` +
          (oldest === null ? '' : `, oldest ${formatAge(oldest / 3_600)}`),
      ),
    ),
    ...createLines('Dedup', formatDeduplication(report, locale)),
    ...createLines('Alarms', formatAlarms(report)),
    ...createLines(
      'Stack',
      stack === null
        ? []
        : [
            `${stack.name}: ${stack.status}`,
            `drift: ${stack.drift}` +
              (stack.drift_checked_at === null
                ? ''
                : `, ${formatTime(stack.drift_checked_at, locale)}`),
            `termination protection: ${stack.termination_protection ? 'on' : 'off'}`,
          ],
    ),
  ];
}

function formatImports({ imports }: StatusReport, locale: Locale): string[] {
  if (imports === null) return [];
  const { newest_session: newest } = imports;
  const session = newest === null ? [] : [`newest session ${formatDay(newest, locale)}`];
  return [
    ...imports.tables.map(({ table, rows, years, first_year: first, last_year: last }) => {
      const span = last - first + 1;
      const which = first === last ? `${first}` : `${first} to ${last}`;
      const some = years === span ? '' : `, ${years} of ${span} years`;
      const count = `${formatCount(rows, locale)} ${rows === 1 ? 'row' : 'rows'}`;
      return `${table}: ${count}, ${which}${some}`;
    }),
    ...session,
  ];
}

function formatDeduplication(
  { target, state_machine: last, untold }: StatusReport,
  locale: Locale,
): string[] {
  if (target === 'local' || untold.some(({ code }) => code === 'state-machine')) return [];
  if (last === null) return ['no run yet'];
  const took = last.seconds === null ? '' : `, ${formatSeconds(last.seconds, locale)}`;
  return [`${last.status}, ${formatTime(last.started_at, locale)}${took}`];
}

function formatAlarms({ alarms }: StatusReport): string[] {
  if (alarms === null) return [];
  const inAlarm = alarms.filter(({ state }) => state === 'alarm').map(({ alarm }) => alarm);
  const which = inAlarm.length === 0 ? '' : `: ${formatFirst(inAlarm)}`;
  return [`${inAlarm.length} of ${alarms.length} in ALARM${which}`];
}

/** How many messages a queue has of each kind, without those of which it has none. */
function formatQueueCounts(counts: Readonly<Record<string, number>>, locale: Locale): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  if (some.length === 0) return 'empty';
  return some.map(([what, count]) => `${formatCount(count, locale)} ${what}`).join(', ');
}

function formatLastRun({ last_run: run, target }: StatusReport, locale: Locale): string[] {
  if (run === null) {
    return [`no report of a run${target === 'aws' ? ' by this command; functions keep none' : ''}`];
  }
  const lines = [
    `${formatTime(run.started_at, locale)}, ${run.command} of ${formatDay(run.date, locale)}, ${formatSeconds(run.seconds, locale)}`,
  ];
  if (run.command === 'run') {
    lines.push(
      `${formatCount(run.asked, locale)} asked, ${formatCount(run.stored, locale)} stored, ${formatCount(run.failed.length, locale)} failed${run.interrupted ? ', interrupted' : ''}`,
    );
  }
  for (const kind of new Set(run.failed.map((each) => each.kind))) {
    const ofKind = run.failed.filter((each) => each.kind === kind).map(({ ticker }) => ticker);
    lines.push(`${kind}: ${formatFirst(ofKind)}`);
  }
  return lines;
}

/** The first line has the name, the others are aligned with its text. */
function createLines(name: string, texts: readonly string[]): LabelledLine[] {
  return texts.map((text, index) => [index === 0 ? name : '', text]);
}

function formatConcerns(
  heading: string,
  concerns: readonly Concern[],
  width: number,
  locale: Locale,
): string[] {
  if (concerns.length === 0) return [];
  return [
    heading,
    ...concerns.flatMap(({ what, remedy }) => [
      ...wrapText(formatProse(what, locale), width, '! '),
      ...wrapText(formatProse(remedy, locale), width, '    '),
    ]),
  ];
}

function wrapLine([name, text]: LabelledLine, width: number): string[] {
  return wrapText(text, width, name.padEnd(INDENT));
}

function formatSize(bytes: number, locale: Locale): string {
  return bytes < 1e6
    ? `${Math.ceil(bytes / 1e3)} kB`
    : `${formatNumber(bytes / 1e6, locale, 1)} MB`;
}
