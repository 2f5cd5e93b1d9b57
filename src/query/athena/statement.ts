/**
 * A person's SQL as the statement for Athena: a single SELECT, its tables under their names in the deployment. Pure.
 */
import type { ByLayer, Table } from '../../catalog/dataset.ts';
import { tables } from '../../catalog/datasets.ts';
import { QueryError } from '../../errors.ts';
import { findClosest } from '../../suggest.ts';
import { createNotSelectError, createSeveralStatementsError } from '../engine.ts';
import { type NamedView, namedViews, VIEWS_LAYER } from '../named-views.ts';
import { quoteIdentifier } from '../sql.ts';
import { getWord, isSymbol, type SqlToken, tokenizeSql } from '../tokens.ts';

/** The first words of the statements that only read. */
const READ_VERBS = ['select', 'with', 'values', 'table', 'show', 'describe', 'desc', 'explain'];
/** The main clause of a WITH: one of the first reads, one of the second writes. */
const READ_CLAUSES = ['select', 'values', 'table'];
const WRITE_VERBS = ['insert', 'update', 'delete', 'merge', 'create', 'drop', 'alter', 'unload'];

/**
 * The text for Athena: without final semicolons, and every table of the lake, with the catalog's database or
 * without one, under its name in the deployment's databases.
 * @param isDerived whether the factors of the lake are those of its prices
 * @throws UsageError if the text is not a single SELECT or a variant of it
 * @throws QueryError if a quote or a comment does not end
 */
export function createAthenaStatement(sql: string, databases: ByLayer, isDerived = true): string {
  const tokens = tokenizeSql(sql);
  while (isSymbol(tokens.at(-1), ';')) tokens.pop();
  const statements = tokens.filter((token) => isSymbol(token, ';')).length + 1;
  if (statements > 1) throw createSeveralStatementsError(statements);
  assertReadOnly(tokens);
  return replaceTableNames(sql, tokens, databases, isDerived);
}

function assertReadOnly(tokens: readonly SqlToken[]): void {
  const main = unwrapExplain(tokens);
  const first = main.find((token) => !isSymbol(token, '('));
  const verb = getWord(first);
  if (verb === 'with' ? !writesAfterWith(main) : READ_VERBS.includes(verb)) return;
  const near = READ_VERBS.includes(verb) ? undefined : findClosest(verb, READ_VERBS);
  if (near !== undefined) {
    throw new QueryError(`syntax error at ${JSON.stringify(first?.value)}`, {
      hint: `Did you mean ${near.toUpperCase()}?`,
    });
  }
  throw createNotSelectError();
}

/** EXPLAIN ANALYZE runs the statement that it explains, so that has to be a SELECT, too. */
function unwrapExplain(tokens: readonly SqlToken[]): readonly SqlToken[] {
  if (getWord(tokens[0]) !== 'explain') return tokens;
  let rest = tokens.slice(1);
  while (['analyze', 'verbose'].includes(getWord(rest[0]))) rest = rest.slice(1);
  const hasOptions = isSymbol(rest[0], '(') && ['format', 'type'].includes(getWord(rest[1]));
  if (hasOptions) rest = rest.slice(rest.findIndex((token) => isSymbol(token, ')')) + 1);
  // An EXPLAIN cannot be explained.
  return getWord(rest[0]) === 'explain' ? [] : rest;
}

function writesAfterWith(tokens: readonly SqlToken[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, '(')) depth += 1;
    if (isSymbol(token, ')')) depth -= 1;
    if (depth > 0) continue;
    if (READ_CLAUSES.includes(getWord(token))) return false;
    if (WRITE_VERBS.includes(getWord(token))) return true;
  }
  return false;
}

