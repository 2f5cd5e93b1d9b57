/** The golden screens as the built command shows them on a pseudo-terminal. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { createGoldenLake } from '../support/golden-lake.ts';
import { onTerminal, terminalAvailable } from '../support/on-terminal.ts';

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
    for (const [file, noColor] of [
      [`${name}.colour.txt`, {}],
      [`${name}.txt`, { NO_COLOR: '1' }],
    ] as const) {
      const env = { TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', ...noColor };
      const screens = await Promise.all(
        [60, 80, 120].map(async (columns) => {
          const { shown } = await onTerminal(['query', ...words, '--lake', lake], { env, columns });
          const text = shown.replaceAll('\r\n', '\n').replaceAll(lake, '/lake');
          return `${`${columns} columns `.padEnd(columns, '=')}\n${text}`;
        }),
      );
      expect(screens.join('\n')).toBe(await readFile(new URL(file, GOLDEN), 'utf8'));
    }
  });
});
