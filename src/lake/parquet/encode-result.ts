/**
 * The rows of any query result to the bytes of a Parquet file, streamed: at most one row group is in memory. As in
 * the lake's own files, a value that its column's type cannot hold is refused, never converted with loss.
 */

import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { UnstorableValueError } from '../../errors.ts';
import { CREATED_BY, checksumPlaceholder, createChecksumSealer } from './checksum.ts';
import {
  createSchema,
  encodeDate,
  isWellFormed,
  type ParquetValue,
  type StoredColumn,
} from './encode.ts';
import { isExactDecimal, type StoredType } from './stored-type.ts';

/** A number may be text: Athena sends all values as text, and a decimal of many digits stays text. */
export type StoredValue = string | number | bigint | boolean | null;

type PresentValue = Exclude<StoredValue, null>;

/** Rows per group: some tens of megabytes of the widest table. */
const ROW_GROUP_SIZE = 20_000;

/** The value as the library takes it, or undefined if the type cannot hold it exactly. */
type ValueEncoder = (value: PresentValue) => ParquetValue | undefined;

const ENCODERS: Readonly<Record<StoredType, ValueEncoder>> = {
  string: (value) => (isWellFormed(String(value)) ? String(value) : undefined),
  double: (value) => (isNumeric(value) ? Number(value) : undefined),
  decimal: (value) =>
    isNumeric(value) && isExactDecimal(String(value)) ? Number(value) : undefined,
  integer: (value) => {
    const integer = toInteger(value);
    return integer !== undefined && BigInt.asIntN(32, integer) === integer
      ? Number(integer)
      : undefined;
  },
  bigint: (value) => {
    const integer = toInteger(value);
    return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : undefined;
  },
  boolean: toBoolean,
  date: encodeDate,
};

/**
 * The file in pieces, one per row group and its end. All columns are optional, compressed with Snappy;
 * the footer has a checksum, as in the files of a lake.
 * @throws UnstorableValueError naming the column and the value
 */
export async function* encodeResult(
  columns: readonly StoredColumn[],
  rows: Iterable<readonly StoredValue[]> | AsyncIterable<readonly StoredValue[]>,
): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: createSchema(columns),
    createdBy: CREATED_BY,
    kvMetadata: [checksumPlaceholder],
  });
  const sealer = createChecksumSealer();
  const takeBytes = (): Uint8Array => {
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
    // A ByteWriter writes synchronously, although its type allows a promise.
    void file.write({ columnData, rowGroupSize: ROW_GROUP_SIZE });
    group = columns.map(() => []);
    size = 0;
  };
  for await (const row of rows) {
    for (const [at, column] of columns.entries()) {
      group[at]?.push(encodeValue(row[at] ?? null, column));
    }
    size += 1;
    if (size < ROW_GROUP_SIZE) continue;
    writeGroup();
    const piece = takeBytes();
    sealer.add(piece);
    yield piece;
  }
  if (size > 0) writeGroup();
  void file.finish();
  const last = takeBytes();
  sealer.sealLast(last);
  yield last;
}

function encodeValue(value: StoredValue, { name, type }: StoredColumn): ParquetValue {
  if (value === null) return null;
  const encoded = ENCODERS[type](value);
  if (encoded !== undefined) return encoded;
  throw new UnstorableValueError(`${String(value)} does not fit the column ${name} (${type})`, {
    hint: 'CAST the column to another type in the SELECT, or use --format csv.',
  });
}

function isNumeric(value: PresentValue): boolean {
  if (typeof value === 'number') return true;
  if (typeof value === 'bigint') return BigInt(Number(value)) === value;
  return typeof value === 'string' && /^(-?\d+(\.\d+)?(e[+-]?\d+)?|NaN|-?Infinity)$/i.test(value);
}

function toInteger(value: PresentValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : undefined;
}

function toBoolean(value: PresentValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : undefined;
}
