/** What commands do last: copies of past periods, for queries; whatever happens on the way, no row is lost for it. */
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { beforeAll, describe, expect, test } from 'vitest';
import { csvLines, jsonRows } from '../support/answers.ts';
import { type CommandResult, startPynvest } from '../support/command.ts';
import { selectQuotes } from '../support/engines.ts';
import { filesBelow, newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';
import { copyOf, letLockGrowOld, runOn } from '../support/kills.ts';
import { quote, writeQuotes, writeRowsTo } from '../support/made-up-lake.ts';
import {
  answerText,
  copiedPeriods,
  copyPeriods,
  plainAnswerText,
  withoutCopies,
} from '../support/period-copies.ts';
import { startTestSite } from '../support/site.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { smallMarket } from '../support/small-market.ts';
import { specTable } from '../support/tables.ts';

const DEDUP = ['dedup', 'now', '--date', '2024-01-02', '--format', 'csv'];
const SLOWER = 'Queries over past days stay slower: ';
const everyQuote = selectQuotes([], {}).sql;
const disk = mountSmallDisk();

/** Two past quarters, one of them with a day that holds a ticker twice. */
async function fill(root: string): Promise<void> {
  await writeQuotes(root, '2024-01-02', [quote('PETR4', 1), quote('VALE3', 2)]);
  await writeRowsTo(root, specTable, '2024-01-02', [quote('PETR4', 3)], 'acoes-1.cotacao');
  await writeQuotes(root, '2025-06-02', [quote('PETR4', 4)]);
  await writeQuotes(root, '2026-11-20', [quote('PETR4', 5)]);
}

async function newLake(): Promise<string> {
  const root = join(await newFolder(), 'lake');
  await fill(root);
  return root;
}

async function expectSameAnswers(root: string): Promise<void> {
  const plain = await plainAnswerText(root, everyQuote, { sorted: true });
  expect(plain.length).toBeGreaterThan(4);
  expect(await answerText(root, everyQuote, { sorted: true })).toEqual(plain);
}

const beside = async (root: string): Promise<string[]> =>
  (await filesBelow(root)).filter((path) => path.startsWith('_'));

describe('past quarters', () => {
  test('that are many are copied with a notice and their progress, and by no query', async () => {
    const root = join(await newFolder(), 'lake');
    for (let year = 2010; year < 2022; year += 1) {
      await writeQuotes(root, `${year}-01-04`, [quote('PETR4', 1)]);
    }
    const query = ['query', 'cotacoes', '--ticker', 'PETR4', '--format', 'csv', '--lake', root];
    expect(await pynvest(query)).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^The lake has no quotes of 2710 sessions [^\n]+\n$/),
    });
    expect(copiedPeriods(root)).toEqual([]);
    const dedup = ['dedup', 'now', '--date', '2010-01-04', '--format', 'csv', '--lake', root];
    const { stderr } = await pynvest(dedup);
    expect(stderr).toContain(
      'Copying past days into fewer files, so that queries over them are fast.\n',
    );
    expect(stderr).toContain('Copies: 11 of 11\n');
    expect(copiedPeriods(root)).toHaveLength(11);
    expect((await pynvest(dedup)).stderr).not.toMatch(/uarters|Copies/);
    await rm(join(root, '_quarters'), { recursive: true });
    expect((await pynvest([...dedup, '--quiet'])).stderr).toBe('');
  });

  test('are copied by dedup now, and the quotes of the built command are the same', async () => {
    const root = await newLake();
    const ask = async (lake: string): Promise<unknown> => {
      const args = ['query', 'cotacoes', '--ticker', 'PETR4', '--format', 'csv', '--lake', lake];
      const { status, stdout, stderr } = await pynvest(args);
      return {
        status,
        stderr: stderr.replaceAll(lake, '/lake'),
        lines: csvLines(stdout).map((line) => line.slice(0, 6)),
      };
    };
    const { status, stderr } = await pynvest([...DEDUP, '--lake', root]);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: '2024-01-02: 1 duplicate row removed\n',
    });
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    expect(await ask(root)).toEqual(await ask(await withoutCopies(root)));
    const args = [
      'doctor',
      '--format',
      'json',
      '--lake',
      root,
      '--timeout',
      '50',
      '--retries',
      '0',
    ];
    const found = jsonRows((await pynvest(args)).stdout);
    expect(found).toContainEqual(
      expect.objectContaining({ code: 'table', table: specTable.name, status: 'ok' }),
    );
    for (const code of ['lake-leftovers', 'lake-lock']) {
      expect(found.find((row) => row['code'] === code)).toMatchObject({ status: 'ok' });
    }
    expect(found.filter(({ code }) => /^foreign/.test(String(code)))).toEqual([]);
  });

  test('are copied by run, which leaves them alone the next time', async () => {
    const root = await newLake();
    const site = await startTestSite(smallMarket);
    const env = { PYNVEST_FUNDAMENTUS_URL: site.url };
    const names: string[][] = [];
    for (const _ of [1, 2]) {
      const { status } = await pynvest(['run', '--lake', root, '--quiet'], { env });
      expect(status).toBe(0);
      names.push((await beside(root)).filter((path) => path.startsWith('_quarters')));
    }
    await site.close();
    expect(copiedPeriods(root).slice(0, 2)).toEqual(['2024-q1', '2025-q2']);
    expect(names[1]).toEqual(names[0]);
    await expectSameAnswers(root);
  });

  test('with a daily file that cannot be read are no failure, and the other quarters are copied', async () => {
    const root = await newLake();
    const broken = await writeQuotes(root, '2024-02-05', [quote('PETR4', 6)]);
    await writeFile(broken, (await readFile(broken)).subarray(0, 50));
    const { status, stderr } = await pynvest([...DEDUP, '--lake', root]);
    expect(status).toBe(0);
    expect(stderr).toContain(`${SLOWER}cannot write a copy of 2024-q1: `);
    expect(copiedPeriods(root)).toEqual(['2025-q2']);
    expect(await beside(root)).toHaveLength(1);
  });

  test.runIf(disk !== undefined)('on a disk without room leave nothing behind', async () => {
    const root = join(disk ?? '', 'lake');
    await fill(root);
    // What is left takes the folders, but no copy.
    const filler = join(disk ?? '', 'filler');
    for (let size = 60; size > 0; size -= 1) {
      const fits = await writeFile(filler, Buffer.alloc(size * 1024)).then(
        () => true,
        () => false,
      );
      if (!fits) continue;
      await writeFile(filler, Buffer.alloc((size - 1) * 1024));
      break;
    }
    await expect(copyPeriods(root)).rejects.toThrow('cannot write a copy of 2024-q1');
    expect(await beside(root)).toEqual([]);
    await rm(filler);
    expect(await copyPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    await expectSameAnswers(root);
  });
});

