/** DuckDB's values as values of an answer, exactly and the same on every machine. */
import {
  DuckDBTimestampTZValue,
  DuckDBTypeId,
  type DuckDBValueConverter,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';
import type { OutputValue } from './engine.ts';
import { exactDecimal } from './exact-decimal.ts';

// The binding prints instants in the zone of the machine; ours are in UTC, as Athena's.
DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;

export const convertValue: DuckDBValueConverter<OutputValue> = (value, type, converter) => {
  if (typeof value === 'bigint') return value;
  if (value !== null && type.typeId === DuckDBTypeId.DECIMAL) return exactDecimal(String(value));
  return JsonDuckDBValueConverter(value, type, converter as never);
};
