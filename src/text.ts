/** Text: quantities with their nouns, and text without accents. Pure. */

/** `1 day`, `2 days`, `0 days`; the plural is the noun with an s unless it is given. */
export function formatQuantity(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** In lower case, without accents. */
export function removeAccents(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase();
}
