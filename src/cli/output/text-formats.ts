/**
 * CSV and JSON, a batch of rows at a time. Pure.
 */

import type { OutputValue } from '../../query/engine.ts';
import type { RowBatch } from '../../query/row-batches.ts';
import { escapeControls } from '../../text.ts';

export interface CsvDialect {
  readonly delimiter: string;
  readonly lineEnd: string;
  /** What a file begins with. */
  readonly mark: string;
  /** What must be between quotes. */
  readonly quoted: RegExp;
  readonly formatCell: (value: OutputValue, type: string | undefined) => string;
}

/** As RFC 4180, with Unix line ends, and every value as it is stored. */
export const PLAIN_CSV: CsvDialect = {
  delimiter: ',',
  lineEnd: '\n',
  mark: '',
  quoted: /[",\r\n]/,
  formatCell: formatText,
};

/**
 * As Excel reads it in Brazil. Only the beginning of a file has the mark by which Excel knows UTF-8.
 * A text that a spreadsheet would run as a formula gets an apostrophe before it.
 */
export const BRAZILIAN_CSV: CsvDialect = {
  delimiter: ';',
  lineEnd: '\r\n',
  mark: '\ufeff',
  quoted: /[";\r\n]/,
  formatCell(value, type = '') {
    const isNumber = typeof value === 'number' || /^(decimal|hugeint)/i.test(type);
    const text = formatText(value);
    if (isNumber) return text.replace('.', ',');
    return typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  },
};

/**
 * What a spreadsheet takes for a formula, also in full-width characters and after characters that are not seen; a text
 * that is a number is none.
 */
const FORMULA = /^[\s\p{Cf}]*[=＝@＠\t\r]|^[\s\p{Cf}]*[+＋\-－−](?!\d+([.,]\d+)?%?$)/u;

/** Headings are other people's text, too: a query names its columns, or takes their names from a file. */
export function formatCsvHeader(names: readonly string[], dialect: CsvDialect): string {
  const cells = names.map((name) => quoteCell(dialect.formatCell(name, undefined), dialect));
  return `${cells.join(dialect.delimiter) || EMPTY_LINE}${dialect.lineEnd}`;
}

/** A line of one empty cell, which readers would pass over without quotes: a row less. */
const EMPTY_LINE = '""';

export function formatCsvRows(
  { rowCount, columns }: RowBatch,
  types: readonly string[] | undefined,
  dialect: CsvDialect,
): string {
  const { delimiter, lineEnd } = dialect;
  const cells = columns.map((column, at) => formatColumn(column, types?.[at], dialect));
  const [only = [], ...others] = cells;
  if (others.length === 0) return only.map((cell) => (cell || EMPTY_LINE) + lineEnd).join('');
  let text = '';
  for (let row = 0; row < rowCount; row += 1) {
    for (let at = 0; at < cells.length; at += 1) {
      text += at === 0 ? (cells[0]?.[row] ?? '') : delimiter + (cells[at]?.[row] ?? '');
    }
    text += lineEnd;
  }
  return text;
}

/** A value is often that of the row before, as the ticker is where rows are sorted by it. */
function formatColumn(
  values: readonly OutputValue[],
  type: string | undefined,
  dialect: CsvDialect,
): string[] {
  const cells = new Array<string>(values.length);
  let before: OutputValue = null;
  let cell = '';
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? null;
    if (value !== before) cell = formatCsvCell(value, type, dialect);
    before = value;
    cells[at] = cell;
  }
  return cells;
}

/** A number has nothing that must be between quotes. */
function formatCsvCell(value: OutputValue, type: string | undefined, dialect: CsvDialect): string {
  if (value === null) return '';
  const text = dialect.formatCell(value, type);
  return typeof value === 'number' ? text : quoteCell(text, dialect);
}

function quoteCell(text: string, { quoted }: CsvDialect): string {
  return quoted.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Objects keyed by column, with a comma and a line end between them. */
export function formatJsonRows({ rowCount, columns }: RowBatch, names: readonly string[]): string {
  const keys = names.map((name) => `${formatJson(name)}:`);
  const cells = columns.map((column) => column.map(formatJson));
  const objects = new Array<string>(rowCount);
  for (let row = 0; row < rowCount; row += 1) {
    objects[row] = `{${keys.map((key, at) => key + (cells[at]?.[row] ?? 'null')).join(',')}}`;
  }
  return objects.join(',\n');
}

/** A value as CSV and a table have it; null is empty. */
export function formatText(value: OutputValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? formatJson(value) : String(value);
}

/** JSON with integers of any size as numbers; JSON.stringify does not take a bigint. */
export function formatJson(value: OutputValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (Array.isArray(value))
    return `[${value.map((item) => formatJson(item as OutputValue)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).map(
      ([key, item]) => `${formatJson(key)}:${formatJson(item)}`,
    );
    return `{${fields.join(',')}}`;
  }
  // Escapes are JSON's own, so a reader gets the same text.
  return escapeControls(JSON.stringify(value));
}
