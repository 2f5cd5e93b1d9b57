/**
 * Writes rows as a table, JSON, CSV, Parquet or a spreadsheet. Streams: rows are written as they arrive, in batches.
 */

import { once } from 'node:events';
import type { LineParts } from '../../presentation/gap.ts';
import type { OutputRow, OutputValue } from '../../query/engine.ts';
import {
  type BatchedRows,
  type RowBatch,
  selectColumns,
  toBatchedRows,
} from '../../query/row-batches.ts';
import { escapeControls, formatQuantity } from '../../text.ts';
import { notationOptions, type OptionValues, option, terminalOptions } from '../option.ts';
import { getWidth, supportsUnicode, type Terminal } from '../terminal/terminal.ts';
import { formatCells, formatCourse } from './cells.ts';
import { formatTable, formatWide, type TablePaint } from './table.ts';
import {
  BRAZILIAN_CSV,
  type CsvDialect,
  formatCsvHeader,
  formatCsvRows,
  formatJson,
  formatJsonRows,
  PLAIN_CSV,
} from './text-formats.ts';

const outputFormats = ['table', 'json', 'csv', 'csv-br'] as const;
export type OutputFormat = (typeof outputFormats)[number];

const binaryFormats = ['parquet', 'xlsx'] as const;

/** Of rows; those of bytes are for files and pipes. */
export const rowFormats = [...outputFormats, ...binaryFormats] as const;
export type RowFormat = (typeof rowFormats)[number];
type BinaryFormat = (typeof binaryFormats)[number];

/** How the name of a file in a format ends, without the point. */
export function getExtension(format: RowFormat): string {
  return format === 'csv-br' ? 'csv' : format;
}

export function isBinaryFormat(format: RowFormat): format is BinaryFormat {
  return binaryFormats.some((each) => each === format);
}

export const outputOptions = {
  format: option(
    '--format <format>',
    'how to print the data (default: a table on a terminal, else csv)',
    { choices: outputFormats, group: 'output' },
  ),
  ...notationOptions,
  ...terminalOptions,
};

export type OutputOptions = OptionValues<typeof outputOptions>;

export interface TabularData {
  readonly columns: readonly string[];
  /** The name of each column's type, as an engine or the catalog names it; needed for Parquet and spreadsheets. */
  readonly types?: readonly string[];
  readonly rows: Iterable<readonly OutputValue[]> | AsyncIterable<readonly OutputValue[]>;
  /** Whether each row is written as it arrives, for rows that arrive now and then. */
  readonly live?: boolean;
  /** Whether the command has --columns, which selects those that do not fit a screen. */
  readonly hasColumnsOption?: boolean;
  /** Columns without which a row means nothing: on a screen too narrow for all they come first. */
  readonly essential?: readonly string[];
  /** Whether the rows are of what the command did, not of data. */
  readonly isReport?: boolean;
  /** Whether the last column is prose, to be read in full. */
  readonly wide?: boolean;
  /**
   * The columns of a day and of a value whose course is shown below a table on a screen. The rows are all those of one
   * asset; the change is shown where the values may be compared.
   */
  readonly course?: LineParts & {
    readonly day: string;
    readonly value: string;
    readonly isComparable: boolean;
  };
}

/** The format asked for; without one, a table on a terminal and CSV elsewhere. */
export function resolveFormat<F extends RowFormat>(
  terminal: Terminal,
  format: F | undefined,
): F | 'table' | 'csv' {
  return format ?? (terminal.stdout.isTTY ? 'table' : 'csv');
}

/** Writes rows to stdout in the chosen format. */
export async function writeRows(
  terminal: Terminal,
  format: RowFormat | undefined,
  data: TabularData,
): Promise<void> {
  const chosen = resolveFormat(terminal, format);
  for await (const part of renderRows(chosen, data, terminal, getWidth(terminal.stdout) ?? 0)) {
    await write(terminal.stdout, part);
  }
}

/** Writes one object as JSON. */
export async function writeObject(terminal: Terminal, object: object): Promise<void> {
  await write(terminal.stdout, `${escapeControls(JSON.stringify(object, null, 2))}\n`);
}

/** The rows in a format, in parts; a table is at most `width` characters wide (0: no limit). */
export function renderRows(
  format: RowFormat,
  data: TabularData,
  terminal: Terminal,
  width: number,
): AsyncIterable<string | Uint8Array> {
  return isBinaryFormat(format)
    ? BINARY_RENDERERS[format](data)
    : RENDERERS[format](data, terminal, width);
}

type Renderer = (data: TabularData, terminal: Terminal, width: number) => AsyncIterable<string>;

const RENDERERS: Readonly<Record<OutputFormat, Renderer>> = {
  csv: (data, terminal, width) => renderCsv(data, terminal, width, PLAIN_CSV),
  'csv-br': (data, terminal, width) => renderCsv(data, terminal, width, BRAZILIAN_CSV),
  json: renderJson,
  table: renderTable,
};

const BINARY_RENDERERS: Readonly<
  Record<BinaryFormat, (data: TabularData) => AsyncIterable<Uint8Array>>
> = { parquet: renderParquet, xlsx: renderSpreadsheet };

/** Waits where the reader is slower than the writer. */
export async function write(stream: NodeJS.WriteStream, part: string | Uint8Array): Promise<void> {
  if (!stream.write(part)) await once(stream, 'drain');
}

