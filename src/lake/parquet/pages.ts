/**
 * Checks of a file that has no checksum, as another program wrote it, before its values are decoded. hyparquet relies
 * on the counts in footers, pages and runs: a damaged one can keep it busy for hours, or turn a column into nulls.
 *
 * No worker with a time limit is needed: each of its loops is bounded by the bytes that it reads, or by a count that is
 * checked here. Numbers of variable length have at most so many bytes, a page has as many bytes as its header says,
 * runs and blocks of deltas give no more values than the page, pages no more than the rows, and the rows are no more
 * than the bytes.
 */
import type {
  ColumnMetaData,
  Compressors,
  FileMetaData,
  PageHeader,
  SchemaElement,
} from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { findEndlessNumber, getByteRange } from './structure.ts';

/** No page of a lake comes near it. */
const MAX_PAGE_BYTES = 256 * 1024 ** 2;

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
    const header = readPageHeader(bytes, reader);
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
      else assertValues(page, leaf);
      values += page.count;
    }
    reader.offset = end;
  }
}

/** Statistics may hold a text of a column. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Moves the reader behind the header. The library is given no more bytes than a header has. */
function readPageHeader(bytes: Uint8Array, reader: { offset: number }): PageHeader {
  const longest = bytes.subarray(reader.offset, reader.offset + MAX_HEADER_BYTES);
  const headerReader = { view: toView(longest.subarray(0, findEndlessNumber(longest))), offset: 0 };
  const header = parquetHeader(headerReader);
  reader.offset += headerReader.offset;
  return header;
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
  readonly encoding: string;
  /** All values that are not null, in the encoding. */
  readonly values: Uint8Array;
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
      encoding: first.encoding,
      values: page.subarray(levelsEnd),
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
      encoding: second.encoding,
      values: page,
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

/** Encodings whose values have lengths or counts of their own. */
function assertValues(
  { encoding, values, levels, count: all }: DataPage,
  leaf: SchemaElement,
): void {
  if (encoding === 'RLE') {
    assertPossible(leaf.type === 'BOOLEAN', leaf);
    assertRuns(values.subarray(4), 1, all, leaf);
  } else if (encoding.startsWith('DELTA_')) {
    const count = levels === undefined ? all : countPresent(levels, all);
    const end = assertDeltas(values, count, leaf);
    // The lengths of the common beginnings, then those of the rests.
    if (encoding === 'DELTA_BYTE_ARRAY' && count > 0) {
      assertDeltas(values.subarray(end), count, leaf);
      assertBeginnings(values, count, leaf);
    }
  }
}

const MAX_BLOCK_VALUES = 2 ** 20;
const MAX_BITS = 64;

/**
 * Checks blocks of differences: counts in the beginning, and of each block the least difference and the width of its
 * parts in bits. A negative count of parts would lead hyparquet back to where it was. Returns where the blocks end.
 */
function assertDeltas(bytes: Uint8Array, count: number, leaf: SchemaElement): number {
  if (count === 0) return bytes.byteLength;
  const block = readVarInt(bytes, 0);
  const parts = readVarInt(bytes, block.end);
  const total = readVarInt(bytes, parts.end);
  assertPossible(block.value > 0 && block.value <= MAX_BLOCK_VALUES, leaf);
  assertPossible(parts.value > 0 && block.value % parts.value === 0, leaf);
  const perPart = block.value / parts.value;
  assertPossible(total.value === count && perPart % 8 === 0, leaf);
  let at = skipVarInt(bytes, total.end, leaf);
  for (let seen = 1; seen < total.value; ) {
    const widthsAt = skipVarInt(bytes, at, leaf);
    at = widthsAt + parts.value;
    assertPossible(at <= bytes.byteLength, leaf);
    for (let part = 0; part < parts.value && seen < total.value; part += 1) {
      const width = bytes[widthsAt + part] ?? 0;
      assertPossible(width <= MAX_BITS, leaf);
      at += (perPart * width) / 8;
      seen += perPart;
    }
  }
  return at;
}

/** Checks that each text begins with no more of the one before than that has. */
function assertBeginnings(bytes: Uint8Array, count: number, leaf: SchemaElement): void {
  const reader = { view: toView(bytes), offset: 0 };
  const [beginnings, rests] = [new Int32Array(count), new Int32Array(count)];
  deltaBinaryUnpack(reader, count, beginnings);
  deltaBinaryUnpack(reader, count, rests);
  let length = 0;
  for (const [at, beginning] of beginnings.entries()) {
    const rest = rests[at] ?? 0;
    assertPossible(0 <= beginning && beginning <= length && rest >= 0, leaf);
    length = beginning + rest;
  }
}

/** Where a number of at most 64 bits ends. */
function skipVarInt(bytes: Uint8Array, start: number, leaf: SchemaElement): number {
  const length = bytes.subarray(start, start + 10).findIndex((byte) => byte < 128);
  assertPossible(length >= 0, leaf);
  return start + length + 1;
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

/** How many of the levels, which `assertRuns` has checked, are 1. */
function countPresent(levels: Uint8Array, count: number): number {
  let present = 0;
  let seen = 0;
  for (let at = 0; seen < count && at < levels.byteLength; ) {
    const { value: header, end } = readVarInt(levels, at);
    const length = header % 2 === 1 ? 4 * (header - 1) : header / 2;
    const used = Math.min(length, count - seen);
    if (header % 2 === 0) present += levels[end] === 1 ? used : 0;
    else {
      for (let bit = 0; bit < used; bit += 1) {
        present += ((levels[end + (bit >> 3)] ?? 0) >> (bit % 8)) % 2;
      }
    }
    at = end + (header % 2 === 1 ? length / 8 : 1);
    seen += length;
  }
  return present;
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
