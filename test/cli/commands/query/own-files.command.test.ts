/** The pages about a person's own files: each of their commands prints what the page says. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandFile, startProgram } from '../../../support/command.ts';
import { newFolder } from '../../../support/folders.ts';
import { quote, writeQuotes } from '../../../support/made-up-lake.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

/** The blocks of a language in a page. */
function findBlocks(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(
    ([, text = '']) => text,
  );
}

/** The commands of a screen, which begin with `$ ` and go on in indented lines, and what they print. */
function parseScreen(screen: string): { readonly commands: string; readonly printed: string } {
  const lines = screen.split('\n');
  const isCommand = (line: string): boolean => /^(?:\$ | {4})/.test(line);
  return {
    commands: lines
      .filter(isCommand)
      .map((line) => line.replace(/^\$ /, ''))
      .join('\n'),
    printed: lines.filter((line) => !isCommand(line)).join('\n'),
  };
}

test.each(['docs/own-files.md', 'docs/pt-BR/seus-arquivos.md'])('%s', async (path) => {
  const page = await readFile(join(ROOT, path), 'utf8');
  const [lake, folder] = [await newFolder(), await newFolder()];
  await writeQuotes(lake, '2026-11-18', [quote('TUCA3', 30), quote('DEMO11', 100)]);
  await writeQuotes(lake, '2026-11-19', [quote('TUCA3', 38.72), quote('DEMO11', 108.42)]);
  const [portfolio = ''] = findBlocks(page, 'csv');
  await writeFile(join(folder, 'carteira.csv'), portfolio);
  const screens = findBlocks(page, 'console').map(parseScreen);
  expect(screens).toHaveLength(3);
  for (const { commands, printed } of screens) {
    const script = [
      `cd '${folder}'; pynvest() { '${process.execPath}' '${commandFile}' "$@"; }`,
      commands,
    ].join('\n');
    const { stdout, stderr } = await startProgram('bash', ['-c', script], {
      env: { PYNVEST_LAKE: lake, PYNVEST_TARGET: 'local' },
    }).result;
    const notice = `Lake: ${lake} (set by PYNVEST_TARGET)\n`;
    expect(stdout + stderr.replace(notice, '')).toBe(printed);
  }
});
