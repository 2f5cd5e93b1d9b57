/**
 * The label/value pairs of a page. The cells of its tables are placed in a grid as HTML defines it: a label is paired
 * with the value beside it, and belongs to the heading above its column. Pure.
 */

import { type Element, isTag } from 'domhandler';
import type { LabelledValue } from '../../catalog/asset.ts';
import {
  $,
  findDescendants,
  findRows,
  getChildElements,
  getVisibleText,
  hasClass,
  isDisplayed,
  parseHtml,
} from './html.ts';

/**
 * Every `td.label` with the `td.data` that follows it in its row, in the page's order.
 *
 * A page without data tables (`table.w728`) gives undefined: it is another kind of page. Headings
 * (`td.nivel1` and, below them, `td.nivel2`) span columns; a label belongs to the heading above its own
 * column, which is what tells the twelve months on the left from the three months on the right. A table
 * inside a cell belongs to the heading above that cell.
 */
export function readLabelledValues(html: string): LabelledValue[] | undefined {
  const tables = parseHtml(html).find('table');
  const dataTables = tables.filter('.w728').not('table.w728 table');
  if (dataTables.length === 0) return undefined;
  const page: PageReading = { pairs: [], innerTables: new Map() };
  for (const table of tables.filter('table.w728 table')) {
    const cell = $(table).closest('tr > *').get(0);
    if (!cell || !isTag(cell)) continue;
    const inSameCell = page.innerTables.get(cell);
    if (inSameCell === undefined) page.innerTables.set(cell, [table]);
    else inSameCell.push(table);
  }
  for (const table of dataTables) readTable(table, undefined, page);
  return page.pairs;
}

interface PageReading {
  /** What has been read so far. */
  readonly pairs: LabelledValue[];
  /** The tables directly inside each cell. */
  readonly innerTables: Map<Element, Element[]>;
}

interface Headings {
  /** The innermost above each column of the table. */
  readonly above: (string | undefined)[];
  /** That of the cell around the table. */
  readonly outer: string | undefined;
}

function readTable(table: Element, outer: string | undefined, page: PageReading): void {
  const headings: Headings = { above: [], outer };
  for (const row of placeCells(table)) {
    readRow(row, headings, page.pairs);
    for (const { element, column, startsHere } of row) {
      if (!startsHere) continue;
      for (const inner of page.innerTables.get(element) ?? []) {
        readTable(inner, findHeading(column, headings), page);
      }
    }
  }
}

function findHeading(column: number, { above, outer }: Headings): string | undefined {
  return above[column] ?? outer;
}

/** A label without a value yet. */
interface PendingLabel {
  readonly label: string;
  readonly section: string | undefined;
  readonly cell: PlacedCell;
}

/**
 * Reads one row, and updates the headings above the columns. A cell that spans rows is part of each of them: a
 * label has the values of all its rows, and a value belongs to each label directly before it. A pair of
 * a row above is not repeated.
 */
function readRow(row: readonly PlacedCell[], headings: Headings, pairs: LabelledValue[]): void {
  let pending: PendingLabel | undefined;
  const pair = (value: string): void => {
    pairs.push({ label: pending?.label ?? '', section: pending?.section, value });
    pending = undefined;
  };
  const endWithoutValue = (): void => {
    if (pending?.cell.startsHere) pair('');
    pending = undefined;
  };
  for (const cell of row) {
    const { element, column, width, startsHere } = cell;
    if (width === 0) continue;
    if (hasClass(element, 'nivel1') || hasClass(element, 'nivel2')) {
      const { above } = headings;
      above.length = Math.max(above.length, column + width);
      above.fill(getVisibleText(element), column, column + width);
    } else if (hasClass(element, 'label')) {
      endWithoutValue();
      pending = { label: readLabel(element), section: findHeading(column, headings), cell };
    } else if (hasClass(element, 'data')) {
      if (startsHere || (pending && isValueOf(pending.cell, cell))) pair(getVisibleText(element));
      else endWithoutValue();
    }
  }
  endWithoutValue();
}

/** A label's own text: other content of its cell, such as a mark, is not part of its name. */
function readLabel(cell: Element): string {
  const [own, ...others] = findDescendants(cell, 'span', 'txt');
  return getVisibleText(own !== undefined && others.length === 0 ? own : cell);
}

/** Whether a value from a row above belongs to a label that starts in this row, directly before it. */
function isValueOf(label: PlacedCell, value: PlacedCell): boolean {
  return label.startsHere && label.column + label.width === value.column;
}

interface PlacedCell {
  readonly element: Element;
  /** Its first column, from 0. */
  readonly column: number;
  /** How many columns it covers: 0 when it is hidden. */
  readonly width: number;
  /** Whether it starts in this row; else it spans into it from a row above. */
  readonly startsHere: boolean;
}

interface SpanningCell {
  readonly cell: PlacedCell;
  readonly rowsLeft: number;
}

/**
 * The rows of a table, each with its cells from left to right: those that start in it, and those of rows above
 * that span into it (`rowspan`) and move the others to the right.
 */
function placeCells(table: Element): PlacedCell[][] {
  let spanning: readonly SpanningCell[] = [];
  let group: unknown;
  return findRows(table).map((row) => {
    if (row.parent !== group) spanning = []; // no cell spans beyond its group of rows
    group = row.parent;
    const above = spanning.map(({ cell }) => ({ ...cell, startsHere: false }));
    const starting = placeRow(row, above);
    spanning = [
      ...spanning.map(({ cell, rowsLeft }) => ({ cell, rowsLeft: rowsLeft - 1 })),
      ...starting.map((cell) => ({ cell, rowsLeft: readRowspan(cell.element) - 1 })),
    ].filter(({ rowsLeft }) => rowsLeft > 0);
    return above.length === 0
      ? starting
      : [...above, ...starting].sort((a, b) => a.column - b.column);
  });
}

/** The cells that start in a row, each in the first columns that cells from above leave free. */
function placeRow(row: Element, above: readonly PlacedCell[]): PlacedCell[] {
  let free = 0;
  return getChildElements(row).map((element) => {
    for (let taken = findCellAt(free, above); taken; taken = findCellAt(free, above)) {
      free = taken.column + taken.width;
    }
    const cell = { element, column: free, width: readColspan(element), startsHere: true };
    free += cell.width;
    return cell;
  });
}

function findCellAt(column: number, cells: readonly PlacedCell[]): PlacedCell | undefined {
  return cells.find((cell) => cell.column <= column && column < cell.column + cell.width);
}

/** Bounded as in HTML: from 1 to 1000 columns; 1 for an invalid number. */
function readColspan(cell: Element): number {
  if (!isDisplayed(cell)) return 0;
  const columns = Number.parseInt(cell.attribs['colspan'] ?? '1', 10);
  return columns >= 1 ? Math.min(columns, 1000) : 1;
}

/** How many rows a cell spans: 0 is the rest of its group. NaN, as a negative number, spans no further row. */
function readRowspan(cell: Element): number {
  const rows = Number.parseInt(cell.attribs['rowspan'] ?? '1', 10);
  return rows === 0 ? Number.POSITIVE_INFINITY : rows;
}
