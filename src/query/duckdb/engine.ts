/**
 * DuckDB over the lake in a folder: one SELECT at a time, which only reads. Loads DuckDB, so import this module only
 * to run a query.
 */

import { existsSync } from 'node:fs';
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  DuckDBTimestampTZValue,
  DuckDBTypeId,
  type DuckDBValueConverter,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';
import type { Partition } from '../../catalog/partition.ts';
import { specTable, type Table, tables } from '../../catalog/tables.ts';
import { QueryError } from '../../errors.ts';
import { findNewestPartition, listDailyFiles } from '../../lake/local/layout.ts';
import {
  findQuarterCopies,
  type QuarterCopies,
  quarterOf,
} from '../../lake/local/quarter-copies.ts';
import {
  createNotSelectError,
  createSeveralStatementsError,
  type DayBounds,
  type OutputRow,
  type OutputValue,
  parseDecimal,
  type QueryEngine,
  type QueryResult,
  type Statement,
} from '../engine.ts';
import { quoteIdentifier, quoteLiteral } from '../sql.ts';
import { toQueryError } from './errors.ts';
import { trinoMacros } from './trino-macros.ts';
import {
  createViewStatement,
  findNamedTables,
  findNeededTables,
  groupFilesBySchema,
} from './views.ts';

/** How often a query is tried if a run replaces its files meanwhile. */
const MAX_ATTEMPTS = 5;

