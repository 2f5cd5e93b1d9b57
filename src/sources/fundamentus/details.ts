/**
 * Parses the page of one asset: which asset it shows, and its labelled values. The cells of its tables are placed in a
 * grid as HTML defines it: a label is paired with the value beside it, and belongs to the heading above its column.
 * Pure.
 */

import { type Element, isTag, type ParentNode } from 'domhandler';
import {
  type AssetKind,
  type AssetPage,
  assetKinds,
  assets,
  type LabelledValue,
} from '../../catalog/asset.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import {
  LayoutChangedError,
  NotAPageError,
  SiteUnavailableError,
  TickerNotFoundError,
} from '../../errors.ts';
import { formatFirst } from '../../text.ts';
import {
  DETAILS_LIMITS,
  findDescendants,
  findRows,
  getChildElements,
  getVisibleText,
  hasClass,
  isDisplayed,
  parseHtml,
} from './html.ts';
import { isCompletePage, REPLACEMENT_CHARACTER } from './page.ts';
import { createUnknownPageError, getHeadings } from './unknown-page.ts';

/** On the page, sent with status 200, of a ticker that the site does not have. */
const NOT_FOUND_TEXT = /Nenhum papel encontrado/i;

/**
 * Parses the page that the site sent for `ticker`.
 *
 * @throws SiteUnavailableError when the page is cut short, or is an error page
 * @throws TickerNotFoundError when the site has no such ticker
 * @throws LayoutChangedError when the tables do not name `ticker`, when characters of their text are lost, or
 *   when a page that names `ticker` has no data tables
 * @throws SiteBlockedError when another page without data tables arrives instead
 * @throws NotAPageError when the page exceeds a limit
 */
export function readDetails(html: string, ticker: Ticker): AssetPage {
  if (!isCompletePage(html)) {
    throw new SiteUnavailableError(`${ticker}: the page is cut short`);
  }
  const pairs = readLabelledValues(html, ticker);
  if (pairs === undefined) {
    if (NOT_FOUND_TEXT.test(html)) {
      throw new TickerNotFoundError(`${ticker}: the site has no such ticker`, {
        hint: '`pynvest tickers` lists those that it has.',
      });
    }
    const page = parseHtml(html, ticker, DETAILS_LIMITS);
    const isOwnPage = getHeadings(page).some((heading) => namesTicker(heading, ticker));
    throw createUnknownPageError(page, ticker, isOwnPage);
  }
  const kind = detectKind(pairs, ticker);
  const damaged = pairs
    .flatMap(({ section = '', label, value }) => [section, label, value])
    .find((text) => text.includes(REPLACEMENT_CHARACTER));
  if (damaged !== undefined) {
    throw new LayoutChangedError(
      `${ticker}: the page has lost characters: ${JSON.stringify(damaged.slice(0, 100))}`,
      { hint: 'Its character set was damaged before it arrived: nothing of it is stored.' },
    );
  }
  return { ticker, kind, pairs };
}

/** Whether a text has the ticker as a word of its own. */
function namesTicker(text: string, ticker: Ticker): boolean {
  return text
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .includes(ticker);
}

/** A page shows a stock or a fund by the label beside the ticker: `Papel` or `FII`. */
function detectKind(pairs: readonly LabelledValue[], ticker: Ticker): AssetKind {
  const shown: string[] = [];
  for (const kind of assetKinds) {
    for (const { label, value } of pairs) {
      if (label !== assets[kind].tickerLabel) continue;
      if (value.toUpperCase() === ticker) return kind;
      shown.push(value);
    }
  }
  const hint =
    'If this happens for every ticker, a newer version of pynvest may know the new pages.';
  throw shown.length > 0
    ? new LayoutChangedError(`${ticker}: the page shows ${formatFirst(shown)} instead`, { hint })
    : new LayoutChangedError(`${ticker}: the page has neither of the labels Papel and FII`, {
        hint,
      });
}

/**
 * Every `td.label` with the `td.data` that follows it in its row, in the page's order.
 *
 * A page without data tables (`table.w728`) gives undefined: it is another kind of page. Headings
 * (`td.nivel1` and, below them, `td.nivel2`) span columns; a label belongs to the heading above its own
 * column, which is what tells the twelve months on the left from the three months on the right. A table
 * inside a cell belongs to the heading above that cell.
 *
 * @param subject what was asked for: the message of an error begins with it
 * @throws NotAPageError when the page, or the grid of its tables, is too large
 */
export function readLabelledValues(
  html: string,
  subject = 'the page',
): LabelledValue[] | undefined {
  const [document] = parseHtml(html, subject, DETAILS_LIMITS).toArray();
  if (document === undefined) return undefined;
  const page: PageReading = {
    subject,
    pairs: [],
    tables: [],
    innerTables: new Map(),
    places: 0,
    characters: 0,
  };
  findTables(document, false, undefined, page);
  if (page.tables.length === 0) return undefined;
  for (const table of page.tables) readTable(table, undefined, page);
  return page.pairs;
}

/**
 * The data tables, and the tables inside them, in one walk.
 *
 * @param isInside whether `parent` is a data table or inside one
 * @param cell the innermost cell around `parent`
 */
