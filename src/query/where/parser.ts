/**
 * The parser of `--where`: a small subset of SQL's conditions, over the catalog's columns. Pure.
 *
 *     condition   = all { "or" all }
 *     all         = single { "and" single }
 *     single      = "not" single | "(" condition ")" | column test
 *     test        = ("=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=") value
 *                 | ["not"] "between" value "and" value
 *                 | ["not"] "in" "(" value { "," value } ")"
 *                 | ["not"] "like" text
 *                 | "is" ["not"] "null"
 *     column      = a name, a label such as P/VP, or a label between quotes
 *     value       = number | number "%" | text | ["date"] day | month | year | column
 *
 * A day is written as for `--from`. Of a month or a year `=` means any of its days, `<` and `>=` its first, `<=` and
 * `>` its last.
 *
 * A parser for all of SQL would weigh megabytes and accept what has to be refused here.
 */

import { isDayWord, type Partition } from '../../catalog/partition.ts';
import { UsageError } from '../../errors.ts';
import { findColumn, getColumn, type ResultColumn } from '../columns.ts';
import type { Comparison, Condition } from './condition.ts';
import {
  ARITHMETIC_HINT,
  COLUMN_FIRST_HINT,
  EXAMPLE_HINT,
  getWordHint,
  JOIN_HINT,
  NO_FUNCTIONS_HINT,
  SHELL_HINT,
  type Token,
  TokenCursor,
} from './lexer.ts';
import {
  findLikelyMistake,
  findReversedRange,
  getFormatHint,
  isOfDays,
  parseLiteral,
  type Span,
  toColumnOperand,
  toParameter,
} from './operands.ts';

/** Fits a command line, and is far more than a person writes. */
const MAX_LENGTH = 4_000;
const MAX_DEPTH = 50;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '==': '=',
  '!=': '<>',
  '<>': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const RESERVED_WORDS = new Set(['and', 'or', 'not', 'between', 'in', 'like', 'is', 'null']);

interface WhereContext {
  /** What `hoje` and `30d` are counted from. */
  readonly today: Partition;
  /** Called with a warning for each value that is valid but probably a mistake. */
  readonly warn?: (message: string) => void;
}

/** @throws UsageError (and nothing else) if `text` is not a condition over the `known` columns */
export function parseWhere(
  text: string,
  known: readonly ResultColumn[],
  context: WhereContext,
): Condition {
  if (text.trim() === '') throw new UsageError('--where is empty', { hint: EXAMPLE_HINT });
  if (text.length > MAX_LENGTH) {
    throw new UsageError(`--where can have ${MAX_LENGTH} characters; this has ${text.length}`);
  }
  const parser = new ConditionParser(text, known, context);
  const condition = parser.condition(0);
  parser.expectEnd();
  return condition;
}

class ConditionParser {
  readonly #cursor: TokenCursor;
  readonly #known: readonly ResultColumn[];
  readonly #context: WhereContext;

  constructor(text: string, known: readonly ResultColumn[], context: WhereContext) {
    this.#cursor = new TokenCursor(text);
    this.#known = known;
    this.#context = context;
  }

  condition(depth: number): Condition {
    if (depth > MAX_DEPTH) throw this.#cursor.createError('the parentheses are nested too deeply');
    return this.#joined('or', () => this.#joined('and', () => this.#single(depth)));
  }

  expectEnd(): void {
    const { kind, value } = this.#cursor.next;
    if (kind === 'end') return;
    const hint = value === ')' ? 'It closes no parenthesis: leave it out.' : JOIN_HINT;
    throw this.#cursor.createUnexpectedError('and, or, or the end', hint);
  }

  #joined(kind: 'and' | 'or', one: () => Condition): Condition {
    const first = one();
    const parts = [first];
    while (this.#cursor.accept(kind)) parts.push(one());
    return parts.length === 1 ? first : { kind, parts };
  }

  #single(depth: number): Condition {
    if (depth > MAX_DEPTH) throw this.#cursor.createError('too many words "not" in a row');
    if (this.#cursor.accept('not')) return { kind: 'not', part: this.#single(depth + 1) };
    if (this.#cursor.accept('(')) {
      const inside = this.condition(depth + 1);
      this.#cursor.expect(')', 'Close the parenthesis with ).');
      return inside;
    }
    return this.#test(this.#column());
  }

