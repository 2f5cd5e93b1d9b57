/** DuckDB itself, as another reader and writer of the lake's files. */
import { DuckDBInstance } from '@duckdb/node-api';
import { afterFile } from './cleanup.ts';

export interface Answer {
  /** Each column's type by its name, in the order of the columns. */
  readonly types: Readonly<Record<string, string>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

let instance: Promise<DuckDBInstance> | undefined;

/** One for the tests of a file: to create one takes longer than most statements. What it read of a file is not kept. */
function getInstance(): Promise<DuckDBInstance> {
  if (instance !== undefined) return instance;
  instance = DuckDBInstance.create(':memory:', { enable_external_file_cache: 'false' });
  const created = instance;
  afterFile(async () => {
    instance = undefined;
    (await created).closeSync();
  });
  return created;
}

/** Runs one statement on an empty database; 64-bit integers come as bigint, dates as text. */
export async function duckdb(sql: string): Promise<Answer> {
  const connection = await (await getInstance()).connect();
  try {
    const answer = await connection.runAndReadAll(sql);
    const types = answer.columnTypes().map(String);
    return {
      types: Object.fromEntries(answer.columnNames().map((name, at) => [name, types[at] ?? ''])),
      rows: answer.getRowObjectsJS().map((row) => {
        const cells = Object.entries(row).map(([name, value]) => [
          name,
          value instanceof Date ? value.toISOString().slice(0, 10) : value,
        ]);
        return Object.fromEntries(cells);
      }),
    };
  } finally {
    connection.closeSync();
  }
}
