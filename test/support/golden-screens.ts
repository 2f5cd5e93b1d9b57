/** Golden screens: what people see of a command on screens of 60, 80 and 120 columns, in colour and without. */
import { expect } from 'vitest';

const WIDTHS: readonly number[] = [60, 80, 120];

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is found
const COLOUR = /\u001b\[\d+m/g;

/** The heading of a screen in a golden file. */
export function formatHeading(width: number): string {
  return `${`${width} columns `.padEnd(width, '=')}\n`;
}

/** The screen of this width in the text of a golden file, without its heading. */
export function findScreen(golden: string, width: number): string {
  const [, rest = ''] = golden.split(formatHeading(width));
  const next = WIDTHS[WIDTHS.indexOf(width) + 1];
  return (next === undefined ? rest : rest.split(`\n${formatHeading(next)}`)[0]) ?? '';
}

/**
 * Compares a command with its golden files, in `test/golden/screens`.
 * @param show what a screen of this width shows in an environment
 * @param withoutColours the widths at which a terminal without colours must show the same; fewer for work of seconds
 * @param unbroken lines that stay whole, to be copied
 */
export async function expectGoldenScreens(
  name: string,
  show: (columns: number, env?: Readonly<Record<string, string>>) => Promise<string>,
  {
    withoutColours = WIDTHS,
    unbroken,
  }: { readonly withoutColours?: readonly number[]; readonly unbroken?: RegExp } = {},
): Promise<void> {
  const [plain, coloured]: [string[], string[]] = [[], []];
  for (const width of WIDTHS) {
    const shown = await show(width);
    const text = shown.replaceAll(COLOUR, '');
    coloured.push(formatHeading(width) + shown);
    plain.push(formatHeading(width) + text);
    for (const line of text.split('\n')) {
      // A command to copy stays on one line, and a path is one word.
      if (!/^ {2}|\/lake|\/files|--/.test(line) && !unbroken?.test(line)) {
        expect(line.length, line).toBeLessThanOrEqual(width);
      }
    }
    if (withoutColours.includes(width)) {
      expect(await show(width, { NO_COLOR: '1' })).toBe(text);
    }
  }
  await expect(plain.join('\n')).toMatchFileSnapshot(`../golden/screens/${name}.txt`);
  await expect(coloured.join('\n')).toMatchFileSnapshot(`../golden/screens/${name}.colour.txt`);
}