describe('dying', () => {
  let before: string;
  let changes: readonly string[];

  /** The place of the first change that is made for a copy: a file is opened, and DuckDB has written it. */
  const firstForCopies = (): number =>
    changes.findIndex((what, at) => what === 'open' && changes[at + 1] !== 'write') + 1;

  beforeAll(async () => {
    before = await newLake();
    // Copies that are no longer of their quarters, to be cleared away.
    await copyPeriods(before);
    const root = await copyOf(before);
    const counted = join(await newFolder(), 'changes.json');
    expect((await runOn(root, DEDUP, { COUNT_FILE: counted })).status).toBe(0);
    changes = JSON.parse(await readFile(counted, 'utf8')) as string[];
  });

  // Each is killed: a copy of a quarter is of files with just these times, which no copy of the lake has.
  test('at any change leaves the same answers, and the next command makes the copies', async () => {
    expect(firstForCopies()).toBeGreaterThan(1);
    const at = changes.map((_, index) => index + 1).slice(firstForCopies() - 4);
    expect(at.length).toBeGreaterThan(6);
    await pMap(
      at,
      async (number) => {
        const root = await copyOf(before);
        expect((await runOn(root, DEDUP, { DIE_AT: String(number) })).signal).toBe('SIGKILL');
        await expectSameAnswers(root);
        await letLockGrowOld(root);
        expect((await pynvest([...DEDUP, '--lake', root])).status).toBe(0);
        expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
        expect(await beside(root)).toHaveLength(2);
        await expectSameAnswers(root);
      },
      { concurrency: 2 },
    );
  }, 240_000);

  test('is not what a full disk makes of it: the work is done, and no half of a copy is left', async () => {
    const root = await copyOf(before);
    const { status, stdout, stderr } = await runOn(root, DEDUP, {
      FAIL_AT: String(firstForCopies()),
    });
    expect({ status, lines: csvLines(stdout).length }).toEqual({ status: 0, lines: 4 });
    expect(stderr).toContain(`${SLOWER}cannot write a copy of 2024-q1: the disk is full`);
    expect(await beside(root)).toEqual([]);
    await expectSameAnswers(root);
  });
});

describe('a command', () => {
  const QUERY = ['query', 'cotacoes', '--ticker', 'PETR4,VALE3', '--format', 'csv'];

  const toSortedAnswer = ({ status, stdout }: CommandResult) => ({
    status,
    lines: stdout.split('\n').sort(),
  });

  async function answerWithoutCopies(root: string): Promise<unknown> {
    const answer = toSortedAnswer(await pynvest([...QUERY, '--lake', await withoutCopies(root)]));
    expect(answer).toMatchObject({ status: 0 });
    return answer;
  }

  test('that asks while another process copies answers as without copies', async () => {
    const root = await newLake();
    const args = [...QUERY, '--lake', root];
    const expected = await answerWithoutCopies(root);
    let answersMeanwhile = 0;
    for (const _ of [1, 2]) {
      await rm(join(root, '_quarters'), { recursive: true, force: true });
      let isCopying = true;
      const dedup = ['dedup', 'now', '--date', '2025-06-02', '--lake', root, '--quiet'];
      const ended = startPynvest(dedup).result.finally(() => {
        isCopying = false;
      });
      let answersAfter = 0;
      while (answersAfter < 2) {
        // Before it has the lock it changes nothing.
        if (isCopying && !existsSync(join(root, '_lock'))) {
          await sleep(5);
          continue;
        }
        expect(toSortedAnswer(await pynvest(args))).toEqual(expected);
        if (isCopying) answersMeanwhile += 1;
        else answersAfter += 1;
      }
      expect((await ended).status).toBe(0);
      expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    }
    expect(answersMeanwhile).toBeGreaterThan(0);
  }, 120_000);

  test('that several processes ask at once, while another one copies, answers each of them', async () => {
    const root = await newLake();
    const expected = await answerWithoutCopies(root);
    const [dedup, ...answers] = await Promise.all([
      startPynvest(['dedup', 'now', '--date', '2025-06-02', '--lake', root, '--quiet']).result,
      ...[1, 2, 3].map(() => startPynvest([...QUERY, '--lake', root]).result),
    ]);
    expect(dedup?.status).toBe(0);
    expect(copiedPeriods(root)).toEqual(['2024-q1', '2025-q2']);
    expect(answers.map(toSortedAnswer)).toEqual([expected, expected, expected]);
  });
});
