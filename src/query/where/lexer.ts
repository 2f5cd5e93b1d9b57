/**
 * The text of a condition as tokens, a cursor over them, and its errors, which point at the place and explain what
 * to write instead of what people type out of habit. Pure.
 */
import { UsageError } from '../../errors.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'date' | 'symbol' | 'end';
  /** A word in lower case; a text without its quotes; anything else as written. */
  readonly value: string;
  /** As the person wrote it, for what is said of it. */
  readonly source: string;
  /** Where it begins. */
  readonly offset: number;
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
function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (at >= text.length) break;
    const token = readToken(text, at);
    if (token === undefined) throw createUnreadableError(text, at);
    tokens.push(token);
    at += token.source.length;
  }
  return [...tokens, { kind: 'end', value: '', source: 'the end', offset: text.trimEnd().length }];
}

function readToken(text: string, at: number): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const written = pattern.exec(text)?.[0];
    if (written !== undefined)
      return { kind, source: written, value: normalizeToken(kind, written), offset: at };
  }
  return undefined;
}

function normalizeToken(kind: Token['kind'], written: string): string {
  if (kind === 'word') return written.toLowerCase();
  if (kind === 'number') return written.replace(/\s/g, '').replace(/^\+/, '');
  if (kind !== 'text') return written;
  const quote = written.charAt(0);
  return written.slice(1, -1).replaceAll(quote + quote, quote);
}

