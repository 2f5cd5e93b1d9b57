/**
 * The bytes of a Parquet file, of pynvest or of another program such as pyarrow or Spark, to rows of its table.
 * A file with a checksum is decoded only if it is intact; one without is checked for damage that would keep the
 * library busy or go unnoticed. Decimals are read exactly: hyparquet multiplies them by a power of ten, which makes
 * 46.480000000000004 of 4648 hundredths, so it is given them as integers, and the decimal point is placed here.
 *
 * What the Terraform module of the same name stored is read where it has one meaning: numbers of single precision as
 * the shortest decimal that gives them, days as the text dd/mm/yyyy, numbers as text with a decimal point.
 * `query/duckdb/views.ts` has the same rules in SQL.
 */

import {
  type Compressors,
  type FileMetaData,
  parquetReadObjects,
  type SchemaElement,
} from 'hyparquet';
import { type Cell, type ColumnType, createRowFactory, type Row } from '../../catalog/column.ts';
import type { Table } from '../../catalog/dataset.ts';
import { BrokenFileError, LakeError, UnreadableCodecError } from '../../errors.ts';
import { toShortestDecimal } from '../../single-precision.ts';
import { getBrokenFileRemedy, getWrongTypesRemedy, type ReadOptions } from '../lake.ts';
import { assertIntact } from './checksum.ts';
import { assertPages } from './pages.ts';
import { assertRowsInBytes, readMetadata, toAsyncBuffer } from './structure.ts';

/** A byte order mark at the beginning of a text is kept: it is a character of the text. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The rows of a file, each with every column of the table; a column that the file lacks is null. Columns that the
 * table does not have are left out.
 *
 * @throws BrokenFileError naming `origin` if the bytes are not a Parquet file, are damaged, or have a value that is
 *   not of its column's type; UnreadableCodecError if its pages cannot be decompressed
 */
export async function decodeRows(
  table: Table,
  bytes: Uint8Array,
  origin: string,
  { rejectUnknownColumns = false }: ReadOptions = {},
): Promise<Row[]> {
  try {
    const hasChecksum = assertIntact(bytes, origin) === 'valid';
    const file = toAsyncBuffer(bytes);
    const metadata = await readMetadata(file);
    if (!hasChecksum) assertRowsInBytes(metadata, bytes.byteLength);
    const present = new Set(metadata.schema.slice(1).map(({ name }) => name));
    if (rejectUnknownColumns) assertKnownColumns(table, present, origin);
    const names = table.columns.map(({ name }) => name).filter((name) => present.has(name));
    if (names.length === 0) throw new Error('it has none of the columns of its table');
    const compressors = await loadCompressors(metadata);
    if (!hasChecksum) assertPages(bytes, metadata, names, compressors);
    const objects = await parquetReadObjects({
      file,
      metadata: stripDecimalTypes(metadata),
      compressors,
      columns: names,
      parsers: { stringFromBytes: (bytes) => bytes && utf8.decode(bytes) },
    });
    const scales = getDecimalScales(metadata);
    const singles = new Set(
      metadata.schema.filter(({ type }) => type === 'FLOAT').map(({ name }) => name),
    );
    const createRow = createRowFactory(table.columns);
    return objects.map((object) => {
      const row = createRow();
      for (const { name, type } of table.columns) {
        const scale = scales.get(name);
        const value = scale === undefined ? object[name] : scaleDecimal(object[name], scale);
        // An absent value is null; undefined is a position that the dictionary does not have.
        if (value === undefined && present.has(name)) throw new Error(`${name} lacks a value`);
        const isSingle = type === 'double' && singles.has(name);
        row[name] = decodeCell(
          isSingle && typeof value === 'number' ? toShortestDecimal(value) : value,
          type,
          name,
        );
      }
      // The ticker identifies the row: two rows without one would be taken for the same.
      if (row[table.tickerColumn] === null) throw new Error(`a row has no ${table.tickerColumn}`);
      return row;
    });
  } catch (error) {
    throw toDecodeError(error, table, origin);
  }
}

