/** What a column of an answer is stored as, by the name that its engine or the catalog has for its type. Pure. */
import type { StoredType } from '../lake/encode-answer.ts';

const STORED: readonly (readonly [RegExp, StoredType])[] = [
  [/^(tinyint|smallint|int|integer|utinyint|usmallint)$/, 'integer'],
  // Beyond 64 bits a sum of whole numbers does not get, but DuckDB gives it the type of one that may.
  [/^(bigint|uinteger|ubigint|hugeint|uhugeint)$/, 'bigint'],
  [/^(double|float|real)$/, 'double'],
  [/^decimal/, 'decimal'],
  [/^boolean$/, 'boolean'],
  [/^date$/, 'date'],
];

/** Anything without a type of its own here (times, lists, structures) is kept as text. */
export function storedTypeOf(sqlType: string): StoredType {
  const name = sqlType.toLowerCase();
  return STORED.find(([pattern]) => pattern.test(name))?.[1] ?? 'string';
}
