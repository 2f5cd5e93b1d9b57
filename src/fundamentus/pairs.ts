/** The label/value pairs of a page, found by walking its tables. Pure. */
import type { Element } from 'domhandler';
import type { LabelledValue } from '../catalog/asset-page.ts';
import { childElements, elementsNamed, hasClass, parseHtml, rowsOf } from './dom.ts';
import { textOf } from './shown-text.ts';

/** The class of the tables that hold an asset's data. */
const DATA_TABLE = 'w728';

/**
 * Every `td.label` with the `td.data` that follows it in its row, in the page's order.
 *
 * A page without data tables gives undefined: that is another kind of page. Headings (`td.nivel1`
 * and, below them, `td.nivel2`) span columns; a label belongs to the heading above its own column,
 * which is what tells the twelve months on the left from the three months on the right.
 */
export function labelledValues(html: string): LabelledValue[] | undefined {
  const tables = elementsNamed(parseHtml(html), 'table').filter((table) =>
    hasClass(table, DATA_TABLE),
  );
  if (tables.length === 0) return undefined;
  const pairs: LabelledValue[] = [];
  for (const table of tables) readTable(table, pairs);
  return pairs;
}

function readTable(table: Element, pairs: LabelledValue[]): void {
  const sections: (string | undefined)[] = [];
  for (const row of rowsOf(table)) readRow(row, sections, pairs);
}

/** Reads one row; `sections` holds the heading above each column and is brought up to date. */
function readRow(row: Element, sections: (string | undefined)[], pairs: LabelledValue[]): void {
  let column = 0;
  let waiting: { label: string; section: string | undefined } | undefined;
  const pair = (value: string): void => {
    pairs.push({ label: '', section: undefined, ...waiting, value });
    waiting = undefined;
  };
  for (const cell of childElements(row)) {
    const width = columnsSpanned(cell);
    if (hasClass(cell, 'nivel1') || hasClass(cell, 'nivel2')) {
      sections.length = Math.max(sections.length, column + width);
      sections.fill(textOf(cell), column, column + width);
    } else if (hasClass(cell, 'label')) {
      if (waiting) pair('');
      waiting = { label: textOf(cell), section: sections[column] };
    } else if (hasClass(cell, 'data')) {
      pair(textOf(cell));
    }
    column += width;
  }
  if (waiting) pair('');
}

/** HTML's own bounds: a number of columns from 1 to 1000, and 1 for what is none. */
function columnsSpanned(cell: Element): number {
  const columns = Number.parseInt(cell.attribs['colspan'] ?? '1', 10);
  return columns >= 1 ? Math.min(columns, 1000) : 1;
}
