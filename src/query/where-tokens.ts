/** A condition's text, taken apart. Pure. */
import { UsageError } from '../errors.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'date' | 'symbol' | 'end';
  /** A word in lower case; a text without its quotes; anything else as written. */
  readonly value: string;
  /** As the person wrote it, for what is said of it. */
  readonly written: string;
}

/** In the order of trying: a date would else be a number, and `<=` a `<`. */
const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['date', /\d{4}-\d{2}-\d{2}(?![\w.])/y],
  ['number', /-?(\d+(\.\d+)?|\.\d+)(e[+-]?\d+)?%?(?![\w.])/iy],
  ['text', /'(?:[^']|'')*'|"(?:[^"]|"")*"/y],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['symbol', /<=|>=|<>|!=|[=<>(),]/y],
];

/** @throws UsageError at the first character that begins nothing */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    if (token === undefined) throw unreadable(text.slice(at));
    tokens.push(token);
    at += token.written.length;
  }
  return [...tokens, { kind: 'end', value: '', written: 'the end' }];
}

function tokenAt(text: string, at: number): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const written = pattern.exec(text)?.[0];
    if (written !== undefined) return { kind, written, value: meaningOf(kind, written) };
  }
  return undefined;
}

function meaningOf(kind: Token['kind'], written: string): string {
  if (kind === 'word') return written.toLowerCase();
  if (kind !== 'text') return written;
  const quote = written.charAt(0);
  return written.slice(1, -1).replaceAll(quote + quote, quote);
}

function unreadable(rest: string): UsageError {
  const start = JSON.stringify(rest.slice(0, 20));
  return /^['"]/.test(rest)
    ? new UsageError(`--where: the text that begins at ${start} has no closing quote`)
    : new UsageError(`--where: cannot read on at ${start}`, {
        hint: "Numbers are written 1.5 or 35%, texts 'Bancos', days 2026-11-20.",
      });
}
