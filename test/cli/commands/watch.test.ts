import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { csvLines, jsonRows } from '../../support/answers.ts';
import { filesBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { quote, typed, writeQuotes, writeRowsTo } from '../../support/made-up-lake.ts';
import { startTestSite } from '../../support/site.ts';
import { smallMarket, tickersOf } from '../../support/small-market.ts';
import { sotTables } from '../../support/tables.ts';

let config: string;
let file: string;
beforeEach(async () => {
  config = await newFolder();
  file = join(config, 'pynvest', 'watchlist.txt');
});

const watch = (...args: string[]) =>
  pynvest(['watch', ...args], { env: { XDG_CONFIG_HOME: config } });
const listed = async () =>
  csvLines((await watch('list')).stdout)
    .slice(1)
    .flat();

describe('pynvest watch', () => {
  test('keeps the order in which tickers came, each once, in capitals', async () => {
    expect(await watch('add', 'petr4', 'HGLG11,vale3')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Watching PETR4, HGLG11, VALE3\n',
    });
    expect(await watch('add', 'ITUB4', 'PETR4', '--quiet')).toMatchObject({ stderr: '' });
    expect(await listed()).toEqual(['PETR4', 'HGLG11', 'VALE3', 'ITUB4']);
    await watch('remove', 'hglg11', 'ITUB4');
    const json = await watch('list', '--format', 'json');
    expect(jsonRows(json.stdout)).toEqual([{ ticker: 'PETR4' }, { ticker: 'VALE3' }]);
    expect(await filesBelow(config)).toEqual([join('pynvest', 'watchlist.txt')]);
    expect(await readFile(file, 'utf8')).toBe('PETR4\nVALE3\n');
  });

  test('says of a ticker that the lake does not have so, and suggests one', async () => {
    const root = await newFolder();
    await writeQuotes(root, '2026-11-19', [quote('PETR4', 30)]);
    const add = (lake: string, ...tickers: string[]) =>
      pynvest(['watch', 'add', ...tickers], {
        env: { XDG_CONFIG_HOME: config, PYNVEST_LAKE: lake },
      });
    expect(await add(root, 'PETR44', 'PETR4')).toEqual({
      ...{ status: 0, stdout: '' },
      stderr: `Watching PETR44, PETR4\n! PETR44: no row in the lake at ${root}. Did you mean PETR4?\n`,
    });
    expect((await add(join(root, 'none'), 'PETR44')).stderr).not.toContain('no row');
  });

  test('alone lists, and does not take a word for something else', async () => {
    await watch('add', 'PETR4', 'HGLG11');
    expect(await watch()).toEqual(await watch('list'));
    expect((await watch('--format', 'json')).stdout).toContain('"PETR4"');
    for (const [line, hint] of [
      ['rm PETR4', 'Did you mean pynvest watch remove PETR4?'],
      ['lst', 'Did you mean pynvest watch list?'],
      ['foo', '`pynvest watch --help` shows how it is written.'],
    ] as const) {
      const { status, stdout, stderr } = await watch(...line.split(' '));
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toBe(`error: there is no command watch ${line.split(' ')[0]}\n${hint}\n`);
    }
    expect(await listed()).toEqual(['PETR4', 'HGLG11']);
  });

  test('is empty at first and when it is cleared, and says how it is filled', async () => {
    const empty = {
      status: 0,
      stdout: 'ticker\n',
      stderr: 'The watchlist is empty: `pynvest watch add PETR4` fills it.\n',
    };
    expect(await watch('list')).toEqual(empty);
    expect(await watch('clear')).toMatchObject({ status: 0 });
    await watch('add', 'PETR4');
    expect(await watch('clear')).toMatchObject({
      status: 0,
      stderr: 'The watchlist is empty now.\n',
    });
    expect(await watch('list')).toEqual(empty);
  });

  test('takes nothing where one of several is no ticker, or is not there to be removed', async () => {
    await watch('add', 'PETR4');
    expect(await watch('add', 'VALE3', '../x')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"../x" is not a B3 ticker'),
    });
    expect(await watch('remove', 'PETR4', 'PETR3')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'error: PETR3 is not on the watchlist\nDid you mean PETR4?\n',
    });
    expect(await listed()).toEqual(['PETR4']);
  });

  test('loses none of several additions at once', async () => {
    const tickers = Array.from({ length: 8 }, (_, index) => `ABCD${index + 1}`);
    const ends = await Promise.all(tickers.map((ticker) => watch('add', ticker)));
    expect(ends.map(({ status }) => status)).toEqual(tickers.map(() => 0));
    expect((await listed()).sort()).toEqual(tickers);
  });

  test('names the file and the line that it cannot read, and leaves the file', async () => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'PETR4\n\n{"oops"\n');
    for (const args of [['list'], ['add', 'VALE3'], ['remove', 'PETR4']]) {
      expect(await watch(...args)).toEqual({
        status: 1,
        stdout: '',
        stderr:
          `error: the watchlist ${file} cannot be read: line 3, "{\\"oops\\"", is not a B3 ticker\n` +
          'It holds one ticker per line. Correct the file, or remove it to start again.\n',
      });
    }
    expect(await readFile(file, 'utf8')).toBe('PETR4\n\n{"oops"\n');
  });

  test('takes a file that a person wrote, with spaces and the line ends of Windows', async () => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, ' petr4 \r\nVALE3\r\nPETR4');
    expect(await listed()).toEqual(['PETR4', 'VALE3']);
  });

  test('says where it may not write', async () => {
    const taken = join(config, 'taken');
    await writeFile(taken, '');
    const env = { XDG_CONFIG_HOME: taken };
    const { status, stderr } = await pynvest(['watch', 'add', 'PETR4'], { env });
    expect(status).toBe(1);
    expect(stderr).toBe(
      `error: cannot write ${join(taken, 'pynvest', 'watchlist.txt')}: ` +
        'a part of the path is a file, not a folder\nIts folder must be writable.\n',
    );
  });
});

