/**
 * Formats the doctor's findings as sentences for a terminal, or as rows.
 */

import { formatIsoDate } from '../../catalog/partition.ts';
import { allCodes } from '../../health/codes.ts';
import type { Examination } from '../../health/doctor.ts';
import type { Finding } from '../../health/finding.ts';
import type { FailedRepair, Repair } from '../../health/repair.ts';
import { formatExact, formatProse, type Locale } from '../../presentation/notation.ts';
import { formatQuantity } from '../../text.ts';
import { getWidth, type Terminal, wrapText } from '../terminal/terminal.ts';
import { type OutputFormat, resolveFormat, writeRows } from './rows.ts';

const COLUMNS = [
  ...['code', 'status', 'table', 'partition', 'subject', 'detail', 'remedy', 'fixable'],
] as const;

/** Of the notes of one code so many are shown in sentences; rows hold them all. */
const MAX_SIMILAR_NOTES = 3;

const INDENT = ' '.repeat(8);

/** Whether a finding makes the exit status 1: what could not be read was not checked. */
export function isFault({ severity }: Finding): boolean {
  return severity === 'problem' || severity === 'unavailable';
}

type Status = 'ok' | 'mended' | 'note' | 'problem';

interface Line {
  readonly status: Status;
  readonly finding: Finding;
  /** What to do or, where it was repaired, what was done. */
  readonly remedy: string;
  readonly isFixable: boolean;
}

/** Repaired findings are `mended` in rows, and `fixed` in sentences. */
function createLines(findings: readonly Finding[], repaired: readonly Repair[]): Line[] {
  return [
    ...repaired.map(({ finding, outcome }) => ({
      status: 'mended' as const,
      finding,
      remedy: outcome,
      isFixable: false,
    })),
    ...findings.map((finding) => ({
      status: finding.severity === 'unavailable' ? 'problem' : finding.severity,
      finding,
      remedy: finding.remedy,
      isFixable: finding.fix !== undefined,
    })),
  ];
}

export async function writeFindings(
  terminal: Terminal,
  format: OutputFormat | undefined,
  findings: readonly Finding[],
  repaired: readonly Repair[],
): Promise<void> {
  const lines = createLines(findings, repaired);
  if (resolveFormat(terminal, format) !== 'table') {
    const rows = lines.map(({ status, finding, remedy, isFixable }) => {
      const { code, table, partition, subject, detail } = finding;
      const about = [table?.name ?? '', partition ?? null, subject];
      return [code, status, ...about, detail, remedy, isFixable];
    });
    return writeRows(terminal, format, { columns: COLUMNS, rows });
  }
  const width = Math.max(40, getWidth(terminal.stdout) ?? 80);
  const inOrder = joinSubjects(lines).toSorted((a, b) => getRank(a) - getRank(b));
  for (const group of groupSimilar(inOrder)) writeGroup(terminal, group, width);
}

function writeGroup(terminal: Terminal, group: readonly Line[], width: number): void {
  const isShort = group.length <= MAX_SIMILAR_NOTES || group[0]?.status !== 'note';
  const shown = isShort ? group : group.slice(0, MAX_SIMILAR_NOTES);
  const writeText = (label: string, text: string): void => {
    const lines = wrapText(formatProse(text, terminal.locale), width, label);
    terminal.stdout.write(lines.map((line) => `${line}\n`).join(''));
  };
  for (const [index, line] of shown.entries()) {
    const { status, finding } = line;
    const label = (status === 'mended' ? 'fixed' : status).padEnd(INDENT.length);
    writeText(label, `${finding.code}: ${formatSentence(finding, terminal.locale)}`);
    const remedy = formatRemedy(line);
    const next = shown[index + 1];
    // A remedy of several findings is written once, after the last of them.
    if (remedy === '' || (next !== undefined && formatRemedy(next) === remedy)) continue;
    writeText(INDENT, remedy);
  }
  const hidden = group.length - shown.length;
  if (hidden > 0) {
    writeText(INDENT, `${hidden} more: --format csv has them all.`);
  }
}

