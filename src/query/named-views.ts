/**
 * Short names for SQL: views over the tables of the lake, the same in both engines. Pure.
 */

import { type Dataset, getTable, type Layer, type Table } from '../catalog/dataset.ts';
import { stocks } from '../catalog/datasets/acoes.ts';
import { adjustments, events, history } from '../catalog/datasets/b3.ts';
import { quotes } from '../catalog/datasets/cotacoes.ts';
import { funds } from '../catalog/datasets/fiis.ts';
import { findClosest, findMisspelt } from '../suggest.ts';
import { removeAccents } from '../text.ts';
import { adjustedPriceColumns, type Derivation, formatAdjustedPrices } from './history.ts';
import { quoteIdentifier } from './sql.ts';
import { getWord, isSymbol, type SqlToken, tokenizeSql } from './tokens.ts';

export interface NamedView {
  readonly name: string;
  /** What its SELECT reads. */
  readonly tables: readonly Table[];
  /**
   * @param nameOf the engine's name of a table
   * @param isDerived whether the factors are those of the prices: otherwise no adjustment is proved
   */
  formatSelect(nameOf: (table: Table) => string, isDerived: Derivation): string;
}

/** Asks whether the factors of the lake are those of its prices: after an import that died they are not. */
export type DerivationCheck = () => Promise<boolean>;

const ADJUSTED_PRICES = 'cotacoes_ajustadas';

/** Whether a text of SQL names the view over the factors, so that its answer depends on how the last import ended. */
export function readsAdjustedPrices(sql: string): boolean {
  return sql.toLowerCase().includes(ADJUSTED_PRICES);
}

/** In the database of quotes, as the tables of Spec are; a name without a database finds them, too. */
export const VIEWS_LAYER: Layer = 'spec';

function createShortName(name: string, dataset: Dataset, layer: Layer): NamedView {
  const table = getTable(dataset, layer);
  return { name, tables: [table], formatSelect: (nameOf) => `SELECT * FROM ${nameOf(table)}` };
}

/** Prices of one unit, adjusted for all that the lake knows. In AWS it is a view of Glue, too, for Athena's console. */
export const adjustedPricesView: NamedView = {
  name: ADJUSTED_PRICES,
  tables: [getTable(history, 'sot'), getTable(adjustments, 'spec')],
  formatSelect(nameOf, isDerived) {
    const columns = adjustedPriceColumns.map(({ name }) => quoteIdentifier(name)).join(', ');
    const prices = formatAdjustedPrices(nameOf, 'total', [], isDerived);
    return `SELECT ${columns} FROM (\n${prices}\n) p`;
  },
};

export const namedViews: readonly NamedView[] = [
  createShortName('cotacoes', quotes, 'spec'),
  createShortName('acoes', stocks, 'sot'),
  createShortName('fiis', funds, 'sot'),
  createShortName('historico', history, 'sot'),
  createShortName('eventos', events, 'sot'),
  adjustedPricesView,
];

/**
 * What may be meant by a table that does not exist: the view of that other name, or one that is much like it, or else
 * the list of all.
 * @param tables their names with the database, as an error shows them
 */
export function describeTables(typed: string, tables: readonly string[]): string {
  const word = removeAccents(typed.split('.').at(-1) ?? typed);
  const views = namedViews.map(({ name }) => name);
  const known = new Map([...tables.map((name) => [name.split('.').at(-1) ?? name, name] as const)]);
  const near =
    OTHER_NAMES[word] ?? findMisspelt(word, views).at(0) ?? findClosest(word, [...known.keys()]);
  return near === undefined
    ? `The tables: ${views.join(', ')}; ${tables.join(', ')}.`
    : `Did you mean ${known.get(near) ?? near}?`;
}

/** The views by other names for what they have. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  cotacao: 'cotacoes',
  acao: 'acoes',
  fundos: 'fiis',
  indicadores: 'acoes, or fiis',
  proventos: 'eventos',
};

/** The views that a text of SQL may name, of those whose tables there are. */
export function findNamedViews(sql: string, tables: readonly Table[]): readonly NamedView[] {
  const words = new Set(sql.toLowerCase().match(/\w+/g));
  return namedViews.filter(
    (view) => words.has(view.name) && view.tables.every((table) => tables.includes(table)),
  );
}

