/** DuckDB over the lake in a folder. Loads DuckDB, so load this module only to answer a query. */
import { existsSync } from 'node:fs';
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
} from '@duckdb/node-api';
import type { Partition } from '../catalog/partition.ts';
import { specTable, tables } from '../catalog/tables.ts';
import { QueryError } from '../errors.ts';
import { dailyPaths } from '../lake/daily-paths.ts';
import { newestPartition } from '../lake/local-lake.ts';
import { type QuarterCopies, quarterCopies } from '../lake/quarter-copies.ts';
import { quarterOf } from '../lake/quarters.ts';
import { athenaMacros } from './athena-macros.ts';
import type { OutputValue, QueryEngine, QueryOptions, QueryResult } from './engine.ts';
import { groupAlike } from './like-files.ts';
import { asQueryError } from './query-errors.ts';
import { requireOneSelect } from './reading-only.ts';
import { identifier, literal } from './sql-names.ts';
import { convertValue } from './values.ts';
import { tablesNamedIn, tablesNeededBy, viewOf } from './views.ts';

const TRIES = 5;

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
    await connection.run(`CREATE SCHEMA ${identifier(database)}`);
  }
  for (const macro of athenaMacros) await connection.run(macro);
  // The tables' names are unlike, so they may also stand without their database.
  const databases = [...new Set(tables.map((table) => table.database))];
  await connection.run(`SET search_path = ${literal(['main', ...databases].join(','))}`);

  /** Answers by what lies in the lake now; adds to `read` the files that it is about to read. */
  const ask = async (
    sql: string,
    parameters: readonly string[],
    { days = {} }: QueryOptions,
    copies: QuarterCopies | undefined,
    read: string[],
  ): Promise<QueryResult> => {
    await endTransaction(connection);
    for (const table of tablesNeededBy(sql)) {
      const ofTable = table === specTable ? copies : undefined;
      const paths = dailyPaths(
        root,
        table,
        (day) => isWithin(days, day) && ofTable?.quarters.has(quarterOf(day)) !== true,
      );
      read.push(...paths);
      const alike = await groupAlike(connection, paths);
      await connection.run(viewOf(table, alike, ofTable?.paths));
    }
    return run(connection, root, sql, parameters, copies !== undefined);
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
        if (haveAllStayed || attempt >= TRIES) throw error;
      }
    }
  };

  return {
    async query(sql, parameters = [], options = {}) {
      try {
        await endTransaction(connection);
        await requireOneSelect(connection, sql);
        const copies = tablesNeededBy(sql).includes(specTable)
          ? quarterCopies(root, specTable)
          : undefined;
        return await answer(sql, parameters, options, copies).catch((error: unknown) => {
          // Whatever is wrong with a copy, the daily files still answer.
          if (copies === undefined) throw error;
          return answer(sql, parameters, options, undefined);
        });
      } catch (error) {
        throw await asQueryError(error, root, tablesNamedIn(sql));
      }
    },
    nameOf: ({ database, name }) => `${database}.${name}`,
    newestPartition: (table) => newestPartition(root, table),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function run(
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
  if (first.done) await requireWholeAnswer(connection, prepared);

  async function* rows(): AsyncGenerator<readonly OutputValue[]> {
    try {
      for (let chunk = first; !chunk.done; chunk = await chunks.next()) yield* chunk.value;
      if (!first.done) await requireWholeAnswer(connection, prepared);
    } catch (error) {
      throw await asQueryError(error, root, tablesNamedIn(sql), byCopies);
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
async function requireWholeAnswer(
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
