/**
 * Formats a table that fits the terminal. Pure.
 */
import { truncate } from '../../text.ts';
import { wrapText } from '../terminal/terminal.ts';

interface TableLayout {
  readonly text: string;
  /** The columns that did not fit. */
  readonly hidden: readonly string[];
}

const GAP = 2;

/** Up to this many rows may be transposed: each column becomes a line. */
const MAX_TRANSPOSED_ROWS = 6;

/** Longer texts are cut where the table would not fit otherwise. */
const MAX_TEXT_LENGTH = 32;

/**
 * Lays rows out under their headings within `width` characters (0: no limit). A few wide rows are transposed, so
 * that every value shows; of many, long texts are cut and columns that do not fit are left out. Where that would
 * leave out an essential one, the essential ones come first.
 */
export function formatTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  essential: readonly string[] = [],
): TableLayout {
  const all = columns.map((_, index) => index);
  if (width === 0 || measureWidth([columns, ...rows], all) <= width) {
    return { text: formatLines(columns, rows), hidden: [] };
  }
  if (rows.length > 0 && rows.length <= MAX_TRANSPOSED_ROWS) {
    const turned = columns.map((column, index) => [column, ...rows.map((row) => row[index] ?? '')]);
    const headings = ['', ...rows.map((_, index) => String(index + 1))];
    const indices = headings.map((_, index) => index);
    if (measureWidth(turned, indices) <= width) {
      return { text: formatLines(rows.length > 1 ? headings : ['', ''], turned), hidden: [] };
    }
  }
  const cut = rows.map((row) => row.map((text) => truncate(text, MAX_TEXT_LENGTH)));
  const fitting = (order: readonly number[]): readonly number[] => {
    const shown: number[] = [];
    for (const index of order) {
      if (shown.length === 0 || measureWidth([columns, ...cut], [...shown, index]) <= width) {
        shown.push(index);
      }
    }
    return shown;
  };
  const inOrder = fitting(all);
  const first = all.filter((index) => essential.includes(columns[index] ?? ''));
  const shown = first.every((index) => inOrder.includes(index))
    ? inOrder
    : fitting([...first, ...all.filter((index) => !first.includes(index))]);
  const only = (line: readonly string[]): string[] => shown.map((index) => line[index] ?? '');
  return {
    text: formatLines(only(columns), cut.map(only)),
    hidden: columns.filter((_, index) => !shown.includes(index)),
  };
}

/**
 * Rows whose last column is prose: in one line each where they fit, else with the prose below the other cells, broken
 * between words.
 */
export function formatWide(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const all = columns.map((_, index) => index);
  if (measureWidth([columns, ...rows], all) <= width) return formatLines(columns, rows);
  return rows
    .map((row) => {
      const head = row.slice(0, -1).filter((cell) => cell !== '');
      const lines = [
        ...wrapText(head.join('  '), width),
        ...wrapText(row.at(-1) ?? '', width, PROSE_INDENT),
      ];
      return lines.map((line) => `${line}\n`).join('');
    })
    .join('');
}

const PROSE_INDENT = ' '.repeat(4);

function measureWidth(lines: readonly (readonly string[])[], indices: readonly number[]): number {
  let width = -GAP;
  for (const index of indices) {
    let widest = 0;
    for (const line of lines) widest = Math.max(widest, (line[index] ?? '').length);
    width += GAP + widest;
  }
  return width;
}

function formatLines(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((_, index) => measureWidth([columns, ...rows], [index]));
  const numeric = columns.map((_, index) => rows.every((row) => NUMBER.test(row[index] ?? '')));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return numeric[index] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const headings = columns.every((column) => column === '') ? [] : [columns];
  return [...headings, ...rows].map((cells) => `${line(cells)}\n`).join('');
}

const NUMBER = /^(-?\d+(\.\d+)?(e[+-]?\d+)?)?$/;
