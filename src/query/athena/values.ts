/**
 * The values of Athena's results, which are all printed as text. Pure.
 */
import { type OutputValue, parseDecimal } from '../engine.ts';

type ValueParser = (text: string) => OutputValue;

/** NaN and the infinities stay text, as from DuckDB: JSON has no numbers for them. */
const parseDouble: ValueParser = (text) => {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
};

/** Athena pads fractions of a second with zeros and writes `UTC` out; DuckDB does neither. */
const parseTime: ValueParser = (text) =>
  text
    .replace(/(\d\d:\d\d:\d\d)\.(\d*?)0*(?=$| )/, (_, clock: string, digits: string) =>
      digits === '' ? clock : `${clock}.${digits}`,
    )
    .replace(/ UTC$/, '+00');

const VALUE_PARSERS: Readonly<Record<string, ValueParser>> = {
  boolean: (text) => text === 'true',
  tinyint: Number,
  smallint: Number,
  int: Number,
  integer: Number,
  bigint: BigInt,
  float: parseDouble,
  real: parseDouble,
  double: parseDouble,
  decimal: parseDecimal,
  time: parseTime,
  'time with time zone': parseTime,
  timestamp: parseTime,
  'timestamp with time zone': parseTime,
};

/**
 * The parser for a type as `ColumnInfo.Type` names it. Dates and texts stay as they are printed; so do arrays, rows,
 * maps and bytes, whose notation cannot be parsed without loss.
 */
export function getValueParser(type: string): ValueParser {
  return VALUE_PARSERS[type.toLowerCase()] ?? ((text) => text);
}
