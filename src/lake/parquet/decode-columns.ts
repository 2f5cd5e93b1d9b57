/**
 * The bytes of a Parquet file to columns of its table: as `decodeRows`, and without an object for every row.
 */
import { parquetRead, type SchemaElement } from 'hyparquet';
import type { ColumnBatch, Row } from '../../catalog/column.ts';
import type { Table } from '../../catalog/dataset.ts';
import type { ReadOptions } from '../lake.ts';
import { verifyChecksum } from './checksum.ts';
import { assertKnownColumns, decodeRows, toDecodeError } from './decode.ts';
import { readMetadata, toAsyncBuffer } from './structure.ts';

/**
 * The columns of these names. A file of another program, which may store values in other ways, is decoded row by row.
 * @throws BrokenFileError, and other errors, as `decodeRows`
 */
export async function decodeColumns(
  table: Table,
  bytes: Uint8Array,
  origin: string,
  names: readonly string[],
  options: ReadOptions = {},
): Promise<ColumnBatch> {
  if (verifyChecksum(bytes) !== 'valid') {
    return toColumns(table, names, await decodeRows(table, bytes, origin, options));
  }
  try {
    const file = toAsyncBuffer(bytes);
    const metadata = await readMetadata(file);
    const rowCount = Number(metadata.num_rows);
    const batch = createBatch(table, names, rowCount);
    const present = new Set(metadata.schema.slice(1).map(({ name }) => name));
    if (options.rejectUnknownColumns === true) assertKnownColumns(table, present, origin);
    // Days are left as the numbers that they are stored as.
    const plain = { ...metadata, schema: metadata.schema.map(stripDateType) };
    // One after another: a decoded column takes several times its place in the batch.
    for (const name of names) {
      if (!present.has(name)) continue;
      const texts = batch.texts[name];
      const numbers = batch.numbers[name];
      await parquetRead({
        file,
        metadata: plain,
        columns: [name],
        onChunk({ columnData, rowStart }) {
          for (let at = 0; at < columnData.length; at += 1) {
            const value: unknown = columnData[at];
            if (texts !== undefined) texts[rowStart + at] = value as string | null;
            else if (numbers !== undefined && value !== null) {
              numbers[rowStart + at] = Number(value);
            }
          }
        },
      });
    }
    return batch;
  } catch (error) {
    throw toDecodeError(error, table, origin);
  }
}

function stripDateType(element: SchemaElement): SchemaElement {
  if (element.converted_type !== 'DATE') return element;
  const { converted_type: _, logical_type: __, ...plain } = element;
  return plain;
}

interface MutableBatch {
  readonly rowCount: number;
  readonly texts: Record<string, (string | null)[]>;
  readonly numbers: Record<string, Float64Array>;
}

/** A batch of these columns without values. */
function createBatch(table: Table, names: readonly string[], rowCount: number): MutableBatch {
  const batch: MutableBatch = { rowCount, texts: {}, numbers: {} };
  for (const { name, type } of table.columns) {
    if (!names.includes(name)) continue;
    if (type === 'string') batch.texts[name] = new Array<null>(rowCount).fill(null);
    else batch.numbers[name] = new Float64Array(rowCount).fill(Number.NaN);
  }
  return batch;
}

const DAY_MS = 86_400_000;

function toColumns(table: Table, names: readonly string[], rows: readonly Row[]): ColumnBatch {
  const batch = createBatch(table, names, rows.length);
  for (const { name, type } of table.columns) {
    const texts = batch.texts[name];
    const numbers = batch.numbers[name];
    for (const [at, row] of rows.entries()) {
      const value = row[name] ?? null;
      if (value === null) continue;
      if (texts !== undefined) texts[at] = String(value);
      else if (numbers !== undefined) {
        numbers[at] = type === 'date' ? Date.parse(String(value)) / DAY_MS : Number(value);
      }
    }
  }
  return batch;
}
