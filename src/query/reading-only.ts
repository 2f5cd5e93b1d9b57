/** Only one SELECT passes: a query changes nothing, neither in the lake nor beside it. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { QueryError, UsageError } from '../errors.ts';

/** EXPLAIN ANALYZE does what it explains, so what it explains must pass, too. */
const EXPLAIN = /^\s*explain(\s+analyze)?\s+/i;

/** What DuckDB's parser makes of a text, as far as it matters here. */
type ParsedSql =
  | { readonly error: false; readonly statements: readonly unknown[] }
  | { readonly error: true; readonly error_type: string; readonly error_message: string };

/**
 * Asks DuckDB's own parser, which serializes SELECT and its kin (WITH, VALUES, DESCRIBE, SHOW) alone.
 *
 * @throws UsageError where the text is anything but one of them
 * @throws QueryError where it does not parse
 */
export async function requireOneSelect(connection: DuckDBConnection, sql: string): Promise<void> {
  const answer = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [
    sql.replace(EXPLAIN, ''),
  ]);
  const parsed = JSON.parse(String(answer.getRows()[0]?.[0])) as ParsedSql;
  if (parsed.error) {
    if (parsed.error_type === 'parser') throw new QueryError(parsed.error_message);
    throw new UsageError('only SELECT is answered: a query changes nothing');
  }
  const { length } = parsed.statements;
  if (length !== 1) {
    throw new UsageError(`one SELECT is answered at a time; this text has ${length} statements`);
  }
}
