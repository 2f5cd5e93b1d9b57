/**
 * The bytes of a Parquet file, ours or one that pyarrow or Spark wrote, to rows of its table. Decimals are read
 * exactly: hyparquet multiplies them by a power of ten, which makes 46.480000000000004 of 4648 hundredths, so it is
 * given them as whole numbers, and the point is placed here. Decompressors are loaded only for a file that needs one.
 */

import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type SchemaElement,
} from 'hyparquet';
import type { Cell, ColumnType, Row } from '../../catalog/column.ts';
import type { Table } from '../../catalog/dataset.ts';
import { BrokenFileError, LakeError, UnreadableCodecError } from '../../errors.ts';
import type { ReadOptions } from '../lake.ts';

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
  { rejectUnknownColumns: wholly = false }: ReadOptions = {},
): Promise<Row[]> {
  const file = toAsyncBuffer(bytes);
  try {
    const metadata = await parquetMetadataAsync(file);
    const present = new Set(metadata.schema.slice(1).map(({ name }) => name));
    if (wholly) assertKnownColumns(table, present, origin);
    const columns = table.columns.filter(({ name }) => present.has(name));
    if (columns.length === 0) throw new Error('it has none of the columns of its table');
    const objects = await parquetReadObjects({
      file,
      metadata: stripDecimalTypes(metadata),
      compressors: await loadCompressors(metadata),
      columns: columns.map(({ name }) => name),
      parsers: { stringFromBytes: (bytes) => bytes && utf8.decode(bytes) },
    });
    const scales = getDecimalScales(metadata);
    return objects.map((object) => {
      const row: Record<string, Cell> = {};
      for (const { name, type } of table.columns) {
        const scale = scales.get(name);
        const value = scale === undefined ? object[name] : scaleDecimal(object[name], scale);
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
    if (error instanceof DecompressionError) {
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

function assertKnownColumns(table: Table, present: ReadonlySet<string>, origin: string): void {
  // Some writers repeat the partition inside the file.
  const known = new Set([...table.columns.map(({ name }) => name), table.partition.column]);
  const unknown = [...present].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new LakeError(
    `${origin} has columns that this version does not know: ${unknown.join(', ')}`,
    {
      hint: 'A newer pynvest may have written it: update this one. Nothing was changed.',
    },
  );
}

function toAsyncBuffer(bytes: Uint8Array): AsyncBuffer {
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
    const number = typeof value === 'bigint' ? toExactNumber(value) : value;
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

function toExactNumber(value: bigint): number | undefined {
  const number = Number(value);
  return BigInt(number) === value ? number : undefined;
}

/** How many digits each decimal column has behind its point, by name. */
function getDecimalScales({ schema }: FileMetaData): ReadonlyMap<string, number> {
  return new Map(
    schema.filter(isDecimal).map((element) => {
      const { logical_type: logical } = element;
      const scale = logical?.type === 'DECIMAL' ? logical.scale : undefined;
      return [element.name, element.scale ?? scale ?? 0];
    }),
  );
}

/** The same with every decimal column as the whole numbers or bytes that it is stored as. */
function stripDecimalTypes(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element): SchemaElement => {
    if (!isDecimal(element)) return element;
    const { converted_type: _, logical_type: __, ...plain } = element;
    return plain;
  });
  return { ...metadata, schema };
}

/** The number nearest to a stored decimal; what is stored as no decimal is (text of any length) as it is. */
function scaleDecimal(stored: unknown, scale: number): unknown {
  const digits = stored instanceof Uint8Array ? parseTwosComplement(stored) : stored;
  if (typeof digits !== 'bigint' && typeof digits !== 'number') return stored;
  return Number(`${digits}e-${scale}`);
}

function isDecimal({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'DECIMAL' || logical?.type === 'DECIMAL';
}

/** A two's complement number, its highest byte first. */
function parseTwosComplement(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes).toString('hex');
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex || '0'}`));
}

/** What hyparquet reads by itself, and what all our own files are. */
const BUILT_IN_CODECS: readonly string[] = ['UNCOMPRESSED', 'SNAPPY'];

/** A page that could not be unpacked: spoilt, or packed as these decompressors do not know. */
class DecompressionError extends Error {
  constructor(codec: string, options: { cause?: unknown } = {}) {
    const { cause } = options;
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    super(`its pages cannot be unpacked (codec ${codec})${reason}`, options);
  }
}

/** The decompressors are large, and loaded only for a file that needs one. @throws UnpackingError */
export async function loadCompressors({ row_groups: groups }: FileMetaData): Promise<Compressors> {
  const codecs = groups.flatMap(({ columns }) =>
    columns.flatMap((column) => column.meta_data?.codec ?? []),
  );
  const others = [...new Set(codecs)].filter((codec) => !BUILT_IN_CODECS.includes(codec));
  if (others.length === 0) return {};
  const { compressors } = await import('hyparquet-compressors');
  const careful = others.map((codec) => {
    const unpack = compressors[codec];
    if (unpack === undefined) throw new DecompressionError(codec);
    const unpackPage: typeof unpack = (input, length) => {
      // The dictionary of a column without a value; of such a page the decompressor of LZ4 says that it is spoilt.
      if (length === 0) return new Uint8Array();
      try {
        return unpack(input, length);
      } catch (cause) {
        throw new DecompressionError(codec, { cause });
      }
    };
    return [codec, unpackPage] as const;
  });
  return Object.fromEntries(careful);
}
