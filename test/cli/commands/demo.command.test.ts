import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { getPartition } from '../../../src/catalog/partition.ts';
import { createDemoMarket } from '../../../src/demo/market-snapshot.ts';
import { csvLines, jsonRows } from '../../support/answers.ts';
import { type CommandResult, startPynvest } from '../../support/command.ts';
import { contentsBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { mountSmallDisk, remount } from '../../support/small-disk.ts';
import { specTable } from '../../support/tables.ts';

const disk = mountSmallDisk();

const columns = ['anomesdia_exec', ...specTable.columns.map(({ name }) => name)];
const market = createDemoMarket(getPartition(new Date()));
const tickers = market.assets.map(({ ticker }) => ticker).sort();

/** Whatever would reach the network fails. */
const env = { HTTPS_PROXY: 'http://127.0.0.1:1' };

describe.runIf(disk !== undefined)('pynvest demo on a disk of 64 KB', () => {
  const root = disk ?? '';

  test('that is full by the end leaves nothing there, and says what to do', async () => {
    await writeFile(join(root, 'filler'), new Uint8Array(44_000));
    const { status, stdout, stderr } = await pynvest(['demo', '--lake', join(root, 'demo')]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /error: cannot write .*: the disk is full\nFree some space and run the command again\.\n$/,
    );
    expect(await readdir(root)).toEqual(['filler']);
  });

  test('that takes no folder says so', async () => {
    remount(root, 'ro');
    try {
      const { status, stdout, stderr } = await pynvest(['demo', '--lake', join(root, 'demo')]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('the disk is read-only');
    } finally {
      remount(root, 'rw');
    }
  });
});

test('pynvest demo that is interrupted leaves nothing', async () => {
  const folder = await newFolder();
  const { process, result, says } = startPynvest(['demo', '--lake', join(folder, 'demo')]);
  await says('A fictional market');
  process.kill('SIGINT');
  const { status, stderr } = await result;
  // On a busy machine it may have come to its end before the signal: its lake stays then.
  if (status === 0) return expect(await readdir(folder)).toHaveLength(1);
  expect(status).toBe(130);
  expect(stderr).toMatch(/Interrupted\. The demo lake is removed\.\n$/);
  expect(await readdir(folder)).toEqual([]);
});

describe('pynvest demo', () => {
  /** The lake of the demo. */
  let root: string;
  let first: CommandResult;
  beforeAll(async () => {
    const home = await newFolder();
    const own = { ...env, HOME: home, XDG_DATA_HOME: join(home, 'data') };
    first = await pynvest(['demo', '--format', 'csv'], { env: own });
    root = /--lake (\S+)/.exec(first.stderr)?.[1] ?? '';
  });

  test('makes a lake of its own beside that of the data folder', async () => {
    expect(root).toMatch(/pynvest.*[/\\]demo$/);
    expect(await readdir(dirname(root))).toEqual(['demo']);
  });

  test('prints the quotes of the fictional market as CSV into a pipe, all else on stderr', () => {
    const { status, stdout, stderr } = first;
    expect(status).toBe(0);
    const [header, ...rows] = csvLines(stdout);
    expect([...(header ?? [])].sort()).toEqual([...columns].sort());
    expect(rows.map((row) => row[1])).toEqual(tickers);
    expect(stderr).toContain(`Stored ${tickers.length} of ${tickers.length} tickers`);
    expect(stderr).toMatch(/Adjustments: \d+ events, .*, all proved/);
    expect(stderr).toContain('pynvest run');
    expect(stderr).not.toContain('!');
  });

  test('leaves a lake that answers as its next steps say', async () => {
    const steps = [...first.stderr.matchAll(/^ {2}pynvest (?!run)(.*)$/gm)].flatMap(
      ([, step]) => step ?? [],
    );
    expect(steps.length).toBeGreaterThan(3);
    const report = join(await newFolder(), 'report.html');
    for (const shown of steps) {
      const step = shown.replace('report.html', report);
      const words = [...step.matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, bare]) => quoted ?? bare,
      );
      const answer = await pynvest(
        words.flatMap((word) => word ?? []),
        { env },
      );
      expect(answer.status, `${step}\n${answer.stderr}`).toBe(0);
      const text = step.includes(report) ? await readFile(report, 'utf8') : answer.stdout;
      expect(text.trimEnd().split('\n').length, step).toBeGreaterThan(1);
    }
  });

  test.each(['magic', 'graham', 'bazin', 'piotroski', 'renda', 'tijolo'])(
    'has something to rank by %s',
    async (screen) => {
      const words = ['rank', screen, '--lake', root, '--format', 'csv', '-q'];
      expect(csvLines((await pynvest(words)).stdout).length).toBeGreaterThan(3);
    },
  );

  test.each([
    ['status', 'Problems'],
    ['doctor', 'problem '],
  ])('leaves a lake in which %s finds no fault', async (command, heading) => {
    const options = { env, columns: 80 };
    const { status, stdout } = await pynvest([command, '--no-site', '--lake', root], options);
    expect(status, stdout).toBe(0);
    expect(stdout).not.toContain(heading);
    expect(stdout).toContain('a demo made this lake');
  });

  test('leaves a lake that status does not compare with the real site', async () => {
    // Whatever would reach the network fails, and would be a note of its own.
    const { status, stdout } = await pynvest(['status', '--lake', root], { env, columns: 80 });
    expect(status, stdout).toBe(0);
    expect(stdout).not.toContain('the site');
  });

  test.each([['run'], ['import', 'eventos'], ['import', 'cotahist', '--year', '2023']])(
    'takes no rows of real sources, by %s',
    async (...args) => {
      const before = await contentsBelow(root);
      const { status, stdout, stderr } = await pynvest([...args, '--lake', root], { env });
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(`the lake at ${root} is that of a demo, whose market is fictional`);
      expect(await contentsBelow(root)).toEqual(before);
    },
  );

  test('replaces the lake of an earlier demo, and nothing else', async () => {
    const lake = ['--lake', root, '--format', 'json', '--quiet'];
    await mkdir(join(root, 'spec', 'left-over'), { recursive: true });
    const { status, stdout, stderr } = await pynvest(['demo', ...lake], { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await readdir(join(root, 'spec'))).not.toContain('left-over');
    const rows = jsonRows(stdout);
    expect(rows).toHaveLength(tickers.length);
    for (const row of rows) {
      expect(Object.keys(row).sort()).toEqual([...columns].sort());
      expect(row['anomesdia_exec']).toBeTypeOf('number');
      expect(row['vlr_cot']).toBeTypeOf('number');
      expect(row['dt_ult_cot']).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    }
    expect(rows.find((row) => row['codigo_ticker_ativo'] === 'MANG3')).toMatchObject({
      ...{ tipo_ativo: 'Ação', nome_ativo: 'MANGABA VAREJO SA', vlr_cot: 3.41 },
    });
    const other = await newFolder();
    await writeFile(join(other, 'notes.txt'), 'mine');
    const refused = await pynvest(['demo', '--lake', other]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('is neither empty nor the lake of a demo');
    expect(await readdir(other)).toEqual(['notes.txt']);
  });
});
