/** Queries on a lake of a test, and their whole results. */
import { specTable } from '../../src/catalog/tables.ts';
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import type { OutputRow, OutputValue, Statement } from '../../src/query/engine.ts';
import { createQuotesRequest } from '../../src/query/quotes.ts';
import { buildSelect } from '../../src/query/select.ts';

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly OutputRow[];
}

/** Runs a statement once on the lake at `root`. */
export async function ask(root: string, statement: string | Statement): Promise<Answer> {
  const engine = await openDuckDb(root);
  try {
    const { columns, rows } = await engine.query(
      typeof statement === 'string' ? { sql: statement } : statement,
    );
    const all: OutputRow[] = [];
    for await (const row of rows) all.push(row);
    return { columns, rows: all };
  } finally {
    engine.close();
  }
}

/** The values of the only row of a result. */
export async function askOne(root: string, sql: string): Promise<readonly OutputValue[]> {
  const { rows } = await ask(root, sql);
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`${rows.length} rows, not one`);
  return row;
}

/** The SELECT for quotes, with the table's name in the catalog. */
export function selectQuotes(...request: Parameters<typeof createQuotesRequest>): Statement {
  return buildSelect(createQuotesRequest(...request), `${specTable.database}.${specTable.name}`);
}
