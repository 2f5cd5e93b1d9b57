/**
 * The label/value pairs of a page, read from its tables with the cells placed as HTML places them: a label is paired with
 * the value beside it, and belongs to the heading above its column. Pure.
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
    page.innerTables.set(cell, [...(page.innerTables.get(cell) ?? []), table]);
  }
  for (const table of dataTables) readTable(table, undefined, page);
  return page.pairs;
}

interface PageReading {
  /** What has been read so far. */
  readonly pairs: LabelledValue[];
  /** The tables inside each cell, without those of a cell further in. */
  readonly innerTables: Map<Element, readonly Element[]>;
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
 * Reads one row, and brings the headings above the columns up to date. A cell that spans rows stands in
 * each of them: its label has the values of all, its value is that of each label right before it. What
 * was paired in a row above is not paired again.
 */
function readRow(row: readonly PlacedCell[], headings: Headings, pairs: LabelledValue[]): void {
  let waiting: PendingLabel | undefined;
  const pair = (value: string): void => {
    pairs.push({ label: waiting?.label ?? '', section: waiting?.section, value });
    waiting = undefined;
  };
  const endWithoutValue = (): void => {
    if (waiting?.cell.startsHere) pair('');
    waiting = undefined;
  };
  for (const cell of row) {
    const { element, column, width, startsHere: begins } = cell;
    if (width === 0) continue;
    if (hasClass(element, 'nivel1') || hasClass(element, 'nivel2')) {
      const { above } = headings;
      above.length = Math.max(above.length, column + width);
      above.fill(getVisibleText(element), column, column + width);
    } else if (hasClass(element, 'label')) {
      endWithoutValue();
      waiting = { label: readLabel(element), section: findHeading(column, headings), cell };
    } else if (hasClass(element, 'data')) {
      if (begins || (waiting && isValueOf(waiting.cell, cell))) pair(getVisibleText(element));
      else endWithoutValue();
    }
  }
  endWithoutValue();
}

/** A label's own text: what else its cell holds, such as a mark, is not part of its name. */
function readLabel(cell: Element): string {
  const [own, ...others] = findDescendants(cell, 'span', 'txt');
  return getVisibleText(own !== undefined && others.length === 0 ? own : cell);
}

/** Whether a value from above is that of a label that begins in this row: it stands right behind it. */
function isValueOf(label: PlacedCell, value: PlacedCell): boolean {
  return label.startsHere && label.column + label.width === value.column;
}

interface PlacedCell {
  readonly element: Element;
  /** Its first column, from 0. */
  readonly column: number;
  /** How many columns it covers: none where it is hidden. */
  readonly width: number;
  /** Whether it begins in this row; else it reaches down into it from a row above. */
  readonly startsHere: boolean;
}

interface SpanningCell {
  readonly cell: PlacedCell;
  readonly rowsLeft: number;
}

/**
 * The rows of a table, each with its cells from left to right: those that begin in it, and those of the rows
 * above that reach into it (`rowspan`) and push the others aside.
 */
function placeCells(table: Element): PlacedCell[][] {
  let reaching: readonly SpanningCell[] = [];
  let group: unknown;
  return findRows(table).map((row) => {
    if (row.parent !== group) reaching = []; // no cell reaches out of its group of rows
    group = row.parent;
    const above = reaching.map(({ cell }) => ({ ...cell, startsHere: false }));
    const begun = placeRow(row, above);
    reaching = [
      ...reaching.map(({ cell, rowsLeft }) => ({ cell, rowsLeft: rowsLeft - 1 })),
      ...begun.map((cell) => ({ cell, rowsLeft: readRowspan(cell.element) - 1 })),
    ].filter(({ rowsLeft }) => rowsLeft > 0);
    return above.length === 0 ? begun : [...above, ...begun].sort((a, b) => a.column - b.column);
  });
}

/** The cells that begin in a row, each in the first columns that those from above leave free. */
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

/** HTML's own bounds: a number of columns from 1 to 1000, and 1 for what is none. */
function readColspan(cell: Element): number {
  if (!isDisplayed(cell)) return 0;
  const columns = Number.parseInt(cell.attribs['colspan'] ?? '1', 10);
  return columns >= 1 ? Math.min(columns, 1000) : 1;
}

/** How many rows a cell asks for: 0 is all that are left of its group. NaN, as a negative number, reaches none. */
function readRowspan(cell: Element): number {
  const rows = Number.parseInt(cell.attribs['rowspan'] ?? '1', 10);
  return rows === 0 ? Number.POSITIVE_INFINITY : rows;
}
