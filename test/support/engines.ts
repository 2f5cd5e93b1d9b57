/** Queries on a lake of a test, and their whole results. */

import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import type { OutputRow, OutputValue, QueryEngine, Statement } from '../../src/query/engine.ts';
import { createQuotesRequest } from '../../src/query/quotes.ts';
import { buildSelect } from '../../src/query/select.ts';
import { afterFile } from './cleanup.ts';
import { specTable } from './tables.ts';

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly OutputRow[];
}

/** Opening an engine takes longer than most statements, so the last ones stay open, by the folder of their lake. */
const engines = new Map<string, Promise<QueryEngine>>();
const MAX_OPEN_ENGINES = 3;

/** Runs a statement once on the lake at `root`, a text in DuckDB's own SQL. One at a time. */
export async function ask(root: string, statement: string | Statement): Promise<Answer> {
  const engine = await openOnce(root);
  const { columns, rows } = await engine.query(
    typeof statement === 'string' ? { sql: statement } : statement,
  );
  const all: OutputRow[] = [];
  for await (const row of rows) all.push(row);
  return { columns, rows: all };
}

/** The engine of the lake at `root`, which is closed with the test file, or once some others were asked since. */
export async function openOnce(root: string): Promise<QueryEngine> {
  let engine = engines.get(root);
  if (engine === undefined) {
    engine = openDuckDb(root);
    afterFile(() => closeEngine(root));
  }
  // The map is in the order of the last use.
  engines.delete(root);
  engines.set(root, engine);
  const [oldest] = engines.keys();
  if (engines.size > MAX_OPEN_ENGINES && oldest !== undefined) await closeEngine(oldest);
  return engine;
}

async function closeEngine(root: string): Promise<void> {
  const engine = engines.get(root);
  engines.delete(root);
  (await engine)?.close();
}

/** Runs a text in Athena's SQL, as `pynvest query sql` does. */
export function askInAthenasSql(root: string, sql: string): Promise<Answer> {
  return ask(root, { sql, dialect: 'athena' });
}

/** The values of the only row of a result. */
export async function askOne(root: string, sql: string): Promise<readonly OutputValue[]> {
  return getOnlyRow(await ask(root, sql));
}

export async function askOneInAthenasSql(
  root: string,
  sql: string,
): Promise<readonly OutputValue[]> {
  return getOnlyRow(await askInAthenasSql(root, sql));
}

function getOnlyRow({ rows }: Answer): readonly OutputValue[] {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`${rows.length} rows, not one`);
  return row;
}

/** The SELECT for quotes, with the table's name in the catalog. */
export function selectQuotes(...request: Parameters<typeof createQuotesRequest>): Statement {
  return buildSelect(createQuotesRequest(...request), `${specTable.database}.${specTable.name}`);
}