function createUnreadableError(text: string, at: number): UsageError {
  const rest = text.slice(at);
  const start = JSON.stringify(rest.slice(0, 20));
  return /^['"]/.test(rest)
    ? createConditionError(
        text,
        at,
        `the text that begins at ${start} has no closing quote`,
        "A quote within a text is written twice: 'D''água'.",
      )
    : createConditionError(text, at, `cannot read on at ${start}`, getTextHint(rest));
}

export class TokenCursor {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  /** @throws UsageError where the text does not fall into tokens */
  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  /** What comes; at the end, again and again the end. */
  get next(): Token {
    return this.#tokenAt(this.#at);
  }

  get afterNext(): Token {
    return this.#tokenAt(this.#at + 1);
  }

  get isAfterFirst(): boolean {
    return this.#at === 1;
  }

  advance(): void {
    this.#at += 1;
  }

  /** Steps over a word or a symbol where it comes next; a text of the same letters is neither. */
  accept(value: string): boolean {
    const { kind, value: next } = this.next;
    if ((kind !== 'word' && kind !== 'symbol') || next !== value) return false;
    this.advance();
    return true;
  }

  /** @throws UsageError where it does not come next */
  expect(value: string, hint: string): void {
    if (!this.accept(value)) throw this.createUnexpectedError(JSON.stringify(value), hint);
  }

  /** That something else comes than `what`; a slip that is known has a hint of its own. */
  createUnexpectedError(what: string, hint = EXAMPLE_HINT): UsageError {
    const { kind, source: written } = this.next;
    const found = kind === 'end' ? 'nothing' : `\`${written}\``;
    const before = this.#at === 0 ? undefined : this.#tokenAt(this.#at - 1);
    const place = before === undefined ? 'at the beginning' : `after \`${before.source}\``;
    const isComma = written === ',' && before?.kind === 'number';
    const ofNumber = isComma ? getNumberHint(this.#text.slice(before.offset)) : undefined;
    const ofWord = kind === 'text' ? undefined : getWordHint(written);
    return this.createError(`${place} comes ${found}, not ${what}`, ofNumber ?? ofWord ?? hint);
  }

  createError(message: string, hint?: string): UsageError {
    return createConditionError(this.#text, this.next.offset, message, hint);
  }

  /** What `read` makes of the next token, which is stepped over. @throws UsageError that points at it */
  parseNext<T>(read: (token: Token) => T): T {
    const { next } = this;
    const answer = withErrorPosition(this.#text, next.offset, () => read(next));
    this.advance();
    return answer;
  }

  #tokenAt(at: number): Token {
    const end: Token = { kind: 'end', value: '', source: 'the end', offset: this.#text.length };
    return this.#tokens[at] ?? end;
  }
}

/** So many characters on either side of the place are shown. */
const CONTEXT_LENGTH = 36;

/** @param at where in `text` it is, counted in code units */
function createConditionError(
  text: string,
  at: number,
  message: string,
  hint?: string,
): UsageError {
  return new UsageError(`--where: ${message}\n${formatExcerpt(text, at)}`, { hint });
}

/** What `read` answers; what it refuses is said with the place. @throws UsageError */
function withErrorPosition<T>(text: string, at: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw createConditionError(text, at, error.message, error.hint);
  }
}

/** The text around the place on one line, and a ^ below it. */
function formatExcerpt(text: string, at: number): string {
  const before = [...text.slice(0, at)].map(toPrintable);
  const behind = [...text.slice(at)].map(toPrintable);
  const start = before.length > CONTEXT_LENGTH ? ['…', ...before.slice(-CONTEXT_LENGTH)] : before;
  const end = behind.length > CONTEXT_LENGTH ? [...behind.slice(0, CONTEXT_LENGTH), '…'] : behind;
  return `  ${[...start, ...end].join('').trimEnd()}\n  ${' '.repeat(start.length)}^`;
}

/** A line break or a control character would move the mark. */
function toPrintable(character: string): string {
  return /[\s\p{Cc}\p{Cs}]/u.test(character) ? ' ' : character;
}

/** Other languages' words and signs for what there is here. */
const SYNONYMS: Readonly<Record<string, string>> = {
  ...{ '=>': '>=', '=<': '<=', '≥': '>=', '≤': '<=', '≠': '!=' },
  ...{ '&&': 'and', '&': 'and', e: 'and', '||': 'or', '|': 'or', ou: 'or' },
  ...{ '!': 'not', não: 'not', nao: 'not', entre: 'between', em: 'in' },
};

const LIKE_HINT =
  "Part of a text: like 'Banc%' for its beginning, like '%anc%' for anywhere in it.";
const ARITHMETIC_HINT = 'There is no arithmetic here: `pynvest query sql` calculates.';
const QUOTED_TEXT_HINT = "Texts stand in straight quotes: 'Bancos'.";
const PLAIN_COLUMN_HINT = 'Columns stand as they are, without quotes: vlr_cot.';
const HINTS_BY_WORD: Readonly<Record<string, string>> = {
  ...{
    ilike: LIKE_HINT,
    contains: LIKE_HINT,
    startswith: LIKE_HINT,
    regexp: LIKE_HINT,
    rlike: LIKE_HINT,
    '~': LIKE_HINT,
  },
  ...{
    '*': ARITHMETIC_HINT,
    '/': ARITHMETIC_HINT,
    '+': ARITHMETIC_HINT,
    '-': ARITHMETIC_HINT,
    '−': ARITHMETIC_HINT,
  },
  ...{ '‘': QUOTED_TEXT_HINT, '’': QUOTED_TEXT_HINT, '“': QUOTED_TEXT_HINT, '”': QUOTED_TEXT_HINT },
  ...{ '`': PLAIN_COLUMN_HINT, '[': PLAIN_COLUMN_HINT },
  ...{ null: 'A value that is absent: is null. One that is there: is not null.' },
  ...{ order: '--sort vlr_cot:desc sorts.', limit: '--limit 20 limits.' },
  ...{ where: 'Leave the word where out.', '.': 'Columns stand without a table: vlr_cot.' },
  ...{ $: 'Numbers stand without a currency: 10.5.', ';': 'Leave the ; out.' },
  '%': "A % stands behind a number, 35%, or in a text in quotes: 'Banc%'.",
};

const NUMBER_HINT = 'Numbers are written with a point and no thousands: 1234.5.';
const VALUE_HINT = "Numbers are written 1.5 or 35%, texts 'Bancos', days 2026-11-20.";
export const EXAMPLE_HINT = 'Such as: vlr_cot > 10 and pct_var_12m >= 35%.';
export const JOIN_HINT = 'Conditions are joined by and, or: vlr_cot > 10 and pct_var_12m >= 35%.';
export const COLUMN_FIRST_HINT = 'A column comes first: vlr_cot > 10.';
export const NO_FUNCTIONS_HINT = 'Functions are for `pynvest query sql`.';
export const SHELL_HINT =
  'The whole condition stands in quotes, --where "vlr_cot > 10": without them a shell takes > and < for files.';

/** What is written here for a word or a sign that means something elsewhere. */
export function getWordHint(written: string): string | undefined {
  const word = written.toLowerCase();
  const here = Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : undefined;
  if (here !== undefined) return `For ${written} write ${here}.`;
  return Object.hasOwn(HINTS_BY_WORD, word) ? HINTS_BY_WORD[word] : undefined;
}

/** For text that begins no word, no value and no sign that a condition has. */
function getTextHint(rest: string): string {
  if (/^\.?\d/.test(rest)) return getNumberHint(rest) ?? NUMBER_HINT;
  const sign = /^(?:&&|\|\|)/.exec(rest)?.[0] ?? [...rest][0];
  return getWordHint(sign ?? '') ?? VALUE_HINT;
}

/** For a number with commas, or with points between its thousands; undefined where `rest` begins with none. */
function getNumberHint(rest: string): string | undefined {
  const written = /^-?\d+(?:[.,]\d+)+/.exec(rest)?.[0];
  if (written === undefined) return undefined;
  const plain = normalizeNumber(written);
  return plain === undefined ? NUMBER_HINT : `For ${written} write ${plain}.`;
}

/** Undefined where it could be two numbers: 1,000 is a thousand to some and one to others. */
function normalizeNumber(written: string): string | undefined {
  if (/^-?\d{1,3}(?:\.\d{3})+,\d+$/.test(written)) {
    return written.replaceAll('.', '').replace(',', '.');
  }
  if (/^-?\d{1,3}(?:\.\d{3}){2,}$/.test(written)) return written.replaceAll('.', '');
  if (/^-?\d{1,3}(?:,\d{3}){2,}$/.test(written)) return written.replaceAll(',', '');
  if (/^-?\d+,\d+$/.test(written) && !/^-?[1-9]\d{0,2},\d{3}$/.test(written)) {
    return written.replace(',', '.');
  }
  return undefined;
}
