/**
 * Rows as a workbook of one sheet for Excel and its like. Numbers are numbers, days are dates, and text stays text,
 * even where a spreadsheet would read a number or a formula. Streams: memory does not grow with the rows.
 */

import { type ColumnDef, writeXlsxStream } from 'hucre/xlsx';
import { isKnownColumn } from '../../catalog/headings.ts';
import { getMeasure, type Measure } from '../../catalog/measure.ts';
import { PARTITION_COLUMN } from '../../catalog/partition.ts';
import { OutputError, UsageError } from '../../errors.ts';
import { getStoredType, type OutputRow, type OutputValue } from '../../query/engine.ts';
import { toBatchedRows } from '../../query/row-batches.ts';
import { formatText } from './text-formats.ts';

/** The limits of Excel, the heading's row included. */
const MAX_ROWS = 1_048_576;
const MAX_COLUMNS = 16_384;
const MAX_TEXT_LENGTH = 32_767;

/** Each spreadsheet has the separators of its own language in their place. */
const DATE_FORMAT = 'dd/mm/yyyy';
const TIME_FORMAT = 'dd/mm/yyyy hh:mm:ss';
const WHOLE = '0';
const TEXT = '@';

/** Undefined for the format that shows a number as it is. */
const FORMATS: Readonly<Record<Measure, string | undefined>> = {
  variation: '0.00%',
  fraction: '0.00%',
  price: '#,##0.00',
  payment: '#,##0.00######',
  amount: '#,##0',
  count: '#,##0',
  ratio: '#,##0.00',
  factor: undefined,
  day: WHOLE,
  code: WHOLE,
};

const SHEET_NAME = 'pynvest';
const MIN_WIDTH = 10;
const MAX_WIDTH = 50;

interface SheetData {
  readonly columns: readonly string[];
  readonly types?: readonly string[];
  readonly rows: Iterable<OutputRow> | AsyncIterable<OutputRow>;
}

type Cell = string | number | boolean | null;

type CellConverter = (value: OutputValue) => Cell;

interface SheetColumn {
  readonly format: string | undefined;
  readonly convert: CellConverter;
}

/**
 * The bytes of the workbook.
 * @param mostRows with the heading
 * @throws UsageError if a sheet cannot have so many columns
 * @throws OutputError, while it is read, if a sheet cannot have so many rows, or a text as long as one of them
 */
export async function* renderXlsx(
  { columns: names, types = [], rows }: SheetData,
  mostRows = MAX_ROWS,
): AsyncIterable<Uint8Array> {
  if (names.length > MAX_COLUMNS) {
    throw new UsageError(
      `a spreadsheet has at most ${MAX_COLUMNS} columns, and the answer has ${names.length}`,
      { hint: `Select fewer, or use another format. ${OTHER_FORMATS}` },
    );
  }
  const columns = names.map((name, at) => createColumn(name, types[at] ?? ''));
  const batches = toBatchedRows(rows, names.length).batches[Symbol.asyncIterator]();
  const first = await batches.next();
  const sample = first.done ? undefined : first.value.columns;
  const definitions = names.map((name, at): ColumnDef => {
    const format = columns[at]?.format;
    return {
      header: escapeText(name),
      width: chooseWidth(name, sample?.[at] ?? []),
      ...(format !== undefined && { numFmt: format }),
    };
  });

  async function* cells(): AsyncGenerator<Cell[]> {
    let count = 1;
    for (let batch = first; !batch.done; batch = await batches.next()) {
      const { rowCount, columns: values } = batch.value;
      count += rowCount;
      if (count > mostRows) throw createTooManyRowsError(mostRows);
      for (let row = 0; row < rowCount; row += 1) {
        yield columns.map(({ convert }, at) => convert(values[at]?.[row] ?? null));
      }
    }
  }
  const options = { name: SHEET_NAME, columns: definitions, freezePane: { rows: 1 } };
  yield* writeXlsxStream(cells(), { ...options, maxRowsPerSheet: Number.POSITIVE_INFINITY });
}