/** An engine over the lake at `root`, which need not exist. Times are in UTC, as in Athena. */
export async function openDuckDb(root: string): Promise<QueryEngine> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    // A file may be replaced during a query: what was read of the old one must not be used for the new one.
    enable_external_file_cache: 'false',
  });
  const connection = await instance.connect();
  await configure(connection);

  /** Runs a statement again if a run has merged files meanwhile: their rows are in another file by then. */
  const runOnCurrentFiles = async (
    statement: Statement,
    copies: QuarterCopies | undefined,
  ): Promise<QueryResult> => {
    for (let attempt = 1; ; attempt += 1) {
      const files = listFiles(root, statement, copies);
      try {
        await endTransaction(connection);
        await createViews(connection, files, copies);
        return await streamRows(connection, root, statement, copies !== undefined);
      } catch (error) {
        const areAllPresent = [...files.values()].flat().every((path) => existsSync(path));
        if (areAllPresent || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  };

  return {
    async query(statement) {
      const { sql } = statement;
      try {
        await endTransaction(connection);
        await assertSingleSelect(connection, sql);
        const copies = findNeededTables(sql).includes(specTable)
          ? findQuarterCopies(root, specTable)
          : undefined;
        return await runOnCurrentFiles(statement, copies).catch((error: unknown) => {
          // The fault may be in a copy; the daily files have the same rows.
          if (copies === undefined) throw error;
          return runOnCurrentFiles(statement, undefined);
        });
      } catch (error) {
        throw await toQueryError(error, root, findNamedTables(sql));
      }
    },
    nameOf: ({ database, name }) => `${database}.${name}`,
    newestPartition: (table) => findNewestPartition(root, table),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function configure(connection: DuckDBConnection): Promise<void> {
  await connection.run("SET TimeZone = 'UTC'");
  // Reads the adjacent columns of a file at once, as it does for remote files: a sixth less time over the
  // thousands of small files of ten years.
  await connection.run('SET prefetch_all_parquet_files = true');
  // As in Athena: 20261120 / 10000 is the year 2026.
  await connection.run('SET integer_division = true');
  const databases = [...new Set(tables.map((table) => table.database))];
  for (const database of databases) {
    await connection.run(`CREATE SCHEMA ${quoteIdentifier(database)}`);
  }
  for (const macro of trinoMacros) await connection.run(macro);
  // The tables have unique names, so their databases may be left out.
  await connection.run(`SET search_path = ${quoteLiteral(['main', ...databases].join(','))}`);
}

type FilesByTable = ReadonlyMap<Table, readonly string[]>;

/** The daily files that a statement reads, without those of copied quarters. */
function listFiles(
  root: string,
  { sql, days = {} }: Statement,
  copies: QuarterCopies | undefined,
): FilesByTable {
  const isInCopy = (table: Table, day: Partition): boolean =>
    table === specTable && copies?.quarters.has(quarterOf(day)) === true;
  return new Map(
    findNeededTables(sql).map((table) => [
      table,
      listDailyFiles(root, table, (day) => isWithin(days, day) && !isInCopy(table, day)),
    ]),
  );
}

function isWithin({ from, to }: DayBounds, day: Partition): boolean {
  return (from === undefined || day >= from) && (to === undefined || day <= to);
}

async function createViews(
  connection: DuckDBConnection,
  files: FilesByTable,
  copies: QuarterCopies | undefined,
): Promise<void> {
  for (const [table, paths] of files) {
    const groups = await groupFilesBySchema(connection, paths);
    const copyPaths = table === specTable ? copies?.paths : undefined;
    await connection.run(createViewStatement(table, groups, copyPaths));
  }
}

async function streamRows(
  connection: DuckDBConnection,
  root: string,
  { sql, parameters = [] }: Statement,
  usesCopies: boolean,
): Promise<QueryResult> {
  await connection.run('BEGIN TRANSACTION');
  const prepared = await connection.prepare(sql);
  prepared.bind([...parameters]);
  const result = await prepared.stream();
  const chunks = result.yieldConvertedRows(convertValue)[Symbol.asyncIterator]();
  // The first rows are fetched before anything is printed: most failures show by then.
  const first = await chunks.next();
  if (first.done) await assertCompleteResult(connection, prepared);

  async function* rows(): AsyncGenerator<OutputRow> {
    try {
      for (let chunk = first; !chunk.done; chunk = await chunks.next()) yield* chunk.value;
      if (!first.done) await assertCompleteResult(connection, prepared);
    } catch (error) {
      throw await toQueryError(error, root, findNamedTables(sql), usesCopies);
    }
  }
  return {
    columns: result.deduplicatedColumnNames(),
    types: result.columnTypes().map(String),
    rows: rows(),
  };
}

/**
 * The binding ends the rows at a failure as if the result were complete; but a failure also breaks the transaction.
 *
 * @throws DuckDB's error, if the query failed
 */
async function assertCompleteResult(
  connection: DuckDBConnection,
  prepared: DuckDBPreparedStatement,
): Promise<void> {
  try {
    await connection.run('SELECT 1');
  } catch {
    await endTransaction(connection);
    // Not streamed, it throws the reason. If it succeeds this time, the rows so far are incomplete nonetheless.
    await prepared.run();
    throw new QueryError('the query failed before its last row', { hint: 'Run it again.' });
  }
  await endTransaction(connection);
}

/** Ends the transaction of a result, which may not have been read to its end; without one it does nothing. */
async function endTransaction(connection: DuckDBConnection): Promise<void> {
  await connection.run('ROLLBACK').catch(() => undefined);
}

/** EXPLAIN ANALYZE runs the statement that it explains, so that has to be a SELECT, too. */
const EXPLAIN = /^\s*explain(\s+analyze)?\s+/i;

/** The answer of DuckDB's parser, as far as it matters here. */
type ParsedSql =
  | { readonly error: false; readonly statements: readonly unknown[] }
  | { readonly error: true; readonly error_type: string; readonly error_message: string };

/**
 * Uses DuckDB's own parser, which serializes only SELECT and its variants (WITH, VALUES, DESCRIBE, SHOW).
 *
 * @throws UsageError if the text is any other statement, or several
 * @throws QueryError if it does not parse
 */
async function assertSingleSelect(connection: DuckDBConnection, sql: string): Promise<void> {
  const answer = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [
    sql.replace(EXPLAIN, ''),
  ]);
  const parsed = JSON.parse(String(answer.getRows()[0]?.[0])) as ParsedSql;
  if (parsed.error) {
    if (parsed.error_type === 'parser') throw new QueryError(parsed.error_message);
    throw createNotSelectError();
  }
  const { length } = parsed.statements;
  if (length !== 1) throw createSeveralStatementsError(length);
}

// The binding prints instants in the time zone of the machine; ours are in UTC, as in Athena.
DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;

const convertValue: DuckDBValueConverter<OutputValue> = (value, type, converter) => {
  if (typeof value === 'bigint') return value;
  if (value !== null && type.typeId === DuckDBTypeId.DECIMAL) return parseDecimal(String(value));
  return JsonDuckDBValueConverter(value, type, converter as never);
};
