/** A column of a file as the catalog types it, whoever wrote the file. Pure. */
import type { Column, ColumnType } from '../catalog/column.ts';
import { duckDbTypes, identifier, literal } from './sql-names.ts';

/** The types of the columns of a file, by name, as DuckDB spells them. */
export type FileTypes = ReadonlyMap<string, string>;

const WHOLE_NUMBER = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;
const FRACTION = /^(DOUBLE|FLOAT)$/;
/** Whole numbers that a double may not hold exactly. */
const WIDE = /^(U?BIGINT|U?HUGEINT)$/;
/** Of whole numbers beyond these the lake's reader could not tell one from the next. */
const SAFE = `BETWEEN ${Number.MIN_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`;

/**
 * The value of a column by the same rules as the lake's own reader: null where the file lacks it, and an
 * error that names the file where a value cannot be of the catalog's type without guessing. (Of bytes that are
 * no UTF-8 the reader makes text nonetheless; here they are refused.)
 */
export function typedExpression({ name, type }: Column, types: FileTypes): string {
  const column = identifier(name);
  const wanted = duckDbTypes[type];
  const found = types.get(name);
  if (found === undefined) return `NULL::${wanted}`;
  const rule = ruleFor(type, found, column);
  if (rule === 'any') return `CAST(${column} AS ${wanted})`;
  const refusal = `error(filename || ${literal(`: the column ${name} holds ${found}, no ${type}`)})`;
  const { absent = `${column} IS NULL`, fits, value = `${column}::${wanted}` } = rule;
  // First what nearly every row has; of a null no rule is true.
  const whereFits = fits === undefined ? '' : `WHEN ${fits} THEN ${value} `;
  return `CASE ${whereFits}WHEN ${absent} THEN NULL::${wanted} ELSE ${refusal} END`;
}

/** Which values of a column pass: all of them, or those for which `fits`, SQL as all of it, is true. */
type Rule =
  | 'any'
  | {
      /** What counts as no value; null alone unless it says otherwise. */
      readonly absent?: string;
      /** None fits where it is left out: a column without any value has no type that would tell. */
      readonly fits?: string;
      /** The value in the catalog's type; a cast unless it says otherwise. */
      readonly value?: string;
    };

function ruleFor(type: ColumnType, found: string, column: string): Rule {
  // pandas writes an absent number as NaN, in a column of whole numbers, too.
  const absent = `${column} IS NULL OR isnan(${column})`;
  const isFraction = FRACTION.test(found);
  const isDecimal = found.startsWith('DECIMAL');
  switch (type) {
    case 'string':
      if (found === 'BLOB') {
        const text = `TRY(decode(${column}))`;
        return { fits: `${text} IS NOT NULL`, value: text };
      }
      return found === 'VARCHAR' || found === 'UUID' ? 'any' : {};
    case 'double':
      if (isFraction) return { absent, fits: `isfinite(${column})` };
      if (WIDE.test(found)) return { fits: `${column}::DOUBLE::HUGEINT = ${column}` };
      return WHOLE_NUMBER.test(found) || isDecimal ? 'any' : {};
    case 'bigint':
      if (isFraction) {
        return { absent, fits: `${column}::DOUBLE ${SAFE} AND ${column} = trunc(${column})` };
      }
      if (isDecimal) return { fits: `${column} ${SAFE} AND ${column} = trunc(${column})` };
      if (WIDE.test(found)) return { fits: `${column} ${SAFE}` };
      return WHOLE_NUMBER.test(found) ? 'any' : {};
    case 'date':
      if (found !== 'DATE' && !found.startsWith('TIMESTAMP')) return {};
      return { fits: `year(${column}) BETWEEN 0 AND 9999` };
  }
}
