/** The bytes of a Parquet file, ours or one that pyarrow or Spark wrote, to rows of its table. */
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import type { Cell, ColumnType, Row } from '../catalog/column.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { BrokenFileError, LakeError, UnreadableCodecError } from '../errors.ts';
import { compressorsFor, UnpackingError } from './compressors.ts';
import { decimalOf, decimalScales, withoutDecimals } from './decimals.ts';
import type { ReadOptions } from './lake.ts';

/** A text that begins with a byte order mark keeps it: in the midst of a file it is a character like others. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The rows of a file, every column of the table in each, null where the file lacks the column.
 * Columns that the table does not know are left out.
 *
 * @throws BrokenFileError naming `origin` where the bytes are no Parquet file or a value is not of its
 *   column's type; UnreadableCodecError where its pages cannot be unpacked
 */
export async function decodeRows(
  table: Table,
  bytes: Uint8Array,
  origin: string,
  { wholly = false }: ReadOptions = {},
): Promise<Row[]> {
  const file = asAsyncBuffer(bytes);
  try {
    const metadata = await parquetMetadataAsync(file);
    const present = new Set(metadata.schema.slice(1).map(({ name }) => name));
    if (wholly) refuseUnknown(table, present, origin);
    const columns = table.columns.filter(({ name }) => present.has(name));
    if (columns.length === 0) throw new Error('it has none of the columns of its table');
    const objects = await parquetReadObjects({
      file,
      metadata: withoutDecimals(metadata),
      compressors: await compressorsFor(metadata),
      columns: columns.map(({ name }) => name),
      parsers: { stringFromBytes: (bytes) => bytes && utf8.decode(bytes) },
    });
    const scales = decimalScales(metadata);
    return objects.map((object) => {
      const row: Record<string, Cell> = {};
      for (const { name, type } of table.columns) {
        const scale = scales.get(name);
        const value = scale === undefined ? object[name] : decimalOf(object[name], scale);
        row[name] = decodeCell(value, type, name);
      }
      // Rows are told apart by their ticker: two without one would be taken for the same.
      if (row[table.tickerColumn] === null) throw new Error(`a row has no ${table.tickerColumn}`);
      return row;
    });
  } catch (error) {
    if (error instanceof LakeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${origin} cannot be read as ${table.name}: ${reason}`;
    if (error instanceof UnpackingError) {
      throw new UnreadableCodecError(message, {
        hint: 'Another program wrote it, or it is spoilt: write it again with snappy, or move it out of the lake.',
        cause: error,
      });
    }
    throw new BrokenFileError(message, {
      hint:
        table.layer === 'sor'
          ? '`pynvest doctor --fix` moves it aside. `pynvest run` reads the pages of today again; those of a past day are gone with it.'
          : '`pynvest doctor --fix` moves it aside, and makes its rows again from the raw text.',
      cause: error,
    });
  }
}

function refuseUnknown(table: Table, present: ReadonlySet<string>, origin: string): void {
  // Some writers repeat the partition inside the file.
  const known = new Set([...table.columns.map(({ name }) => name), PARTITION_COLUMN]);
  const unknown = [...present].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new LakeError(
    `${origin} has columns that this version does not know: ${unknown.join(', ')}`,
    {
      hint: 'A newer pynvest may have written it: update this one. Nothing was changed.',
    },
  );
}

function asAsyncBuffer(bytes: Uint8Array): AsyncBuffer {
  const whole = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return {
    byteLength: whole.byteLength,
    slice: (start, end) => Promise.resolve(whole.slice(start, end) as ArrayBuffer),
  };
}

function decodeCell(value: unknown, type: ColumnType, column: string): Cell {
  if (value === null || value === undefined) return null;
  const cell = decoders[type](value);
  if (cell !== undefined) return cell;
  throw new Error(`the column ${column} holds ${String(value)}, which is no ${type}`);
}

const decoders: Readonly<Record<ColumnType, (value: unknown) => Cell | undefined>> = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  double: (value) => {
    // A whole number beyond 2^53 would be rounded, and an infinite one could not be written again.
    const number = typeof value === 'bigint' ? exactNumber(value) : value;
    // pandas writes an absent number as NaN.
    if (Number.isNaN(number)) return null;
    return Number.isFinite(number) ? (number as number) : undefined;
  },
  bigint: (value) => {
    if (Number.isNaN(value)) return null;
    const number = typeof value === 'bigint' ? Number(value) : value;
    return Number.isSafeInteger(number) ? (number as number) : undefined;
  },
  date: (value) => {
    const iso = value instanceof Date ? value.toJSON()?.slice(0, 10) : undefined;
    // Years beyond four digits are written another way, and no date of ours has one.
    return iso !== undefined && /^\d{4}-/.test(iso) ? iso : undefined;
  },
};

function exactNumber(value: bigint): number | undefined {
  const number = Number(value);
  return BigInt(number) === value ? number : undefined;
}
