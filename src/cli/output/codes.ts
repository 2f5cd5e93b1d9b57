/**
 * Lists the codes of `status` and `doctor` (`--list`): what each means, what it counts as, what to do about it.
 */
import { type HealthCommand, type ListedCode, listCodes } from '../../health/rules/rules.ts';
import { getWidth, type Terminal, wrapText } from '../terminal/terminal.ts';
import { type OutputFormat, resolveFormat, write, writeRows } from './rows.ts';

type Column = 'code' | 'counts_as' | 'meaning' | 'remedy' | 'fix' | 'aliases';

const COLUMNS: Readonly<Record<HealthCommand, readonly Column[]>> = {
  status: ['code', 'counts_as', 'meaning', 'remedy', 'aliases'],
  doctor: ['code', 'meaning', 'remedy', 'fix', 'counts_as', 'aliases'],
};

const INDENT = ' '.repeat(8);

export async function writeCodes(
  terminal: Terminal,
  format: OutputFormat | undefined,
  command: HealthCommand,
): Promise<void> {
  const codes = listCodes(command);
  if (resolveFormat(terminal, format) !== 'table') {
    const columns = COLUMNS[command];
    const rows = codes.map((code) => columns.map((column) => getCell(code, column)));
    return writeRows(terminal, format, { columns, rows });
  }
  const width = Math.max(40, getWidth(terminal.stdout) ?? 80);
  for (const code of codes) {
    const { meaning, remedy, fix, aliases } = code;
    const sentences = [
      ...[meaning, remedy],
      command === 'doctor' && fix !== '' ? `--fix ${fix}.` : '',
      aliases.length > 0 ? `Formerly ${aliases.join(', ')}.` : '',
    ];
    const lines = sentences.flatMap((text) => wrapText(text, width, INDENT));
    const text = lines.map((line) => `${line}\n`).join('');
    await write(terminal.stdout, `${code.code} (${getCell(code, 'counts_as')})\n${text}`);
  }
}

function getCell({ code, countsAs, meaning, remedy, fix, aliases }: ListedCode, column: Column) {
  const cells = { code, meaning, remedy, fix };
  if (column === 'counts_as') return countsAs.join(', ');
  return column === 'aliases' ? aliases.join(', ') : cells[column];
}
