/**
 * A text of Athena's SQL as DuckDB's, which gives the same rows under the same names, or an error that names the
 * difference.
 */

import { QueryError } from '../../../errors.ts';
import { formatQuantity } from '../../../text.ts';
import { getWord, isSymbol, splitExplain, tokenizeSql } from '../../tokens.ts';
import { type ReadOnlyDatabase, SERIALIZE_SQL } from '../connection.ts';
import { macroNames } from '../trino-macros.ts';
import { UnknownFunctionError } from './functions.ts';
import { findNameProbes, type NameProbe } from './names.ts';
import { createDifference } from './refused-syntax.ts';
import { translateSelects, UNNAMED } from './select.ts';
import { translateSyntax } from './syntax.ts';
import {
  formatTree,
  getNodes,
  isNode,
  parseTree,
  qualifyCalls,
  type SyntaxNode,
} from './syntax-tree.ts';
import { translateTypes } from './types.ts';

/** Whether a text is a SELECT, and not one of the statements that describe. */
function isSelect(sql: string): boolean {
  const first = tokenizeSql(sql).find((token) => !isSymbol(token, '('));
  return ['select', 'with', 'values', 'table', 'from'].includes(getWord(first));
}

/** Longer than the text of any macro, whose expressions have places in their own texts. */
const PADDING = ' '.repeat(10_000);

/**
 * The text with the syntax that DuckDB reads; not yet with its functions and types.
 * @throws QueryError if Athena has no such syntax
 */
export function translateText(sql: string): string {
  const { explain, rest } = splitExplain(sql);
  if (/\(.*analyze/i.test(explain)) {
    throw createDifference('Athena has no EXPLAIN (ANALYZE)', 'Write EXPLAIN ANALYZE.');
  }
  const verb = getWord(tokenizeSql(rest)[0]);
  if (['pivot', 'unpivot', 'summarize'].includes(verb)) {
    throw createDifference(`Athena has no ${verb.toUpperCase()}`, 'Use --dialect duckdb.');
  }
  return isSelect(rest) ? explain + translateSyntax(rest) : sql;
}

/**
 * @param sql the result of `translateText`, which is a single SELECT
 * @param database empty tables of the same types
 * @throws QueryError if Athena refuses the text, or the local lake cannot give the same
 */
export async function translateSelect(sql: string, database: ReadOnlyDatabase): Promise<string> {
  const { explain, rest } = splitExplain(sql);
  if (!isSelect(rest)) return sql;
  const tree = await readTree(database, rest);
  for (const probe of findNameProbes(tree)) await assertNames(database, probe);
  const first = await translateFunctions(database, tree, rest);
  const padded = PADDING + (await formatSql(database, qualifyCalls(first, macroNames, 'athena')));
  await database.createMacros(padded);
  const plan = await readPlan(database, padded);
  if (plan === undefined) return explain + padded.trimStart();
  const typed = translateTypes(await readTree(database, padded), plan, PADDING.length);
  return explain + (await formatSql(database, qualifyCalls(typed, macroNames, 'athena')));
}

/** @throws QueryError for what Athena would refuse; of a function that DuckDB has it names the way to call it */
async function translateFunctions(
  database: ReadOnlyDatabase,
  tree: SyntaxNode,
  sql: string,
): Promise<SyntaxNode> {
  try {
    return translateSelects(tree, sql);
  } catch (error) {
    if (!(error instanceof UnknownFunctionError)) throw error;
    const { functionName, hints } = error;
    const found = await database.connection.runAndReadAll(
      "SELECT 1 FROM duckdb_functions() WHERE function_name = $1 AND schema_name <> 'athena' LIMIT 1",
      [functionName],
    );
    if (found.getRows().length === 0) throw error;
    throw new UnknownFunctionError(functionName, [
      ...hints,
      'DuckDB has it: --dialect duckdb reads its SQL.',
    ]);
  }
}

/** @throws QueryError if Athena does not resolve the names */
async function assertNames(database: ReadOnlyDatabase, probe: NameProbe): Promise<void> {
  const statements = [{ node: probe.select, named_param_map: [] }];
  const text = await formatSql(database, { error: false, statements });
  const { connection } = database;
  const prepared = await connection.prepare(text).catch((error: unknown) => String(error));
  if (typeof prepared === 'string') {
    // For any other reason the text itself fails, or the probe lacks what is around it.
    if (probe.kind !== 'column' || !/Referenced column .* not found/.test(prepared)) return;
    throw createDifference(
      `there is no column ${probe.name}: Athena reads an alias of the SELECT only in ORDER BY`,
      'Repeat the expression; in GROUP BY, its place does as well: GROUP BY 1.',
    );
  }
  const { columnCount } = prepared;
  if (probe.kind === 'column list' && probe.count !== columnCount) {
    throw createDifference(
      `${probe.table} has ${formatQuantity(columnCount, 'column')}, but ${formatQuantity(probe.count, 'name')} ${probe.count === 1 ? 'is' : 'are'} given`,
      'Athena takes a name for each column, or none.',
    );
  }
}

async function readTree(database: ReadOnlyDatabase, sql: string): Promise<SyntaxNode> {
  const tree = parseTree(await database.callWith(SERIALIZE_SQL, sql));
  if (!isNode(tree) || tree.error === true)
    throw new QueryError(String(isNode(tree) && tree.error_message));
  return tree;
}

/** The plan of a text before it is optimized; undefined if DuckDB cannot write it as JSON. */
async function readPlan(database: ReadOnlyDatabase, sql: string): Promise<unknown> {
  const plan = parseTree(
    await database.callWith(
      'SELECT json_serialize_plan($1::VARCHAR, optimize := false, skip_null := true, skip_empty := true, skip_default := true)',
      sql,
    ),
  );
  if (!isNode(plan)) return undefined;
  // Prepared again, for the words of its error.
  if (plan.error === true) await database.connection.prepare(sql.trimStart());
  return getNodes(plan.plans).length > 0 ? plan.plans : undefined;
}

async function formatSql(database: ReadOnlyDatabase, tree: unknown): Promise<string> {
  return database.callWith('SELECT json_deserialize_sql($1::JSON)', formatTree(tree));
}

/** The names of the columns of a result, as Athena prints them. */
export function nameResultColumns(names: readonly string[]): readonly string[] {
  return names.map((name, at) => (name.startsWith(UNNAMED) ? `_col${at}` : name));
}
