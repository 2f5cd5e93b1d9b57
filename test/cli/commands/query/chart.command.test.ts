/** The golden screens of `chart.test.ts`, as the built command draws them on a pseudo-terminal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createLocalLake } from '../../../../src/lake/local/lake.ts';
import { commandEnvironment, commandFile } from '../../../support/command.ts';
import { newFolder } from '../../../support/folders.ts';
import { writeLongHistory } from '../../../support/long-history.ts';
import { terminalAvailable } from '../../../support/on-terminal.ts';

const GOLDEN = join(import.meta.dirname, '../../../golden/charts');

let lake: string;
beforeAll(async () => {
  lake = await newFolder();
  await writeLongHistory(createLocalLake(lake), {
    tickers: ['TUCA3', 'MANG3', 'DEMO11'],
    ...{ from: '2024-01-02', to: '2026-11-19' },
  });
});

/** What a terminal of this width shows of the command. */
async function show(words: readonly string[], columns: number): Promise<string> {
  const command = [process.execPath, commandFile, ...words].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `stty cols ${columns}; ${command}`, '/dev/null'], {
    env: commandEnvironment({ TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' }),
  });
  child.stdin.end();
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  await once(child, 'close');
  return shown.replaceAll('\r\n', '\n');
}

test.skipIf(!terminalAvailable).each([60, 80, 120])('on %i columns', async (columns) => {
  const words = ['query', 'historico', 'TUCA3', '--chart', '--lake', lake, '--quiet'];
  const golden = await readFile(join(GOLDEN, `historico-${columns}-color.txt`), 'utf8');
  expect(await show(words, columns)).toBe(golden);
  const plain = await readFile(join(GOLDEN, `historico-${columns}.txt`), 'utf8');
  expect(await show([...words, '--no-color'], columns)).toBe(plain);
});
