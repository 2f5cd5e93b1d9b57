/**
 * Columns to the bytes of a Parquet file, with the schema, codec and checksum of `encodeRows`. A file may have many groups
 * of rows here, so that a reader of one ticker of a sorted table skips all others. The library takes an array of values a
 * column, and finds out for each of them what is known of a whole column here: writing a year takes it six times as long.
 */
import type { ColumnMetaData, RowGroup, Statistics } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import type { Column, ColumnType, TextCodes, WritableColumnBatch } from '../../catalog/column.ts';
import type { Table } from '../../catalog/dataset.ts';
import { UnstorableValueError } from '../../errors.ts';
import { CREATED_BY, checksumPlaceholder, sealChecksum } from './checksum.ts';
import { createSchema, isWellFormed } from './encode.ts';
import { compressSnappy } from './snappy.ts';

/** Some hundred tickers of a year: a reader of one decodes two megabytes, and the footer stays short. */
const ROW_GROUP_SIZE = 32_768;

/** `PAR1` as a little-endian number, at both ends of a file. */
const MAGIC = 0x31524150;

/**
 * The bytes of a file with the rows of the batch, in their order. Columns that the batch lacks are null.
 * @throws UnstorableValueError naming the table, the column and the value
 */
export function encodeColumns(table: Table, batch: WritableColumnBatch): Uint8Array {
  const columns = table.columns.map((column) => createColumn(table, column, batch));
  const writer = new ByteWriter(1024 ** 2);
  writer.appendUint32(MAGIC);
  const groups: RowGroup[] = [];
  for (let start = 0; start < batch.rowCount; start += ROW_GROUP_SIZE) {
    const end = Math.min(start + ROW_GROUP_SIZE, batch.rowCount);
    groups.push(writeRowGroup(writer, columns, start, end));
  }
  writeMetadata(writer, {
    version: 2,
    created_by: CREATED_BY,
    schema: createSchema(table.columns),
    num_rows: BigInt(batch.rowCount),
    row_groups: groups,
    key_value_metadata: [checksumPlaceholder],
    metadata_length: 0,
  });
  writer.appendUint32(MAGIC);
  const file = writer.getBytes();
  sealChecksum(file);
  return file;
}

interface WritableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly values: TextCodes | Float64Array;
  /** The texts as UTF-8, by their codes. */
  readonly encodedTexts: readonly Uint8Array[];
}

function createColumn(table: Table, column: Column, batch: WritableColumnBatch): WritableColumn {
  const { name, type } = column;
  const { rowCount } = batch;
  if (type !== 'string') {
    const values = batch.numbers[name] ?? new Float64Array(rowCount).fill(Number.NaN);
    const fault = values.find((value) => !Number.isNaN(value) && !RANGES[type](value));
    if (fault !== undefined) throw createUnstorableError(table, column, fault);
    return { name, type, values, encodedTexts: [] };
  }
  const texts = toTextCodes(batch.texts[name] ?? new Array<null>(rowCount).fill(null));
  const fault = texts.values.find((value) => value !== null && !isWellFormed(value));
  if (typeof fault === 'string') throw createUnstorableError(table, column, fault);
  if (name === table.tickerColumn) {
    const absent = texts.values.indexOf(null);
    if (absent >= 0 && texts.codes.includes(absent)) {
      throw new UnstorableValueError(`${table.name}: a row has no ${name}`);
    }
  }
  const encodedTexts = texts.values.map((value) => Buffer.from(value ?? '', 'utf8'));
  return { name, type, values: texts, encodedTexts };
}

function toTextCodes(texts: readonly (string | null)[] | TextCodes): TextCodes {
  if ('codes' in texts) return texts;
  const codesByText = new Map<string | null, number>();
  const codes = new Uint32Array(texts.length);
  for (const [row, text] of texts.entries()) {
    let code = codesByText.get(text);
    if (code === undefined) {
      code = codesByText.size;
      codesByText.set(text, code);
    }
    codes[row] = code;
  }
  return { values: [...codesByText.keys()], codes };
}

/** The days whose years have four digits. */
const FIRST_DAY = Date.parse('0000-01-01T00:00:00Z') / 86_400_000;
const LAST_DAY = Date.parse('9999-12-31T00:00:00Z') / 86_400_000;

