/** The values of DuckDB as an answer has them, in both dialects. */

import {
  DuckDBArrayType,
  DuckDBArrayValue,
  type DuckDBDataChunk,
  DuckDBDateValue,
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
  type DuckDBVector,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';
import { type OutputValue, parseDecimal } from '../engine.ts';

// The binding prints instants in the time zone of the machine; ours are in UTC, as in Athena.
DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;

/** A value as an answer has it: whole numbers and decimals keep all their digits. */
export const convertValue: DuckDBValueConverter<OutputValue> = (value, type, converter) => {
  if (typeof value === 'bigint') return value;
  if (value !== null && type.typeId === DuckDBTypeId.DECIMAL) return parseDecimal(String(value));
  return JsonDuckDBValueConverter(value, type, converter as never);
};

/** The same, with lists, maps and rows as the text that Athena prints. */
export const convertToAthena: DuckDBValueConverter<OutputValue> = (value, type, converter) =>
  value !== null && isNested(type)
    ? printNested(value, type)
    : convertValue(value, type, converter);

/** The values of a column of a chunk, each as the converter gives it; those of the common types at a lower price. */
export function convertColumn(
  chunk: DuckDBDataChunk,
  at: number,
  converter: DuckDBValueConverter<OutputValue>,
): OutputValue[] {
  const vector = chunk.getColumnVector(at);
  const { type } = vector;
  const { INTEGER, BIGINT, DOUBLE, VARCHAR, DATE } = DuckDBTypeId;
  const convert = (value: DuckDBValue): OutputValue => converter(value, type, converter);
  switch (type.typeId) {
    case INTEGER:
    case BIGINT:
    case VARCHAR:
      return collectValues(vector, (value) => value as string | number | bigint | null);
    case DOUBLE:
      return collectValues(vector, (value) =>
        value === null || Number.isFinite(value) ? (value as number | null) : convert(value),
      );
    case DATE:
      return collectValues(vector, createDateConverter(convert));
    default:
      return collectValues(vector, convert);
  }
}

function collectValues(
  vector: DuckDBVector,
  convert: (value: DuckDBValue) => OutputValue,
): OutputValue[] {
  const values = new Array<OutputValue>(vector.itemCount);
  for (let at = 0; at < values.length; at += 1) values[at] = convert(vector.getItem(at));
  return values;
}

/** A chunk has few days, and to print one costs more than to find it. */
function createDateConverter(
  convert: (value: DuckDBValue) => OutputValue,
): (value: DuckDBValue) => OutputValue {
  const known = new Map<number, OutputValue>();
  return (value) => {
    if (!(value instanceof DuckDBDateValue)) return convert(value);
    const found = known.get(value.days);
    if (found !== undefined) return found;
    const converted = convert(value);
    known.set(value.days, converted);
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
  const isDouble = [DuckDBTypeId.DOUBLE, DuckDBTypeId.FLOAT].includes(type.typeId);
  return isDouble && Number.isInteger(value) ? `${value}.0` : String(value);
}