async function* renderParquet({ columns, types, rows }: TabularData): AsyncIterable<Uint8Array> {
  const { encodeResult } = await import('../../lake/parquet/encode-result.ts');
  const { getStoredType } = await import('../../query/engine.ts');
  const stored = columns.map((name, at) => ({
    name,
    type: getStoredType(types?.[at] ?? 'varchar'),
  }));
  const flat = (async function* () {
    for await (const row of rows) {
      yield row.map((value) =>
        typeof value === 'object' && value !== null ? formatJson(value) : value,
      );
    }
  })();
  yield* encodeResult(stored, flat);
}

async function* renderSpreadsheet(data: TabularData): AsyncIterable<Uint8Array> {
  const { renderXlsx } = await import('./xlsx.ts');
  yield* renderXlsx(data);
}

async function* renderCsv(
  { columns, types, rows, live }: TabularData,
  { stdout }: Terminal,
  width: number,
  dialect: CsvDialect,
): AsyncIterable<string> {
  // A file and a pipe get each value as it is; a screen shows control characters instead of obeying them.
  const isScreen = width > 0 && stdout.isTTY === true;
  const finish = (text: string): string =>
    isScreen ? text.split('\r\n').map(escapeControls).join('\r\n') : text;
  yield (isScreen ? '' : dialect.mark) + finish(formatCsvHeader(columns, dialect));
  for await (const batch of toBatchedRows(rows, columns.length, live ? 1 : undefined).batches) {
    yield finish(formatCsvRows(batch, types, dialect));
  }
}

async function* renderJson({ columns, rows, live }: TabularData): AsyncIterable<string> {
  yield '[';
  let separator = '\n';
  for await (const batch of toBatchedRows(rows, columns.length, live ? 1 : undefined).batches) {
    yield separator + formatJsonRows(batch, columns);
    separator = ',\n';
  }
  yield '\n]\n';
}

async function* renderTable(data: TabularData, terminal: Terminal, width: number) {
  const { types, rows, hasColumnsOption = false, wide = false, essential } = data;
  const isScreen = width > 0 && terminal.stdout.isTTY === true;
  const all: OutputRow[] = [];
  for await (const row of rows) all.push(row);
  // Above no rows, headings would be noise; a notice or an error says why there are none.
  if (all.length === 0) return;
  const { columns, cells } = formatCells(data.columns, types, all, {
    ...{ locale: terminal.locale, showsNames: terminal.showsNames },
    isReport: data.isReport === true,
  });
  if (wide && isScreen) {
    yield formatWide(columns, cells, width);
    return;
  }
  const paint = isScreen ? createPaint(terminal) : undefined;
  const { text, hidden } = formatTable(columns, cells, wide ? 0 : width, essential, paint);
  yield text;
  if (isScreen && data.course !== undefined) {
    yield formatCourse(data.columns, all, width, {
      ...data.course,
      ...terminal,
      isUnicode: supportsUnicode(),
    });
  }
  if (hidden.length > 0) {
    terminal.notice(
      `${formatQuantity(hidden.length, 'more column')} ${hidden.length === 1 ? 'does' : 'do'} not fit here: ` +
        `${hasColumnsOption ? '--columns selects those to show, ' : ''}--format csv shows them all.`,
    );
  }
}

function createPaint({ dataColors: colors }: Terminal): TablePaint {
  return { heading: colors.bold, rise: colors.green, fall: colors.red };
}

/** The columns that a screen shows first if it cannot show all. */
export const PREFERRED_COLUMNS: readonly string[] = [
  'vlr_cot',
  'pct_var_dia',
  'pct_var_mes',
  'pct_var_12m',
  'dt_ult_cot',
];

/**
 * The same rows, with these columns right after the first `inFront`, which are the day and the ticker by default.
 * Names of columns that the rows do not have are ignored.
 */
export function moveColumnsFirst(
  data: TabularData,
  first: readonly string[],
  inFront = 2,
): TabularData {
  const { columns, types, rows } = data;
  const front = columns.slice(0, inFront);
  const order = [
    ...new Set([...front, ...first.filter((name) => columns.includes(name)), ...columns]),
  ];
  const positions = order.map((name) => columns.indexOf(name));
  return {
    ...data,
    columns: order,
    ...(types && { types: positions.map((position) => types[position] ?? '') }),
    rows: toBatchedRows(rows, columns.length).map((batch) => selectColumns(batch, positions)),
  };
}

/** The same rows without these columns. */
export function removeColumns(data: TabularData, names: readonly string[]): TabularData {
  const { columns, types, rows } = data;
  const positions = columns.flatMap((name, at) => (names.includes(name) ? [] : [at]));
  return {
    ...data,
    columns: positions.map((position) => columns[position] ?? ''),
    ...(types && { types: positions.map((position) => types[position] ?? '') }),
    rows: toBatchedRows(rows, columns.length).map((batch) => selectColumns(batch, positions)),
  };
}

/** The same items, and how many of them have been read so far. */
export function withCount<T>(items: AsyncIterable<T>): {
  readonly items: AsyncIterable<T>;
  readonly getCount: () => number;
} {
  let count = 0;
  return {
    items: (async function* () {
      for await (const item of items) {
        count += 1;
        yield item;
      }
    })(),
    getCount: () => count,
  };
}

/**
 * The same rows, and how many of them have been read so far.
 * @param onBatch is called for each batch before it is passed on
 */
export function countRows(
  rows: TabularData['rows'],
  columnCount: number,
  onBatch?: (batch: RowBatch) => void,
): { readonly rows: BatchedRows; readonly getCount: () => number } {
  let count = 0;
  return {
    rows: toBatchedRows(rows, columnCount).map((batch) => {
      count += batch.rowCount;
      onBatch?.(batch);
      return batch;
    }),
    getCount: () => count,
  };
}