/** Whether a value can be stored exactly. */
const RANGES: Readonly<Record<Exclude<ColumnType, 'string'>, (value: number) => boolean>> = {
  double: Number.isFinite,
  bigint: Number.isSafeInteger,
  date: (day) => Number.isInteger(day) && day >= FIRST_DAY && day <= LAST_DAY,
  boolean: (value) => value === 0 || value === 1,
};

function createUnstorableError(
  table: Table,
  { name, type }: Column,
  value: string | number,
): UnstorableValueError {
  return new UnstorableValueError(
    `${table.name}: ${JSON.stringify(value)} does not fit the column ${name} (${type})`,
    { hint: 'Nothing was written.' },
  );
}

function writeRowGroup(
  writer: ByteWriter,
  columns: readonly WritableColumn[],
  start: number,
  end: number,
): RowGroup {
  const groupStart = writer.offset;
  const chunks = columns.map((column) => writeChunk(writer, column, start, end));
  return {
    columns: chunks.map((meta_data) => ({
      meta_data,
      file_offset: meta_data.dictionary_page_offset ?? meta_data.data_page_offset,
    })),
    total_byte_size: chunks.reduce((sum, each) => sum + each.total_uncompressed_size, 0n),
    num_rows: BigInt(end - start),
    total_compressed_size: BigInt(writer.offset - groupStart),
  };
}

/** What a chunk of a column has beside its values. */
interface ChunkValues {
  /** The different values; undefined where a dictionary would not make the chunk smaller. */
  readonly dictionary: { readonly bytes: Uint8Array; readonly count: number } | undefined;
  /** The page without its levels. */
  readonly page: Uint8Array;
  /** One a row: 1 where it has a value. */
  readonly present: Uint8Array;
  readonly nulls: number;
  readonly min: Statistics['min_value'];
  readonly max: Statistics['max_value'];
}

function writeChunk(
  writer: ByteWriter,
  { name, type, values, encodedTexts }: WritableColumn,
  start: number,
  end: number,
): ColumnMetaData {
  const chunk =
    values instanceof Float64Array
      ? encodeNumbers(type, values.subarray(start, end))
      : encodeTexts(values, encodedTexts, start, end);
  const { dictionary, page, present, nulls } = chunk;
  const rows = end - start;
  const chunkStart = writer.offset;
  let uncompressedSize = 0;
  if (dictionary !== undefined) {
    const compressed = compressSnappy(dictionary.bytes);
    const headerStart = writer.offset;
    writePageHeader(writer, {
      type: 'DICTIONARY_PAGE',
      uncompressed_page_size: dictionary.bytes.byteLength,
      compressed_page_size: compressed.byteLength,
      dictionary_page_header: { num_values: dictionary.count, encoding: 'PLAIN' },
    });
    uncompressedSize += writer.offset - headerStart + dictionary.bytes.byteLength;
    writer.appendBytes(compressed);
  }
  const levels = encodeRuns(present, rows, 1);
  const compressed = compressSnappy(page);
  const encoding = dictionary === undefined ? 'PLAIN' : 'RLE_DICTIONARY';
  const pageStart = writer.offset;
  writePageHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: levels.byteLength + page.byteLength,
    compressed_page_size: levels.byteLength + compressed.byteLength,
    data_page_header_v2: {
      num_values: rows,
      num_nulls: nulls,
      num_rows: rows,
      encoding,
      definition_levels_byte_length: levels.byteLength,
      repetition_levels_byte_length: 0,
      is_compressed: true,
    },
  });
  uncompressedSize += writer.offset - pageStart + levels.byteLength + page.byteLength;
  writer.appendBytes(levels);
  writer.appendBytes(compressed);
  return {
    type: PHYSICAL_TYPES[type],
    encodings: dictionary === undefined ? ['PLAIN'] : ['PLAIN', 'RLE_DICTIONARY'],
    path_in_schema: [name],
    codec: 'SNAPPY',
    num_values: BigInt(rows),
    total_compressed_size: BigInt(writer.offset - chunkStart),
    total_uncompressed_size: BigInt(uncompressedSize),
    data_page_offset: BigInt(pageStart),
    ...(dictionary !== undefined && { dictionary_page_offset: BigInt(chunkStart) }),
    statistics: {
      null_count: BigInt(nulls),
      ...(chunk.min !== undefined && { min_value: chunk.min }),
      ...(chunk.max !== undefined && { max_value: chunk.max }),
    },
  };
}

