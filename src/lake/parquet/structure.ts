/**
 * Checks of a file that has no checksum, as another program wrote it, before its values are decoded. hyparquet relies
 * on the counts in footers, pages and runs: a damaged one can keep it busy for hours, or turn a column into nulls.
 */
import {
  type AsyncBuffer,
  type ColumnMetaData,
  type Compressors,
  type FileMetaData,
  type PageHeader,
  parquetMetadataAsync,
  type SchemaElement,
} from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import type { ColumnType } from '../../catalog/column.ts';
import { BrokenFileError, LakeError } from '../../errors.ts';
import type { FileShape } from '../inspector.ts';

/** Bounds that no file of a lake comes near. */
const MAX_ROWS = 20_000_000;
const MAX_PAGE_BYTES = 256 * 1024 ** 2;

/** The magic number at the beginning of a file. */
const HEADER_BYTES = 4;

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

function getByteRange(column: ColumnMetaData): { readonly start: number; readonly end: number } {
  const { dictionary_page_offset: dictionary, data_page_offset: data } = column;
  // Some writers set the offset of an absent dictionary to 0.
  const start = Number(dictionary || data);
  return { start, end: start + Number(column.total_compressed_size) };
}

/** Checks the pages of these columns; `metadata` has passed `assertConsistent`. */
export function assertPages(
  bytes: Uint8Array,
  metadata: FileMetaData,
  columnNames: readonly string[],
  compressors: Compressors,
): void {
  const leaves = metadata.schema.filter(({ type }) => type !== undefined);
  for (const { num_rows: rows, columns } of metadata.row_groups) {
    for (const [at, { meta_data: column }] of columns.entries()) {
      const leaf = leaves[at];
      const [name = '', ...nested] = column?.path_in_schema ?? [];
      if (leaf === undefined || column === undefined || !columnNames.includes(name)) continue;
      if (nested.length > 0 || leaf.repetition_type === 'REPEATED') {
        throw new Error(`the column ${name} is nested`);
      }
      const { start, end } = getByteRange(column);
      assertChunk(bytes.subarray(start, end), { column, leaf, rows: Number(rows), compressors });
    }
  }
}

/** The data of a column in a group of rows. */
interface Chunk {
  readonly column: ColumnMetaData;
  readonly leaf: SchemaElement;
  readonly rows: number;
  readonly compressors: Compressors;
}

function assertChunk(bytes: Uint8Array, chunk: Chunk): void {
  const { column, leaf, rows } = chunk;
  const maxPageBytes = Math.min(Number(column.total_uncompressed_size), MAX_PAGE_BYTES);
  const reader = { view: toView(bytes), offset: 0 };
  let values = 0;
  let hasDictionary = false;
  while (values < rows) {
    if (reader.offset >= bytes.byteLength) {
      throw new Error(`the column ${leaf.name} has ${values} values for ${rows} rows`);
    }
    const header = parquetHeader(reader);
    const { compressed_page_size: size, uncompressed_page_size: fullSize } = header;
    const end = reader.offset + size;
    assertPossible(size >= 0 && end <= bytes.byteLength, leaf);
    assertPossible(fullSize >= 0 && fullSize <= maxPageBytes, leaf);
    const data = bytes.subarray(reader.offset, end);
    if (header.type === 'DICTIONARY_PAGE') {
      const count = header.dictionary_page_header?.num_values ?? -1;
      // Every value but a boolean takes at least a byte.
      assertPossible(count >= 0 && count <= fullSize, leaf);
      if (column.codec === 'SNAPPY') assertSnappy(data, fullSize, leaf);
      hasDictionary = true;
    } else {
      const page = readDataPage(header, data, chunk);
      assertPossible(page.count >= 0 && values + page.count <= rows, leaf);
      if (page.indices !== undefined && !hasDictionary) {
        throw new Error(`the dictionary of the column ${leaf.name} is missing`);
      }
      if (page.levels !== undefined) assertRuns(page.levels, 1, page.count, leaf);
      if (page.indices !== undefined) assertIndices(page.indices, page.count, leaf);
      values += page.count;
    }
    reader.offset = end;
  }
}

function assertPossible(isPossible: boolean, { name }: SchemaElement): void {
  if (!isPossible) throw new Error(`the column ${name} has a page with impossible counts`);
}

interface DataPage {
  readonly count: number;
  /** Which values are present; undefined for a column that is not optional. */
  readonly levels: Uint8Array | undefined;
  /** Positions in the dictionary; undefined for values without one. */
  readonly indices: Uint8Array | undefined;
}

