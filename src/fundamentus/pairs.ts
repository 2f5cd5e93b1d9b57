/** The label/value pairs of a page, found by walking its tables. Pure. */
import type { Element } from 'domhandler';
import type { LabelledValue } from '../catalog/asset-page.ts';
import { elementsNamed, hasClass, outermostTables, parseHtml } from './dom.ts';
import { gridOf, type PlacedCell } from './grid.ts';
import { textOf } from './shown-text.ts';

/** The class of the tables that hold an asset's data. */
const DATA_TABLE = 'w728';

/**
 * Every `td.label` with the `td.data` that follows it in its row, in the page's order.
 *
 * A page without data tables gives undefined: that is another kind of page. Headings (`td.nivel1`
 * and, below them, `td.nivel2`) span columns; a label belongs to the heading above its own column,
 * which is what tells the twelve months on the left from the three months on the right. A table inside
 * a cell stands under the heading of that cell.
 */
export function labelledValues(html: string): LabelledValue[] | undefined {
  const tables = outermostTables(parseHtml(html), (table) => hasClass(table, DATA_TABLE));
  if (tables.length === 0) return undefined;
  const pairs: LabelledValue[] = [];
  for (const table of tables) readTable(table, undefined, pairs);
  return pairs;
}

interface Headings {
  /** The innermost above each column of the table. */
  readonly above: (string | undefined)[];
  /** That of the cell around the table. */
  readonly around: string | undefined;
}

function readTable(table: Element, around: string | undefined, pairs: LabelledValue[]): void {
  const headings: Headings = { above: [], around };
  for (const row of gridOf(table)) {
    readRow(row, headings, pairs);
    for (const { element, column, begins } of row) {
      if (!begins) continue;
      for (const inner of outermostTables(element, () => true)) {
        readTable(inner, headingOf(column, headings), pairs);
      }
    }
  }
}

function headingOf(column: number, { above, around }: Headings): string | undefined {
  return above[column] ?? around;
}

/** A label without a value yet. */
interface Waiting {
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
  let waiting: Waiting | undefined;
  const pair = (value: string): void => {
    pairs.push({ label: waiting?.label ?? '', section: waiting?.section, value });
    waiting = undefined;
  };
  const endWithoutValue = (): void => {
    if (waiting?.cell.begins) pair('');
    waiting = undefined;
  };
  for (const cell of row) {
    const { element, column, width, begins } = cell;
    if (width === 0) continue;
    if (hasClass(element, 'nivel1') || hasClass(element, 'nivel2')) {
      const { above } = headings;
      above.length = Math.max(above.length, column + width);
      above.fill(textOf(element), column, column + width);
    } else if (hasClass(element, 'label')) {
      endWithoutValue();
      waiting = { label: labelOf(element), section: headingOf(column, headings), cell };
    } else if (hasClass(element, 'data')) {
      if (begins || (waiting && isNewsOf(waiting.cell, cell))) pair(textOf(element));
      else endWithoutValue();
    }
  }
  endWithoutValue();
}

/** A label's own text: what else its cell holds, such as a mark, is not part of its name. */
function labelOf(cell: Element): string {
  const [own, ...others] = elementsNamed(cell, 'span').filter((span) => hasClass(span, 'txt'));
  return textOf(own !== undefined && others.length === 0 ? own : cell);
}

/** Whether a value from above is that of a label that begins in this row: it stands right behind it. */
function isNewsOf(label: PlacedCell, value: PlacedCell): boolean {
  return label.begins && label.column + label.width === value.column;
}