export function toDecodeError(error: unknown, table: Table, origin: string): unknown {
  const hint =
    error instanceof WrongTypeError ? getWrongTypesRemedy(table) : getBrokenFileRemedy(table);
  if (error instanceof BrokenFileError) {
    return error.hint === undefined
      ? new BrokenFileError(error.message, { hint, cause: error })
      : error;
  }
  if (error instanceof LakeError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const message = `${origin} cannot be read as ${table.name}: ${reason}`;
  if (error instanceof DecompressionError) {
    return new UnreadableCodecError(message, {
      hint: 'Another program wrote it, or it is damaged: write it again with snappy, or move it out of the lake.',
      cause: error,
    });
  }
  return new BrokenFileError(message, { hint, cause: error });
}

export function assertKnownColumns(
  table: Table,
  present: ReadonlySet<string>,
  origin: string,
): void {
  // Some writers repeat the partition inside the file.
  const known = new Set([...table.columns.map(({ name }) => name), table.partition.column]);
  const unknown = [...present].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new LakeError(
    `${origin} has columns that this version does not know: ${unknown.join(', ')}`,
    { hint: 'A newer pynvest may have written it: update this one. Nothing was changed.' },
  );
}

class WrongTypeError extends Error {}

function decodeCell(value: unknown, type: ColumnType, column: string): Cell {
  if (value === null || value === undefined) return null;
  const cell = decoders[type](value);
  if (cell !== undefined) return cell;
  throw new WrongTypeError(`the column ${column} holds ${String(value)}, which is not a ${type}`);
}

const decoders: Readonly<Record<ColumnType, (value: unknown) => Cell | undefined>> = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  double: (value) => {
    if (typeof value === 'string') return parseNumberText(value);
    // An integer beyond 2^53 would be rounded, and an infinite number could not be written again.
    const number = typeof value === 'bigint' ? toExactNumber(value) : value;
    // pandas writes an absent number as NaN.
    if (Number.isNaN(number)) return null;
    return Number.isFinite(number) ? (number as number) : undefined;
  },
  bigint: (value) => {
    if (typeof value === 'string') {
      const parsed = parseNumberText(value);
      return parsed === null || Number.isSafeInteger(parsed) ? parsed : undefined;
    }
    if (Number.isNaN(value)) return null;
    const number = typeof value === 'bigint' ? Number(value) : value;
    return Number.isSafeInteger(number) ? (number as number) : undefined;
  },
  date: (value) => {
    if (typeof value === 'string') return parseDateText(value);
    const iso = value instanceof Date ? value.toJSON()?.slice(0, 10) : undefined;
    // Years beyond four digits are written another way, and are not days of the lake.
    return iso !== undefined && /^\d{4}-/.test(iso) ? iso : undefined;
  },
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
};

/** Absent values of pages, as text. */
const ABSENT_TEXT: ReadonlySet<string> = new Set(['', '-']);

/** With a decimal point. 1.234 may be thousands as the site prints them, or a fraction: it is not read. */
const NUMBER_TEXT = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
const GROUPED_NUMBER_TEXT = /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+$/;

function parseNumberText(text: string): number | null | undefined {
  if (ABSENT_TEXT.has(text)) return null;
  if (!NUMBER_TEXT.test(text) || GROUPED_NUMBER_TEXT.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function parseDateText(text: string): string | null | undefined {
  if (ABSENT_TEXT.has(text)) return null;
  const iso = text.replace(/^(\d{2})\/(\d{2})\/(\d{4})$/, '$3-$2-$1');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso)) return undefined;
  const date = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : undefined;
}

function toExactNumber(value: bigint): number | undefined {
  const number = Number(value);
  return BigInt(number) === value ? number : undefined;
}

/** The number of decimal places of each decimal column, by name. */
function getDecimalScales({ schema }: FileMetaData): ReadonlyMap<string, number> {
  return new Map(
    schema.filter(isDecimal).map((element) => {
      const { logical_type: logical } = element;
      const scale = logical?.type === 'DECIMAL' ? logical.scale : undefined;
      return [element.name, element.scale ?? scale ?? 0];
    }),
  );
}

/** The metadata with every decimal column as the integers or bytes that it is stored as. */
function stripDecimalTypes(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element): SchemaElement => {
    if (!isDecimal(element)) return element;
    const { converted_type: _, logical_type: __, ...plain } = element;
    return plain;
  });
  return { ...metadata, schema };
}

/** The number nearest to a stored decimal; a decimal stored in another way (text of any length) is left as it is. */
function scaleDecimal(stored: unknown, scale: number): unknown {
  const digits = stored instanceof Uint8Array ? parseTwosComplement(stored) : stored;
  if (typeof digits !== 'bigint' && typeof digits !== 'number') return stored;
  return Number(`${digits}e-${scale}`);
}

function isDecimal({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'DECIMAL' || logical?.type === 'DECIMAL';
}

/** A two's complement number, big-endian. */
function parseTwosComplement(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes).toString('hex');
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex || '0'}`));
}

/** The codecs of hyparquet itself; pynvest's own files use them. */
const BUILT_IN_CODECS: readonly string[] = ['UNCOMPRESSED', 'SNAPPY'];

/** A page that could not be decompressed: it is damaged, or has a codec that the decompressors do not have. */
class DecompressionError extends Error {
  constructor(codec: string, options: { cause?: unknown } = {}) {
    const { cause } = options;
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    super(`its pages cannot be decompressed (codec ${codec})${reason}`, options);
  }
}

/** The decompressors are large, and loaded only for a file that needs one. @throws DecompressionError */
export async function loadCompressors({ row_groups: groups }: FileMetaData): Promise<Compressors> {
  const codecs = groups.flatMap(({ columns }) =>
    columns.flatMap((column) => column.meta_data?.codec ?? []),
  );
  const others = [...new Set(codecs)].filter((codec) => !BUILT_IN_CODECS.includes(codec));
  if (others.length === 0) return {};
  const { compressors } = await import('hyparquet-compressors');
  const wrapped = others.map((codec) => {
    const decompress = compressors[codec];
    if (decompress === undefined) throw new DecompressionError(codec);
    const decompressPage: typeof decompress = (input, length) => {
      // The empty dictionary of a column without values, which the LZ4 decompressor takes for a damaged page.
      if (length === 0) return new Uint8Array();
      try {
        return decompress(input, length);
      } catch (cause) {
        throw new DecompressionError(codec, { cause });
      }
    };
    return [codec, decompressPage] as const;
  });
  return Object.fromEntries(wrapped);
}