function readDataPage(header: PageHeader, data: Uint8Array, chunk: Chunk): DataPage {
  const { column, leaf, compressors } = chunk;
  const isOptional = leaf.repetition_type === 'OPTIONAL';
  const { data_page_header: first, data_page_header_v2: second } = header;
  if (header.type === 'DATA_PAGE' && first !== undefined) {
    const { codec } = column;
    if (codec === 'SNAPPY') assertSnappy(data, header.uncompressed_page_size, leaf);
    const page = decompressPage(data, header.uncompressed_page_size, codec, compressors);
    const levelsEnd = isOptional ? 4 + toView(page).getUint32(0, true) : 0;
    return {
      count: first.num_values,
      levels: isOptional ? page.subarray(4, levelsEnd) : undefined,
      indices: first.encoding.endsWith('_DICTIONARY') ? page.subarray(levelsEnd) : undefined,
    };
  }
  if (header.type === 'DATA_PAGE_V2' && second !== undefined) {
    const start = second.repetition_levels_byte_length;
    const end = start + second.definition_levels_byte_length;
    const size = header.uncompressed_page_size - end;
    assertPossible(0 <= start && start <= end && end <= data.byteLength && size >= 0, leaf);
    const values = data.subarray(end);
    if (second.is_compressed && column.codec === 'SNAPPY') assertSnappy(values, size, leaf);
    const page = second.is_compressed
      ? decompressPage(values, size, column.codec, compressors)
      : values;
    return {
      count: second.num_values,
      levels: isOptional ? data.subarray(start, end) : undefined,
      indices: second.encoding.endsWith('_DICTIONARY') ? page : undefined,
    };
  }
  throw new Error(`the column ${leaf.name} has a page of an unknown type (${header.type})`);
}

/**
 * Checks that the elements of Snappy's raw format (a literal or a copy, each with its length) give exactly `size`
 * bytes; a damaged length would keep hyparquet copying for seconds.
 */
function assertSnappy(bytes: Uint8Array, size: number, leaf: SchemaElement): void {
  const { value, end } = readVarInt(bytes, 0);
  assertPossible(value === size, leaf);
  let at = end;
  let written = 0;
  while (at < bytes.byteLength) {
    const tag = bytes[at] ?? 0;
    const upper = tag >> 2;
    at += 1;
    if (tag % 4 === 0) {
      // From 60 on it is the number of bytes, less 59, that hold the length.
      const lengthBytes = Math.max(0, upper - 59);
      let length = lengthBytes > 0 ? 0 : upper;
      for (let index = 0; index < lengthBytes; index += 1) {
        length += (bytes[at + index] ?? 0) * 256 ** index;
      }
      at += lengthBytes + length + 1;
      written += length + 1;
    } else {
      written += tag % 4 === 1 ? (upper % 8) + 4 : upper + 1;
      at += tag % 4 === 3 ? 4 : tag % 4;
    }
    assertPossible(written <= size && at <= bytes.byteLength, leaf);
  }
  assertPossible(written === size, leaf);
}

/** Positions in a dictionary: a byte with their width in bits, then runs. */
function assertIndices(indices: Uint8Array, count: number, leaf: SchemaElement): void {
  const [width = 0] = indices;
  assertPossible(width <= 32, leaf);
  if (width > 0) assertRuns(indices.subarray(1), width, count, leaf);
}

/** Beyond it the number of values in a packed run has more bits than hyparquet counts with. */
const MAX_PACKED_HEADER = 2 ** 28;

/**
 * Checks runs of values of so many bits: they end after `count` values, or with the bytes. The bounds are lenient,
 * for writers pad runs; without them hyparquet would repeat a value two billion times.
 */
function assertRuns(runs: Uint8Array, width: number, count: number, leaf: SchemaElement): void {
  let seen = 0;
  let at = 0;
  while (seen < count && at < runs.byteLength) {
    const { value: header, end } = readVarInt(runs, at);
    const isPacked = header % 2 === 1;
    const length = isPacked ? 4 * (header - 1) : header / 2;
    assertPossible(isPacked ? header < MAX_PACKED_HEADER : length <= 2 * count + 8, leaf);
    // Of one bit a run is all zeros or all ones.
    assertPossible(isPacked || width > 1 || (runs[end] ?? 0) <= 1, leaf);
    at = end + (isPacked ? (length * width) / 8 : Math.ceil(width / 8));
    seen += length;
  }
}

function readVarInt(
  bytes: Uint8Array,
  start: number,
): { readonly value: number; readonly end: number } {
  let value = 0;
  let at = start;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at];
    if (byte === undefined || factor > 2 ** 28)
      throw new Error('a run of values has an impossible length');
    value += (byte % 128) * factor;
    at += 1;
    if (byte < 128) return { value, end: at };
  }
}

function toView({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
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

/** @throws Error if the footer cannot be read, or contradicts itself or the length of the file */
export async function readMetadata(file: AsyncBuffer): Promise<FileMetaData> {
  if (file.byteLength < MIN_FILE_BYTES) throw new Error(`it has ${file.byteLength} bytes`);
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
