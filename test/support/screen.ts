/** What a terminal shows in the end of what was written to it: a spinner that was cleared has left nothing. */

/** A colour, a movement of the cursor, or a character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is found
const PART = /\u001b\[(\?25[lh])|\u001b\[(\d*)([AGKJ])|\u001b\[[\d;]*m|[\s\S]/gu;

/** The lines with their colours. A text that only goes forward is returned as it is. */
export function showScreen(text: string): string {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  let color = '';
  for (const [part, cursor, count, command] of text.matchAll(PART)) {
    if (cursor !== undefined) continue;
    const line = lines[row] ?? [];
    if (command === 'A') row = Math.max(0, row - Number(count || 1));
    else if (command === 'G') column = Number(count || 1) - 1;
    else if (command === 'J') lines.length = row + 1;
    else if (command === 'K') {
      if (count === '2' || count === '1') line.fill('', 0, column + 1);
      if (count !== '1') line.length = count === '2' ? 0 : Math.min(line.length, column);
    } else if (part === '\r') column = 0;
    else if (part === '\n') {
      line.push(color);
      color = '';
      row += 1;
      column = 0;
      lines[row] ??= [];
    } else if (part.startsWith('\u001b')) {
      // A colour ends behind the last character that has it.
      if (column > 0) line[column - 1] = `${line[column - 1] ?? ' '}${part}`;
      else color += part;
    } else {
      line[column] = `${color}${part}`;
      color = '';
      column += 1;
    }
  }
  lines[row]?.push(color);
  return lines.map((line) => Array.from(line, (cell) => cell ?? ' ').join('')).join('\n');
}

/**
 * A screen without what differs from run to run: the sizes and durations of work, the ports of servers, and these
 * places.
 * @param places what each is called instead
 */
export function normalizeScreen(text: string, places: Readonly<Record<string, string>>): string {
  let shown = text;
  for (const [name, place] of Object.entries(places)) shown = shown.replaceAll(place, name);
  return (
    shown
      // The size of files depends on the codec.
      .replace(/\d+ kB/, 'SIZE')
      .replace(/\d+[.,]\d MB written/, 'SIZE written')
      .replace(/in \d+[.,]\d s\b/, 'in TIME')
      .replace(/127\.0\.0\.1:\d+/, 'HOST:PORT')
  );
}
