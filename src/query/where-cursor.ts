/** Where in a condition one reads, and what is said where that is not what comes. Pure. */
import type { UsageError } from '../errors.ts';
import { hintAtNumber, hintAtWord, SUCH_AS } from './where-hints.ts';
import { pointingAt, refusal } from './where-refusal.ts';
import { type Token, tokensOf } from './where-tokens.ts';

export class Cursor {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  /** @throws UsageError where the text does not fall into tokens */
  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
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

  step(): void {
    this.#at += 1;
  }

  /** Steps over a word or a symbol where it comes next; a text of the same letters is neither. */
  take(value: string): boolean {
    const { kind, value: next } = this.next;
    if ((kind !== 'word' && kind !== 'symbol') || next !== value) return false;
    this.step();
    return true;
  }

  /** @throws UsageError where it does not come next */
  must(value: string, hint: string): void {
    if (!this.take(value)) throw this.expected(JSON.stringify(value), hint);
  }

  /** That something else comes than `what`; a slip that is known has a hint of its own. */
  expected(what: string, hint = SUCH_AS): UsageError {
    const { kind, written } = this.next;
    const found = kind === 'end' ? 'nothing' : `\`${written}\``;
    const before = this.#at === 0 ? undefined : this.#tokenAt(this.#at - 1);
    const place = before === undefined ? 'at the beginning' : `after \`${before.written}\``;
    const isComma = written === ',' && before?.kind === 'number';
    const ofNumber = isComma ? hintAtNumber(this.#text.slice(before.at)) : undefined;
    const ofWord = kind === 'text' ? undefined : hintAtWord(written);
    return this.refusal(`${place} comes ${found}, not ${what}`, ofNumber ?? ofWord ?? hint);
  }

  refusal(message: string, hint?: string): UsageError {
    return refusal(this.#text, this.next.at, message, hint);
  }

  /** What `read` makes of the next token, which is stepped over. @throws UsageError that points at it */
  reading<T>(read: (token: Token) => T): T {
    const { next } = this;
    const answer = pointingAt(this.#text, next.at, () => read(next));
    this.step();
    return answer;
  }

  #tokenAt(at: number): Token {
    const end: Token = { kind: 'end', value: '', written: 'the end', at: this.#text.length };
    return this.#tokens[at] ?? end;
  }
}
