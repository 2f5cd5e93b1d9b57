/** DuckDB itself, as another reader and writer of the lake's files. */
import { DuckDBInstance } from '@duckdb/node-api';

export interface Answer {
  /** Each column's type by its name, in the order of the columns. */
  readonly types: Readonly<Record<string, string>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Runs one statement on a fresh database; 64-bit integers come as bigint, dates as text. */
export async function duckdb(sql: string): Promise<Answer> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
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
    instance.closeSync();
  }
}