/**
 * Those of the tables that a statement reads, by themselves or by a view over them: what stands where a table does, and
 * no string, comment, column or alias of the same name.
 * @throws QueryError if a quote or a comment does not end
 */
export function findReadTables(sql: string, tables: readonly Table[]): readonly Table[] {
  const tokens = tokenizeSql(sql);
  const own = findStatementTables(tokens);
  const names = new Set(
    tokens.flatMap(({ kind, value }, at) => {
      if (kind !== 'name' || !isTablePlace(tokens, at)) return [];
      return isOfStatement(tokens, at, own) ? [] : [value.toLowerCase()];
    }),
  );
  const inViews = namedViews.filter(({ name }) => names.has(name)).flatMap((view) => view.tables);
  return tables.filter((table) => names.has(table.name) || inViews.includes(table));
}

/** A table of `WITH name AS (…)`, by the places of tokens. */
interface StatementTable {
  readonly name: string;
  /** Where the name means it: behind its own SELECT, or of a recursive one also in that. */
  readonly first: number;
  /** The end of the SELECT that the WITH belongs to. */
  readonly last: number;
}

/** Whether the name of a table is one of the statement's own, and not one of the lake. */
function isOfStatement(
  tokens: readonly SqlToken[],
  at: number,
  own: readonly StatementTable[],
): boolean {
  if (isSymbol(tokens[at - 1], '.')) return false;
  const name = tokens[at]?.value.toLowerCase();
  return own.some((table) => table.name === name && table.first <= at && at < table.last);
}

function findStatementTables(tokens: readonly SqlToken[]): StatementTable[] {
  return tokens.flatMap((token, start): StatementTable[] => {
    if (getWord(token) !== 'with') return [];
    const isRecursive = getWord(tokens[start + 1]) === 'recursive';
    const last = findClosing(tokens, start);
    const found: StatementTable[] = [];
    let at = start + (isRecursive ? 2 : 1);
    for (;;) {
      const name = tokens[at];
      // The names of its columns may follow.
      const columns = isSymbol(tokens[at + 1], '(') ? findClosing(tokens, at + 2) + 1 : at + 1;
      const body = columns + 1;
      if (name?.kind !== 'name' || getWord(tokens[columns]) !== 'as') return found;
      if (!isSymbol(tokens[body], '(')) return found;
      const end = findClosing(tokens, body + 1);
      found.push({ name: name.value.toLowerCase(), first: isRecursive ? body : end, last });
      if (!isSymbol(tokens[end + 1], ',')) return found;
      at = end + 2;
    }
  });
}

/** The parenthesis that closes those around a place; the number of tokens where none is open. */
function findClosing(tokens: readonly SqlToken[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at += 1) {
    if (isSymbol(tokens[at], '(')) depth += 1;
    if (isSymbol(tokens[at], ')')) depth -= 1;
    if (depth < 0) return at;
  }
  return tokens.length;
}

const BEFORE_TABLES: readonly string[] = ['from', 'join', 'table', 'describe', 'desc'];

/** The words after which a comma parts something else than tables. */
const OTHER_LISTS: readonly string[] = ['select', 'where', 'on', 'by', 'having', 'with', 'values'];

/** Whether the name, which may follow its database's, is behind FROM or JOIN, or a comma between tables. */
function isTablePlace(tokens: readonly SqlToken[], name: number): boolean {
  let at = name - 1;
  while (isSymbol(tokens[at], '.')) at -= 2;
  while (isSymbol(tokens[at], '(')) at -= 1;
  if (!isSymbol(tokens[at], ',')) return BEFORE_TABLES.includes(getWord(tokens[at]));
  for (let depth = 0; at >= 0; at -= 1) {
    if (isSymbol(tokens[at], ')')) depth += 1;
    if (isSymbol(tokens[at], '(')) depth -= 1;
    if (depth < 0) return false;
    const word = depth === 0 ? getWord(tokens[at]) : '';
    if (OTHER_LISTS.includes(word)) return false;
    if (BEFORE_TABLES.includes(word)) return true;
  }
  return false;
}
