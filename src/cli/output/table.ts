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

/** A column of transposed rows has at least so much room; numbers and days need no more. */
const MIN_CELL_WIDTH = 14;

/** Longer texts are cut where the table would not fit otherwise. */
const MAX_TEXT_LENGTH = 32;

/**
 * Lays rows out under their headings within `width` characters (0: no limit). A row that is too wide is printed with a
 * line for each column, and nothing of it is left out; a few are printed in that way where it leaves room for their
 * values. Of many, long texts are cut and columns that do not fit are left out. Where that would leave out an essential
 * one, the essential ones come first.
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
  const [only] = rows;
  if (only !== undefined && rows.length === 1) {
    return { text: formatVertical(columns, only, width), hidden: [] };
  }
  if (rows.length > 0 && rows.length <= MAX_TRANSPOSED_ROWS) {
    const names = Math.max(...columns.map((column) => column.length));
    const room = Math.floor((width - names) / rows.length) - GAP;
    const turned = columns.map((column, index) => [
      column,
      ...rows.map((row) => truncate(row[index] ?? '', Math.max(room, MIN_CELL_WIDTH))),
    ]);
    const headings = ['', ...rows.map((_, index) => String(index + 1))];
    const indices = headings.map((_, index) => index);
    if (measureWidth(turned, indices) <= width) {
      return { text: formatLines(headings, turned), hidden: [] };
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
  const select = (line: readonly string[]): string[] => shown.map((index) => line[index] ?? '');
  return {
    text: formatLines(select(columns), cut.map(select)),
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

/** A line for each column; a value that does not fit beside the names is printed below its own. */
function formatVertical(columns: readonly string[], row: readonly string[], width: number): string {
  const names = Math.max(...columns.map((column) => column.length)) + GAP;
  const isNarrow = names + MIN_CELL_WIDTH > width;
  const lines = columns.flatMap((column, index) => {
    const cell = row[index] ?? '';
    if (!isNarrow) {
      const [first = '', ...rest] = breakText(cell, width - names);
      return [`${column.padEnd(names)}${first}`, ...rest.map((line) => ' '.repeat(names) + line)];
    }
    const line = `${column}${' '.repeat(GAP)}${cell}`;
    if (line.length <= width) return [line];
    return [column, ...breakText(cell, width - GAP).map((part) => ' '.repeat(GAP) + part)];
  });
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** Breaks a text into lines between words, and a word that is longer than a line at its end. */
function breakText(text: string, width: number): string[] {
  const most = Math.max(1, width);
  return wrapText(text, most).flatMap((line) =>
    Array.from({ length: Math.ceil(line.length / most) }, (_, at) =>
      line.slice(at * most, (at + 1) * most),
    ),
  );
}

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
  return [columns, ...rows].map((cells) => `${line(cells)}\n`).join('');
}

const NUMBER = /^(-?\d+(\.\d+)?(e[+-]?\d+)?)?$/;
