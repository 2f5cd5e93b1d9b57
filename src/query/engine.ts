/**
 * The interface of what answers a query, DuckDB here and Athena in the cloud, and the values and types of its
 * result, the same from both. Pure.
 */
import type { Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import type { StoredType } from '../lake/parquet/encode-result.ts';

/** A value of an answer. Dates and times are text; nested values only come of SQL that asks for them. */
export type OutputValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly OutputValue[]
  | { readonly [key: string]: OutputValue };

export interface QueryResult {
  readonly columns: readonly string[];
  /** The engine's name of each column's type, such as BIGINT or varchar. */
  readonly types: readonly string[];
  /** The rows as they come, each with a value a column. Can be read once. */
  readonly rows: AsyncIterable<readonly OutputValue[]>;
}

export interface QueryOptions {
  /** Promises that the SELECT asks for rows of these days alone: the engine need not look at other files. */
  readonly days?: { readonly from?: Partition | undefined; readonly to?: Partition | undefined };
}

export interface QueryEngine {
  /**
   * Answers one SELECT over the tables by their full names, such as
   * `db_pynvest_spec.tbspec_fundamentus_cotacao_ativos`; each `?` takes the next of the parameters.
   * @throws UsageError where `sql` is no single SELECT
   * @throws QueryError where it cannot be answered
   */
  query(sql: string, parameters?: readonly string[], options?: QueryOptions): Promise<QueryResult>;
  /** What the table is called here: in AWS a deployment may have named its databases otherwise. */
  nameOf(table: Table): string;
  /** The newest day for which a table has rows, found without a query. */
  newestPartition(table: Table): Promise<Partition | undefined>;
  /**
   * All days for which a table has rows, in order, found without a query. Only of an engine for which it
   * pays to name the days of a question.
   */
  knownDays?(table: Table): Promise<readonly Partition[]>;
  /** Lets go of what it holds; a query under way is given up. */
  close(): void;
}

/** A number where one holds every digit of the printed decimal, else its text. Zeros at the end are no digits of it. */
export function parseDecimal(text: string): number | string {
  const significant = text
    .replace(/^-?0*\.?0*/, '')
    .replace('.', '')
    .replace(/0+$/, '');
  return significant.length <= 15 ? Number(text) : text;
}

const STORED_TYPES: readonly (readonly [RegExp, StoredType])[] = [
  [/^(tinyint|smallint|int|integer|utinyint|usmallint)$/, 'integer'],
  // Beyond 64 bits a sum of whole numbers does not get, but DuckDB gives it the type of one that may.
  [/^(bigint|uinteger|ubigint|hugeint|uhugeint)$/, 'bigint'],
  [/^(double|float|real)$/, 'double'],
  [/^decimal/, 'decimal'],
  [/^boolean$/, 'boolean'],
  [/^date$/, 'date'],
];

/** Anything without a type of its own here (times, lists, structures) is kept as text. */
export function getStoredType(sqlType: string): StoredType {
  const name = sqlType.toLowerCase();
  return STORED_TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? 'string';
}
