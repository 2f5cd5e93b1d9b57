/**
 * Rows to the bytes of a Parquet file. Every value is checked against its column's type here, before
 * the library sees it: what does not fit is refused, never bent.
 */
import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { Cell, Column, ColumnType, Row } from '../../catalog/column.ts';
import type { Table } from '../../catalog/tables.ts';
import { UnstorableValueError } from '../../errors.ts';

const ROW_GROUP_SIZE = 1_000_000;

type ParquetValue = string | number | bigint | Date | null;

interface Encoding {
  readonly element: Pick<SchemaElement, 'type' | 'converted_type'>;
  /** The value as the library takes it, or undefined where the type cannot hold it exactly. */
  readonly encode: (value: string | number) => ParquetValue | undefined;
}

const encodings: Readonly<Record<ColumnType, Encoding>> = {
  string: {
    element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    // UTF-8 has no half of a surrogate pair: it would come back as another character.
    encode: (value) =>
      typeof value === 'string' && !/\p{Surrogate}/u.test(value) ? value : undefined,
  },
  double: {
    element: { type: 'DOUBLE' },
    encode: (value) => (Number.isFinite(value) ? value : undefined),
  },
  bigint: {
    element: { type: 'INT64' },
    encode: (value) => (Number.isSafeInteger(value) ? BigInt(value) : undefined),
  },
  date: {
    element: { type: 'INT32', converted_type: 'DATE' },
    encode: encodeDate,
  },
};

/** A day written `YYYY-MM-DD`; undefined where the text is none, or the calendar has no such day. */
export function encodeDate(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined;
  const date = new Date(`${value}T00:00:00Z`);
  return date.toJSON()?.startsWith(value) ? date : undefined;
}

/**
 * The bytes of a Parquet file with the table's columns in the catalog's order, all optional,
 * compressed with Snappy. The same rows give the same bytes.
 *
 * @throws UnstorableValueError naming the table, the column, the row's ticker and the value
 */
export function encodeRows(table: Table, rows: readonly Row[]): Uint8Array {
  const columnData: ColumnSource[] = table.columns.map((column) => ({
    name: column.name,
    data: rows.map((row) => encodeCell(row, column, table)),
    // One page a column: an index of pages would only make the file larger.
    offsetIndex: false,
  }));
  const schema: SchemaElement[] = [
    { name: 'schema', num_children: table.columns.length },
    ...table.columns.map(
      ({ name, type }): SchemaElement => ({
        name,
        repetition_type: 'OPTIONAL',
        ...encodings[type].element,
      }),
    ),
  ];
  return new Uint8Array(
    parquetWriteBuffer({ columnData, schema, rowGroupSize: ROW_GROUP_SIZE, createdBy: 'pynvest' }),
  );
}

function encodeCell(row: Row, column: Column, table: Table): ParquetValue {
  const value: Cell = row[column.name] ?? null;
  if (value === null) {
    if (column.name !== table.tickerColumn) return null;
    throw new UnstorableValueError(`${table.name}: a row has no ${column.name}, so it is nobody's`);
  }
  const encoded = encodings[column.type].encode(value);
  if (encoded !== undefined) return encoded;
  throw new UnstorableValueError(
    `${table.name}: ${String(row[table.tickerColumn])}: ${JSON.stringify(value)} does not fit the ` +
      `column ${column.name} (${column.type})`,
    { hint: 'Nothing was written. Another program may have put that value into the lake.' },
  );
}
