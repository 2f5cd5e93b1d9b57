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
import type { Column } from '../catalog/column.ts';
import { UsageError } from '../errors.ts';
import type { Comparison, Condition, Operand } from './condition.ts';
import { columnNamed } from './known-columns.ts';
import { Cursor } from './where-cursor.ts';
import { COLUMN_FIRST, hintAtWord, JOINED, NO_FUNCTIONS, SHELL, SUCH_AS } from './where-hints.ts';
import { bindable, columnAsOperand, doubtAbout, howToWrite, literalFor } from './where-operands.ts';
import type { Token } from './where-tokens.ts';

/** What a command line holds; no question of a person comes near it. */
const LONGEST = 4_000;
const DEEPEST = 50;

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
const RESERVED = new Set(['and', 'or', 'not', 'between', 'in', 'like', 'is', 'null']);

/**
 * @param doubt is told what reads well and is hardly meant so
 * @throws UsageError (and nothing else) where `text` is no condition over the `known` columns
 */
export function parseWhere(
  text: string,
  known: readonly Column[],
  doubt: (what: string) => void = () => undefined,
): Condition {
  if (text.trim() === '') throw new UsageError('--where is empty', { hint: SUCH_AS });
  if (text.length > LONGEST) {
    throw new UsageError(`--where takes ${LONGEST} characters; this has ${text.length}`);
  }
  const reader = new Reader(text, known, doubt);
  const condition = reader.condition(0);
  reader.expectEnd();
  return condition;
}

class Reader {
  readonly #cursor: Cursor;
  readonly #known: readonly Column[];
  readonly #doubt: (what: string) => void;

  constructor(text: string, known: readonly Column[], doubt: (what: string) => void) {
    this.#cursor = new Cursor(text);
    this.#known = known;
    this.#doubt = doubt;
  }

  condition(depth: number): Condition {
    if (depth > DEEPEST) throw this.#cursor.refusal('the parentheses stand too deep');
    return this.#chain('or', () => this.#chain('and', () => this.#single(depth)));
  }

  expectEnd(): void {
    const { kind, value } = this.#cursor.next;
    if (kind === 'end') return;
    const hint = value === ')' ? 'No parenthesis is open there: leave it out.' : JOINED;
    throw this.#cursor.expected('and, or, or the end', hint);
  }

  #chain(kind: 'and' | 'or', one: () => Condition): Condition {
    const first = one();
    const parts = [first];
    while (this.#cursor.take(kind)) parts.push(one());
    return parts.length === 1 ? first : { kind, parts };
  }

  #single(depth: number): Condition {
    if (depth > DEEPEST) throw this.#cursor.refusal('too many words "not" in a row');
    if (this.#cursor.take('not')) return { kind: 'not', part: this.#single(depth + 1) };
    if (this.#cursor.take('(')) {
      const inside = this.condition(depth + 1);
      this.#cursor.must(')', 'A parenthesis that is open wants its ).');
      return inside;
    }
    return this.#test(this.#column());
  }

  #test(column: Column): Condition {
    const cursor = this.#cursor;
    if (cursor.take('is')) {
      const negated = cursor.take('not');
      cursor.must('null', 'Only null and not null stand behind is; = and != compare.');
      return negatedIf(negated, { kind: 'null', column });
    }
    const negated = cursor.take('not');
    if (cursor.take('between')) {
      const low = this.#value(column);
      cursor.must('and', `Such as: ${column.name} between 10 and 20.`);
      return negatedIf(negated, { kind: 'between', column, low, high: this.#value(column) });
    }
    if (cursor.take('in')) {
      const hint = `Such as: ${column.name} in (…, …).`;
      cursor.must('(', hint);
      const values = [this.#value(column)];
      while (cursor.take(',')) values.push(this.#value(column));
      cursor.must(')', hint);
      return negatedIf(negated, { kind: 'in', column, values });
    }
    if (cursor.take('like')) return negatedIf(negated, this.#like(column));
    if (negated) throw cursor.expected('between, in or like');
    return { kind: 'compare', column, operator: this.#operator(), value: this.#value(column) };
  }

  #operator(): Comparison {
    const { next, isAfterFirst } = this.#cursor;
    const operator = next.kind === 'symbol' ? COMPARISONS[next.value] : undefined;
    if (operator === undefined) {
      const isLoneWord = next.kind === 'end' && isAfterFirst;
      const hint = isLoneWord ? SHELL : SUCH_AS;
      throw this.#cursor.expected('= != < <= > >=, between, in, like or is', hint);
    }
    this.#cursor.step();
    return operator;
  }

  #like(column: Column): Condition {
    if (column.type !== 'string') {
      throw this.#cursor.refusal(`${column.name} is no text, so nothing is like it`);
    }
    if (this.#cursor.next.kind !== 'text') throw this.#cursor.expected("a text such as 'Banc%'");
    return { kind: 'like', column, pattern: this.#cursor.reading(({ value }) => bindable(value)) };
  }

  #column(): Column {
    const { next, afterNext } = this.#cursor;
    if (next.kind !== 'word' || isReserved(next)) {
      const isQuoted = next.kind === 'text' && this.#known.some(({ name }) => name === next.value);
      const hint = isQuoted ? `Columns stand without quotes: ${next.value}.` : COLUMN_FIRST;
      throw this.#cursor.expected('a column', hint);
    }
    const otherwise = afterNext.value === '(' ? NO_FUNCTIONS : hintAtWord(next.written);
    return this.#cursor.reading(({ written }) => columnNamed(written, this.#known, otherwise));
  }

  #value(column: Column): Operand {
    // As SQL has it: date '2026-11-20'.
    if (this.#cursor.afterNext.kind === 'text') this.#cursor.take('date');
    const { next } = this.#cursor;
    if (next.kind === 'symbol' || next.kind === 'end' || isReserved(next)) {
      throw this.#cursor.expected('a value');
    }
    return this.#cursor.reading((token) => {
      if (token.kind === 'word') {
        const hint = howToWrite(column, token);
        return columnAsOperand(columnNamed(token.written, this.#known, hint), column);
      }
      const what = doubtAbout(column, token);
      if (what !== undefined) this.#doubt(what);
      return literalFor(column, token);
    });
  }
}

/** Whether a word is of the grammar: no column has such a name. */
function isReserved({ kind, value }: Token): boolean {
  return kind === 'word' && RESERVED.has(value);
}

function negatedIf(negated: boolean, part: Condition): Condition {
  return negated ? { kind: 'not', part } : part;
}
