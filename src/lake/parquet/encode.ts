/**
 * Rows to the bytes of a Parquet file: the schema by the types of the columns, the values in the form that the writer
 * takes.
 */

import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { Column, ColumnType, Row } from '../../catalog/column.ts';
import type { Table } from '../../catalog/dataset.ts';
import { UnstorableValueError } from '../../errors.ts';
import { CREATED_BY, checksumPlaceholder, sealChecksum } from './checksum.ts';
import { compressSnappy } from './snappy.ts';
import type { StoredType } from './stored-type.ts';

export interface StoredColumn {
  readonly name: string;
  readonly type: StoredType;
}

/** A value as hyparquet-writer takes it. */
export type ParquetValue = string | number | bigint | boolean | Date | null;

const ELEMENTS: Readonly<Record<StoredType, Pick<SchemaElement, 'type' | 'converted_type'>>> = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  double: { type: 'DOUBLE' },
  decimal: { type: 'DOUBLE' },
  integer: { type: 'INT32' },
  bigint: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  date: { type: 'INT32', converted_type: 'DATE' },
};

/** The schema of a file with these columns, all of them optional. */
export function createSchema(columns: readonly StoredColumn[]): SchemaElement[] {
  return [
    { name: 'schema', num_children: columns.length },
    ...columns.map(
      ({ name, type }): SchemaElement => ({
        name,
        repetition_type: 'OPTIONAL',
        ...ELEMENTS[type],
      }),
    ),
  ];
}

/** UTF-8 cannot encode half of a surrogate pair: it would be read back as another character. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

/** A day written `YYYY-MM-DD`; undefined if the text is not one, or the calendar has no such day. */
export function encodeDate(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined;
  const date = new Date(`${value}T00:00:00Z`);
  return date.toJSON()?.startsWith(value) ? date : undefined;
}

const ROW_GROUP_SIZE = 1_000_000;

/** The value as the library takes it, or undefined if the type cannot hold it exactly. */
type CellEncoder = (value: string | number | boolean) => ParquetValue | undefined;

const ENCODERS: Readonly<Record<ColumnType, CellEncoder>> = {
  string: (value) => (typeof value === 'string' && isWellFormed(value) ? value : undefined),
  double: (value) => (Number.isFinite(value) ? value : undefined),
  bigint: (value) => (Number.isSafeInteger(value) ? BigInt(value) : undefined),
  date: encodeDate,
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
};

/**
 * The bytes of a Parquet file with the table's columns in the catalog's order, all optional, compressed with
 * Snappy, and a checksum. The same rows give the same bytes.
 *
 * @throws UnstorableValueError naming the table, the column, the row's ticker and the value
 */
export function encodeRows(table: Table, rows: readonly Row[]): Uint8Array {
  const file = new Uint8Array(
    parquetWriteBuffer({
      columnData: table.columns.map((column) => createColumnSource(table, column, rows)),
      schema: createSchema(table.columns),
      rowGroupSize: ROW_GROUP_SIZE,
      compressors: { SNAPPY: compressSnappy },
      createdBy: CREATED_BY,
      kvMetadata: [checksumPlaceholder],
    }),
  );
  sealChecksum(file);
  return file;
}

/**
 * A column with its values, in the form that costs the library least: left to itself it passes over all values several
 * times before it chooses an encoding, and of texts without a dictionary it takes the bytes.
 */
function createColumnSource(table: Table, column: Column, rows: readonly Row[]): ColumnSource {
  const { name, type } = column;
  const values = encodeCells(table, column, rows);
  // With one page per column an index of pages would only make the file larger.
  const source = { name, offsetIndex: false };
  if (type === 'boolean') return { ...source, data: values };
  if (isRepetitive(values)) return { ...source, data: values, encoding: 'RLE_DICTIONARY' };
  return { ...source, data: type === 'string' ? encodeTexts(values) : values, encoding: 'PLAIN' };
}

/** With more different values than this share of all, a dictionary would hardly save anything. */
const MAX_DISTINCT_SHARE = 0.5;

function isRepetitive(values: readonly ParquetValue[]): boolean {
  const distinct = new Set<ParquetValue>();
  let present = 0;
  for (const value of values) {
    if (value === null) continue;
    present += 1;
    distinct.add(value instanceof Date ? value.getTime() : value);
    if (distinct.size > values.length * MAX_DISTINCT_SHARE) return false;
  }
  return present > 0 && distinct.size <= present * MAX_DISTINCT_SHARE;
}

/** Texts as UTF-8: all at once if they are ASCII, which takes a third of the time. */
function encodeTexts(values: readonly ParquetValue[]): (Uint8Array | null)[] {
  const joined = values.join('');
  const { buffer, byteOffset, byteLength } = Buffer.from(joined, 'utf8');
  if (byteLength !== joined.length) {
    return values.map((value) => (value === null ? null : Buffer.from(String(value), 'utf8')));
  }
  let end = byteOffset;
  return values.map((value) => {
    if (typeof value !== 'string') return null;
    const start = end;
    end += value.length;
    return new Uint8Array(buffer, start, value.length);
  });
}

/** @throws UnstorableValueError */
function encodeCells(table: Table, { name, type }: Column, rows: readonly Row[]): ParquetValue[] {
  const encode = ENCODERS[type];
  const isRequired = name === table.tickerColumn;
  const values = new Array<ParquetValue>(rows.length);
  for (let at = 0; at < rows.length; at += 1) {
    const value = rows[at]?.[name] ?? null;
    if (value === null) {
      if (isRequired) throw new UnstorableValueError(`${table.name}: a row has no ${name}`);
      values[at] = null;
      continue;
    }
    const encoded = encode(value);
    if (encoded === undefined) throw createUnstorableError(table, { name, type }, rows[at], value);
    values[at] = encoded;
  }
  return values;
}

function createUnstorableError(
  table: Table,
  { name, type }: Pick<Column, 'name' | 'type'>,
  row: Row | undefined,
  value: string | number | boolean,
): UnstorableValueError {
  return new UnstorableValueError(
    `${table.name}: ${String(row?.[table.tickerColumn])}: ${JSON.stringify(value)} does not fit the ` +
      `column ${name} (${type})`,
    { hint: 'Nothing was written. Another program may have put that value into the lake.' },
  );
}