/** The most important last, where a terminal shows it. */
const STATUSES: readonly Status[] = ['ok', 'mended', 'note', 'problem'];

function getRank({ status, finding }: Line): number {
  return STATUSES.indexOf(status) * allCodes.length + allCodes.indexOf(finding.code);
}

/** Neighbours of the same status and code. */
function groupSimilar(lines: readonly Line[]): Line[][] {
  const groups: Line[][] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    const first = last?.[0];
    if (first?.finding.code === line.finding.code && first.status === line.status) last?.push(line);
    else groups.push([line]);
  }
  return groups;
}

/** Of the subjects of one finding so many are named in sentences; rows name them all. */
const MAX_NAMED_SUBJECTS = 3;

/** One line for what is the same of many assets: all but the subject. */
function joinSubjects(lines: readonly Line[]): Line[] {
  const same = new Map<string, Line[]>();
  for (const line of lines) {
    const { code, table, partition, detail } = line.finding;
    const key = [line.status, code, table?.name, partition, detail, formatRemedy(line)].join('\n');
    same.set(key, [...(same.get(key) ?? []), line]);
  }
  return [...same.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length <= MAX_NAMED_SUBJECTS) return group;
    const names = group.slice(0, MAX_NAMED_SUBJECTS).map(({ finding }) => finding.subject);
    const subject = `${names.join(', ')} and ${group.length - names.length} more`;
    return [{ ...first, finding: { ...first.finding, subject } }];
  });
}

function formatRemedy({ remedy, isFixable }: Line): string {
  if (remedy === '' || !isFixable || remedy.includes('--fix')) return remedy;
  return `${remedy} So does --fix.`;
}

/** The numbers of a text, and no day of it. */
const NUMBER_IN_TEXT = /(?<![\w./-])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w/-]|\.\d)/g;

function formatSentence(finding: Finding, locale: Locale): string {
  const { code, table, partition, subject } = finding;
  const isValue = code.startsWith('value-');
  const detail = isValue
    ? finding.detail.replace(NUMBER_IN_TEXT, (digits) => formatExact(digits, locale))
    : finding.detail;
  const name = table?.name ?? '';
  // A path names table and day itself.
  const isPath = subject.includes('anomesdia_exec=') && subject.includes(name);
  const day = partition === undefined ? '' : formatIsoDate(partition);
  // A ticker and a column of the typed tables tell the table.
  const about = isPath ? [subject] : isValue ? [day, subject] : [name, day, subject];
  const named = about.filter((text) => text !== '').join(' ');
  return named === '' ? detail : `${named}: ${detail}`;
}

export function warnFailedRepairs(terminal: Terminal, failed: readonly FailedRepair[]): void {
  for (const { finding, reason } of failed) {
    terminal.warn(
      `${finding.code}: ${formatSentence(finding, terminal.locale)}: not fixed: ${reason}`,
    );
  }
}

interface Summary {
  readonly findings: readonly Finding[];
  readonly repaired: readonly Repair[];
  readonly examined: Examination | undefined;
}

export function printSummary(terminal: Terminal, { findings, repaired, examined }: Summary): void {
  if (examined !== undefined) {
    const { files, days } = examined;
    terminal.notice(
      `Examined ${formatQuantity(files, 'file')}, and the values of ${formatQuantity(days, 'day')} (--all: of every day).`,
    );
  }
  if (repaired.length > 0) terminal.notice(`${repaired.length} fixed.`);
  const problems = findings.filter(isFault).length;
  const fixable = findings.filter(({ fix }) => fix !== undefined).length;
  if (problems === 0) {
    const notes = fixable > 0 ? `, and ${formatQuantity(fixable, 'note')} that --fix fixes` : '';
    terminal.notice(`No problem found${notes}.`);
    return;
  }
  const count = formatQuantity(problems, 'problem');
  terminal.notice(repaired.length > 0 ? `${count} left.` : `${count} found.`);
  if (fixable > 0) terminal.notice(`--fix fixes ${fixable} of what was found.`);
}
