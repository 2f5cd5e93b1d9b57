/** The values of DuckDB as an answer has them, in both dialects. */

import {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBBigIntVector,
  type DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDateVector,
  DuckDBDoubleVector,
  DuckDBIntegerVector,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  type DuckDBValueConverter,
  DuckDBVarCharVector,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';
import { toShortestDecimal } from '../../single-precision.ts';
import { type OutputValue, parseDecimal } from '../engine.ts';

// The binding prints instants in the time zone of the machine; ours are in UTC, as in Athena.
DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;

/** A value as an answer has it: whole numbers and decimals keep all their digits. */
export const convertValue: DuckDBValueConverter<OutputValue> = (value, type, converter) => {
  if (typeof value === 'bigint') return value;
  if (value !== null && type.typeId === DuckDBTypeId.DECIMAL) return parseDecimal(String(value));
  if (typeof value === 'number' && Number.isFinite(value) && type.typeId === DuckDBTypeId.FLOAT) {
    return toShortestDecimal(value);
  }
  return JsonDuckDBValueConverter(value, type, converter as never);
};

/** The same, with lists, maps and rows as the text that Athena prints. */
export const convertToAthena: DuckDBValueConverter<OutputValue> = (value, type, converter) =>
  value !== null && isNested(type)
    ? printNested(value, type)
    : convertValue(value, type, converter);

/**
 * The values of a column of a chunk, each as the converter gives it. Those of the common types come from the memory of
 * the binding: to ask it for each of millions of values takes several times as long.
 */
export function convertColumn(
  chunk: DuckDBDataChunk,
  at: number,
  converter: DuckDBValueConverter<OutputValue>,
): OutputValue[] {
  const vector = chunk.getColumnVector(at);
  const { type } = vector;
  const convert = (value: DuckDBValue): OutputValue => converter(value, type, converter);
  if (vector instanceof DuckDBVarCharVector) return collectTexts(vector);
  if (vector instanceof DuckDBIntegerVector) {
    return collectItems<number>(vector['items'], vector['validity'], (item) => item);
  }
  if (vector instanceof DuckDBBigIntVector) {
    return collectItems<bigint>(vector['items'], vector['validity'], (item) => item);
  }
  if (vector instanceof DuckDBDoubleVector) {
    return collectItems<number>(vector['items'], vector['validity'], (item) =>
      Number.isFinite(item) ? item : convert(item),
    );
  }
  if (vector instanceof DuckDBDateVector) {
    return collectItems<number>(vector['items'], vector['validity'], createDayConverter(convert));
  }
  const values = new Array<OutputValue>(vector.itemCount);
  for (let row = 0; row < values.length; row += 1) values[row] = convert(vector.getItem(row));
  return values;
}

/** A bit for each value, unset where it is null; without bits, none is. */
interface Validity {
  readonly data: BigUint64Array | null;
  readonly offset: number;
}

function collectItems<T extends number | bigint>(
  items: ArrayLike<T>,
  validity: Validity,
  convert: (item: T) => OutputValue,
): OutputValue[] {
  const isNull = createNullTest(validity);
  const values = new Array<OutputValue>(items.length);
  for (let row = 0; row < values.length; row += 1) {
    const item = items[row];
    values[row] = item === undefined || isNull?.(row) ? null : convert(item);
  }
  return values;
}

/** DuckDB's string: four words of 32 bits, its length and then a short text itself, or the address of a long one. */
const WORDS_OF_TEXT = 4;

/** To decode a text costs more than all else, and in rows by ticker most are those of the row before. */
function collectTexts(vector: DuckDBVarCharVector): OutputValue[] {
  const { buffer, byteOffset }: DataView = vector['dataView'];
  const values = new Array<OutputValue>(vector.itemCount);
  const words = new Uint32Array(buffer, byteOffset, WORDS_OF_TEXT * values.length);
  const isNull = createNullTest(vector['validity']);
  let before = -1;
  for (let row = 0; row < values.length; row += 1) {
    if (isNull?.(row)) {
      values[row] = null;
    } else {
      const isSame = before >= 0 && areWordsEqual(words, before, row);
      values[row] = isSame ? (values[before] ?? null) : vector.getItem(row);
      before = row;
    }
  }
  return values;
}

function areWordsEqual(words: Uint32Array, first: number, second: number): boolean {
  const [a, b] = [WORDS_OF_TEXT * first, WORDS_OF_TEXT * second];
  return (
    words[a] === words[b] &&
    words[a + 1] === words[b + 1] &&
    words[a + 2] === words[b + 2] &&
    words[a + 3] === words[b + 3]
  );
}

/** Undefined where no value is null. The binding's own test of one value makes several numbers of any size. */
function createNullTest({ data, offset }: Validity): ((row: number) => boolean) | undefined {
  if (data === null) return undefined;
  const words = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
  return (row) => {
    const bit = offset + row;
    return ((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0;
  };
}

/** A chunk has few days, and to print one costs more than to find it. */
function createDayConverter(
  convert: (value: DuckDBValue) => OutputValue,
): (days: number) => OutputValue {
  const known = new Map<number, OutputValue>();
  return (days) => {
    const found = known.get(days);
    if (found !== undefined) return found;
    const converted = convert(new DuckDBDateValue(days));
    known.set(days, converted);
    return converted;
  };
}

function isNested(type: DuckDBType): boolean {
  const { LIST, ARRAY, STRUCT, MAP } = DuckDBTypeId;
  return [LIST, ARRAY, STRUCT, MAP].includes(type.typeId);
}

/** Lists, maps and rows are text in Athena: `[a, b]`, `{a=1}`, `{x=1, field1=a}`. */
function printNested(value: unknown, type: DuckDBType): string {
  if (value === null || value === undefined) return 'null';
  if (type instanceof DuckDBListType && value instanceof DuckDBListValue) {
    return `[${value.items.map((item) => printNested(item, type.valueType)).join(', ')}]`;
  }
  if (type instanceof DuckDBArrayType && value instanceof DuckDBArrayValue) {
    return `[${value.items.map((item) => printNested(item, type.valueType)).join(', ')}]`;
  }
  if (type instanceof DuckDBMapType && value instanceof DuckDBMapValue) {
    const entries = value.entries.map(
      ({ key, value: inner }) =>
        `${printNested(key, type.keyType)}=${printNested(inner, type.valueType)}`,
    );
    return `{${entries.join(', ')}}`;
  }
  if (type instanceof DuckDBStructType && value instanceof DuckDBStructValue) {
    const inner = Object.values(value.entries);
    const fields = type.entryTypes.map((each, at) => {
      const name = type.entryNames[at] || `field${at}`;
      return `${name}=${printNested(inner[at], each)}`;
    });
    return `{${fields.join(', ')}}`;
  }
  if (type.typeId === DuckDBTypeId.FLOAT) {
    const shortest = toShortestDecimal(Number(value));
    return Number.isInteger(shortest) ? `${shortest}.0` : String(shortest);
  }
  const isDouble = type.typeId === DuckDBTypeId.DOUBLE;
  return isDouble && Number.isInteger(value) ? `${value}.0` : String(value);
}
