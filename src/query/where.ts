/**
 * The conditions of `--where`: a small part of SQL's own, over the catalog's columns. Pure.
 *
 *     condition   = all { "or" all }
 *     all         = single { "and" single }
 *     single      = "not" single | "(" condition ")" | column test
 *     test        = ("=" | "!=" | "<>" | "<" | "<=" | ">" | ">=") value
 *                 | ["not"] "between" value "and" value
 *                 | ["not"] "in" "(" value { "," value } ")"
 *                 | ["not"] "like" text
 *                 | "is" ["not"] "null"
 *     value       = number | number "%" | text | day | column
 *
 * A parser for all of SQL would weigh megabytes and let through what this must refuse.
 */
import type { Column } from '../catalog/column.ts';
import { UsageError } from '../errors.ts';
import type { Comparison, Condition, Operand } from './condition.ts';
import { columnNamed } from './known-columns.ts';
import { bindable, columnAsOperand, literalFor } from './where-operands.ts';
import { type Token, tokensOf } from './where-tokens.ts';

/** What a command line holds; no question of a person comes near it. */
const LONGEST = 4_000;
const DEEPEST = 50;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '!=': '<>',
  '<>': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const RESERVED = new Set(['and', 'or', 'not', 'between', 'in', 'like', 'is', 'null']);

/** @throws UsageError (and nothing else) where `text` is no condition over the `known` columns */
export function parseWhere(text: string, known: readonly Column[]): Condition {
  if (text.trim() === '') throw new UsageError('--where is empty');
  if (text.length > LONGEST) {
    throw new UsageError(`--where takes ${LONGEST} characters; this has ${text.length}`);
  }
  const reader = new Reader(tokensOf(text), known);
  const condition = reader.condition(0);
  reader.expectEnd();
  return condition;
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #known: readonly Column[];
  #at = 0;

  constructor(tokens: readonly Token[], known: readonly Column[]) {
    this.#tokens = tokens;
    this.#known = known;
  }

  condition(depth: number): Condition {
    if (depth > DEEPEST) throw new UsageError('--where: the parentheses stand too deep');
    return this.#chain('or', () => this.#chain('and', () => this.#single(depth)));
  }

  expectEnd(): void {
    if (this.#next.kind !== 'end') throw this.#expected('and, or, or the end');
  }

  #chain(kind: 'and' | 'or', one: () => Condition): Condition {
    const first = one();
    const parts = [first];
    while (this.#take(kind)) parts.push(one());
    return parts.length === 1 ? first : { kind, parts };
  }

  #single(depth: number): Condition {
    if (depth > DEEPEST) throw new UsageError('--where: too many words "not" in a row');
    if (this.#take('not')) return { kind: 'not', part: this.#single(depth + 1) };
    if (this.#take('(')) {
      const inside = this.condition(depth + 1);
      this.#must(')');
      return inside;
    }
    return this.#test(this.#column());
  }

  #test(column: Column): Condition {
    if (this.#take('is')) {
      const negated = this.#take('not');
      this.#must('null');
      return negatedIf(negated, { kind: 'null', column });
    }
    const negated = this.#take('not');
    if (this.#take('between')) {
      const low = this.#value(column);
      this.#must('and');
      return negatedIf(negated, { kind: 'between', column, low, high: this.#value(column) });
    }
    if (this.#take('in')) {
      this.#must('(');
      const values = [this.#value(column)];
      while (this.#take(',')) values.push(this.#value(column));
      this.#must(')');
      return negatedIf(negated, { kind: 'in', column, values });
    }
    if (this.#take('like')) return negatedIf(negated, this.#like(column));
    const operator = this.#next.kind === 'symbol' ? COMPARISONS[this.#next.value] : undefined;
    if (negated || operator === undefined) {
      throw this.#expected(
        negated ? 'between, in or like' : '= != < <= > >=, between, in, like or is',
      );
    }
    this.#at += 1;
    return { kind: 'compare', column, operator, value: this.#value(column) };
  }

  #like(column: Column): Condition {
    const { kind, value } = this.#next;
    if (column.type !== 'string') {
      throw new UsageError(`--where: ${column.name} is no text, so nothing is like it`);
    }
    if (kind !== 'text') throw this.#expected("a text such as 'Banc%'");
    this.#at += 1;
    return { kind: 'like', column, pattern: bindable(value) };
  }

  #column(otherwise?: string): Column {
    const { kind, value, written } = this.#next;
    if (kind !== 'word' || RESERVED.has(value)) throw this.#expected('a column');
    this.#at += 1;
    return columnNamed(written, this.#known, otherwise);
  }

  #value(column: Column): Operand {
    const token = this.#next;
    if (token.kind === 'word') {
      const text = `Texts stand in quotes: '${token.written}'.`;
      return columnAsOperand(this.#column(text), column);
    }
    if (token.kind === 'symbol' || token.kind === 'end') throw this.#expected('a value');
    this.#at += 1;
    return literalFor(column, token);
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', value: '', written: 'the end' };
  }

  /** Steps over a word or a symbol where it comes next; a text of the same letters is neither. */
  #take(value: string): boolean {
    const { kind, value: next } = this.#next;
    if ((kind !== 'word' && kind !== 'symbol') || next !== value) return false;
    this.#at += 1;
    return true;
  }

  #must(value: string): void {
    if (!this.#take(value)) throw this.#expected(JSON.stringify(value));
  }

  #expected(what: string): UsageError {
    const { kind, written } = this.#next;
    const found = kind === 'end' ? 'nothing' : `\`${written}\``;
    const before = this.#tokens[this.#at - 1];
    const place = before === undefined ? 'at the beginning' : `after \`${before.written}\``;
    return new UsageError(`--where: ${place} comes ${found}, not ${what}`, {
      hint:
        written === ','
          ? 'A fraction is written with a point: 1.5.'
          : 'Such as: vlr_cot > 10 and pct_var_12m >= 35%.',
    });
  }
}

function negatedIf(negated: boolean, part: Condition): Condition {
  return negated ? { kind: 'not', part } : part;
}
