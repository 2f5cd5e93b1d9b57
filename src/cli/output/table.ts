/**
 * Lays a table out so that it fits the terminal. Pure.
 */
import { truncate, truncateWords } from '../../text.ts';
import { wrapText } from '../terminal/terminal.ts';

export interface TableColumn {
  /** What the column is called in options and in SQL. */
  readonly name: string;
  readonly heading: string;
  /** Aligned to the right. */
  readonly isNumeric: boolean;
  /** Rises and falls: its numbers have a sign, and may be painted by it. */
  readonly isSigned?: boolean;
}

interface TableLayout {
  readonly text: string;
  /** The names of the columns that did not fit. */
  readonly hidden: readonly string[];
}

/** How parts of a table are coloured; their widths are counted without the colours. */
export interface TablePaint {
  heading(text: string): string;
  rise(text: string): string;
  fall(text: string): string;
}

const PLAIN: TablePaint = { heading: String, rise: String, fall: String };

const GAP = 2;

/** Up to this many rows may be transposed: each column becomes a line. */
const MAX_TRANSPOSED_ROWS = 6;

/** A column of transposed rows has at least so much room; numbers and days need no more. */
const MIN_CELL_WIDTH = 14;

/** Longer texts are cut where the table would not fit otherwise. */
const MAX_TEXT_LENGTH = 32;

type Cells = readonly (readonly string[])[];

/**
 * Lays rows out under their headings within `width` characters (0: no limit). A row that is too wide is printed with a
 * line for each column, and nothing of it is left out; a few are printed in that way where it leaves room for their
 * values. Of many, long texts are cut and columns that do not fit are left out. Where that would leave out an essential
 * one, the essential ones come first.
 * @param essential names of columns
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: Cells,
  width: number,
  essential: readonly string[] = [],
  paint: TablePaint = PLAIN,
): TableLayout {
  const headings = columns.map(({ heading }) => heading);
  const all = columns.map((_, index) => index);
  if (width === 0 || measureWidth([headings, ...rows], all) <= width) {
    return { text: formatLines(columns, rows, paint), hidden: [] };
  }
  const [only] = rows;
  if (only !== undefined && rows.length === 1) {
    return { text: formatVertical(columns, only, width, paint), hidden: [] };
  }
  if (rows.length > 0 && rows.length <= MAX_TRANSPOSED_ROWS) {
    const text = formatTransposed(columns, rows, width, paint);
    if (text !== undefined) return { text, hidden: [] };
  }
  const cut = rows.map((row) =>
    row.map((text) => truncate(truncateWords(text, MAX_TEXT_LENGTH), width)),
  );
  const fitting = (order: readonly number[]): readonly number[] => {
    const shown: number[] = [];
    for (const index of order) {
      if (shown.length === 0 || measureWidth([headings, ...cut], [...shown, index]) <= width) {
        shown.push(index);
      }
    }
    return shown;
  };
  const inOrder = fitting(all);
  const first = all.filter((index) => essential.includes(columns[index]?.name ?? ''));
  const shown = first.every((index) => inOrder.includes(index))
    ? inOrder
    : fitting([...first, ...all.filter((index) => !first.includes(index))]);
  const shownColumns = shown.flatMap((index) => columns[index] ?? []);
  const shownRows = cut.map((row) => shown.map((index) => row[index] ?? ''));
  return {
    text: formatLines(shownColumns, shownRows, paint),
    hidden: columns.filter((_, index) => !shown.includes(index)).map(({ name }) => name),
  };
}

/**
 * Rows whose last column is prose: in one line each where they fit, else with the prose below the other cells, broken
 * between words.
 */
export function formatWide(columns: readonly TableColumn[], rows: Cells, width: number): string {
  const headings = columns.map(({ heading }) => heading);
  const all = columns.map((_, index) => index);
  if (measureWidth([headings, ...rows], all) <= width) return formatLines(columns, rows, PLAIN);
  return rows
    .map((row) => {
      const head = row.slice(0, -1).filter((cell) => cell !== '');
      const lines = [
        ...wrapText(head.join(', '), width),
        ...wrapText(row.at(-1) ?? '', width, PROSE_INDENT),
      ];
      return lines.map((line) => `${line}\n`).join('');
    })
    .join('');
}

