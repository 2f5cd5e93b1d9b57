/** Text: quantities with their nouns, long lists, text without accents, and text of others made safe to show. Pure. */

/** `1 day`, `2 days`, `0 days`; the plural is the noun with an s unless it is given. */
export function formatQuantity(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** The first few of a list, and how many more there are: `a, b and 3 more`. */
export function formatFirst(items: readonly string[], most = 5): string {
  const first = items.slice(0, most).join(', ');
  return items.length > most ? `${first} and ${items.length - most} more` : first;
}

/** Two sentences in a line; the first may lack its full stop, and the second may be empty. */
export function joinSentences(first: string, second: string): string {
  if (second === '') return first;
  return /[.!?]$/.test(first) ? `${first} ${second}` : `${first}. ${second}`;
}

/** In lower case, without accents. */
export function removeAccents(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}

/** Cuts a text that is longer than `length`; an ellipsis shows it. */
export function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Cuts a text as `truncate` does, but between words: a first word that is longer stays whole. */
export function truncateWords(text: string, length: number): string {
  if (text.length <= length) return text;
  const before = text.lastIndexOf(' ', length - 1);
  const end = before > 0 ? before : text.indexOf(' ', length - 1);
  return end < 0 ? text : `${text.slice(0, end).trimEnd()}…`;
}

/**
 * What a terminal obeys instead of showing it: C0 and C1 controls but the line feed, line separators, and the marks
 * that turn the direction of text or have no width.
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is found
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The text with each control character as an escape such as `\u001b`, as JSON writes it. */
export function escapeControls(text: string): string {
  return text.replace(
    INVISIBLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A text of the site, such as a value that does not parse, in quotes, on one line and not too long. */
export function quoteBriefly(text: string, most = 60): string {
  return escapeControls(JSON.stringify(truncate(text, most)));
}
