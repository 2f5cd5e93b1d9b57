/**
 * The conditions of `--where`: a small part of SQL's own, over the catalog's columns. Pure.
 *
 *     condition   = all { "or" all }
 *     all         = single { "and" single }
 *     single      = "not" single | "(" condition ")" | column test
 *     test        = ("=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=") value
 *                 | ["not"] "between" value "and" value
 *                 | ["not"] "in" "(" value { "," value } ")"
 *                 | ["not"] "like" text
 *                 | "is" ["not"] "null"
 *     value       = number | number "%" | text | ["date"] day | column
 *
 * A parser for all of SQL would weigh megabytes and let through what this must refuse.
 */

import type { Column } from '../../catalog/column.ts';
import { UsageError } from '../../errors.ts';
import { getColumn } from '../columns.ts';
import type { Comparison, Condition, Operand } from './condition.ts';
import {
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
  getFormatHint,
  parseLiteral,
  toColumnOperand,
  toParameter,
} from './operands.ts';

/** What a command line holds; no question of a person comes near it. */
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

/**
 * @param doubt is told what reads well and is hardly meant so
 * @throws UsageError (and nothing else) where `text` is no condition over the `known` columns
 */
export function parseWhere(
  text: string,
  known: readonly Column[],
  doubt: (what: string) => void = () => undefined,
): Condition {
  if (text.trim() === '') throw new UsageError('--where is empty', { hint: EXAMPLE_HINT });
  if (text.length > MAX_LENGTH) {
    throw new UsageError(`--where takes ${MAX_LENGTH} characters; this has ${text.length}`);
  }
  const reader = new ConditionParser(text, known, doubt);
  const condition = reader.condition(0);
  reader.expectEnd();
  return condition;
}

class ConditionParser {
  readonly #cursor: TokenCursor;
  readonly #known: readonly Column[];
  readonly #doubt: (what: string) => void;

  constructor(text: string, known: readonly Column[], doubt: (what: string) => void) {
    this.#cursor = new TokenCursor(text);
    this.#known = known;
    this.#doubt = doubt;
  }

  condition(depth: number): Condition {
    if (depth > MAX_DEPTH) throw this.#cursor.createError('the parentheses stand too deep');
    return this.#chain('or', () => this.#chain('and', () => this.#single(depth)));
  }

  expectEnd(): void {
    const { kind, value } = this.#cursor.next;
    if (kind === 'end') return;
    const hint = value === ')' ? 'No parenthesis is open there: leave it out.' : JOIN_HINT;
    throw this.#cursor.createUnexpectedError('and, or, or the end', hint);
  }

  #chain(kind: 'and' | 'or', one: () => Condition): Condition {
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
      this.#cursor.expect(')', 'A parenthesis that is open wants its ).');
      return inside;
    }
    return this.#test(this.#column());
  }

  #test(column: Column): Condition {
    const cursor = this.#cursor;
    if (cursor.accept('is')) {
      const negated = cursor.accept('not');
      cursor.expect('null', 'Only null and not null stand behind is; = and != compare.');
      return negateIf(negated, { kind: 'null', column });
    }
    const negated = cursor.accept('not');
    if (cursor.accept('between')) {
      const low = this.#value(column);
      cursor.expect('and', `Such as: ${column.name} between 10 and 20.`);
      return negateIf(negated, { kind: 'between', column, low, high: this.#value(column) });
    }
    if (cursor.accept('in')) {
      const hint = `Such as: ${column.name} in (…, …).`;
      cursor.expect('(', hint);
      const values = [this.#value(column)];
      while (cursor.accept(',')) values.push(this.#value(column));
      cursor.expect(')', hint);
      return negateIf(negated, { kind: 'in', column, values });
    }
    if (cursor.accept('like')) return negateIf(negated, this.#like(column));
    if (negated) throw cursor.createUnexpectedError('between, in or like');
    return { kind: 'compare', column, operator: this.#operator(), value: this.#value(column) };
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

  #like(column: Column): Condition {
    if (column.type !== 'string') {
      throw this.#cursor.createError(`${column.name} is no text, so nothing is like it`);
    }
    if (this.#cursor.next.kind !== 'text')
      throw this.#cursor.createUnexpectedError("a text such as 'Banc%'");
    return {
      kind: 'like',
      column,
      pattern: this.#cursor.parseNext(({ value }) => toParameter(value)),
    };
  }

  #column(): Column {
    const { next, afterNext } = this.#cursor;
    if (next.kind !== 'word' || isReserved(next)) {
      const isQuoted = next.kind === 'text' && this.#known.some(({ name }) => name === next.value);
      const hint = isQuoted ? `Columns stand without quotes: ${next.value}.` : COLUMN_FIRST_HINT;
      throw this.#cursor.createUnexpectedError('a column', hint);
    }
    const otherwise = afterNext.value === '(' ? NO_FUNCTIONS_HINT : getWordHint(next.source);
    return this.#cursor.parseNext(({ source: written }) =>
      getColumn(written, this.#known, otherwise),
    );
  }

  #value(column: Column): Operand {
    // As SQL has it: date '2026-11-20'.
    if (this.#cursor.afterNext.kind === 'text') this.#cursor.accept('date');
    const { next } = this.#cursor;
    if (next.kind === 'symbol' || next.kind === 'end' || isReserved(next)) {
      throw this.#cursor.createUnexpectedError('a value');
    }
    return this.#cursor.parseNext((token) => {
      if (token.kind === 'word') {
        const hint = getFormatHint(column, token);
        return toColumnOperand(getColumn(token.source, this.#known, hint), column);
      }
      const what = findLikelyMistake(column, token);
      if (what !== undefined) this.#doubt(what);
      return parseLiteral(column, token);
    });
  }
}

/** Whether a word is of the grammar: no column has such a name. */
function isReserved({ kind, value }: Token): boolean {
  return kind === 'word' && RESERVED_WORDS.has(value);
}

function negateIf(negated: boolean, part: Condition): Condition {
  return negated ? { kind: 'not', part } : part;
}