const PROSE_INDENT = ' '.repeat(4);

/** A line for each column, and a column for each row; undefined where that is too wide without breaking words. */
function formatTransposed(
  columns: readonly TableColumn[],
  rows: Cells,
  width: number,
  paint: TablePaint,
): string | undefined {
  const names = Math.max(...columns.map(({ heading }) => heading.length));
  const room = Math.max(MIN_CELL_WIDTH, Math.floor((width - names) / rows.length) - GAP);
  const lines = columns.map((_, index) => rows.map((row) => truncateWords(row[index] ?? '', room)));
  const widths = rows.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  if (widths.reduce((sum, each) => sum + GAP + each, names) > width) return undefined;
  return columns
    .map((column, index) => {
      const cells = widths.map((room, at) =>
        formatCell(column, lines[index]?.[at] ?? '', room, paint),
      );
      const line = [alignHeading({ ...column, isNumeric: false }, names, paint), ...cells];
      return `${line.join(' '.repeat(GAP)).trimEnd()}\n`;
    })
    .join('');
}

/** A line for each column; a value that does not fit beside the names is printed below its own. */
function formatVertical(
  columns: readonly TableColumn[],
  row: readonly string[],
  width: number,
  paint: TablePaint,
): string {
  const names = Math.max(...columns.map(({ heading }) => heading.length)) + GAP;
  const isNarrow = names + MIN_CELL_WIDTH > width;
  const lines = columns.flatMap((column, index) => {
    const { heading } = column;
    const cell = row[index] ?? '';
    const label = (room = 0): string => alignHeading({ heading, isNumeric: false }, room, paint);
    if (!isNarrow) {
      const [first = '', ...rest] = breakText(cell, width - names);
      return [
        `${label(names)}${paintCell(column, first, paint)}`,
        ...rest.map((line) => ' '.repeat(names) + line),
      ];
    }
    if (heading.length + GAP + cell.length <= width) {
      return [`${label(heading.length + GAP)}${paintCell(column, cell, paint)}`];
    }
    return [label(), ...breakText(cell, width - GAP).map((part) => ' '.repeat(GAP) + part)];
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

function measureWidth(lines: Cells, indices: readonly number[]): number {
  let width = -GAP;
  for (const index of indices) {
    let widest = 0;
    for (const line of lines) widest = Math.max(widest, (line[index] ?? '').length);
    width += GAP + widest;
  }
  return width;
}

function formatLines(columns: readonly TableColumn[], rows: Cells, paint: TablePaint): string {
  const headings = columns.map(({ heading }) => heading);
  const widths = columns.map((_, index) => measureWidth([headings, ...rows], [index]));
  const formatLine = (cells: readonly string[]): string =>
    `${cells.join(' '.repeat(GAP)).trimEnd()}\n`;
  const head = columns.map((column, index) => alignHeading(column, widths[index] ?? 0, paint));
  const body = rows.map((row) =>
    formatLine(
      columns.map((column, index) =>
        formatCell(column, row[index] ?? '', widths[index] ?? 0, paint),
      ),
    ),
  );
  return [formatLine(head), ...body].join('');
}

/** The padding is not painted: at the end of a line it is left out. */
function alignHeading(
  { heading, isNumeric }: Pick<TableColumn, 'heading' | 'isNumeric'>,
  width: number,
  paint: TablePaint,
): string {
  const padding = ' '.repeat(Math.max(0, width - heading.length));
  return isNumeric ? padding + paint.heading(heading) : paint.heading(heading) + padding;
}

function formatCell(column: TableColumn, text: string, width: number, paint: TablePaint): string {
  const padding = ' '.repeat(Math.max(0, width - text.length));
  const painted = paintCell(column, text, paint);
  return column.isNumeric ? padding + painted : painted + padding;
}

function paintCell({ isSigned }: TableColumn, text: string, paint: TablePaint): string {
  if (!isSigned) return text;
  if (text.startsWith('+')) return paint.rise(text);
  return text.startsWith('-') ? paint.fall(text) : text;
}
