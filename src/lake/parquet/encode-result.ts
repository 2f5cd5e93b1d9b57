/**
 * The rows of any query result to the bytes of a Parquet file, streamed: one row group is in memory. As in the
 * lake's own files, a value that its column's type cannot hold is refused, never converted with loss.
 */
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { UnstorableValueError } from '../../errors.ts';
import { encodeDate } from './encode.ts';

/** `decimal` is a decimal of a query, kept as a double where that holds every digit. */
export type StoredType =
  | 'string'
  | 'double'
  | 'decimal'
  | 'integer'
  | 'bigint'
  | 'boolean'
  | 'date';

export interface StoredColumn {
  readonly name: string;
  readonly type: StoredType;
}

/** Numbers may come as text, as Athena sends them and as a decimal of many digits is kept. */
export type StoredValue = string | number | bigint | boolean | null;

/** Rows in a group: some tens of megabytes of the widest table. */
const ROW_GROUP_SIZE = 20_000;

type ParquetValue = string | number | bigint | boolean | Date | null;

interface Encoding {
  readonly element: Pick<SchemaElement, 'type' | 'converted_type'>;
  readonly encode: (value: Exclude<StoredValue, null>) => ParquetValue | undefined;
}

const encodings: Readonly<Record<StoredType, Encoding>> = {
  string: {
    element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    encode: (value) => (/\p{Surrogate}/u.test(String(value)) ? undefined : String(value)),
  },
  double: {
    element: { type: 'DOUBLE' },
    encode: (value) => (isNumeric(value) ? Number(value) : undefined),
  },
  decimal: {
    element: { type: 'DOUBLE' },
    encode: (value) =>
      isNumeric(value) && countSignificantDigits(String(value)) <= 15 ? Number(value) : undefined,
  },
  integer: {
    element: { type: 'INT32' },
    encode: (value) => {
      const whole = toWholeNumber(value);
      return whole !== undefined && BigInt.asIntN(32, whole) === whole ? Number(whole) : undefined;
    },
  },
  bigint: {
    element: { type: 'INT64' },
    encode: (value) => {
      const whole = toWholeNumber(value);
      return whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : undefined;
    },
  },
  boolean: {
    element: { type: 'BOOLEAN' },
    encode: (value) =>
      value === true || value === 'true'
        ? true
        : value === false || value === 'false'
          ? false
          : undefined,
  },
  date: {
    element: { type: 'INT32', converted_type: 'DATE' },
    encode: encodeDate,
  },
};

/**
 * The file in pieces, a row group each, and its end. All columns are optional, compressed with Snappy.
 * @throws UnstorableValueError naming the column and the value
 */
export async function* encodeResult(
  columns: readonly StoredColumn[],
  rows: Iterable<readonly StoredValue[]> | AsyncIterable<readonly StoredValue[]>,
): AsyncGenerator<Uint8Array> {
  const schema: SchemaElement[] = [
    { name: 'schema', num_children: columns.length },
    ...columns.map(
      ({ name, type }): SchemaElement => ({
        name,
        repetition_type: 'OPTIONAL',
        ...encodings[type].element,
      }),
    ),
  ];
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema, createdBy: 'pynvest' });
  const taken = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  let group: ParquetValue[][] = columns.map(() => []);
  let size = 0;
  const writeGroup = (): void => {
    const columnData = columns.map(({ name }, at) => ({
      name,
      data: group[at] ?? [],
      offsetIndex: false,
    }));
    // Into memory it writes at once.
    void file.write({ columnData, rowGroupSize: ROW_GROUP_SIZE });
    group = columns.map(() => []);
    size = 0;
  };
  for await (const row of rows) {
    for (const [at, column] of columns.entries()) group[at]?.push(encode(row[at] ?? null, column));
    size += 1;
    if (size < ROW_GROUP_SIZE) continue;
    writeGroup();
    yield taken();
  }
  if (size > 0) writeGroup();
  void file.finish();
  yield taken();
}

function encode(value: StoredValue, { name, type }: StoredColumn): ParquetValue {
  if (value === null) return null;
  const encoded = encodings[type].encode(value);
  if (encoded !== undefined) return encoded;
  throw new UnstorableValueError(`${String(value)} does not fit the column ${name} (${type})`, {
    hint: 'CAST the column to another type in the SELECT, or ask for --format csv.',
  });
}

function isNumeric(value: Exclude<StoredValue, null>): boolean {
  if (typeof value === 'number') return true;
  if (typeof value === 'bigint') return BigInt(Number(value)) === value;
  return typeof value === 'string' && /^(-?\d+(\.\d+)?(e[+-]?\d+)?|NaN|-?Infinity)$/i.test(value);
}

/** Without the zeros at either end. */
function countSignificantDigits(text: string): number {
  return text
    .replace(/e.*$/i, '')
    .replace(/^-?0*\.?0*/, '')
    .replace('.', '')
    .replace(/0+$/, '').length;
}

function toWholeNumber(value: Exclude<StoredValue, null>): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : undefined;
}
