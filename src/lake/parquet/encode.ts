/**
 * Rows to the bytes of a Parquet file: the schema by the types of the columns, the values in the form that the writer takes.
 */

import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { Cell, Column, ColumnType, Row } from '../../catalog/column.ts';
import type { Table } from '../../catalog/dataset.ts';
import { UnstorableValueError } from '../../errors.ts';
import { CREATED_BY, checksumPlaceholder, sealChecksum } from './checksum.ts';

/**
 * The types of the lake and those that only the result of a query has. `decimal` is stored as a double, where
 * that holds every digit.
 */
export type StoredType = ColumnType | 'decimal' | 'integer' | 'boolean';

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
  return !/\p{Surrogate}/u.test(text);
}

/** A day written `YYYY-MM-DD`; undefined if the text is not one, or the calendar has no such day. */
export function encodeDate(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined;
  const date = new Date(`${value}T00:00:00Z`);
  return date.toJSON()?.startsWith(value) ? date : undefined;
}

/** Every decimal of so many significant digits comes back from a double as it was. */
const MAX_DOUBLE_DIGITS = 15;

/** Whether a double holds every digit of a printed decimal; leading and trailing zeros are not significant. */
export function isExactDecimal(text: string): boolean {
  const significant = text
    .replace(/e.*$/i, '')
    .replace(/^-?0*\.?0*/, '')
    .replace('.', '')
    .replace(/0+$/, '');
  return significant.length <= MAX_DOUBLE_DIGITS;
}

const ROW_GROUP_SIZE = 1_000_000;

/** The value as the library takes it, or undefined if the type cannot hold it exactly. */
type CellEncoder = (value: string | number) => ParquetValue | undefined;

const ENCODERS: Readonly<Record<ColumnType, CellEncoder>> = {
  string: (value) => (typeof value === 'string' && isWellFormed(value) ? value : undefined),
  double: (value) => (Number.isFinite(value) ? value : undefined),
  bigint: (value) => (Number.isSafeInteger(value) ? BigInt(value) : undefined),
  date: encodeDate,
};

/**
 * The bytes of a Parquet file with the table's columns in the catalog's order, all optional, compressed with
 * Snappy, and a checksum. The same rows give the same bytes.
 *
 * @throws UnstorableValueError naming the table, the column, the row's ticker and the value
 */
export function encodeRows(table: Table, rows: readonly Row[]): Uint8Array {
  const columnData: ColumnSource[] = table.columns.map((column) => ({
    name: column.name,
    data: rows.map((row) => encodeCell(row, column, table)),
    // With one page per column an index of pages would only make the file larger.
    offsetIndex: false,
  }));
  const file = new Uint8Array(
    parquetWriteBuffer({
      columnData,
      schema: createSchema(table.columns),
      rowGroupSize: ROW_GROUP_SIZE,
      createdBy: CREATED_BY,
      kvMetadata: [checksumPlaceholder],
    }),
  );
  sealChecksum(file);
  return file;
}

function encodeCell(row: Row, column: Column, table: Table): ParquetValue {
  const value: Cell = row[column.name] ?? null;
  if (value === null) {
    if (column.name !== table.tickerColumn) return null;
    throw new UnstorableValueError(`${table.name}: a row has no ${column.name}`);
  }
  const encoded = ENCODERS[column.type](value);
  if (encoded !== undefined) return encoded;
  throw new UnstorableValueError(
    `${table.name}: ${String(row[table.tickerColumn])}: ${JSON.stringify(value)} does not fit the ` +
      `column ${column.name} (${column.type})`,
    { hint: 'Nothing was written. Another program may have put that value into the lake.' },
  );
}
