/**
 * The schema of the Parquet files that are written, and the values that its types hold exactly. Pure.
 */
import type { SchemaElement } from 'hyparquet';
import type { ColumnType } from '../../catalog/column.ts';

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
