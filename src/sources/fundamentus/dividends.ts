/**
 * Parses the page of the cash dividends of one asset: the rows of its table, each value under the heading of its
 * column. The pages of stocks and of funds have other columns, in another order. Pure.
 */

import type { Cheerio } from 'cheerio/slim';
import type { Document, Element } from 'domhandler';
import type { AssetKind } from '../../catalog/asset.ts';
import type { PrintedDividend } from '../../catalog/datasets/corporate-events.ts';
import { type Ticker, toTicker } from '../../catalog/ticker.ts';
import { LayoutChangedError, SiteUnavailableError, TickerNotFoundError } from '../../errors.ts';
import { quoteBriefly, removeAccents } from '../../text.ts';
import {
  findRows,
  getChildElements,
  getVisibleText,
  isDisplayed,
  type PageLimits,
  parseHtml,
} from './html.ts';
import { isCompletePage, REPLACEMENT_CHARACTER } from './page.ts';
import { createUnknownPageError, getHeadings } from './unknown-page.ts';

export const DIVIDEND_PATHS: Readonly<Record<AssetKind, string>> = {
  acoes: 'proventos.php',
  fiis: 'fii_proventos.php',
};

/** Thirty years of quarterly dividends are some 400 rows; this allows 8,000. */
export const DIVIDEND_LIMITS: PageLimits = { bytes: 2 * 1024 * 1024, nodes: 120_000 };

type Field = Exclude<keyof PrintedDividend, 'others'>;

/** The headings in lower case and without accents. */
const FIELDS: ReadonlyMap<string, Field> = new Map([
  ['data', 'comDay'],
  ['data com', 'comDay'],
  ['ultima data com', 'comDay'],
  ['tipo', 'type'],
  ['valor', 'amount'],
  ['data de pagamento', 'paymentDay'],
  ['por quantas acoes', 'unitCount'],
  ['por quantas cotas', 'unitCount'],
]);

const REQUIRED_FIELDS: readonly Field[] = ['comDay', 'type', 'amount'];

const NO_DIVIDEND_TEXT = /\bnenhum\w*\s+(?:provento|dividendo|rendimento|registro|resultado)/i;
const NOT_FOUND_TEXT = /Nenhum papel encontrado/i;

/**
 * The cash dividends of a page, in its order; none where the page says that there are none, or has a table without
 * rows.
 *
 * @throws SiteUnavailableError when the page is cut short, or is an error page
 * @throws TickerNotFoundError when the site has no such ticker
 * @throws LayoutChangedError when the table lacks a heading or has rows of another length, when the page shows another
 *   asset, or when characters are lost: no value may come to be under another heading
 * @throws SiteBlockedError when another page arrives instead
 * @throws NotAPageError when the page exceeds a limit
 */
export function readDividends(html: string, ticker: Ticker): PrintedDividend[] {
  const subject = `${ticker}: the dividends`;
  if (!isCompletePage(html)) throw new SiteUnavailableError(`${subject}: the page is cut short`);
  const page = parseHtml(html, subject, DIVIDEND_LIMITS);
  const headings = getHeadings(page);
  const shown = findOtherTicker(headings, ticker);
  if (shown !== undefined) throw createLayoutError(subject, `the page shows ${shown} instead`);
  const [table] = page.find('table#resultado').toArray();
  if (table === undefined) return readPageWithoutTable(html, page, subject, headings);
  const [head, ...rows] = findRows(table).map(getChildElements);
  const columns = readColumns(head ?? [], subject);
  return rows.filter((cells) => !isNotice(cells)).map((cells) => readRow(cells, columns, subject));
}

function readPageWithoutTable(
  html: string,
  page: Cheerio<Document>,
  subject: string,
  headings: readonly string[],
): PrintedDividend[] {
  if (NOT_FOUND_TEXT.test(html)) {
    throw new TickerNotFoundError(`${subject}: the site has no such ticker`, {
      hint: '`pynvest tickers` lists those that it has.',
    });
  }
  if (page.toArray().some((root) => NO_DIVIDEND_TEXT.test(getVisibleText(root)))) return [];
  throw createUnknownPageError(
    page,
    subject,
    headings.some((heading) => /proventos/i.test(heading)),
  );
}

/** A ticker that the page's headings name in place of the one that was asked for. */
function findOtherTicker(headings: readonly string[], ticker: Ticker): string | undefined {
  const named = headings
    .flatMap((heading) => heading.split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word === word.toUpperCase())
    .flatMap((word) => toTicker(word) ?? []);
  return named.includes(ticker) ? undefined : named[0];
}

interface PageColumn {
  readonly heading: string;
  readonly field: Field | undefined;
}

function readColumns(cells: readonly Element[], subject: string): PageColumn[] {
  const columns = cells.map((cell): PageColumn => {
    const heading = getVisibleText(cell);
    return { heading, field: FIELDS.get(removeAccents(heading)) };
  });
  const fields = columns.flatMap(({ field }) => field ?? []);
  const twice = fields.find((field, at) => fields.indexOf(field) !== at);
  const isMissing = REQUIRED_FIELDS.some((field) => !fields.includes(field));
  if (twice !== undefined || isMissing) {
    const shown = columns.map(({ heading }) => heading).join(' | ');
    throw createLayoutError(subject, `the table has other headings: ${quoteBriefly(shown, 120)}`);
  }
  return columns;
}

/** Whether a row has no values: it repeats the headings, is empty, or says in one cell that there is nothing. */
function isNotice(cells: readonly Element[]): boolean {
  const [only, ...others] = cells;
  if (only === undefined || cells.every(({ name }) => name === 'th')) return true;
  return others.length === 0 && /\bnenhum/i.test(getVisibleText(only));
}

function readRow(
  cells: readonly Element[],
  columns: readonly PageColumn[],
  subject: string,
): PrintedDividend {
  const isWhole = (cell: Element): boolean =>
    isDisplayed(cell) &&
    [cell.attribs['colspan'], cell.attribs['rowspan']].every((span = '1') => span.trim() === '1');
  const texts = cells.map(getVisibleText);
  if (cells.length !== columns.length || !cells.every(isWhole)) {
    const row = quoteBriefly(texts.join(' | '), 120);
    throw createLayoutError(subject, `a row does not fit the ${columns.length} headings: ${row}`);
  }
  const damaged = texts.find((text) => text.includes(REPLACEMENT_CHARACTER));
  if (damaged !== undefined) {
    throw createLayoutError(subject, `the page has lost characters: ${quoteBriefly(damaged)}`);
  }
  const values: Partial<Record<Field, string>> = {};
  const others: [heading: string, text: string][] = [];
  for (const [at, { field, heading }] of columns.entries()) {
    if (field === undefined) others.push([heading, texts[at] ?? '']);
    else values[field] = texts[at] ?? '';
  }
  const { comDay = '', type = '', amount = '', paymentDay = null, unitCount = null } = values;
  return { comDay, type, amount, paymentDay, unitCount, others: Object.fromEntries(others) };
}

function createLayoutError(subject: string, reason: string): LayoutChangedError {
  return new LayoutChangedError(`${subject}: ${reason}`, {
    hint: 'Nothing of this page is stored: a newer version of pynvest may read it.',
  });
}
