/**
 * Formats a status report in short lines and sections that fit a narrow terminal.
 */

import { dailyTables } from '../../catalog/datasets.ts';
import { formatMinute, formatTableName } from '../../health/finding.ts';
import type { Concern, StatusReport, TableStatus } from '../../health/status-report.ts';
import { formatFirst } from '../../text.ts';
import { wrapText } from '../terminal/terminal.ts';

type LabelledLine = readonly [name: string, text: string];

const INDENT = 11;

/** Lays the report out within `width` characters. */
export function formatStatus(report: StatusReport, width: number): string {
  const sections = [
    [
      ...createLines('Lake', [report.place]),
      ...createLines('Checked', [`${formatTime(report.checked_at)}, São Paulo`]),
      ...createLines('Due', [
        `${report.due_day}, the newest trading day that the lake should have`,
      ]),
    ].flatMap((line) => wrapLine(line, width)),
    formatTables(report.tables, width),
    formatDetails(report).flatMap((line) => wrapLine(line, width)),
    ...[
      formatConcerns('Problems', report.problems, width),
      formatConcerns('Unavailable', report.untold, width),
      formatConcerns('Notes', report.notes, width),
    ],
  ];
  const shown = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`);
  const isGood = report.problems.length + report.untold.length === 0;
  return `${shown.join('\n')}${isGood ? '\nNo problem found.\n' : ''}`;
}

function formatTables(rows: readonly TableStatus[], screenWidth: number): string[] {
  const headings = ['Table', 'Last day', 'Age', 'Late', 'Tickers', 'Rows', 'Gaps'];
  const lines = rows.map((row) => [
    formatTableName(
      dailyTables.find(({ name }) => name === row.table) ?? { name: row.table, layer: row.layer },
    ),
    row.last_partition ?? '-',
    formatAge(row.age_hours),
    row.trading_days_behind === null ? '-' : String(row.trading_days_behind),
    formatTickerCount(row),
    row.rows === null ? '-' : String(row.rows),
    String(row.missing_days),
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

function formatTime(iso: string): string {
  return formatMinute(new Date(iso));
}

/** `58/60` where it is known how many there should be. */
function formatTickerCount({
  tickers,
  expected_tickers: expected,
  missing_tickers,
}: TableStatus): string {
  if (tickers === null) return '-';
  return expected === null ? String(tickers) : `${expected - (missing_tickers ?? 0)}/${expected}`;
}

function formatAge(hours: number | null): string {
  if (hours === null) return '-';
  if (hours < 1) return '<1 h';
  return hours < 48 ? `${Math.floor(hours)} h` : `${Math.floor(hours / 24)} d`;
}

function formatDetails(report: StatusReport): LabelledLine[] {
  const { folder, schedules, queues, stack } = report;
  return [
    ...createLines('Last run', formatLastRun(report)),
    ...createLines(
      'Folder',
      folder === null
        ? []
        : [
            `${formatSize(folder.bytes)} in ${folder.files} files`,
            folder.lock === null ? 'no run in progress' : `locked by ${folder.lock}`,
          ],
    ),
    ...createLines(
      'Schedules',
      (schedules ?? []).map(({ purpose, state, expression, next_firing: next }) =>
        state === 'enabled'
          ? `${purpose}: ${expression}, next ${next === null ? 'not known' : formatTime(next)}`
          : `${purpose}: ${state.toUpperCase()}`,
      ),
    ),
    ...createLines(
      'Queues',
      (queues ?? []).map(
        ({ queue, visible, in_flight: inFlight, delayed, oldest_message_seconds: oldest }) =>
          `${queue}: ${formatQueueCounts({ waiting: visible, 'in flight': inFlight, delayed })}` +
          (oldest === null ? '' : `, oldest ${formatAge(oldest / 3_600)}`),
      ),
    ),
    ...createLines('Dedup', formatDeduplication(report)),
    ...createLines('Alarms', formatAlarms(report)),
    ...createLines(
      'Stack',
      stack === null
        ? []
        : [
            `${stack.name}: ${stack.status}`,
            `drift: ${stack.drift}` +
              (stack.drift_checked_at === null ? '' : `, ${formatTime(stack.drift_checked_at)}`),
            `termination protection: ${stack.termination_protection ? 'on' : 'off'}`,
          ],
    ),
  ];
}

function formatDeduplication({ target, state_machine: last, untold }: StatusReport): string[] {
  if (target === 'local' || untold.some(({ code }) => code === 'state-machine')) return [];
  if (last === null) return ['no run yet'];
  const took = last.seconds === null ? '' : `, ${last.seconds.toFixed(1)} s`;
  return [`${last.status}, ${formatTime(last.started_at)}${took}`];
}

function formatAlarms({ alarms }: StatusReport): string[] {
  if (alarms === null) return [];
  const inAlarm = alarms.filter(({ state }) => state === 'alarm').map(({ alarm }) => alarm);
  const which = inAlarm.length === 0 ? '' : `: ${formatFirst(inAlarm)}`;
  return [`${inAlarm.length} of ${alarms.length} in ALARM${which}`];
}

/** How many messages a queue has of each kind, without those of which it has none. */
function formatQueueCounts(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? 'empty' : some.map(([what, n]) => `${n} ${what}`).join(', ');
}

function formatLastRun({ last_run: run, target }: StatusReport): string[] {
  if (run === null) {
    return [`no report of a run${target === 'aws' ? ' by this command; functions keep none' : ''}`];
  }
  const lines = [
    `${formatTime(run.started_at)}, ${run.command} of ${run.date}, ${run.seconds.toFixed(1)} s`,
  ];
  if (run.command === 'run') {
    lines.push(
      `${run.asked} asked, ${run.stored} stored, ${run.failed.length} failed${run.interrupted ? ', interrupted' : ''}`,
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

function formatConcerns(heading: string, concerns: readonly Concern[], width: number): string[] {
  if (concerns.length === 0) return [];
  return [
    heading,
    ...concerns.flatMap(({ what, remedy }) => [
      ...wrapText(what, width, '! '),
      ...wrapText(remedy, width, '    '),
    ]),
  ];
}

function wrapLine([name, text]: LabelledLine, width: number): string[] {
  return wrapText(text, width, name.padEnd(INDENT));
}

function formatSize(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
