/**
 * The interface of the query engines, DuckDB for a local lake and Athena for one in AWS, and the values and types of
 * their results, the same from both. Pure.
 */

import type { Table } from '../catalog/dataset.ts';
import type { DayBounds, Partition } from '../catalog/partition.ts';
import { UsageError } from '../errors.ts';
import { isExactDecimal, type StoredType } from '../lake/parquet/stored-type.ts';

/** A value of a result. Dates and times are text; only a person's own SQL gives nested values. */
export type OutputValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly OutputValue[]
  | { readonly [key: string]: OutputValue };

export type OutputRow = readonly OutputValue[];

export interface QueryResult {
  readonly columns: readonly string[];
  /** The engine's name of each column's type, such as BIGINT or varchar. */
  readonly types: readonly string[];
  /** One value per column in each row. Streamed: it can be read only once. */
  readonly rows: AsyncIterable<OutputRow>;
}

export interface Statement {
  /**
   * One SELECT over the tables by their full names, such as `db_pynvest_spec.tbspec_fundamentus_cotacao_ativos`;
   * each `?` takes the next of the parameters.
   */
  readonly sql: string;
  readonly parameters?: readonly string[];
  /**
   * `athena` for a person's text, which then has the same result in both engines; without one, the text is in the SQL
   * of the engine itself.
   */
  readonly dialect?: 'athena' | undefined;
  /** A promise that the SELECT reads rows of these days only, so that the engine can skip the other files. */
  readonly days?: DayBounds;
  /** A promise that the names of all columns that the SELECT reads are in its text: the engine can skip the others. */
  readonly namesColumns?: boolean;
  /** What the statement after this one reads: an engine may look for its files while this one runs. */
  readonly next?: TableDays | undefined;
}

/** The rows of a table on some days. */
export interface TableDays {
  readonly table: Table;
  readonly days: DayBounds;
}

export interface QueryEngine {
  /**
   * @throws UsageError if the statement is not a single SELECT
   * @throws QueryError if it fails
   */
  query(statement: Statement): Promise<QueryResult>;
  /** The table's full name in this engine: a deployment in AWS may have other names for its databases. */
  nameOf(table: Table): string;
  /** The newest day for which a table has rows, found without a query. */
  newestPartition(table: Table): Promise<Partition | undefined>;
  /**
   * All days for which a table has rows, in order, found without a query. Only an engine that bills by the
   * bytes read has it: for that one it pays to bound every query by days that exist.
   */
  knownDays?(table: Table): Promise<readonly Partition[]>;
  /**
   * The days that a table may have rows of, in order. Only an engine that reads a few columns of all days in
   * little time, and at no cost, has it.
   */
  storedDays?(table: Table): Promise<readonly Partition[]>;
  /** Ends the query in progress, and every later one, with an error. Only of an engine in this process. */
  interrupt?(): void;
  /** Releases its resources; a query in progress is abandoned. */
  close(): void;
}

export function createNotSelectError(): UsageError {
  return new UsageError('only a SELECT is allowed: a query only reads');
}

export function createSeveralStatementsError(count: number): UsageError {
  return new UsageError(`only one SELECT is allowed; this text has ${count} statements`);
}

/** The decimal as a number if a double holds all of its digits, otherwise its text. */
export function parseDecimal(text: string): number | string {
  return isExactDecimal(text) ? Number(text) : text;
}

/** The second column of a name is `name:1`, and so on: rows are also printed as objects. */
export function numberRepeatedNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}:${before}`;
  });
}

const STORED_TYPES: readonly (readonly [RegExp, StoredType])[] = [
  [/^(tinyint|smallint|int|integer|utinyint|usmallint)$/, 'integer'],
  // DuckDB types every sum of whole numbers as HUGEINT; a value beyond 64 bits is refused when it is written.
  [/^(bigint|uinteger|ubigint|hugeint|uhugeint)$/, 'bigint'],
  [/^(double|float|real)$/, 'double'],
  [/^decimal/, 'decimal'],
  [/^boolean$/, 'boolean'],
  [/^date$/, 'date'],
];

/** The Parquet type for a column of a result; times, lists and structures are stored as text. */
export function getStoredType(sqlType: string): StoredType {
  const name = sqlType.toLowerCase();
  return STORED_TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? 'string';
}
