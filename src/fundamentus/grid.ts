/** Where the cells of a table stand, as HTML places them. Pure. */
import type { Element } from 'domhandler';
import { childElements, rowsOf } from './dom.ts';
import { takesPlace } from './shown-text.ts';

export interface PlacedCell {
  readonly element: Element;
  /** Its first column, from 0. */
  readonly column: number;
  /** How many columns it covers: none where it is hidden. */
  readonly width: number;
  /** Whether it begins in this row; else it reaches down into it from a row above. */
  readonly begins: boolean;
}

interface Reaching {
  readonly cell: PlacedCell;
  readonly rowsLeft: number;
}

/**
 * The rows of a table, each with its cells from left to right: those that begin in it, and those of the rows
 * above that reach into it (`rowspan`) and push the others aside.
 */
export function gridOf(table: Element): PlacedCell[][] {
  let reaching: readonly Reaching[] = [];
  let group: unknown;
  return rowsOf(table).map((row) => {
    if (row.parent !== group) reaching = []; // no cell reaches out of its group of rows
    group = row.parent;
    const above = reaching.map(({ cell }) => ({ ...cell, begins: false }));
    const begun = beginningIn(row, above);
    reaching = [
      ...reaching.map(({ cell, rowsLeft }) => ({ cell, rowsLeft: rowsLeft - 1 })),
      ...begun.map((cell) => ({ cell, rowsLeft: rowsSpanned(cell.element) - 1 })),
    ].filter(({ rowsLeft }) => rowsLeft > 0);
    return above.length === 0 ? begun : [...above, ...begun].sort((a, b) => a.column - b.column);
  });
}

/** The cells that begin in a row, each in the first columns that those from above leave free. */
function beginningIn(row: Element, above: readonly PlacedCell[]): PlacedCell[] {
  let free = 0;
  return childElements(row).map((element) => {
    for (let taken = takenAt(free, above); taken; taken = takenAt(free, above)) {
      free = taken.column + taken.width;
    }
    const cell = { element, column: free, width: columnsSpanned(element), begins: true };
    free += cell.width;
    return cell;
  });
}

function takenAt(column: number, cells: readonly PlacedCell[]): PlacedCell | undefined {
  return cells.find((cell) => cell.column <= column && column < cell.column + cell.width);
}

/** HTML's own bounds: a number of columns from 1 to 1000, and 1 for what is none. */
function columnsSpanned(cell: Element): number {
  if (!takesPlace(cell)) return 0;
  const columns = Number.parseInt(cell.attribs['colspan'] ?? '1', 10);
  return columns >= 1 ? Math.min(columns, 1000) : 1;
}

/** How many rows a cell asks for: 0 is all that are left of its group. NaN, as a negative number, reaches none. */
function rowsSpanned(cell: Element): number {
  const rows = Number.parseInt(cell.attribs['rowspan'] ?? '1', 10);
  return rows === 0 ? Number.POSITIVE_INFINITY : rows;
}
