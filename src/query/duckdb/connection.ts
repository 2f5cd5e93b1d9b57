/**
 * A connection to DuckDB that can only read: its settings, and a person's text as one SELECT.
 */

import { randomUUID } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
} from '@duckdb/node-api';
import type { Table } from '../../catalog/dataset.ts';
import { QueryError, UsageError } from '../../errors.ts';
import { findClosest } from '../../suggest.ts';
import { createNotSelectError, createSeveralStatementsError } from '../engine.ts';
import { quoteIdentifier, quoteLiteral } from '../sql.ts';
import { splitExplain } from '../tokens.ts';
import { findCalledMacros } from './trino-macros.ts';
import { escapeGlob } from './views.ts';

export interface ReadOnlyDatabase {
  readonly connection: DuckDBConnection;
  /**
   * Creates the functions of Athena that a translated text calls. All of them would take longer than most queries, so
   * each is created when a text first calls it.
   */
  createMacros(sql: string): Promise<void>;
  /**
   * The text that a statement with one parameter answers for a text. Such statements are few, and each is prepared once:
   * that takes longer than most of their calls. One call at a time.
   */
  callWith(statement: string, text: string): Promise<string>;
  /** Begins the transaction of a result: a failure breaks it, which shows where the binding tells of none. */
  beginTransaction(): Promise<void>;
  /** Ends the transaction of a result, which may not have been read to its end; without one it does nothing. */
  endTransaction(): Promise<void>;
  close(): void;
}

/** What a query may read. */
export interface Readable {
  /** Those whose files may be read; they need not exist. */
  readonly folders: readonly string[];
  /** Single files outside of these folders. */
  readonly files?: readonly string[];
}

/** @param tables those of whose databases schemas are created */
export async function openReadOnlyDatabase(
  tables: readonly Table[],
  readable: Readable,
): Promise<ReadOnlyDatabase> {
  // DuckDB creates it only for a query that needs more than the memory.
  const temporaryFolder = join(tmpdir(), `pynvest-query-${randomUUID()}`);
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
    temp_directory: temporaryFolder,
    // A file may be replaced during a query: what was read of the old one must not be used for the new one.
    enable_external_file_cache: 'false',
  });
  const connection = await instance.connect();
  // As one text: the way into DuckDB and back takes longer than such a statement.
  await connection.run([...configure(tables), ...lock(readable)].join(';\n'));
  const created = new Set<string>();
  const prepared = new Map<string, DuckDBPreparedStatement>();
  let isInTransaction = false;
  return {
    connection,
    async beginTransaction() {
      isInTransaction = true;
      await connection.run('BEGIN TRANSACTION');
    },
    async endTransaction() {
      if (!isInTransaction) return;
      try {
        await connection.run('ROLLBACK');
        isInTransaction = false;
      } catch {
        // It was interrupted, and is tried again; or the transaction did not begin.
      }
    },
    async createMacros(sql) {
      for (const [name, macro] of findCalledMacros(sql)) {
        if (created.has(name)) continue;
        if (created.size === 0) await connection.run('CREATE SCHEMA IF NOT EXISTS athena');
        await connection.run(macro);
        created.add(name);
      }
    },
    async callWith(statement, text) {
      const call = prepared.get(statement) ?? (await connection.prepare(statement));
      prepared.set(statement, call);
      call.bindVarchar(1, text);
      const answer = await call.runAndReadAll();
      return String(answer.getRows()[0]?.[0]);
    },
    close() {
      connection.closeSync();
      instance.closeSync();
      rmSync(temporaryFolder, { recursive: true, force: true });
    },
  };
}

/** The statements that set a database up. */
function configure(tables: readonly Table[]): readonly string[] {
  const databases = [...new Set(tables.map((table) => table.database))];
  return [
    "SET TimeZone = 'UTC'",
    // Reads the adjacent columns of a file at once, as it does for remote files: a sixth less time over the
    // thousands of small files of ten years.
    'SET prefetch_all_parquet_files = true',
    // 20261119 / 10000 is the year 2026.
    'SET integer_division = true',
    ...databases.map((database) => `CREATE SCHEMA ${quoteIdentifier(database)}`),
    // The tables have unique names, so their databases may be left out.
    `SET search_path = ${quoteLiteral(['main', ...databases].join(','))}`,
  ];
}

/** The path behind links, which DuckDB checks; a folder that does not exist has its own. */
function getRealPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

/** The statements after which no other file can be read, and nothing can be configured. */
function lock({ folders, files = [] }: Readable): readonly string[] {
  const paths = folders.flatMap((folder) => [resolve(folder), getRealPath(folder)]);
  // A glob pattern is compared as it is written, before it is expanded.
  const format = (allowed: readonly string[]): string =>
    [...new Set([...allowed, ...allowed.map(escapeGlob)])].map(quoteLiteral).join(', ');
  return [
    `SET allowed_directories = [${format(paths)}]`,
    ...(files.length > 0 ? [`SET allowed_paths = [${format(files)}]`] : []),
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ];
}

/** Answers the syntax tree of a text as JSON. */
export const SERIALIZE_SQL = 'SELECT json_serialize_sql($1::VARCHAR)';

