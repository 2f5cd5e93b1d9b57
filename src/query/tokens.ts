/**
 * A text of SQL as tokens. Pure.
 */
import { QueryError } from '../errors.ts';

export interface SqlToken {
  /** `name` is a word or an identifier in quotes; `text` a string; anything else is a `symbol`. */
  readonly kind: 'name' | 'text' | 'symbol';
  /** Without quotes. */
  readonly value: string;
  readonly quoted: boolean;
  readonly start: number;
  /** The offset after its last character. */
  readonly end: number;
}

/** A word that is not in quotes, in lower case; empty for any other token. */
export function getWord(token: SqlToken | undefined): string {
  return token?.kind === 'name' && !token.quoted ? token.value.toLowerCase() : '';
}

export function isSymbol(token: SqlToken | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.value === symbol;
}

const SPACE = /\s+|--[^\n]*/y;
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER = /\d[\d.]*/y;

/**
 * The tokens of a text, without spaces and comments. A quote is doubled inside quoted text, and comments do not
 * nest, as in Athena.
 * @throws QueryError if a quote or a comment does not end
 */
export function tokenizeSql(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(sql)?.[0];
  };
  while (at < sql.length) {
    const space = match(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    if (sql.startsWith('/*', at)) {
      const end = sql.indexOf('*/', at + 2);
      if (end < 0) throw createUnterminatedError('a comment', sql, at);
      at = end + 2;
      continue;
    }
    const start = at;
    const first = sql[at] ?? '';
    if (first === "'" || first === '"' || first === '`') {
      at = findQuoteEnd(sql, at);
      const inner = sql.slice(start + 1, at - 1).replaceAll(first + first, first);
      const kind = first === "'" ? 'text' : 'name';
      tokens.push({ kind, value: inner, quoted: true, start, end: at });
      continue;
    }
    const word = match(WORD);
    const value = word ?? match(NUMBER) ?? String.fromCodePoint(sql.codePointAt(at) ?? 0);
    at += value.length;
    const kind = word === undefined ? 'symbol' : 'name';
    tokens.push({ kind, value, quoted: false, start, end: at });
  }
  return tokens;
}

function findQuoteEnd(sql: string, start: number): number {
  const quote = sql[start] ?? '';
  for (let at = start + 1; at < sql.length; at += 1) {
    if (sql[at] !== quote) continue;
    if (sql[at + 1] !== quote) return at + 1;
    at += 1;
  }
  throw createUnterminatedError(quote === "'" ? 'a quoted text' : 'a quoted name', sql, start);
}

function createUnterminatedError(what: string, sql: string, at: number): QueryError {
  const line = sql.slice(0, at).split('\n').length;
  return new QueryError(`${what} that begins in line ${line} does not end`);
}

/** White space and comments. */
const GAP = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)`;
const OPTION = `(?:analyze|verbose|format|type)(?:${GAP}+(?:\\w+|'\\w+'))?`;
const OPTIONS = `\\(${GAP}*${OPTION}(?:${GAP}*,${GAP}*${OPTION})*${GAP}*\\)`;
const EXPLAIN = new RegExp(
  `^${GAP}*(explain\\b(?:${GAP}+analyze\\b)?(?:${GAP}+verbose\\b)?(?:${GAP}*${OPTIONS})?)`,
  'i',
);
const GAPS = new RegExp(`${GAP}+`, 'g');

/**
 * A text as its EXPLAIN with options, without comments and with a space at its end, and the statement that it explains.
 * EXPLAIN ANALYZE runs that statement, so it has to be one that only reads, too. The first is empty where the text
 * explains nothing.
 */
export function splitExplain(sql: string): { readonly explain: string; readonly rest: string } {
  const [head = '', explain] = EXPLAIN.exec(sql) ?? [];
  if (explain === undefined) return { explain: '', rest: sql };
  return { explain: `${explain.replace(GAPS, ' ')} `, rest: sql.slice(head.length) };
}
