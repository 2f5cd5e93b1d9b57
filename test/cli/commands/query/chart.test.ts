/**
 * `--chart`, as a terminal shows it: golden screens in `test/golden/charts`.
 * `npx vitest run test/cli/commands/query/chart.test.ts -u` writes them anew.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLocalLake } from '../../../../src/lake/local/lake.ts';
import { newFolder } from '../../../support/folders.ts';
import { pynvest } from '../../../support/in-process.ts';
import { listWeekdays, writeLongHistory } from '../../../support/long-history.ts';
import { quote, writeQuotes } from '../../../support/made-up-lake.ts';

let lake: string;
afterAll(() => void vi.useRealTimers());
beforeAll(async () => {
  // The last year and month of a chart are those of today.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-19T23:00:00Z') });
  lake = await newFolder();
  await writeLongHistory(createLocalLake(lake), {
    tickers: ['TUCA3', 'MANG3', 'DEMO11'],
    ...{ from: '2024-01-02', to: '2026-11-19' },
  });
  for (const [at, day] of listWeekdays('2026-11-02', '2026-11-19').entries()) {
    const wave = Math.round(100 * Math.sin(at / 2)) / 100;
    await writeQuotes(lake, day, [
      quote('MANG3', 12 - wave / 2, { dt_ult_cot: day }),
      quote('TUCA3', 38.5 + wave, { dt_ult_cot: day }),
    ]);
  }
});

const UTF8 = { LANG: 'pt_BR.UTF-8' };

const ask = (words: readonly string[], columns?: number, env: Record<string, string> = UTF8) =>
  pynvest(['query', ...words, '--chart', '--lake', lake], { env, columns });

const CHARTS: readonly (readonly [name: string, ...words: string[]])[] = [
  ['cotacoes', 'cotacoes', 'TUCA3', 'MANG3'],
  ['historico', 'historico', 'TUCA3'],
  ['retorno', 'retorno', 'TUCA3', 'DEMO11', '--contra', 'cdi,ipca'],
  ['proventos', 'proventos', 'TUCA3', 'DEMO11'],
];

describe.each(CHARTS)('query %s --chart', (name, ...words) => {
  test.each([60, 80, 120])('%i columns, with and without colors', async (columns) => {
    const colored = await ask(words, columns);
    const plain = await ask([...words, '--no-color'], columns);
    expect([colored.status, plain.status]).toEqual([0, 0]);
    const path = `../../../golden/charts/${name}-${columns}`;
    await expect(colored.stdout).toMatchFileSnapshot(`${path}-color.txt`);
    await expect(plain.stdout).toMatchFileSnapshot(`${path}.txt`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colors are what is removed
    expect(colored.stdout.replace(/\u001b\[\d+m/g, '')).toBe(plain.stdout);
    expect(Math.max(...plain.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(
      columns,
    );
  });

  test('into a pipe: 80 columns, no colors; ASCII without UTF-8', async () => {
    const piped = await ask(words);
    await expect(piped.stdout).toMatchFileSnapshot(`../../../golden/charts/${name}-80.txt`);
    const ascii = await ask(words, undefined, { LC_ALL: 'C' });
    expect(ascii.stdout).toMatch(/^[\n -~]+$/);
    await expect(ascii.stdout).toMatchFileSnapshot(`../../../golden/charts/${name}-ascii.txt`);
  });

  test.each([
    ['--format', 'csv'],
    ['--format', 'table'],
    ['-o', 'answer.csv'],
  ])('is refused with %s %s', async (...other) => {
    const { status, stdout, stderr } = await ask([...words, ...other]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/--chart draws on the terminal, and --(format|output)/);
  });
});

test('proventos: of less than two years the bars are months, those without a payment, too', async () => {
  const { stdout, stderr } = await ask(['proventos', 'DEMO11', '--from', '2026-06-10']);
  expect(stdout.split('\n').map((line) => line.slice(0, 20).trimEnd())).toEqual([
    ...['DEMO11: income of ea', '2026-06 (from 10/06)', '2026-07', '2026-08', '2026-09', '2026-10'],
    ...['2026-11 (to 19/11)', ''],
  ]);
  expect(stderr).toContain('These are no whole months: 2026-06 (from 10/06), 2026-11 (to 19/11).');
  const past = await ask(['proventos', 'DEMO11', '--from', '2026-06', '--to', '2026-08']);
  expect(past.stderr).not.toContain('no whole');
  const none = await ask(['proventos', 'DEMO11', '--from', '2026-11-10']);
  expect({ status: none.status, stdout: none.stdout }).toEqual({ status: 0, stdout: '' });
  expect(none.stderr).toContain('no income to draw');
});

test('proventos: the years of a span are all drawn, and those in part are named', async () => {
  const { stdout, stderr } = await ask(['proventos', 'DEMO11', '--from', '2022-03-01']);
  expect(
    stdout
      .split('\n')
      .slice(1)
      .map((line) => line.slice(0, 17).trimEnd()),
  ).toEqual([...['2022 (from 01/03)', '2023', '2024', '2025', '2026 (to 19/11)', '']]);
  expect(stderr).toContain('These are no whole years: 2022 (from 01/03), 2026 (to 19/11).');
});

describe('what cannot be drawn', () => {
  test.each([
    [['cotacoes'], 2, '--chart needs the tickers'],
    [['historico'], 2, '--chart needs the tickers'],
    [['cotacoes', 'TUCA3', '--columns', 'vlr_cot'], 2, 'draws vlr_cot by its days, and --columns'],
    [['cotacoes', 'TUCA3', '--sort', 'vlr_cot'], 2, '--sort is about rows'],
    [['proventos', 'TUCA3', '--total'], 2, '--total has one number an asset'],
    [
      ['historico', 'AAAA3,BBBB3,CCCC3,DDDD3,EEEE3,FFFF3,GGGG3,HHHH3,IIII3'],
      2,
      'at most 8 lines, and these are 9',
    ],
    [['cotacoes', 'TUCA3', '--last', '1'], 1, 'there is only 19/11/2026'],
    [['historico', 'TUCA3', '--from', '2026-11-19'], 1, 'there is only 19/11/2026'],
  ] as const)('%j', async (words, expected, message) => {
    const { status, stdout, stderr } = await ask(words);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('of several tickers the others are drawn', async () => {
    const { status, stdout, stderr } = await ask(['historico', 'TUCA3', 'NADA3']);
    expect(status).toBe(3);
    expect(stdout).toMatch(/^TUCA3: close adjusted for splits and all cash, R\$\n/);
    expect(stderr).toContain('NADA3: no price');
    const nothing = await ask(['historico', 'NADA3']);
    expect({ status: nothing.status, stdout: nothing.stdout }).toEqual({ status: 1, stdout: '' });
  });
});
