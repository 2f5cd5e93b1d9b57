/** The footer of a Parquet file: whether the file is complete, and which columns it has. */
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  type SchemaElement,
} from 'hyparquet';
import type { ColumnType } from '../../catalog/column.ts';
import { BrokenFileError, LakeError } from '../../errors.ts';
import type { FileShape } from '../inspector.ts';
import { assertConsistent } from './structure.ts';

/** How much is read at first from the end of a file; the footers of a lake are a third as long. */
export const FOOTER_BYTES = 32 * 1024;

/** A magic number at both ends, and the length of the footer. */
const MIN_FILE_BYTES = 12;
const TRAILER_BYTES = 8;

/** A file in memory as the library reads it. */
export function toAsyncBuffer(bytes: Uint8Array): AsyncBuffer {
  const whole = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return {
    byteLength: whole.byteLength,
    slice: (start, end) => Promise.resolve(whole.slice(start, end) as ArrayBuffer),
  };
}

/** @throws Error if the footer cannot be read, or contradicts itself or the length of the file */
export async function readMetadata(file: AsyncBuffer): Promise<FileMetaData> {
  if (file.byteLength < MIN_FILE_BYTES) throw new Error(`it has ${file.byteLength} bytes`);
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES });
  assertConsistent(metadata, file.byteLength - metadata.metadata_length - TRAILER_BYTES);
  return metadata;
}

/**
 * @param origin the name of the file in errors
 * @throws BrokenFileError if the file has no footer, or an incomplete one
 */
export async function readShape(file: AsyncBuffer, origin: string): Promise<FileShape> {
  try {
    const metadata = await readMetadata(file);
    const [, ...elements] = metadata.schema;
    return {
      rows: Number(metadata.num_rows),
      columns: new Map(elements.map((element) => [element.name, getColumnType(element)])),
    };
  } catch (error) {
    if (error instanceof LakeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BrokenFileError(`${origin} is not a complete Parquet file: ${reason}`, {
      cause: error,
    });
  }
}

function getColumnType({ type, converted_type: converted, logical_type: logical }: SchemaElement) {
  const meaning = converted ?? logical?.type;
  return (
    TYPES.find((each) => each.physical === type && each.meanings.includes(meaning))?.is ?? 'other'
  );
}

const TYPES: readonly {
  readonly physical: string;
  readonly meanings: readonly (string | undefined)[];
  readonly is: ColumnType;
}[] = [
  { physical: 'BYTE_ARRAY', meanings: ['UTF8', 'STRING', undefined], is: 'string' },
  { physical: 'DOUBLE', meanings: [undefined], is: 'double' },
  { physical: 'INT64', meanings: ['INT_64', 'INTEGER', undefined], is: 'bigint' },
  { physical: 'INT32', meanings: ['DATE'], is: 'date' },
];
