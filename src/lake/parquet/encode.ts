/**
 * Rows to the bytes of a Parquet file. Every value is checked against its column's type before the library
 * sees it: a value that the type cannot hold exactly is refused, never converted.
 */
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { Cell, Column, ColumnType, Row } from '../../catalog/column.ts';
import type { Table } from '../../catalog/dataset.ts';
import { UnstorableValueError } from '../../errors.ts';
import { CREATED_BY, checksumPlaceholder, sealChecksum } from './checksum.ts';
import { createSchema, encodeDate, isWellFormed, type ParquetValue } from './schema.ts';

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