  #test(column: ResultColumn): Condition {
    const cursor = this.#cursor;
    if (cursor.accept('is')) {
      const negated = cursor.accept('not');
      cursor.expect('null', 'Write null or not null after is; use = and != to compare.');
      return negateIf(negated, { kind: 'null', column });
    }
    const negated = cursor.accept('not');
    if (cursor.accept('between')) {
      const { first: low } = this.#value(column);
      cursor.expect('and', `For example: ${column.name} between 10 and 20.`);
      const { last: high } = this.#value(column);
      this.#doubt(findReversedRange(column, low, high));
      return negateIf(negated, { kind: 'between', column, low, high });
    }
    if (cursor.accept('in')) {
      const hint = `For example: ${column.name} in (…, …).`;
      cursor.expect('(', hint);
      const values = [this.#value(column)];
      while (cursor.accept(',')) values.push(this.#value(column));
      cursor.expect(')', hint);
      return negateIf(negated, createMembership(column, values));
    }
    if (cursor.accept('like')) return negateIf(negated, this.#like(column));
    if (negated) throw cursor.createUnexpectedError('between, in or like');
    return createComparison(column, this.#operator(), this.#value(column));
  }

  #operator(): Comparison {
    const { next, isAfterFirst } = this.#cursor;
    const operator = next.kind === 'symbol' ? COMPARISONS[next.value] : undefined;
    if (operator === undefined) {
      const isLoneWord = next.kind === 'end' && isAfterFirst;
      const hint = isLoneWord ? SHELL_HINT : EXAMPLE_HINT;
      throw this.#cursor.createUnexpectedError('= != < <= > >=, between, in, like or is', hint);
    }
    this.#cursor.advance();
    return operator;
  }

  #like(column: ResultColumn): Condition {
    if (column.type !== 'string') {
      throw this.#cursor.createError(`${column.name} is not a text, so like cannot be used`);
    }
    if (this.#cursor.next.kind !== 'text')
      throw this.#cursor.createUnexpectedError("a text such as 'Banc%'");
    return {
      kind: 'like',
      column,
      pattern: this.#cursor.parseNext(({ value }) => toParameter(value)),
    };
  }

  #doubt(mistake: string | undefined): void {
    if (mistake !== undefined) this.#context.warn?.(mistake);
  }

  #column(): ResultColumn {
    const { next, afterNext } = this.#cursor;
    // Quotes are necessary around a label that is several words, and no text can be here.
    if (next.kind === 'text' && findColumn(next.value, this.#known) !== undefined) {
      return this.#cursor.parseNext(({ value }) => getColumn(value, this.#known));
    }
    if (next.kind !== 'word' || isReserved(next)) {
      throw this.#cursor.createUnexpectedError('a column', COLUMN_FIRST_HINT);
    }
    const otherwise = afterNext.value === '(' ? NO_FUNCTIONS_HINT : getColumnHint(next);
    return this.#cursor.parseNext(({ source }) => getColumn(source, this.#known, otherwise));
  }

  #value(column: ResultColumn): Span {
    // SQL's notation: date '2026-11-19'.
    if (this.#cursor.afterNext.kind === 'text') this.#cursor.accept('date');
    const { next } = this.#cursor;
    if (next.kind === 'symbol' || next.kind === 'end' || isReserved(next)) {
      throw this.#cursor.createUnexpectedError('a value');
    }
    return this.#cursor.parseNext((token) => {
      const isDay = token.kind === 'word' && isDayWord(token.value) && isOfDays(column);
      if (token.kind === 'word' && !isDay) {
        const hint = getColumnHint(token) ?? getFormatHint(column, token);
        const operand = toColumnOperand(getColumn(token.source, this.#known, hint), column);
        return { first: operand, last: operand };
      }
      this.#doubt(findLikelyMistake(column, token));
      return parseLiteral(column, token, this.#context.today);
    });
  }
}

const isOne = ({ first, last }: Span): boolean => first === last;

/** Of several days, `=` means any of them. */
function createComparison(column: ResultColumn, operator: Comparison, value: Span): Condition {
  const { first, last } = value;
  if (!isOne(value) && (operator === '=' || operator === '<>')) {
    return negateIf(operator === '<>', { kind: 'between', column, low: first, high: last });
  }
  const isPastLast = operator === '<=' || operator === '>';
  return { kind: 'compare', column, operator, value: isPastLast ? last : first };
}

function createMembership(column: ResultColumn, values: readonly Span[]): Condition {
  const single = values.filter(isOne).map(({ first }) => first);
  const parts: readonly Condition[] = [
    ...(single.length === 0 ? [] : [{ kind: 'in', column, values: single } as const]),
    ...values
      .filter((value) => !isOne(value))
      .map(({ first, last }) => ({ kind: 'between', column, low: first, high: last }) as const),
  ];
  const [only, ...others] = parts;
  return only === undefined || others.length > 0 ? { kind: 'or', parts } : only;
}

/** The hint for a word that is no column. */
function getColumnHint({ source }: Token): string | undefined {
  return source.includes('/') ? ARITHMETIC_HINT : getWordHint(source);
}

/** Whether a word belongs to the grammar; no column has such a name. */
function isReserved({ kind, value }: Token): boolean {
  return kind === 'word' && RESERVED_WORDS.has(value);
}

function negateIf(negated: boolean, part: Condition): Condition {
  return negated ? { kind: 'not', part } : part;
}
