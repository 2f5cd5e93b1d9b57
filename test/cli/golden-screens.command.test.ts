/**
 * The golden screens as the built command shows them on a pseudo-terminal. A screen of `golden-screens.test.ts` comes
 * from the same program over streams that say what a terminal says: that it is one, how wide it is, and how its cursor
 * moves. These here use all of that: tables at each width with colours and without, a spinner that is cleared, and work
 * of several parts. As they equal the golden files, so do the others, which ask the terminal for nothing else.
 */
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { newFolder } from '../support/folders.ts';
import { createGoldenLake, writeGoldenFiles } from '../support/golden-lake.ts';
import { findScreen } from '../support/golden-screens.ts';
import { onTerminal, terminalAvailable } from '../support/on-terminal.ts';
import { normalizeScreen, showScreen } from '../support/screen.ts';

const GOLDEN = new URL('../golden/screens/', import.meta.url);

describe.skipIf(!terminalAvailable)('on a pseudo-terminal', () => {
  let lake: string;
  beforeAll(async () => {
    lake = await createGoldenLake();
  });

  test.each([
    ['cotacoes-one', 'cotacoes', 'TUCA3'],
    ['indicadores-both', 'indicadores', 'BSAB4', 'DEMO11'],
    ['indicadores-fund', 'indicadores', 'DEMO11'],
  ])('%s', async (name, ...words) => {
    // In colour at each width; without, one of them is enough to see that a terminal's width is found then, too.
    const widths = [60, 80, 120];
    const plainWidths = name === 'cotacoes-one' ? widths : [80];
    const screens = [
      ...widths.map((columns) => ({ columns, file: `${name}.colour.txt`, noColor: {} })),
      ...plainWidths.map((columns) => ({
        ...{ columns, file: `${name}.txt` },
        noColor: { NO_COLOR: '1' },
      })),
    ];
    await Promise.all(
      screens.map(async ({ columns, file, noColor }) => {
        const env = { TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', ...noColor };
        const { shown } = await onTerminal(['query', ...words, '--lake', lake], { env, columns });
        const text = shown.replaceAll('\r\n', '\n').replaceAll(lake, '/lake');
        const golden = await readFile(new URL(file, GOLDEN), 'utf8');
        expect(text, file).toBe(findScreen(golden, columns));
      }),
    );
  });

  test.each([
    ['import-cotahist', 'import', 'cotahist', 'FILES'],
    ['backfill', 'backfill', '--from', '2023-12-20', '--to', '2024-01-03'],
    ['demo', 'demo', '--lake', 'NEW'],
  ])('%s, on 80 columns', async (name, ...words) => {
    const [folder, files] = [await newFolder(), await writeGoldenFiles()];
    const root = join(folder, 'lake');
    if (name === 'backfill') await cp(lake, root, { recursive: true });
    const places = { NEW: root, FILES: files } as Readonly<Record<string, string>>;
    const { shown } = await onTerminal(
      words.map((word) => places[word] ?? word),
      {
        columns: 80,
        env: {
          ...{
            TERM: 'xterm-256color',
            LC_ALL: 'C.UTF-8',
            PYNVEST_LAKE: root,
            PYNVEST_TEST_NOW: '2026-11-19T23:00:00Z',
          },
          NODE_OPTIONS: `--import=${new URL('../support/clock.mjs', import.meta.url)}`,
        },
      },
    );
    const golden = await readFile(new URL(`${name}.colour.txt`, GOLDEN), 'utf8');
    const screen = showScreen(shown.replaceAll('\r\n', '\n'));
    const normal = normalizeScreen(screen, { '/new/lake': root, '/files': files });
    // A terminal shows both outputs in the order of time, a golden file the one after the other.
    const toLines = (text: string): string[] => text.split('\n').filter(Boolean).sort();
    expect(toLines(normal)).toEqual(toLines(findScreen(golden, 80)));
  });
});