const OTHER_FORMATS = 'csv and Parquet have no such limit.';

function createTooManyRowsError(most: number): OutputError {
  return new OutputError(
    `a spreadsheet has at most ${most} rows with the heading, and the answer has more`,
    { hint: `Ask for fewer rows, or use another format. ${OTHER_FORMATS}` },
  );
}

/** One with a time zone stays text: a spreadsheet has none. */
const TIMESTAMP = /^timestamp(?:\(\d+\)|_\w+)?$/i;

/**
 * A column of a person's own SQL may be of anything: only the columns of pynvest are formatted by what they measure.
 */
function createColumn(name: string, type: string): SheetColumn {
  const stored = getStoredType(type);
  if (stored === 'date') return { format: DATE_FORMAT, convert: convertDay };
  if (TIMESTAMP.test(type)) return { format: TIME_FORMAT, convert: convertTime };
  if (name === PARTITION_COLUMN) return { format: DATE_FORMAT, convert: convertPartition };
  if (stored === 'string') return { format: TEXT, convert: convertValue };
  if (stored === 'boolean') return { format: undefined, convert: convertValue };
  const format = isKnownColumn(name) ? FORMATS[getMeasure(name)] : undefined;
  const whole = stored === 'integer' || stored === 'bigint' ? WHOLE : undefined;
  return { format: format ?? whole, convert: convertValue };
}

/** A number that a double does not hold exactly is text. */
function convertValue(value: OutputValue): Cell {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value);
  return escapeText(formatText(value));
}

const SECONDS_PER_DAY = 86_400;
const MS_PER_DAY = SECONDS_PER_DAY * 1000;

/** Where the count of days begins, so that 1 March 1900 is 61: Excel counts a 29 February 1900, which there was not. */
const DAY_ZERO = Date.UTC(1899, 11, 30);

const FIRST_CORRECT_DAY = '1900-03-01';

/** The number of a day in a spreadsheet; a day that it does not know stays text. */
function convertDay(value: OutputValue): Cell {
  const isDay = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
  if (!isDay || value < FIRST_CORRECT_DAY) return convertValue(value);
  return (Date.parse(`${value}T00:00:00Z`) - DAY_ZERO) / MS_PER_DAY;
}

function convertTime(value: OutputValue): Cell {
  const [, day = '', time = ''] =
    /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d+)?)$/.exec(String(value)) ?? [];
  const cell = convertDay(day);
  if (typeof cell !== 'number') return convertValue(value);
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return cell + ((hours * 60 + minutes) * 60 + seconds) / SECONDS_PER_DAY;
}

function convertPartition(value: OutputValue): Cell {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(String(value)) ?? [];
  const cell = year === undefined ? null : convertDay(`${year}-${month}-${day}`);
  return typeof cell === 'number' && Number.isFinite(cell) ? cell : convertValue(value);
}

/** What XML cannot hold is written as `_xFFFF_`, which readers decode; a text that has that form itself is escaped. */
const ESCAPED = /_(?=x[\dA-Fa-f]{4}_)|[\uFFFE\uFFFF]/g;

function escapeText(text: string): string {
  if (text.length > MAX_TEXT_LENGTH) {
    throw new OutputError(
      `a cell of a spreadsheet has at most ${MAX_TEXT_LENGTH} characters, and a text of the answer has ${text.length}`,
      { hint: `Leave that column out, or use another format. ${OTHER_FORMATS}` },
    );
  }
  return text.replace(
    ESCAPED,
    (found) => `_x${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
  );
}

/** Wide enough for the heading and for the first values. */
function chooseWidth(name: string, values: readonly OutputValue[]): number {
  const longest = values.reduce<number>(
    (most, value) => Math.max(most, formatText(value).length),
    name.length,
  );
  return Math.min(Math.max(longest + 2, MIN_WIDTH), MAX_WIDTH);
}
