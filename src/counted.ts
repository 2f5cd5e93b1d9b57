/** Numbers with their nouns, as people write them. Pure. */

/** `1 day`, `2 days`, `0 days`; the plural is the noun with an s unless it is given. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
