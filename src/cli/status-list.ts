/** `pynvest status --list`: every code, what it counts as and means, and what is done about it. */
import { allStatusCodes, statusCodes } from '../operate/status/codes.ts';
import { chosenFormat, write, writeRows } from './output.ts';
import type { OutputFormat } from './output-formats.ts';
import { type Terminal, widthOf } from './terminal.ts';
import { wrapText } from './wrap-text.ts';

const INDENT = ' '.repeat(8);

export async function writeStatusCodes(
  terminal: Terminal,
  format: OutputFormat | undefined,
): Promise<void> {
  if (chosenFormat(terminal, format) !== 'table') {
    return writeRows(terminal, format, {
      columns: ['code', 'counts_as', 'meaning', 'remedy'],
      rows: allStatusCodes.map((code) => {
        const { countsAs, meaning, remedy } = statusCodes[code];
        return [code, countsAs.join(', '), meaning, remedy];
      }),
    });
  }
  const width = Math.max(40, widthOf(terminal.stdout) ?? 80) - INDENT.length;
  for (const code of allStatusCodes) {
    const { countsAs, meaning, remedy } = statusCodes[code];
    const lines = [meaning, remedy].flatMap((text) => wrapText(text, width));
    const text = lines.map((line) => `${INDENT}${line}\n`).join('');
    await write(terminal.stdout, `${code} (${countsAs.join(', ')})\n${text}`);
  }
}
