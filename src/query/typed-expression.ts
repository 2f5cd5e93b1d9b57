/** A column of a file as the catalog types it, whoever wrote the file. Pure. */
import type { Column } from '../catalog/column.ts';
import { duckDbTypes, identifier, literal } from './sql-names.ts';

/** The types of the columns of a file, by name, as DuckDB spells them. */
export type FileTypes = ReadonlyMap<string, string>;

const WHOLE_NUMBER = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;
const FRACTION = /^(DOUBLE|FLOAT)$/;
/** Whole numbers that a double may not hold exactly. */
const WIDE = /^(U?BIGINT|U?HUGEINT)$/;

/**
 * The value of a column by the same rules as the lake's own reader: null where the file lacks it, and an
 * error that names the file where a value cannot be of the catalog's type without guessing.
 */
export function typedExpression({ name, type }: Column, types: FileTypes): string {
  const column = identifier(name);
  const wanted = duckDbTypes[type];
  const found = types.get(name);
  if (found === undefined) return `NULL::${wanted}`;
  const refusal = `error(filename || ${literal(`: the column ${name} holds ${found}, no ${type}`)})`;
  const unless = (fits: string): string =>
    `CASE WHEN ${fits} THEN ${column}::${wanted} ELSE ${refusal} END`;
  const isFraction = FRACTION.test(found);
  const isWhole = WHOLE_NUMBER.test(found);
  // pandas writes an absent number as NaN, in a column of whole numbers, too.
  if (type === 'double' && isFraction) return `nullif(${column}::DOUBLE, 'NaN'::DOUBLE)`;
  if (type === 'bigint' && isFraction) {
    return `CASE WHEN isnan(${column}) THEN NULL ELSE ${unless(`${column} IS NULL OR ${column} = trunc(${column})`)} END`;
  }
  if (type === 'double' && WIDE.test(found)) {
    return unless(`${column} IS NULL OR ${column}::DOUBLE::HUGEINT = ${column}`);
  }
  const fits =
    found === wanted ||
    ((type === 'bigint' || type === 'double') && isWhole) ||
    (type === 'double' && found.startsWith('DECIMAL')) ||
    (type === 'date' && found.startsWith('TIMESTAMP'));
  // A column without any value has no type that would tell.
  return fits
    ? `CAST(${column} AS ${wanted})`
    : `CASE WHEN ${column} IS NULL THEN NULL::${wanted} ELSE ${refusal} END`;
}
