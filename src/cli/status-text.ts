/** A lake's status for a person: short lines in sections, for narrow terminals too. Pure. */
import { tables } from '../catalog/tables.ts';
import {
  type Concern,
  clock,
  firstFew,
  labelOf,
  type StatusReport,
  type TableStatus,
} from '../operate/status/report.ts';
import { wrapText } from './wrap-text.ts';

type Line = readonly [name: string, text: string];

const INDENT = 11;

/** Lays the report out within `width` characters. */
export function statusText(report: StatusReport, width: number): string {
  const sections = [
    [
      ...named('Lake', [report.place]),
      ...named('Checked', [`${clock(report.checked_at)}, São Paulo`]),
      ...named('Due', [`${report.due_day}, the newest trading day that should be there`]),
    ].flatMap((line) => wrapped(line, width)),
    tableLines(report.tables),
    detailsOf(report).flatMap((line) => wrapped(line, width)),
    ...[
      concernLines('Problems', report.problems, width),
      concernLines('Not told', report.untold, width),
      concernLines('Notes', report.notes, width),
    ],
  ];
  const shown = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`);
  const well = report.problems.length + report.untold.length === 0 ? '\nNo problem found.\n' : '';
  return `${shown.join('\n')}${well}`;
}

function tableLines(rows: readonly TableStatus[]): string[] {
  const headings = ['Table', 'Last day', 'Age', 'Late', 'Tickers', 'Rows', 'Gaps'];
  const lines = rows.map((row) => [
    labelOf(tables.find(({ name }) => name === row.table) ?? { name: row.table, layer: row.layer }),
    row.last_partition ?? '-',
    ageOf(row.age_hours),
    row.trading_days_behind === null ? '-' : String(row.trading_days_behind),
    tickersOf(row),
    row.rows === null ? '-' : String(row.rows),
    String(row.missing_days),
  ]);
  const all = [headings, ...lines];
  const widths = headings.map((_, index) =>
    Math.max(...all.map((line) => (line[index] ?? '').length)),
  );
  return all.map((line) =>
    line
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return index < 2 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}

/** `58/60` where it is known how many there should be. */
function tickersOf({ tickers, expected_tickers: expected, missing_tickers }: TableStatus): string {
  if (tickers === null) return '-';
  return expected === null ? String(tickers) : `${expected - (missing_tickers ?? 0)}/${expected}`;
}

function ageOf(hours: number | null): string {
  if (hours === null) return '-';
  if (hours < 1) return '<1 h';
  return hours < 48 ? `${Math.floor(hours)} h` : `${Math.floor(hours / 24)} d`;
}

function detailsOf(report: StatusReport): Line[] {
  const { folder, schedules, queues, stack } = report;
  return [
    ...named('Last run', lastRunLines(report)),
    ...named(
      'Folder',
      folder === null
        ? []
        : [
            `${sizeOf(folder.bytes)} in ${folder.files} files`,
            folder.lock === null ? 'no run at work' : `held by ${folder.lock}`,
          ],
    ),
    ...named(
      'Schedules',
      (schedules ?? []).map(({ purpose, state, expression, next_firing: next }) =>
        state === 'enabled'
          ? `${purpose}: ${expression}, next ${next === null ? 'not known' : clock(next)}`
          : `${purpose}: ${state.toUpperCase()}`,
      ),
    ),
    ...named(
      'Queues',
      (queues ?? []).map(
        ({ queue, visible, in_flight: inFlight, delayed, oldest_message_seconds: oldest }) =>
          `${queue}: ${waitingOf({ waiting: visible, 'at work': inFlight, delayed })}` +
          (oldest === null ? '' : `, oldest ${ageOf(oldest / 3_600)}`),
      ),
    ),
    ...named('Dedup', dedupLines(report)),
    ...named('Alarms', alarmLines(report)),
    ...named(
      'Stack',
      stack === null
        ? []
        : [
            `${stack.name}: ${stack.status}`,
            `drift: ${stack.drift}` +
              (stack.drift_checked_at === null ? '' : `, ${clock(stack.drift_checked_at)}`),
            `termination protection: ${stack.termination_protection ? 'on' : 'off'}`,
          ],
    ),
  ];
}

function dedupLines({ target, state_machine: last, untold }: StatusReport): string[] {
  if (target === 'local' || untold.some(({ code }) => code === 'state-machine')) return [];
  if (last === null) return ['no run yet'];
  const took = last.seconds === null ? '' : `, ${last.seconds.toFixed(1)} s`;
  return [`${last.status}, ${clock(last.started_at)}${took}`];
}

function alarmLines({ alarms }: StatusReport): string[] {
  if (alarms === null) return [];
  const inAlarm = alarms.filter(({ state }) => state === 'alarm').map(({ alarm }) => alarm);
  const which = inAlarm.length === 0 ? '' : `: ${firstFew(inAlarm)}`;
  return [`${inAlarm.length} of ${alarms.length} in ALARM${which}`];
}

/** What is in a queue, without the noughts. */
function waitingOf(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? 'empty' : some.map(([what, n]) => `${n} ${what}`).join(', ');
}

function lastRunLines({ last_run: run, target }: StatusReport): string[] {
  if (run === null) {
    return [`no report of a run${target === 'aws' ? ' by this command; functions keep none' : ''}`];
  }
  const lines = [
    `${clock(run.started_at)}, ${run.command} of ${run.date}, ${run.seconds.toFixed(1)} s`,
  ];
  if (run.command === 'run') {
    lines.push(`${run.asked} asked, ${run.stored} stored, ${run.failed.length} failed`);
  }
  for (const kind of new Set(run.failed.map((each) => each.kind))) {
    const ofKind = run.failed.filter((each) => each.kind === kind).map(({ ticker }) => ticker);
    lines.push(`${kind}: ${firstFew(ofKind)}`);
  }
  return lines;
}

/** The first line bears the name, the others stand under its text. */
function named(name: string, texts: readonly string[]): Line[] {
  return texts.map((text, index) => [index === 0 ? name : '', text]);
}

function concernLines(heading: string, concerns: readonly Concern[], width: number): string[] {
  if (concerns.length === 0) return [];
  return [
    heading,
    ...concerns.flatMap(({ what, remedy }) => [
      ...wrapText(what, width - 2).map((text, index) => `${index === 0 ? '! ' : '  '}${text}`),
      ...wrapText(remedy, width - 4).map((text) => `    ${text}`),
    ]),
  ];
}

function wrapped([name, text]: Line, width: number): string[] {
  return wrapText(text, width - INDENT).map(
    (part, index) => `${(index === 0 ? name : '').padEnd(INDENT)}${part}`,
  );
}

function sizeOf(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
