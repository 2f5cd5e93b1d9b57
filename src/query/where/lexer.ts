/**
 * The tokens of a condition, a cursor over them, and syntax errors, which point at the place and suggest what to
 * write instead of the notation of other languages. Pure.
 */
import { UsageError } from '../../errors.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'date' | 'symbol' | 'end';
  /** A word in lower case; a text without its quotes; any other token as written. */
  readonly value: string;
  /** As written. */
  readonly source: string;
  readonly offset: number;
}

/**
 * Tried in this order: a date would match as a number, and `<=` as `<`. Dates in other notations and reversed
 * operators are tokens too, so that an error can quote them whole.
 */
const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  [
    'date',
    /(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4}|\d{4}-\d{2}(?!-)|\d{1,5}d)(?![\w.])/iy,
  ],
  ['number', /[-+]?(\d+(\.\d+)?|\.\d+)(e[+-]?\d+)?(\s*%)?(?![\w.])/iy],
  ['text', /'(?:[^']|'')*'|"(?:[^"]|"")*"/y],
  // A label such as P/VP is one word.
  ['word', /[\p{L}_][\p{L}\p{N}_]*(?:\/[\p{L}_][\p{L}\p{N}_]*)*/uy],
  ['symbol', /<=|>=|<>|!=|==|=>|=<|[=<>(),]/y],
];

/** @throws UsageError at the first character that begins no token */
function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (at >= text.length) break;
    const token = readToken(text, at);
    if (token === undefined) throw createTokenError(text, at);
    tokens.push(token);
    at += token.source.length;
  }
  return [...tokens, createEnd(text.trimEnd().length)];
}

function createEnd(offset: number): Token {
  return { kind: 'end', value: '', source: 'the end', offset };
}

function readToken(text: string, at: number): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const source = pattern.exec(text)?.[0];
    if (source !== undefined) return { kind, source, value: getValue(kind, source), offset: at };
  }
  return undefined;
}

function getValue(kind: Token['kind'], source: string): string {
  if (kind === 'word') return source.toLowerCase();
  if (kind === 'number') return source.replace(/\s/g, '').replace(/^\+/, '');
  if (kind !== 'text') return source;
  const quote = source.charAt(0);
  return source.slice(1, -1).replaceAll(quote + quote, quote);
}

