/**
 * Formats the doctor's findings as sentences for a terminal, or as rows.
 */

import { isoDate } from '../../catalog/partition.ts';
import { allCodes, codes } from '../../health/codes.ts';
import type { RepairResult } from '../../health/doctor.ts';
import type { Examination } from '../../health/examine-lake.ts';
import type { Finding } from '../../health/finding.ts';
import { formatQuantity } from '../../text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type OutputFormat, resolveFormat, writeRows } from './rows.ts';

const COLUMNS = [
  ...['code', 'status', 'table', 'partition', 'subject', 'detail', 'remedy', 'fixable'],
] as const;

/** Of the notes of one code so many are shown in sentences; rows hold them all. */
const MAX_SIMILAR_NOTES = 3;

const INDENT = ' '.repeat(8);

export async function writeFindings(
  terminal: Terminal,
  format: OutputFormat | undefined,
  findings: readonly Finding[],
): Promise<void> {
  if (resolveFormat(terminal, format) !== 'table') {
    const rows = findings.map(
      ({ code, status, table, partition, subject, detail, remedy, fix }) => [
        ...[code, status, table, partition ?? null, subject, detail, remedy, fix !== undefined],
      ],
    );
    return writeRows(terminal, format, { columns: COLUMNS, rows });
  }
  const width = Math.max(40, terminal.stdout.columns ?? 80);
  const inOrder = [...findings].sort((a, b) => getRank(a) - getRank(b));
  for (const alike of groupFindings(inOrder)) {
    const isShort = alike.length <= MAX_SIMILAR_NOTES || alike[0]?.status !== 'note';
    const shown = isShort ? alike : alike.slice(0, MAX_SIMILAR_NOTES);
    for (const [index, found] of shown.entries()) {
      const first = `${found.status.padEnd(8)}${found.code}: ${formatSentence(found)}`;
      terminal.stdout.write(wrapIndented(first, width));
      const told = formatRemedy(found);
      const next = shown[index + 1];
      // Said once, after the last of those that it is about.
      if (told === '' || (next !== undefined && formatRemedy(next) === told)) continue;
      terminal.stdout.write(wrapIndented(INDENT + told, width));
    }
    const hidden = alike.length - shown.length;
    if (hidden > 0) {
      terminal.stdout.write(
        wrapIndented(`${INDENT}${hidden} more: --format csv has them all.`, width),
      );
    }
  }
}

/** What matters most comes last, where a terminal shows it. */
const STATUSES: readonly Finding['status'][] = ['ok', 'mended', 'note', 'problem'];

function getRank({ status, code }: Finding): number {
  return STATUSES.indexOf(status) * allCodes.length + allCodes.indexOf(code);
}

/** Neighbours of the same status and code. */
function groupFindings(findings: readonly Finding[]): Finding[][] {
  const found: Finding[][] = [];
  for (const each of findings) {
    const last = found.at(-1);
    if (last?.[0]?.code === each.code && last[0].status === each.status) last.push(each);
    else found.push([each]);
  }
  return found;
}

function formatRemedy({ remedy, fix }: Finding): string {
  if (remedy === '' || fix === undefined || remedy.includes('--fix')) return remedy;
  return `${remedy} So does --fix.`;
}

function formatSentence({ code, table, partition, subject, detail }: Finding): string {
  // A path names table and day itself.
  const isPath = subject.includes('anomesdia_exec=') && subject.includes(table);
  const day = partition === undefined ? '' : isoDate(partition);
  // A ticker and a column of the typed tables say what the table is.
  const about = isPath
    ? [subject]
    : code.startsWith('value-')
      ? [day, subject]
      : [table, day, subject];
  const named = about.filter((text) => text !== '').join(' ');
  return named === '' ? detail : `${named}: ${detail}`;
}

/** The text in lines of at most `width`, the further ones indented; a long word stands alone. */
function wrapIndented(text: string, width: number): string {
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let line = indent;
  for (const word of text.slice(indent.length).split(' ')) {
    const isFirst = line.trim() === '';
    if (!isFirst && line.length + 1 + word.length > width) {
      lines.push(line);
      line = INDENT + word;
    } else {
      line += isFirst ? word : ` ${word}`;
    }
  }
  return `${[...lines, line].join('\n')}\n`;
}

/** What `--fix` could not mend. */
export function warnFailedRepairs(terminal: Terminal, failed: RepairResult['failed']): void {
  for (const { finding, reason } of failed) {
    terminal.warn(`${finding.code}: ${formatSentence(finding)}: not mended: ${reason}`);
  }
}

export function printSummary(
  terminal: Terminal,
  findings: readonly Finding[],
  examined: Examination | undefined,
): void {
  if (examined !== undefined) {
    const { files, days } = examined;
    terminal.notice(
      `Looked at ${formatQuantity(files, 'file')}, and at the values of ${formatQuantity(days, 'day')} (--all: of every day).`,
    );
  }
  const count = (status: Finding['status']): number =>
    findings.filter((each) => each.status === status).length;
  const mended = count('mended');
  if (mended > 0) terminal.notice(`${mended} mended.`);
  const problems = count('problem');
  const left = formatQuantity(problems, 'problem');
  const fixable = findings.filter(({ fix }) => fix !== undefined).length;
  if (problems === 0) {
    const notes = fixable > 0 ? `, and ${formatQuantity(fixable, 'note')} that --fix mends` : '';
    terminal.notice(`No problem found${notes}.`);
    return;
  }
  terminal.notice(mended > 0 ? `${left} left.` : `${left} found.`);
  if (fixable > 0) terminal.notice(`--fix mends ${fixable} of what was found.`);
}

/** `--list`: every code, what it means and what is done about it. */
export async function writeFindingCodes(
  terminal: Terminal,
  format: OutputFormat | undefined,
): Promise<void> {
  if (resolveFormat(terminal, format) !== 'table') {
    return writeRows(terminal, format, {
      columns: ['code', 'meaning', 'remedy', 'fix'],
      rows: allCodes.map((code) => {
        const { meaning, remedy, fix = '' } = codes[code];
        return [code, meaning, remedy, fix];
      }),
    });
  }
  const width = Math.max(40, terminal.stdout.columns ?? 80);
  for (const code of allCodes) {
    const { meaning, remedy, fix } = codes[code];
    terminal.stdout.write(`${code}\n${wrapIndented(`${INDENT}${meaning}`, width)}`);
    if (remedy !== '') terminal.stdout.write(wrapIndented(`${INDENT}${remedy}`, width));
    if (fix !== undefined) terminal.stdout.write(wrapIndented(`${INDENT}--fix ${fix}.`, width));
  }
}