function replaceTableNames(
  sql: string,
  tokens: readonly SqlToken[],
  databases: ByLayer,
  isDerived: boolean,
): string {
  let text = '';
  let copied = 0;
  const replace = (start: number, end: number, replacement: string): void => {
    text += sql.slice(copied, start) + replacement;
    copied = end;
  };
  const shadowed = findShadowedTables(tokens);
  const shadowedViews = findDefinedNames(tokens);
  const verb = getWord(tokens[0]);
  const quote = ['show', 'describe', 'desc'].includes(verb) ? '`' : '"';
  tokens.forEach((token, index) => {
    const [before, next] = [tokens[index - 1], tokens[index + 1]];
    const shown =
      verb === 'show' && !isSymbol(next, '.') ? findTableOfDatabase(token, before) : undefined;
    if (shown !== undefined) {
      replace(token.start, token.end, quoteDatabase(databases[shown.layer], quote));
      return;
    }
    const view = shadowedViews.has(token.value.toLowerCase()) ? undefined : findView(token);
    if (view !== undefined && !isSymbol(next, '.')) {
      const qualifier = isSymbol(before, '.') ? tokens[index - 2] : undefined;
      const isOfLake = qualifier?.value.toLowerCase() === `db_pynvest_${VIEWS_LAYER}`;
      const beforeName = qualifier === undefined ? before : tokens[index - 3];
      // After a comma it may be a column of that name.
      const isInFrom = ['from', 'join'].includes(getWord(beforeName));
      if ((qualifier === undefined || isOfLake) && isInFrom) {
        const select = view.formatSelect(
          (table) => `${quoteDatabase(databases[table.layer])}.${table.name}`,
          isDerived,
        );
        const alias = hasAlias(next, tokens[index + 2]) ? '' : ` AS ${view.name}`;
        replace((qualifier ?? token).start, token.end, `(${select})${alias}`);
      }
      return;
    }
    const table = findTable(token);
    if (table === undefined) return;
    const database = quoteDatabase(databases[table.layer], quote);
    // SHOW COLUMNS FROM a table IN a database.
    const isDatabaseNext = verb === 'show' && ['in', 'from'].includes(getWord(next));
    if (isSymbol(before, '.')) {
      const qualifier = tokens[index - 2];
      if (qualifier?.kind === 'name' && qualifier.value.toLowerCase() === table.database) {
        replace(qualifier.start, qualifier.end, database);
      }
    } else if (!shadowed.has(table) && !isDatabaseNext && isTablePosition(before)) {
      replace(token.start, token.start, `${database}.`);
    }
  });
  return text + sql.slice(copied, tokens.at(-1)?.end ?? 0);
}

function findView(token: SqlToken): NamedView | undefined {
  if (token.kind !== 'name') return undefined;
  return namedViews.find(({ name }) => name === token.value.toLowerCase());
}

/** The words that may follow a table without an alias. */
const WORDS_AFTER_TABLE: ReadonlySet<string> = new Set([
  ...['where', 'group', 'order', 'having', 'limit', 'offset', 'fetch', 'union', 'except'],
  ...['intersect', 'join', 'inner', 'left', 'right', 'full', 'cross', 'natural', 'on', 'using'],
  ...['window', 'tablesample'],
]);

function hasAlias(next: SqlToken | undefined, second: SqlToken | undefined): boolean {
  if (next === undefined || next.kind !== 'name') return false;
  const word = getWord(next);
  return word === 'as' ? second !== undefined : !WORDS_AFTER_TABLE.has(word);
}

/** The names that the text itself defines, as in `WITH name AS (…)`. */
function findDefinedNames(tokens: readonly SqlToken[]): ReadonlySet<string> {
  return new Set(
    tokens
      .filter((_, at) => getWord(tokens[at + 1]) === 'as' && isSymbol(tokens[at + 2], '('))
      .map(({ value }) => value.toLowerCase()),
  );
}

/** The tables whose names the text itself defines otherwise, as in `WITH name AS (…)`. */
function findShadowedTables(tokens: readonly SqlToken[]): ReadonlySet<Table> {
  const defined = tokens.flatMap((token, index) => {
    const next = tokens[index + 1];
    const isDefined =
      (getWord(next) === 'as' && isSymbol(tokens[index + 2], '(')) ||
      getWord(tokens[index - 1]) === 'as';
    return isDefined ? (findTable(token) ?? []) : [];
  });
  return new Set(defined);
}

/** Whether a name after this token is a table; after a dot it is a column, or qualified by its database. */
function isTablePosition(before: SqlToken | undefined): boolean {
  return (
    isSymbol(before, ',') ||
    isSymbol(before, '(') ||
    ['from', 'join', 'table', 'describe', 'desc', 'in', 'formatted'].includes(getWord(before))
  );
}

function findTable(token: SqlToken): Table | undefined {
  if (token.kind !== 'name') return undefined;
  return tables.find(({ name }) => name === token.value.toLowerCase());
}

/** A table of the database in a statement such as `SHOW TABLES IN db_pynvest_spec`. */
function findTableOfDatabase(token: SqlToken, before: SqlToken | undefined): Table | undefined {
  if (token.kind !== 'name' || !['in', 'from'].includes(getWord(before))) return undefined;
  return tables.find(({ database }) => database === token.value.toLowerCase());
}

/** The name of a database, in quotes only if it needs them: SHOW and DESCRIBE take `\`` for them. */
export function quoteDatabase(database: string, quote: '"' | '`' = '"'): string {
  if (/^[a-z][a-z0-9_]*$/.test(database)) return database;
  return quote === '"' ? quoteIdentifier(database) : `\`${database}\``;
}
