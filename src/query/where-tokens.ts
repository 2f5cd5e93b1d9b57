/** A condition's text, taken apart. Pure. */
import type { UsageError } from '../errors.ts';
import { hintAtText } from './where-hints.ts';
import { refusal } from './where-refusal.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'date' | 'symbol' | 'end';
  /** A word in lower case; a text without its quotes; anything else as written. */
  readonly value: string;
  /** As the person wrote it, for what is said of it. */
  readonly written: string;
  /** Where it begins. */
  readonly at: number;
}

/**
 * In the order of trying: a date would else be a number, and `<=` a `<`. Days as people write them, too, and
 * signs turned round, so that what is said of them names all of them.
 */
const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['date', /(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4})(?![\w.])/y],
  ['number', /[-+]?(\d+(\.\d+)?|\.\d+)(e[+-]?\d+)?(\s*%)?(?![\w.])/iy],
  ['text', /'(?:[^']|'')*'|"(?:[^"]|"")*"/y],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['symbol', /<=|>=|<>|!=|==|=>|=<|[=<>(),]/y],
];

/** @throws UsageError at the first character that begins nothing */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    if (token === undefined) throw unreadable(text, at);
    tokens.push(token);
    at += token.written.length;
  }
  return [...tokens, { kind: 'end', value: '', written: 'the end', at: text.trimEnd().length }];
}

function tokenAt(text: string, at: number): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const written = pattern.exec(text)?.[0];
    if (written !== undefined) return { kind, written, value: meaningOf(kind, written), at };
  }
  return undefined;
}

function meaningOf(kind: Token['kind'], written: string): string {
  if (kind === 'word') return written.toLowerCase();
  if (kind === 'number') return written.replace(/\s/g, '').replace(/^\+/, '');
  if (kind !== 'text') return written;
  const quote = written.charAt(0);
  return written.slice(1, -1).replaceAll(quote + quote, quote);
}

function unreadable(text: string, at: number): UsageError {
  const rest = text.slice(at);
  const start = JSON.stringify(rest.slice(0, 20));
  return /^['"]/.test(rest)
    ? refusal(
        text,
        at,
        `the text that begins at ${start} has no closing quote`,
        "A quote within a text is written twice: 'D''água'.",
      )
    : refusal(text, at, `cannot read on at ${start}`, hintAtText(rest));
}
