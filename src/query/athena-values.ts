/** The text that Athena prints as a value of an answer: the same value that DuckDB gives. Pure. */
import type { OutputValue } from './engine.ts';
import { exactDecimal } from './exact-decimal.ts';

type Reader = (text: string) => OutputValue;

/** A double that is no number is text from DuckDB, too: JSON has no number for it. */
const fraction: Reader = (text) => {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
};

/** Athena pads fractions of a second with zeros, and spells the zone out; DuckDB does neither. */
const time: Reader = (text) =>
  text
    .replace(/(\d\d:\d\d:\d\d)\.(\d*?)0*(?=$| )/, (_, clock: string, digits: string) =>
      digits === '' ? clock : `${clock}.${digits}`,
    )
    .replace(/ UTC$/, '+00');

const READERS: Readonly<Record<string, Reader>> = {
  boolean: (text) => text === 'true',
  tinyint: Number,
  smallint: Number,
  int: Number,
  integer: Number,
  bigint: BigInt,
  float: fraction,
  real: fraction,
  double: fraction,
  decimal: exactDecimal,
  time,
  'time with time zone': time,
  timestamp: time,
  'timestamp with time zone': time,
};

/**
 * How to read a column of this type (as `ColumnInfo.Type` names it). Dates and texts are as they are
 * printed; so are arrays, rows, maps and bytes, whose notation cannot be read back without loss.
 */
export function readerOf(type: string): Reader {
  return READERS[type.toLowerCase()] ?? ((text) => text);
}