function createTokenError(text: string, at: number): UsageError {
  const rest = text.slice(at);
  const start = JSON.stringify(rest.slice(0, 20));
  return /^['"]/.test(rest)
    ? createConditionError(
        text,
        at,
        `the text that begins at ${start} has no closing quote`,
        "Write a quote inside a text twice: 'D''água'.",
      )
    : createConditionError(text, at, `unexpected ${start}`, getTextHint(rest, text.slice(0, at)));
}

export class TokenCursor {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  /** @throws UsageError if the text has a character that begins no token */
  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  /** The next token; after the last one always the end. */
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

  /** Skips the word or symbol if it is next; a quoted text of the same letters is neither. */
  accept(value: string): boolean {
    const { kind, value: next } = this.next;
    if ((kind !== 'word' && kind !== 'symbol') || next !== value) return false;
    this.advance();
    return true;
  }

  /** Skips the word or symbol. @throws UsageError if it is not next */
  expect(value: string, hint: string): void {
    if (!this.accept(value)) throw this.createUnexpectedError(JSON.stringify(value), hint);
  }

  /** The error for a next token that is not `expected`; a common mistake has a hint of its own. */
  createUnexpectedError(expected: string, hint = EXAMPLE_HINT): UsageError {
    const { kind, source } = this.next;
    const found = kind === 'end' ? 'nothing' : `\`${source}\``;
    const before = this.#at === 0 ? undefined : this.#tokenAt(this.#at - 1);
    const place = before === undefined ? 'at the beginning' : `after \`${before.source}\``;
    const isComma = source === ',' && before?.kind === 'number';
    const numberHint = isComma ? getNumberHint(this.#text.slice(before.offset)) : undefined;
    const wordHint = kind === 'text' ? undefined : getWordHint(source);
    return this.createError(
      `expected ${expected} ${place}, found ${found}`,
      numberHint ?? wordHint ?? hint,
    );
  }

  createError(message: string, hint?: string): UsageError {
    return createConditionError(this.#text, this.next.offset, message, hint);
  }

  /** Parses the next token and skips it. @throws UsageError that points at it */
  parseNext<T>(parse: (token: Token) => T): T {
    const { next } = this;
    const value = withErrorPosition(this.#text, next.offset, () => parse(next));
    this.advance();
    return value;
  }

  #tokenAt(at: number): Token {
    return this.#tokens[at] ?? createEnd(this.#text.length);
  }
}

/** How many characters are shown on either side of the place. */
const CONTEXT_LENGTH = 36;

/** @param at the place in `text`, in code units */
function createConditionError(
  text: string,
  at: number,
  message: string,
  hint?: string,
): UsageError {
  return new UsageError(`--where: ${message}\n${formatExcerpt(text, at)}`, { hint });
}

/** Runs `parse` and adds the place to its error. @throws UsageError */
function withErrorPosition<T>(text: string, at: number, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw createConditionError(text, at, error.message, error.hint);
  }
}

/** The text around the place on one line, and a ^ below it. */
function formatExcerpt(text: string, at: number): string {
  const before = [...text.slice(0, at)].map(toPrintable);
  const after = [...text.slice(at)].map(toPrintable);
  const start = before.length > CONTEXT_LENGTH ? ['…', ...before.slice(-CONTEXT_LENGTH)] : before;
  const end = after.length > CONTEXT_LENGTH ? [...after.slice(0, CONTEXT_LENGTH), '…'] : after;
  return `  ${[...start, ...end].join('').trimEnd()}\n  ${' '.repeat(start.length)}^`;
}

/** A line break or a control character would move the mark. */
function toPrintable(character: string): string {
  return /[\s\p{Cc}\p{Cs}]/u.test(character) ? ' ' : character;
}

/** Words and operators of other languages, and those of a condition that mean the same. */
const SYNONYMS: Readonly<Record<string, string>> = {
  ...{ '=>': '>=', '=<': '<=', '≥': '>=', '≤': '<=', '≠': '!=' },
  ...{ '&&': 'and', '&': 'and', e: 'and', '||': 'or', '|': 'or', ou: 'or' },
  ...{ '!': 'not', não: 'not', nao: 'not', entre: 'between', em: 'in' },
};

const LIKE_HINT =
  "For part of a text use like: 'Banc%' matches its beginning, '%anc%' any part of it.";
export const ARITHMETIC_HINT = '--where has no arithmetic; `pynvest query sql` has.';
const STRAIGHT_QUOTES_HINT = "Write texts in straight quotes: 'Bancos'.";
const UNQUOTED_COLUMN_HINT = 'Write columns without quotes: vlr_cot.';

/** The hints for words and operators that a condition does not have. */
const HINTS_BY_WORD: Readonly<Record<string, string>> = {
  ...getHints(['ilike', 'contains', 'startswith', 'regexp', 'rlike', '~'], LIKE_HINT),
  ...getHints(['*', '+', '-', '−'], ARITHMETIC_HINT),
  '/': `${ARITHMETIC_HINT} A label with spaces goes in quotes: 'EV / EBIT'.`,
  ...getHints(['‘', '’', '“', '”'], STRAIGHT_QUOTES_HINT),
  ...getHints(['`', '['], UNQUOTED_COLUMN_HINT),
  null: 'For an absent value use is null; for a present one, is not null.',
  order: 'Use --sort vlr_cot:desc to sort.',
  limit: 'Use --limit 20 to limit the rows.',
  where: 'Leave out the word where.',
  '.': "Write columns without a table: vlr_cot. A label with a point goes in quotes: 'Marg. Bruta'.",
  $: 'Write numbers without a currency: 10.5.',
  ';': 'Leave out the ;.',
  '%': "A % follows a number, 35%, or is part of a text in quotes: 'Banc%'.",
};

function getHints(words: readonly string[], hint: string): Readonly<Record<string, string>> {
  return Object.fromEntries(words.map((word) => [word, hint]));
}

const NUMBER_HINT = 'Write numbers with a decimal point and no thousands separators: 1234.5.';
const VALUE_HINT =
  "Write numbers as 1.5 or 35%, texts as 'Bancos', days as `2026-11-19`, 19/11/2026, hoje or 30d.";
export const DAY_HINT =
  'Write a day that exists, as `2026-11-19`, 19/11/2026, hoje, ontem or 30d (days ago); or a month or a year, 2026-11 or 2026.';
export const EXAMPLE_HINT = 'For example: vlr_cot > 10 and pct_var_12m >= 35%.';
export const JOIN_HINT = 'Join conditions by and, or: vlr_cot > 10 and pct_var_12m >= 35%.';
export const COLUMN_FIRST_HINT = 'Begin with a column: vlr_cot > 10.';
export const NO_FUNCTIONS_HINT = '--where has no functions; `pynvest query sql` has.';
export const SHELL_HINT =
  'Write the whole condition in quotes, --where "vlr_cot > 10": without them the shell takes > and < for redirections.';

/** What to write instead of a word or an operator that a condition does not have. */
export function getWordHint(written: string): string | undefined {
  const word = written.toLowerCase();
  const synonym = Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : undefined;
  if (synonym !== undefined) return `Write ${synonym} instead of ${written}.`;
  return Object.hasOwn(HINTS_BY_WORD, word) ? HINTS_BY_WORD[word] : undefined;
}

/** The end of a condition about a column whose name or label is of a day. */
const DAY_COLUMN = /(?:^|[^\p{L}])(?:dt_|data\b|dia\b|anomesdia)[^<>=]*[<>=]+[^<>=]*$/iu;

/** The hint for text that begins no token. */
function getTextHint(rest: string, before: string): string {
  if (/\d$/.test(before) && /^[/-]\d/.test(rest)) {
    // 11/2026, 19/11/26; of a column of days anything, such as 19/11; else 10/2 is a division.
    const isDay = /^[/-](?:\d{4}|\d{1,2}[/-]\d+)(?!\d)/.test(rest) || DAY_COLUMN.test(before);
    return isDay ? DAY_HINT : ARITHMETIC_HINT;
  }
  if (/^\.?\d/.test(rest)) return getNumberHint(rest) ?? NUMBER_HINT;
  const operator = /^(?:&&|\|\|)/.exec(rest)?.[0] ?? [...rest][0];
  return getWordHint(operator ?? '') ?? VALUE_HINT;
}

/** The hint for a number with commas or thousands separators; undefined if `rest` does not begin with one. */
function getNumberHint(rest: string): string | undefined {
  const written = /^-?\d+(?:[.,]\d+)+/.exec(rest)?.[0];
  if (written === undefined) return undefined;
  const plain = normalizeNumber(written);
  return plain === undefined ? NUMBER_HINT : `Write ${plain} instead of ${written}.`;
}

/** Undefined if it is ambiguous: 1,000 is a thousand in one country and one in another. */
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
