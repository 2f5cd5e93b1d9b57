/** What is said of a condition that cannot be: what, why, and a mark under the place. Pure. */
import { UsageError } from '../errors.ts';

/** So many characters on either side of the place are shown. */
const CONTEXT = 36;

/** @param at where in `text` it is, counted in code units */
export function refusal(text: string, at: number, message: string, hint?: string): UsageError {
  return new UsageError(`--where: ${message}\n${marked(text, at)}`, { hint });
}

/** What `read` answers; what it refuses is said with the place. @throws UsageError */
export function pointingAt<T>(text: string, at: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw refusal(text, at, error.message, error.hint);
  }
}

/** The text around the place on one line, and a ^ below it. */
function marked(text: string, at: number): string {
  const before = [...text.slice(0, at)].map(visible);
  const behind = [...text.slice(at)].map(visible);
  const start = before.length > CONTEXT ? ['…', ...before.slice(-CONTEXT)] : before;
  const end = behind.length > CONTEXT ? [...behind.slice(0, CONTEXT), '…'] : behind;
  return `  ${[...start, ...end].join('').trimEnd()}\n  ${' '.repeat(start.length)}^`;
}

/** A line break or a control character would move the mark. */
function visible(character: string): string {
  return /[\s\p{Cc}\p{Cs}]/u.test(character) ? ' ' : character;
}
