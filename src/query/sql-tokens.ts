/** The words of a text of SQL, as far as must be known to tell code from comments and quoted text. Pure. */
import { QueryError } from '../errors.ts';

export interface Token {
  /** `name` is a word or an identifier in quotes; `text` a string; anything else is a `symbol`. */
  readonly kind: 'name' | 'text' | 'symbol';
  /** A name as it is meant: without its quotes. */
  readonly value: string;
  readonly quoted: boolean;
  /** Where it stands, from the first character to the one after the last. */
  readonly start: number;
  readonly end: number;
}

const SPACE = /\s+|--[^\n]*/y;
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER = /\d[\d.]*/y;

/**
 * The tokens of a text, without what is only for people. A quote is doubled inside quoted text, and
 * comments do not nest, as in Athena.
 * @throws QueryError where a quote or a comment does not end
 */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
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
      if (end < 0) throw unended('a comment', sql, at);
      at = end + 2;
      continue;
    }
    const start = at;
    const first = sql[at] ?? '';
    if (first === "'" || first === '"' || first === '`') {
      at = endOfQuote(sql, at);
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

function endOfQuote(sql: string, start: number): number {
  const quote = sql[start] ?? '';
  for (let at = start + 1; at < sql.length; at += 1) {
    if (sql[at] !== quote) continue;
    if (sql[at + 1] !== quote) return at + 1;
    at += 1;
  }
  throw unended(quote === "'" ? 'a quoted text' : 'a quoted name', sql, start);
}

function unended(what: string, sql: string, at: number): QueryError {
  const line = sql.slice(0, at).split('\n').length;
  return new QueryError(`${what} that begins in line ${line} does not end`);
}
