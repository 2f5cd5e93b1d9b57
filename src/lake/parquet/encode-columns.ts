/**
 * Columns to the bytes of a Parquet file, with the schema, codec and checksum of `encodeRows`. A file may have many
 * groups of rows here, so that a reader of one ticker of a sorted table skips all others. The library takes an array of
 * values a column, and finds out for each of them what is known of a whole column here: writing a year takes it six
 * times as long.
 */
import type { ColumnMetaData, RowGroup } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import type { Column, ColumnType, TextCodes, WritableColumnBatch } from '../../catalog/column.ts';
import type { Table } from '../../catalog/dataset.ts';
import { UnstorableValueError } from '../../errors.ts';
import { CREATED_BY, checksumPlaceholder, sealChecksum } from './checksum.ts';
import { createSchema, isWellFormed } from './encode.ts';
import { encodeRuns } from './encode-runs.ts';
import { encodeNumbers, encodeTexts } from './encode-values.ts';
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