describe('--watchlist', () => {
  test('is taken with the tickers that are named, by both queries', async () => {
    const lake = await newFolder();
    await writeQuotes(lake, '2026-11-20', [
      quote('PETR4', 1),
      quote('VALE3', 2),
      quote('ITUB4', 3),
    ]);
    await writeRowsTo(lake, sotTables.acoes, '2026-11-20', [
      typed('acoes', 'PETR4'),
      typed('acoes', 'VALE3'),
      typed('acoes', 'ITUB4'),
    ]);
    await watch('add', 'VALE3');
    for (const what of ['cotacoes', 'indicadores']) {
      const asked = async (...args: string[]) => {
        const { stdout } = await pynvest(['query', what, '--lake', lake, ...args], {
          env: { XDG_CONFIG_HOME: config },
        });
        return csvLines(stdout)
          .slice(1)
          .map(([, ticker]) => ticker);
      };
      expect(await asked('--watchlist', '--columns', 'vlr_cot')).toEqual(['VALE3']);
      const both = ['--watchlist', '--ticker', 'VALE3,PETR4', '--columns', 'vlr_cot'];
      expect(await asked(...both)).toEqual(['PETR4', 'VALE3']);
    }
  });

  test('is what run and scrape ask the site for', async () => {
    const site = await startTestSite(smallMarket);
    try {
      const [first = '', second = '', third = ''] = tickersOf(smallMarket);
      await watch('add', first);
      const lake = await newFolder();
      const env = { XDG_CONFIG_HOME: config, PYNVEST_FUNDAMENTUS_URL: site.url };
      const run = (...args: string[]) => pynvest(['run', '--lake', lake, ...args], { env });
      expect(await run('--watchlist', '--tickers', second)).toMatchObject({ status: 0 });
      const quotes = await pynvest(['query', 'cotacoes', '--lake', lake, '--columns', 'vlr_cot']);
      const stored = csvLines(quotes.stdout)
        .slice(1)
        .map(([, ticker]) => ticker);
      expect(stored).toEqual([first, second]);
      const kind = await run('--watchlist', '--tipo', 'acoes');
      expect(kind).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('error: --watchlist and --tipo exclude each other\n'),
      });
      const scraped = await pynvest(['scrape', '--watchlist', third, '--format', 'json'], { env });
      expect(scraped.status, scraped.stderr).toBe(0);
      const rows = jsonRows(scraped.stdout);
      expect(rows.map((row) => row['nome_papel'] ?? row['fii']).sort()).toEqual([first, third]);
    } finally {
      await site.close();
    }
  });

  test.each([['query', 'cotacoes'], ['query', 'indicadores'], ['run'], ['scrape']])(
    'that is empty is refused by %s %s with what fills it',
    async (...command) => {
      const env = { XDG_CONFIG_HOME: config, PYNVEST_FUNDAMENTUS_URL: 'http://127.0.0.1:1' };
      const args = command.flatMap((word) => word ?? []);
      expect(await pynvest([...args, '--watchlist'], { env })).toEqual({
        status: 2,
        stdout: '',
        stderr: 'error: the watchlist is empty\n`pynvest watch add PETR4` fills it.\n',
      });
    },
  );

  test('is not needed: a command without it ignores a broken one', async () => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '{');
    const lake = await newFolder();
    await writeQuotes(lake, '2026-11-20', [quote('PETR4', 1)]);
    const args = ['query', 'cotacoes', '--lake', lake];
    expect(await pynvest(args, { env: { XDG_CONFIG_HOME: config } })).toMatchObject({ status: 0 });
  });
});
