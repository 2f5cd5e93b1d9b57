/** A query engine over a lake of a test, and its answers as a whole. */
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import type { OutputValue, QueryOptions } from '../../src/query/engine.ts';

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly OutputValue[])[];
}

/** Asks the lake at `root` once. */
export async function ask(
  root: string,
  sql: string,
  parameters?: readonly string[],
  options?: QueryOptions,
): Promise<Answer> {
  const engine = await openDuckDb(root);
  try {
    const { columns, rows } = await engine.query(sql, parameters, options);
    const all: (readonly OutputValue[])[] = [];
    for await (const row of rows) all.push(row);
    return { columns, rows: all };
  } finally {
    engine.close();
  }
}

/** The values of the only row of an answer. */
export async function askOne(root: string, sql: string): Promise<readonly OutputValue[]> {
  const { rows } = await ask(root, sql);
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`${rows.length} rows, not one`);
  return row;
}
