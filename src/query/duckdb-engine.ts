/** DuckDB over the lake in a folder. Loads DuckDB, so load this module only to answer a query. */
import {
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBTypeId,
  type DuckDBValueConverter,
  JsonDuckDBValueConverter,
  StatementType,
} from '@duckdb/node-api';
import { tables } from '../catalog/tables.ts';
import { BrokenFileError, PynvestError, QueryError, UsageError } from '../errors.ts';
import { createLocalLake, hasFiles, tableFolder } from '../lake/local-lake.ts';
import { athenaMacros } from './athena-macros.ts';
import type { OutputValue, QueryEngine, QueryResult } from './engine.ts';
import { emptyViewOf, identifier, tablesNamedIn, viewOf } from './views.ts';

const READING_STATEMENTS = new Set([StatementType.SELECT, StatementType.EXPLAIN]);

/** An engine over the lake at `root`, which need not exist. Times are in UTC, as in Athena. */
export async function openDuckDb(root: string): Promise<QueryEngine> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const database of new Set(tables.map((table) => table.database))) {
    await connection.run(`CREATE SCHEMA ${identifier(database)}`);
  }
  for (const macro of athenaMacros) await connection.run(macro);

  const ask = async (sql: string, parameters: readonly string[], uniform: boolean) => {
    for (const table of tablesNamedIn(sql)) {
      const folder = tableFolder(root, table);
      const view = (await hasFiles(folder)) ? viewOf(table, folder, uniform) : emptyViewOf(table);
      await connection.run(view);
    }
    return run(connection, sql, parameters);
  };

  return {
    async query(sql, parameters = [], { ordered = false } = {}) {
      try {
        await requireOneStatement(connection, sql);
        // An ordered answer has read every file before its first row, so a file of an earlier edition
        // that lacks a column shows in time to look at each file's own columns instead.
        if (!ordered) return await ask(sql, parameters, false);
        return await ask(sql, parameters, true).catch((error: unknown) => {
          if (!isSchemaMismatch(error)) throw error;
          return ask(sql, parameters, false);
        });
      } catch (error) {
        throw asQueryError(error);
      }
    },
    partitions: (table) => createLocalLake(root).partitions(table),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function requireOneStatement(connection: DuckDBConnection, sql: string): Promise<void> {
  const { count } = await connection.extractStatements(sql);
  if (count !== 1) {
    throw new UsageError(`one SELECT is answered at a time; this text has ${count} statements`);
  }
}

async function run(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly string[],
): Promise<QueryResult> {
  const prepared = await connection.prepare(sql);
  if (!READING_STATEMENTS.has(prepared.statementType)) {
    throw new UsageError('only SELECT is answered: a query changes nothing');
  }
  prepared.bind([...parameters]);
  const result = await prepared.stream();
  const chunks = result.yieldConvertedRows(convert)[Symbol.asyncIterator]();
  // The first rows are fetched before anything is printed: most failures show by then.
  const first = await chunks.next();
  return { columns: result.deduplicatedColumnNames(), rows: rowsOf(first, chunks) };
}

type Rows = readonly (readonly OutputValue[])[];

async function* rowsOf(
  first: IteratorResult<Rows>,
  rest: AsyncIterator<Rows>,
): AsyncGenerator<readonly OutputValue[]> {
  try {
    for (let chunk = first; !chunk.done; chunk = await rest.next()) yield* chunk.value;
  } catch (error) {
    throw asQueryError(error);
  }
}

const convert: DuckDBValueConverter<OutputValue> = (value, type, converter) => {
  if (typeof value === 'bigint') return value;
  if (type.typeId === DuckDBTypeId.DECIMAL) return value === null ? null : Number(String(value));
  return JsonDuckDBValueConverter(value, type, converter as never);
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isSchemaMismatch(error: unknown): boolean {
  return /schema mismatch|Referenced column .* not found/is.test(messageOf(error));
}

/** What DuckDB says, as one of our errors: its first line, and the file where one is to blame. */
function asQueryError(error: unknown): Error {
  if (error instanceof PynvestError) return error;
  const [firstLine = 'the query failed'] = messageOf(error).split('\n');
  const file = /['"]([^'"]+\.parquet)['"]/.exec(firstLine)?.[1];
  if (file !== undefined && !isSchemaMismatch(error)) {
    return new BrokenFileError(`${file} cannot be read: ${firstLine}`, {
      hint: 'Move the file out of the lake, then run `pynvest backfill --date` for its day.',
      cause: error,
    });
  }
  const text = firstLine.replace(/^Failed to extract statements: /, '');
  const names = tables.map(({ database, name }) => `${database}.${name}`);
  const hint = /^Catalog Error: Table/.test(text) ? `The tables: ${names.join(', ')}.` : undefined;
  return new QueryError(text, { hint, cause: error });
}
