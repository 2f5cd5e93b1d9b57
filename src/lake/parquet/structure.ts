/**
 * The footer of a Parquet file: its counts and columns, checked before they are believed. Of a file that has no
 * checksum `pages.ts` also checks the pages.
 */
import {
  type AsyncBuffer,
  type ColumnMetaData,
  type FileMetaData,
  parquetMetadataAsync,
  type SchemaElement,
} from 'hyparquet';
import type { ColumnType } from '../../catalog/column.ts';
import { BrokenFileError, LakeError } from '../../errors.ts';
import type { FileShape } from '../inspector.ts';

/** No file of a lake comes near it. */
const MAX_ROWS = 20_000_000;

/** The magic number at the beginning of a file. */
const HEADER_BYTES = 4;

/**
 * Checks that a file has no more rows than bytes. For one of another program: ours may have, as the runs of a year of
 * one ticker take a few bytes.
 */
export function assertRowsInBytes({ num_rows: rows }: FileMetaData, bytes: number): void {
  if (rows > bytes) throw new Error(`it has ${rows} rows in ${bytes} bytes`);
}

/**
 * Checks that the counts of the footer agree with each other, and that every column has its bytes in the file.
 * @param dataEnd where the footer begins
 */
function assertConsistent(metadata: FileMetaData, dataEnd: number): void {
  const groupRows = metadata.row_groups.map(({ num_rows: rows }) => Number(rows));
  const rows = groupRows.reduce((sum, count) => sum + count, 0);
  if (rows !== Number(metadata.num_rows) || groupRows.some((count) => count < 0)) {
    throw new Error('the counts of rows in its footer do not agree');
  }
  if (rows > MAX_ROWS) throw new Error(`it has ${rows} rows, more than ${MAX_ROWS}`);
  const leaves = metadata.schema.filter(({ type }) => type !== undefined);
  for (const { columns } of metadata.row_groups) {
    if (columns.length !== leaves.length) throw new Error('columns are missing in its footer');
    for (const [at, { meta_data: column }] of columns.entries()) {
      const leaf = leaves[at];
      if (column === undefined || column.path_in_schema.at(-1) !== leaf?.name) {
        throw new Error(`the data of the column ${leaf?.name} are missing in its footer`);
      }
      const { start, end } = getByteRange(column);
      if (!(HEADER_BYTES <= start && start <= end && end <= dataEnd)) {
        throw new Error(`bytes of the column ${leaf?.name} are missing`);
      }
    }
  }
}

export function getByteRange(column: ColumnMetaData): {
  readonly start: number;
  readonly end: number;
} {
  const { dictionary_page_offset: dictionary, data_page_offset: data } = column;
  // Some writers set the offset of an absent dictionary to 0.
  const start = Number(dictionary || data);
  return { start, end: start + Number(column.total_compressed_size) };
}

/** A number has 10 bytes at most, and no text or value in a header or a footer comes near this. */
const MAX_HIGH_BYTES = 4_096;

/**
 * Where a number of variable length does not end: all its bytes but the last have their highest bit set. The library's
 * time to read one grows with the square of its length: a megabyte of such bytes would keep it busy for minutes.
 */
export function findEndlessNumber(bytes: Uint8Array): number | undefined {
  // Each stretch of that length is read from its end: a byte without that bit shows that no such number fills it.
  let start = 0;
  for (let end = MAX_HIGH_BYTES; end < bytes.byteLength; end = start + MAX_HIGH_BYTES) {
    let at = end;
    while (at >= start && (bytes[at] ?? 0) >= 128) at -= 1;
    if (at < start) return end;
    start = at + 1;
  }
  return undefined;
}

/** How much is read at first from the end of a file; the footers of a lake are a third as long. */
export const FOOTER_BYTES = 32 * 1024;

/** A magic number at both ends, and the length of the footer. */
const MIN_FILE_BYTES = 12;
const TRAILER_BYTES = 8;

/** A file in memory as the library reads it. */
export function toAsyncBuffer(bytes: Uint8Array): AsyncBuffer {
  const whole = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return {
    byteLength: whole.byteLength,
    slice: (start, end) => Promise.resolve(whole.slice(start, end) as ArrayBuffer),
  };
}

async function assertFooterNumbersEnd(file: AsyncBuffer): Promise<void> {
  const { byteLength: size } = file;
  const trailer = new DataView(await file.slice(size - TRAILER_BYTES, size));
  const start = size - TRAILER_BYTES - trailer.getUint32(0, true);
  const footer = new Uint8Array(await file.slice(Math.max(0, start), size));
  if (findEndlessNumber(footer) !== undefined) throw new Error('a number in its footer has no end');
}

/** @throws Error if the footer cannot be read, or contradicts itself or the length of the file */
export async function readMetadata(file: AsyncBuffer): Promise<FileMetaData> {
  if (file.byteLength < MIN_FILE_BYTES) throw new Error(`it has ${file.byteLength} bytes`);
  await assertFooterNumbersEnd(file);
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES });
  assertConsistent(metadata, file.byteLength - metadata.metadata_length - TRAILER_BYTES);
  return metadata;
}

/**
 * @param origin the name of the file in errors
 * @throws BrokenFileError if the file has no footer, or an incomplete one
 */
export async function readShape(file: AsyncBuffer, origin: string): Promise<FileShape> {
  try {
    const metadata = await readMetadata(file);
    const [, ...elements] = metadata.schema;
    return {
      rows: Number(metadata.num_rows),
      columns: new Map(elements.map((element) => [element.name, getColumnType(element)])),
    };
  } catch (error) {
    if (error instanceof LakeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BrokenFileError(`${origin} is not a complete Parquet file: ${reason}`, {
      cause: error,
    });
  }
}

function getColumnType({ type, converted_type: converted, logical_type: logical }: SchemaElement) {
  const meaning = converted ?? logical?.type;
  return (
    TYPES.find((each) => each.physical === type && each.meanings.includes(meaning))?.is ?? 'other'
  );
}

const TYPES: readonly {
  readonly physical: string;
  readonly meanings: readonly (string | undefined)[];
  readonly is: ColumnType;
}[] = [
  { physical: 'BYTE_ARRAY', meanings: ['UTF8', 'STRING', undefined], is: 'string' },
  { physical: 'DOUBLE', meanings: [undefined], is: 'double' },
  { physical: 'INT64', meanings: ['INT_64', 'INTEGER', undefined], is: 'bigint' },
  { physical: 'INT32', meanings: ['DATE'], is: 'date' },
  { physical: 'BOOLEAN', meanings: [undefined], is: 'boolean' },
];
