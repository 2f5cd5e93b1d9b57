/**
 * What is written otherwise in Athena's SQL than in DuckDB's is written as DuckDB reads it, once Athena would read the
 * text. Pure.
 */

import { getWord, isSymbol, type SqlToken, tokenizeSql } from '../../tokens.ts';
import { assertCastType, assertSyntax } from './refused-syntax.ts';

/** The name of `listagg` between the two steps: its syntax is DuckDB's already. */
export const LISTAGG = 'athena_listagg';

/** @throws QueryError if Athena has no such syntax */
export function translateSyntax(sql: string): string {
  const tokens = tokenizeSql(sql);
  while (isSymbol(tokens.at(-1), ';')) tokens.pop();
  const edits: Edit[] = [];
  tokens.forEach((token, at) => {
    assertSyntax(tokens, at);
    edits.push(...translateAt(tokens, at, token));
  });
  return applyEdits(sql.slice(0, tokens.at(-1)?.end ?? 0), edits);
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function applyEdits(sql: string, edits: readonly Edit[]): string {
  let text = '';
  let copied = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    text += sql.slice(copied, edit.start) + edit.text;
    copied = edit.end;
  }
  return text + sql.slice(copied);
}

function translateAt(tokens: readonly SqlToken[], at: number, token: SqlToken): readonly Edit[] {
  const next = tokens[at + 1];
  switch (getWord(token)) {
    case 'timestamp':
      // DuckDB ignores the zone of a TIMESTAMP.
      return next?.kind === 'text' && /\d:\d\d[\d:.]*\s*([a-z]|[+-]\d)/i.test(next.value)
        ? [{ start: token.end, end: token.end, text: ' WITH TIME ZONE' }]
        : [];
    case 'if': {
      if (!isSymbol(next, '(')) return [];
      const end = findClose(tokens, at + 1);
      const commas = splitItems(tokens.slice(at + 2, end)).length - 1;
      const { start = token.end } = tokens[end] ?? {};
      return commas === 1 ? [{ start, end: start, text: ', NULL' }] : [];
    }
    case 'values':
      return wrapValues(tokens.slice(at + 1));
    case 'listagg':
      return translateListagg(tokens, at);
    case 'cast':
    case 'try_cast':
      return translateLength(tokens, at);
    default:
      return [];
  }
}

/** The index of the parenthesis that closes the one at an index. */
function findClose(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (isSymbol(tokens[at], '(')) depth += 1;
    if (isSymbol(tokens[at], ')')) depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length;
}

/** The tokens between commas outside parentheses. */
function splitItems(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
  const items: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, '(') || isSymbol(token, '[')) depth += 1;
    if (isSymbol(token, ')') || isSymbol(token, ']')) depth -= 1;
    if (depth === 0 && isSymbol(token, ',')) items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
}

const AFTER_VALUES = ['order', 'limit', 'offset', 'fetch', 'union', 'except', 'intersect', 'as'];

/** Athena reads `VALUES 1, 2` as two rows. */
function wrapValues(after: readonly SqlToken[]): readonly Edit[] {
  let depth = 0;
  let end = 0;
  for (; end < after.length; end += 1) {
    if (isSymbol(after[end], '(')) depth += 1;
    if (isSymbol(after[end], ')')) depth -= 1;
    if (depth < 0 || (depth === 0 && AFTER_VALUES.includes(getWord(after[end])))) break;
  }
  return splitItems(after.slice(0, end)).flatMap((item) => {
    const [first, last] = [item[0], item.at(-1)];
    if (first === undefined || last === undefined || isSymbol(first, '(')) return [];
    return [
      { start: first.start, end: first.start, text: '(' },
      { start: last.end, end: last.end, text: ')' },
    ];
  });
}

/** `listagg(x, ',') WITHIN GROUP (ORDER BY y)` as `string_agg(x, ',' ORDER BY y)`. */
function translateListagg(tokens: readonly SqlToken[], at: number): readonly Edit[] {
  const [name, open] = [tokens[at], tokens[at + 1]];
  const close = tokens[findClose(tokens, at + 1)];
  const within = findClose(tokens, at + 1) + 1;
  const [word, group, parenthesis] = tokens.slice(within, within + 3);
  if (name === undefined || !isSymbol(open, '(') || close === undefined) return [];
  if (getWord(word) !== 'within' || getWord(group) !== 'group' || parenthesis === undefined)
    return [];
  return [
    { start: name.start, end: name.end, text: LISTAGG },
    { start: close.start, end: parenthesis.end, text: ' ' },
  ];
}

/** DuckDB ignores the length of varchar(n), to which Athena cuts a text. */
function translateLength(tokens: readonly SqlToken[], at: number): readonly Edit[] {
  const end = findClose(tokens, at + 1);
  assertCastType(tokens.slice(at + 1, end));
  const [type, open, length, close] = tokens.slice(end - 4, end);
  const [cast, last] = [tokens[at], tokens[end]];
  if (cast === undefined || last === undefined || open === undefined || close === undefined)
    return [];
  if (getWord(type) !== 'varchar' || !isSymbol(open, '(') || !isSymbol(close, ')')) return [];
  return [
    { start: cast.start, end: cast.start, text: 'system.main.substr(' },
    { start: open.start, end: close.end, text: '' },
    { start: last.end, end: last.end, text: `, 1, ${length?.value})` },
  ];
}