const PHYSICAL_TYPES = {
  string: 'BYTE_ARRAY',
  double: 'DOUBLE',
  bigint: 'INT64',
  date: 'INT32',
  boolean: 'BOOLEAN',
} as const;

function encodeTexts(
  { values, codes }: TextCodes,
  encoded: readonly Uint8Array[],
  start: number,
  end: number,
): ChunkValues {
  const present = new Uint8Array(end - start);
  const positions = new Int32Array(values.length).fill(-1);
  const indices = new Uint32Array(end - start);
  const dictionary: number[] = [];
  let count = 0;
  for (let row = start; row < end; row += 1) {
    const code = codes[row] as number;
    let position = positions[code] as number;
    if (position < 0) {
      if (values[code] === null) continue;
      position = dictionary.length;
      positions[code] = position;
      dictionary.push(code);
    }
    present[row - start] = 1;
    indices[count] = position;
    count += 1;
  }
  const nulls = end - start - count;
  if (dictionary.length === 0) return { ...WITHOUT_VALUES, present, nulls };
  const texts = dictionary.map((code) => encoded[code] ?? new Uint8Array());
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + 4 + text.byteLength, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const text of texts) {
    view.setUint32(at, text.byteLength, true);
    bytes.set(text, at + 4);
    at += 4 + text.byteLength;
  }
  const sorted = [...texts].sort(Buffer.compare);
  return {
    dictionary: { bytes, count: dictionary.length },
    page: encodeIndices(indices, count, dictionary.length),
    present,
    nulls,
    min: sorted.at(0),
    max: sorted.at(-1),
  };
}

const WITHOUT_VALUES = {
  dictionary: undefined,
  page: new Uint8Array(),
  min: undefined,
  max: undefined,
} as const;

function encodeNumbers(type: ColumnType, values: Float64Array): ChunkValues {
  const present = new Uint8Array(values.length);
  const filled = new Float64Array(values.length);
  let count = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] as number;
    if (Number.isNaN(value)) continue;
    present[row] = 1;
    filled[count] = value;
    count += 1;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const nulls = values.length - count;
  if (count === 0) return { ...WITHOUT_VALUES, present, nulls };
  const numbers = filled.subarray(0, count);
  const dictionary = type === 'boolean' ? undefined : createNumberDictionary(numbers);
  const encoded =
    dictionary === undefined
      ? { dictionary: undefined, page: encodePlain(type, numbers) }
      : {
          dictionary: {
            bytes: encodePlain(type, dictionary.values),
            count: dictionary.values.length,
          },
          page: encodeIndices(dictionary.indices, count, dictionary.values.length),
        };
  return { ...encoded, present, nulls, ...toStatistics(type, min, max) };
}

/** The bounds as the library takes them. By the format, a bound of 0 is -0 below and +0 above. */
function toStatistics(
  type: ColumnType,
  min: number,
  max: number,
): Pick<ChunkValues, 'min' | 'max'> {
  if (type === 'bigint') return { min: BigInt(min), max: BigInt(max) };
  if (type === 'boolean') return { min: min === 1, max: max === 1 };
  if (type === 'date') return { min, max };
  return { min: min === 0 ? -0 : min, max: max === 0 ? 0 : max };
}

/** With more different values than this share of all, a dictionary would hardly save anything. */
const MAX_DISTINCT_SHARE = 0.5;