function findTables(
  parent: ParentNode,
  isInside: boolean,
  cell: Element | undefined,
  page: PageReading,
): void {
  const isRow = isTag(parent) && parent.name === 'tr';
  for (const child of parent.children) {
    if (!isTag(child)) continue;
    const innermost = isRow ? child : cell;
    const isDataTable = child.name === 'table' && hasClass(child, 'w728');
    if (child.name === 'table' && isInside && innermost !== undefined) {
      const inSameCell = page.innerTables.get(innermost);
      if (inSameCell === undefined) page.innerTables.set(innermost, [child]);
      else inSameCell.push(child);
    } else if (isDataTable && !isInside) {
      page.tables.push(child);
    }
    findTables(child, isInside || isDataTable, innermost, page);
  }
}

interface PageReading {
  readonly subject: string;
  /** What has been read so far. */
  readonly pairs: LabelledValue[];
  /** The data tables that are not inside another. */
  readonly tables: Element[];
  /** The tables directly inside each cell. */
  readonly innerTables: Map<Element, Element[]>;
  /** How much text was read: that of a cell inside another is read with both. */
  characters: number;
  /** How many places of the grids are taken so far: a cell takes one in each of its rows. */
  places: number;
}

/**
 * The site's pages have some 250 places, and tables of 8 columns. Cells that span rows multiply: 4,000 of them over
 * 4,000 rows would take 16 million places.
 */
const MAX_PLACES = 50_000;
const MAX_COLUMNS = 1_000;

interface Headings {
  /** The innermost above each column of the table. */
  readonly above: (string | undefined)[];
  /** That of the cell around the table. */
  readonly outer: string | undefined;
}

function readTable(table: Element, outer: string | undefined, page: PageReading): void {
  const headings: Headings = { above: [], outer };
  for (const row of placeCells(table, page)) {
    readRow(row, headings, page);
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
function readRow(row: readonly PlacedCell[], headings: Headings, page: PageReading): void {
  let pending: PendingLabel | undefined;
  const pair = (value: string): void => {
    page.pairs.push({ label: pending?.label ?? '', section: pending?.section, value });
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
      above.fill(readText(element, page), column, column + width);
    } else if (hasClass(element, 'label')) {
      endWithoutValue();
      pending = { label: readLabel(element, page), section: findHeading(column, headings), cell };
    } else if (hasClass(element, 'data')) {
      if (startsHere || (pending && isValueOf(pending.cell, cell))) pair(readText(element, page));
      else endWithoutValue();
    }
  }
  endWithoutValue();
}

/** A label's own text: other content of its cell, such as a mark, is not part of its name. */
function readLabel(cell: Element, page: PageReading): string {
  const [own, ...others] = findDescendants(cell, 'span', 'txt');
  return readText(own !== undefined && others.length === 0 ? own : cell, page);
}

function readText(element: Element, page: PageReading): string {
  const text = getVisibleText(element);
  page.characters += text.length;
  if (page.characters > DETAILS_LIMITS.bytes) {
    throw new NotAPageError(page.subject, 'its tables repeat the text of the tables inside them');
  }
  return text;
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
function* placeCells(table: Element, page: PageReading): Generator<readonly PlacedCell[]> {
  let spanning: readonly SpanningCell[] = [];
  let group: unknown;
  for (const row of findRows(table)) {
    if (row.parent !== group) spanning = []; // no cell spans beyond its group of rows
    group = row.parent;
    const above = spanning.map(({ cell }) => ({ ...cell, startsHere: false }));
    above.sort((a, b) => a.column - b.column);
    const starting = placeRow(row, above);
    page.places += above.length + starting.length;
    assertGridFits(starting, page);
    spanning = [
      ...spanning.map(({ cell, rowsLeft }) => ({ cell, rowsLeft: rowsLeft - 1 })),
      ...starting.map((cell) => ({ cell, rowsLeft: readRowspan(cell.element) - 1 })),
    ].filter(({ rowsLeft }) => rowsLeft > 0);
    yield above.length === 0
      ? starting
      : [...above, ...starting].sort((a, b) => a.column - b.column);
  }
}

function assertGridFits(starting: readonly PlacedCell[], { subject, places }: PageReading): void {
  if (places > MAX_PLACES) {
    throw new NotAPageError(subject, `its tables have more than ${MAX_PLACES} cells`);
  }
  const last = starting.at(-1);
  if (last !== undefined && last.column + last.width > MAX_COLUMNS) {
    throw new NotAPageError(subject, `a table has more than ${MAX_COLUMNS} columns`);
  }
}

/**
 * The cells that start in a row, each in the first columns that cells from above leave free.
 *
 * @param above from left to right
 */
function placeRow(row: Element, above: readonly PlacedCell[]): PlacedCell[] {
  let free = 0;
  let next = 0;
  return getChildElements(row).map((element) => {
    for (let taken = above[next]; taken && taken.column <= free; taken = above[next]) {
      free = Math.max(free, taken.column + taken.width);
      next += 1;
    }
    const cell = { element, column: free, width: readColspan(element), startsHere: true };
    free += cell.width;
    return cell;
  });
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
