/** Text: quantities with their nouns, long lists, and text without accents. Pure. */

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
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase();
}