/** The different numbers, by their bits, in the order in which they occur. */
function createNumberDictionary(
  numbers: Float64Array,
): { readonly values: Float64Array; readonly indices: Uint32Array } | undefined {
  const most = Math.max(1, Math.floor(numbers.length * MAX_DISTINCT_SHARE));
  const words = new Int32Array(numbers.buffer, numbers.byteOffset, 2 * numbers.length);
  const size = 2 ** Math.ceil(Math.log2(2 * most + 1));
  const slots = new Int32Array(size);
  const values = new Float64Array(most);
  const valueWords = new Int32Array(values.buffer);
  const indices = new Uint32Array(numbers.length);
  let count = 0;
  for (let row = 0; row < numbers.length; row += 1) {
    const low = words[2 * row] as number;
    const high = words[2 * row + 1] as number;
    const hash = Math.imul(Math.imul(low, 0x9e3779b1) ^ high, 0x85ebca6b);
    let slot = (hash ^ (hash >>> 15)) & (size - 1);
    for (;;) {
      const index = (slots[slot] as number) - 1;
      if (index < 0) {
        if (count === most) return undefined;
        values[count] = numbers[row] as number;
        indices[row] = count;
        count += 1;
        slots[slot] = count;
        break;
      }
      if (valueWords[2 * index] === low && valueWords[2 * index + 1] === high) {
        indices[row] = index;
        break;
      }
      slot = (slot + 1) & (size - 1);
    }
  }
  return { values: values.subarray(0, count), indices };
}

function encodePlain(type: ColumnType, numbers: Float64Array): Uint8Array {
  if (type === 'boolean') {
    const bits = new Uint8Array(Math.ceil(numbers.length / 8));
    for (const [at, bit] of numbers.entries())
      bits[at >> 3] = (bits[at >> 3] ?? 0) | (bit << (at % 8));
    return bits;
  }
  const width = type === 'date' ? 4 : 8;
  const bytes = new Uint8Array(width * numbers.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < numbers.length; at += 1) {
    const number = numbers[at] as number;
    if (type === 'double') view.setFloat64(8 * at, number, true);
    else if (type === 'date') view.setInt32(4 * at, number, true);
    else {
      const high = Math.floor(number / 2 ** 32);
      view.setInt32(8 * at, number - high * 2 ** 32, true);
      view.setInt32(8 * at + 4, high, true);
    }
  }
  return bytes;
}

/** A page of positions in a dictionary: their width in bits, then runs. */
function encodeIndices(indices: Uint32Array, count: number, dictionarySize: number): Uint8Array {
  const width = Math.ceil(Math.log2(dictionarySize));
  const runs = encodeRuns(indices, count, width);
  const page = new Uint8Array(1 + runs.byteLength);
  page[0] = width;
  page.set(runs, 1);
  return page;
}

/** Fewer equal values are packed with their neighbours. */
const MIN_RUN = 8;

/** The hybrid of repeated and of packed values: Parquet, "RLE/Bit-Packing Hybrid". */
function encodeRuns(values: Uint32Array | Uint8Array, count: number, width: number): Uint8Array {
  const output = new Uint8Array(Math.ceil((count * width) / 8) + 6 * Math.ceil(count / 8) + 16);
  let size = 0;
  const writeVarint = (value: number): void => {
    let left = value;
    for (; left >= 0x80; left >>>= 7) {
      output[size] = (left & 0x7f) | 0x80;
      size += 1;
    }
    output[size] = left;
    size += 1;
  };
  const writePacked = (start: number, end: number): void => {
    if (end === start) return;
    writeVarint((((end - start) / 8) << 1) | 1);
    let buffer = 0;
    let bits = 0;
    for (let at = start; at < end; at += 1) {
      if (at < count) buffer |= (values[at] as number) << bits;
      bits += width;
      for (; bits >= 8; bits -= 8) {
        output[size] = buffer & 0xff;
        size += 1;
        buffer >>>= 8;
      }
    }
  };
  let packedStart = 0;
  let at = 0;
  while (at < count) {
    const value = values[at] as number;
    let end = at + 1;
    while (end < count && values[end] === value) end += 1;
    if (end - at < MIN_RUN) {
      at += MIN_RUN;
      continue;
    }
    writePacked(packedStart, at);
    writeVarint((end - at) << 1);
    for (let shift = 0; shift < width; shift += 8) {
      output[size] = (value >>> shift) & 0xff;
      size += 1;
    }
    at = end;
    packedStart = end;
  }
  writePacked(packedStart, at);
  return output.subarray(0, size);
}