/** The answer of DuckDB's parser, as far as it matters here. */
type ParsedSql =
  | { readonly error: false; readonly statements: readonly unknown[] }
  | {
      readonly error: true;
      readonly error_type: string;
      readonly error_message: string;
      /** Of a syntax error: the character of the text that it is at, counted from 0. */
      readonly position?: string;
    };

/**
 * The text to run, if it only reads. Uses DuckDB's own parser, which serializes only SELECT and its variants (WITH,
 * VALUES, DESCRIBE, SHOW). An EXPLAIN is put together again, before exactly the text that the parser has seen.
 *
 * @throws UsageError if the text is any other statement, or several, or calls a function that may not be called
 * @throws QueryError if it does not parse
 */
export async function parseReadOnlySelect(
  database: ReadOnlyDatabase,
  sql: string,
): Promise<string> {
  const { explain, rest } = splitExplain(sql);
  const answer = await database.callWith(SERIALIZE_SQL, rest);
  const parsed = JSON.parse(answer) as ParsedSql;
  if (parsed.error) {
    if (parsed.error_type === 'parser') {
      const before = [...rest].slice(0, Number(parsed.position ?? 0)).join('');
      throw new QueryError(parsed.error_message, {
        hint: createSyntaxHint(parsed.error_message, before),
      });
    }
    throw createNotSelectError();
  }
  const { length } = parsed.statements;
  if (length !== 1) throw createSeveralStatementsError(length);
  const refused = findTableFunctions(parsed.statements).find((name) => !TABLE_FUNCTIONS.has(name));
  if (refused !== undefined) {
    throw new UsageError(`the table function ${refused} is not allowed: a query only reads`);
  }
  return explain + rest;
}

/** Those that a SELECT is made of, and people misspell. */
const KEYWORDS: readonly string[] = [
  ...['SELECT', 'DISTINCT', 'FROM', 'WHERE', 'GROUP', 'ORDER', 'HAVING', 'LIMIT', 'WITH', 'VALUES'],
  ...['JOIN', 'LEFT', 'INNER', 'UNION', 'BETWEEN', 'DESCRIBE', 'EXPLAIN'],
];

/**
 * What may be meant where a text does not parse.
 * @param before the text up to the error
 */
function createSyntaxHint(message: string, before: string): string | undefined {
  if (!message.startsWith('syntax error')) return undefined;
  const [, percentage] = /(\d+(?:\.\d+)?)\s*%\s*$/.exec(before) ?? [];
  if (percentage !== undefined) {
    const fraction = Number((Number(percentage) / 100).toPrecision(12));
    return `A percentage is a fraction here: ${fraction} for ${percentage}%.`;
  }
  // `SELECT * FORM acoes` fails at the word after the one that is misspelt.
  const words = [/at or near "(\w+)"/.exec(message)?.[1], /(\w+)\s*$/.exec(before)?.[1]];
  for (const word of words) {
    const near = word === undefined ? undefined : findClosest(word, KEYWORDS);
    if (near !== undefined && near !== word?.toUpperCase()) return `Did you mean ${near}?`;
  }
  return undefined;
}

/** The names of all table functions anywhere in a serialized statement, in lower case. */
function findTableFunctions(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.values(node).flatMap(findTableFunctions);
  if (!('type' in node) || node.type !== 'TABLE_FUNCTION') return inner;
  const called = 'function' in node ? node.function : undefined;
  const hasName = typeof called === 'object' && called !== null && 'function_name' in called;
  return [hasName ? String(called.function_name).toLowerCase() : 'without a name', ...inner];
}

/**
 * The table functions that only read. Of the others, some write files (`enable_profiling`, `enable_logging`), run
 * SQL that was not checked (`query`, `json_execute_serialized_sql`), open databases (`read_duckdb`), take addresses in
 * memory (`arrow_scan`), or list folders (`sql_auto_complete`). A function of a later DuckDB is refused until it is
 * listed here.
 */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['generate_series', 'range', 'repeat', 'repeat_row', 'unnest', 'json_each', 'json_tree'],
  ...['histogram', 'histogram_values', 'summary', 'query_table'],
  // These take paths; DuckDB refuses those outside the allowed folders.
  ...['glob', 'read_blob', 'read_text', 'read_csv', 'read_csv_auto', 'sniff_csv'],
  ...['read_json', 'read_json_auto', 'read_json_objects', 'read_json_objects_auto'],
  ...['read_ndjson', 'read_ndjson_auto', 'read_ndjson_objects'],
  ...['read_parquet', 'parquet_scan', 'parquet_schema', 'parquet_metadata', 'parquet_kv_metadata'],
  ...['parquet_file_metadata', 'parquet_full_metadata', 'parquet_bloom_probe'],
  // These describe the database.
  ...['duckdb_columns', 'duckdb_constraints', 'duckdb_databases', 'duckdb_functions'],
  ...['duckdb_keywords', 'duckdb_schemas', 'duckdb_settings', 'duckdb_tables', 'duckdb_types'],
  ...['duckdb_views', 'pragma_show', 'pragma_table_info', 'pragma_version'],
  ...['icu_calendar_names', 'pg_timezone_names', 'test_all_types'],
]);
