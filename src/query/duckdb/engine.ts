/**
 * DuckDB over the lake in a folder: one SELECT at a time, which changes nothing in the lake or beside it. Loads
 * DuckDB, so load this module only to answer a query.
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
import { specTable, tables } from '../../catalog/tables.ts';
import { QueryError, UsageError } from '../../errors.ts';
import { findNewestPartition, listDailyFiles } from '../../lake/local/layout.ts';
import {
  findQuarterCopies,
  type QuarterCopies,
  quarterOf,
} from '../../lake/local/quarter-copies.ts';
import {
  type OutputValue,
  parseDecimal,
  type QueryEngine,
  type QueryOptions,
  type QueryResult,
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

const MAX_ATTEMPTS = 5;

/** An engine over the lake at `root`, which need not exist. Times are in UTC, as in Athena. */
export async function openDuckDb(root: string): Promise<QueryEngine> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    // A file may be replaced while we look; what was read of the old one must not answer for the new.
    enable_external_file_cache: 'false',
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  // One read for the columns of a file that lie side by side, as for a file far away: a sixth less time
  // over the thousands of small files of ten years.
  await connection.run('SET prefetch_all_parquet_files = true');
  // As in Athena: 20261120 / 10000 is the year 2026.
  await connection.run('SET integer_division = true');
  for (const database of new Set(tables.map((table) => table.database))) {
    await connection.run(`CREATE SCHEMA ${quoteIdentifier(database)}`);
  }
  for (const macro of trinoMacros) await connection.run(macro);
  // The tables' names are unlike, so they may also stand without their database.
  const databases = [...new Set(tables.map((table) => table.database))];
  await connection.run(`SET search_path = ${quoteLiteral(['main', ...databases].join(','))}`);

  /** Answers by what lies in the lake now; adds to `read` the files that it is about to read. */
  const ask = async (
    sql: string,
    parameters: readonly string[],
    { days = {} }: QueryOptions,
    copies: QuarterCopies | undefined,
    read: string[],
  ): Promise<QueryResult> => {
    await endTransaction(connection);
    for (const table of findNeededTables(sql)) {
      const ofTable = table === specTable ? copies : undefined;
      const paths = listDailyFiles(
        root,
        table,
        (day) => isWithin(days, day) && ofTable?.quarters.has(quarterOf(day)) !== true,
      );
      read.push(...paths);
      const alike = await groupFilesBySchema(connection, paths);
      await connection.run(createViewStatement(table, alike, ofTable?.paths));
    }
    return streamRows(connection, root, sql, parameters, copies !== undefined);
  };

  /** Asks again where a run has merged files meanwhile: their rows stand in another by then. */
  const answer = async (
    sql: string,
    parameters: readonly string[],
    options: QueryOptions,
    copies: QuarterCopies | undefined,
  ): Promise<QueryResult> => {
    for (let attempt = 1; ; attempt += 1) {
      const read: string[] = [];
      try {
        return await ask(sql, parameters, options, copies, read);
      } catch (error) {
        const haveAllStayed = read.every((path) => existsSync(path));
        if (haveAllStayed || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  };

  return {
    async query(sql, parameters = [], options = {}) {
      try {
        await endTransaction(connection);
        await assertSingleSelect(connection, sql);
        const copies = findNeededTables(sql).includes(specTable)
          ? findQuarterCopies(root, specTable)
          : undefined;
        return await answer(sql, parameters, options, copies).catch((error: unknown) => {
          // Whatever is wrong with a copy, the daily files still answer.
          if (copies === undefined) throw error;
          return answer(sql, parameters, options, undefined);
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

async function streamRows(
  connection: DuckDBConnection,
  root: string,
  sql: string,
  parameters: readonly string[],
  byCopies: boolean,
): Promise<QueryResult> {
  await connection.run('BEGIN TRANSACTION');
  const prepared = await connection.prepare(sql);
  prepared.bind([...parameters]);
  const result = await prepared.stream();
  const chunks = result.yieldConvertedRows(convertValue)[Symbol.asyncIterator]();
  // The first rows are fetched before anything is printed: most failures show by then.
  const first = await chunks.next();
  if (first.done) await assertCompleteResult(connection, prepared);

  async function* rows(): AsyncGenerator<readonly OutputValue[]> {
    try {
      for (let chunk = first; !chunk.done; chunk = await chunks.next()) yield* chunk.value;
      if (!first.done) await assertCompleteResult(connection, prepared);
    } catch (error) {
      throw await toQueryError(error, root, findNamedTables(sql), byCopies);
    }
  }
  return {
    columns: result.deduplicatedColumnNames(),
    types: result.columnTypes().map(String),
    rows: rows(),
  };
}

/**
 * A failure amid the rows looks like their end to the binding, but it breaks the transaction.
 *
 * @throws what DuckDB says of the failure
 */
async function assertCompleteResult(
  connection: DuckDBConnection,
  prepared: DuckDBPreparedStatement,
): Promise<void> {
  try {
    await connection.run('SELECT 1');
  } catch {
    await endTransaction(connection);
    // All at once it says why; where it does not fail again, what came of it before is still in part.
    await prepared.run();
    throw new QueryError('the query failed amid its rows', { hint: 'Ask again.' });
  }
  await endTransaction(connection);
}

/** Ends the transaction of an answer, which may have been left unread; none is no error. */
async function endTransaction(connection: DuckDBConnection): Promise<void> {
  await connection.run('ROLLBACK').catch(() => undefined);
}

function isWithin({ from, to }: NonNullable<QueryOptions['days']>, day: Partition): boolean {
  return (from === undefined || day >= from) && (to === undefined || day <= to);
}

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
async function assertSingleSelect(connection: DuckDBConnection, sql: string): Promise<void> {
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

// The binding prints instants in the zone of the machine; ours are in UTC, as Athena's.
DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;

const convertValue: DuckDBValueConverter<OutputValue> = (value, type, converter) => {
  if (typeof value === 'bigint') return value;
  if (value !== null && type.typeId === DuckDBTypeId.DECIMAL) return parseDecimal(String(value));
  return JsonDuckDBValueConverter(value, type, converter as never);
};
