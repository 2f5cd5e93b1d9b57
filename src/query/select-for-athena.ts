/** What of a person's SQL Athena gets to see: one SELECT alone, its tables by their names there. Pure. */
import { type Table, tables } from '../catalog/tables.ts';
import { QueryError, UsageError } from '../errors.ts';
import type { ByLayer } from '../lake/s3-places.ts';
import { closestTo } from '../suggest.ts';
import { identifier } from './sql-names.ts';
import { type Token, tokensOf } from './sql-tokens.ts';

/** What begins a statement that only reads. */
const READING = ['select', 'with', 'values', 'table', 'show', 'describe', 'desc', 'explain'];
/** What a WITH may come down to, and what it must not. */
const MAIN_PARTS = ['select', 'values', 'table'];
const CHANGING = ['insert', 'update', 'delete', 'merge', 'create', 'drop', 'alter', 'unload'];

/**
 * The text for Athena, without what ends it and with every table of the lake under the name that it has
 * in the deployment's databases, whether it was given the catalog's database or none.
 * @throws UsageError where the text is anything but one SELECT or its kin
 * @throws QueryError where it cannot be told where a quote ends
 */
export function selectForAthena(sql: string, databases: ByLayer): string {
  const tokens = tokensOf(sql);
  while (isSymbol(tokens.at(-1), ';')) tokens.pop();
  const statements = tokens.filter((token) => isSymbol(token, ';')).length + 1;
  if (statements > 1) {
    throw new UsageError(
      `one SELECT is answered at a time; this text has ${statements} statements`,
    );
  }
  requireReading(tokens);
  return withOwnNames(sql, tokens, databases);
}

function requireReading(tokens: readonly Token[]): void {
  const main = explained(tokens);
  const first = main.find((token) => !isSymbol(token, '('));
  const verb = wordOf(first);
  if (verb === 'with' ? !changesAfterWith(main) : READING.includes(verb)) return;
  const near = READING.includes(verb) ? undefined : closestTo(verb, READING);
  if (near !== undefined) {
    throw new QueryError(`syntax error at ${JSON.stringify(first?.value)}`, {
      hint: `Did you mean ${near.toUpperCase()}?`,
    });
  }
  throw new UsageError('only SELECT is answered: a query changes nothing');
}

/** EXPLAIN ANALYZE does what it explains, so what it explains must pass. */
function explained(tokens: readonly Token[]): readonly Token[] {
  if (wordOf(tokens[0]) !== 'explain') return tokens;
  let rest = tokens.slice(1);
  while (['analyze', 'verbose'].includes(wordOf(rest[0]))) rest = rest.slice(1);
  const hasOptions = isSymbol(rest[0], '(') && ['format', 'type'].includes(wordOf(rest[1]));
  if (hasOptions) rest = rest.slice(rest.findIndex((token) => isSymbol(token, ')')) + 1);
  // Nothing explains an explanation.
  return wordOf(rest[0]) === 'explain' ? [] : rest;
}

function changesAfterWith(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, '(')) depth += 1;
    if (isSymbol(token, ')')) depth -= 1;
    if (depth > 0) continue;
    if (MAIN_PARTS.includes(wordOf(token))) return false;
    if (CHANGING.includes(wordOf(token))) return true;
  }
  return false;
}

function withOwnNames(sql: string, tokens: readonly Token[], databases: ByLayer): string {
  let text = '';
  let copied = 0;
  const put = (from: number, to: number, instead: string): void => {
    text += sql.slice(copied, from) + instead;
    copied = to;
  };
  const own = namesDefinedIn(tokens);
  const verb = wordOf(tokens[0]);
  const quote = ['show', 'describe', 'desc'].includes(verb) ? '`' : '"';
  tokens.forEach((token, index) => {
    const [before, next] = [tokens[index - 1], tokens[index + 1]];
    const shown = verb === 'show' && !isSymbol(next, '.') ? databaseOf(token, before) : undefined;
    if (shown !== undefined) {
      put(token.start, token.end, databaseName(databases[shown.layer], quote));
      return;
    }
    const table = tableOf(token);
    if (table === undefined) return;
    const database = databaseName(databases[table.layer], quote);
    // SHOW COLUMNS FROM a table IN a database.
    const isNamedBehind = verb === 'show' && ['in', 'from'].includes(wordOf(next));
    if (isSymbol(before, '.')) {
      const database_ = tokens[index - 2];
      if (database_?.kind === 'name' && database_.value.toLowerCase() === table.database) {
        put(database_.start, database_.end, database);
      }
    } else if (!own.has(table) && !isNamedBehind && standsForTable(before)) {
      put(token.start, token.start, `${database}.`);
    }
  });
  return text + sql.slice(copied, tokens.at(-1)?.end ?? 0);
}

/** The tables' names that the text itself gives another meaning, as `WITH name AS (…)`. */
function namesDefinedIn(tokens: readonly Token[]): ReadonlySet<Table> {
  const defined = tokens.flatMap((token, index) => {
    const next = tokens[index + 1];
    const isDefined =
      (wordOf(next) === 'as' && isSymbol(tokens[index + 2], '(')) ||
      wordOf(tokens[index - 1]) === 'as';
    return isDefined ? (tableOf(token) ?? []) : [];
  });
  return new Set(defined);
}

/** Whether a name after this is a table's: after a point it is a column's or has its database. */
function standsForTable(before: Token | undefined): boolean {
  return (
    isSymbol(before, ',') ||
    isSymbol(before, '(') ||
    ['from', 'join', 'table', 'describe', 'desc', 'in', 'formatted'].includes(wordOf(before))
  );
}

function tableOf(token: Token): Table | undefined {
  if (token.kind !== 'name') return undefined;
  return tables.find(({ name }) => name === token.value.toLowerCase());
}

function wordOf(token: Token | undefined): string {
  return token?.kind === 'name' && !token.quoted ? token.value.toLowerCase() : '';
}

function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.value === symbol;
}

/** A table of the catalog's database that SHOW asks about, as in `SHOW TABLES IN db_pynvest_spec`. */
function databaseOf(token: Token, before: Token | undefined): Table | undefined {
  if (token.kind !== 'name' || !['in', 'from'].includes(wordOf(before))) return undefined;
  return tables.find(({ database }) => database === token.value.toLowerCase());
}

/** A database as a statement names it, in quotes only where it needs them: SHOW and DESCRIBE want `\``. */
export function databaseName(database: string, quote: '"' | '`' = '"'): string {
  if (/^[a-z][a-z0-9_]*$/.test(database)) return database;
  return quote === '"' ? identifier(database) : `\`${database}\``;
}
