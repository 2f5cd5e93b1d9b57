/** The values of DuckDB as an answer has them, in both dialects. */

import {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValueConverter,
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
