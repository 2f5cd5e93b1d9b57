/**
 * Sessions in SQL: of several days with one session only the newest row counts, and the newest sessions are counted from
 * the ticker's last. Pure.
 */

import type { Table } from '../catalog/dataset.ts';
import { formatWhere, joinLines, type SqlFragment, toFragment } from './sql.ts';

// No table has columns of these names.
/** The number of a day or a session, counted back from the ticker's newest as 1. */
export const AGE_COLUMN = 'days_from_the_newest';
const SESSION_DAY_COLUMN = 'days_from_the_newest_of_the_session';

export const IS_NEWEST_OF_SESSION = toFragment(`${SESSION_DAY_COLUMN} = 1`);

interface SessionsRequest {
  readonly table: Table;
  /** The source of the rows. */
  readonly from: string;
  /** The expression that gives the session of a row. */
  readonly session: string;
  /** On all rows. */
  readonly conditions: readonly SqlFragment[];
  /** On the newest row of each session: a reading that was replaced is no answer. */
  readonly filter: readonly SqlFragment[];
  /** On the number of the session, counted back from the ticker's newest; empty for all. */
  readonly isOfAge: readonly SqlFragment[];
}

/**
 * The newest row of each session, as a source and the conditions on it. Without a filter the sessions that are too old
 * are left out first: to number all rows twice takes three times as long.
 */
export function selectSessions({
  table,
  from,
  session,
  conditions,
  filter,
  isOfAge,
}: SessionsRequest): { readonly source: string; readonly conditions: readonly SqlFragment[] } {
  const { tickerColumn } = table;
  const key = formatSessionKey(table, session);
  const numberSessions = (source: string, where: readonly SqlFragment[]): string =>
    joinLines(
      `SELECT *, dense_rank() OVER (PARTITION BY ${tickerColumn} ORDER BY ${key} DESC) AS ${AGE_COLUMN} FROM ${source}`,
      formatWhere(where),
    );
  if (isOfAge.length > 0 && filter.length === 0) {
    const aged = numberSessions(from, conditions);
    const source = numberDays(table, AGE_COLUMN, `(\n${aged}\n)`, isOfAge);
    return { source, conditions: [IS_NEWEST_OF_SESSION] };
  }
  const numbered = numberDays(table, key, from, conditions);
  const isCounted = [IS_NEWEST_OF_SESSION, ...filter];
  if (isOfAge.length === 0) return { source: numbered, conditions: isCounted };
  return { source: numberSessions(`(\n${numbered}\n)`, isCounted), conditions: isOfAge };
}

/** The rows, each with the number of its day, counted back from the newest of the same session as 1. */
export function numberDays(
  { tickerColumn, partition }: Table,
  sessionKey: string,
  from: string,
  conditions: readonly SqlFragment[],
): string {
  return joinLines(
    `SELECT *, rank() OVER (PARTITION BY ${tickerColumn}, ${sessionKey} ORDER BY ${partition.column} DESC) AS ${SESSION_DAY_COLUMN} FROM ${from}`,
    formatWhere(conditions),
  );
}

/**
 * The session of a row, or its own day where it has none. Dates are compared, and not numbers like those of the
 * partitions: for `year` and `month` DuckDB makes a table of eighty years in each thread of each question. The day of
 * a partition is computed for the rows that need it, which are few; a number that is no day, which a foreign partition
 * may have, is no session.
 */
export function formatSessionKey({ partition }: Table, session: string): string {
  const { column } = partition;
  const numbers = [`${column} / 10000`, `${column} / 100 % 100`, `${column} % 100`];
  const text = numbers.map((number) => `CAST(${number} AS VARCHAR)`).join(" || '-' || ");
  return `coalesce(${session}, TRY_CAST(${text} AS DATE))`;
}
