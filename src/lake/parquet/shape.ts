/** The footer of a Parquet file: whether it is whole, and which columns it has. */
import { type AsyncBuffer, parquetMetadataAsync, type SchemaElement } from 'hyparquet';
import type { ColumnType } from '../../catalog/column.ts';
import { BrokenFileError, LakeError } from '../../errors.ts';
import type { FileShape } from '../inspector.ts';

/** What is read of a file's end at once; footers of ours have a third of it. */
export const FOOTER_BYTES = 32 * 1024;

/** Magic at both ends, and the length of the footer. */
const MIN_FILE_BYTES = 12;
const TRAILER_BYTES = 8;

/**
 * @param origin what to call the file
 * @throws BrokenFileError where the bytes have no footer, or it speaks of bytes that the file lacks
 */
export async function readShape(file: AsyncBuffer, origin: string): Promise<FileShape> {
  try {
    if (file.byteLength < MIN_FILE_BYTES) throw new Error(`it has ${file.byteLength} bytes`);
    const metadata = await parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES });
    const end = file.byteLength - metadata.metadata_length - TRAILER_BYTES;
    for (const group of metadata.row_groups) {
      for (const { meta_data: column } of group.columns) {
        if (column === undefined) continue;
        const start = Number(column.dictionary_page_offset ?? column.data_page_offset);
        if (start + Number(column.total_compressed_size) > end)
          throw new Error('bytes are missing');
      }
    }
    const [, ...elements] = metadata.schema;
    return {
      rows: Number(metadata.num_rows),
      columns: new Map(elements.map((element) => [element.name, getColumnType(element)])),
    };
  } catch (error) {
    if (error instanceof LakeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BrokenFileError(`${origin} is no whole Parquet file: ${reason}`, { cause: error });
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
