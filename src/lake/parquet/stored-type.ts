/**
 * The types of the columns of a file, and what they hold exactly. Loads no library of Parquet: questions need it, too.
 */

import type { ColumnType } from '../../catalog/column.ts';

/**
 * The types of the lake and those that only the result of a query has. `decimal` is stored as a double, where
 * that holds every digit.
 */
export type StoredType = ColumnType | 'decimal' | 'integer';

/** Every decimal of so many significant digits comes back from a double as it was. */
const MAX_DOUBLE_DIGITS = 15;

/** Whether a double holds every digit of a printed decimal; leading and trailing zeros are not significant. */
export function isExactDecimal(text: string): boolean {
  const significant = text
    .replace(/e.*$/i, '')
    .replace(/^-?0*\.?0*/, '')
    .replace('.', '')
    .replace(/0+$/, '');
  return significant.length <= MAX_DOUBLE_DIGITS;
}
