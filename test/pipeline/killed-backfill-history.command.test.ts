/** `kill -9` at every change of a backfill from B3's history: the next one completes it. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { formatIsoDate } from '../../src/catalog/partition.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { fillQuotes, readQuoteMarket } from '../../src/pipeline/fill-quotes.ts';
import { writeExchange } from '../support/exchange.ts';
import { newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';
import {
  type CopiedKills,
  copyAtEachChange,
  copyOf,
  lastingContents,
  letLockGrowOld,
  runOn,
  takeOverEach,
} from '../support/kills.ts';
import { quote, writeQuotes } from '../support/made-up-lake.ts';
import { specTable } from '../support/tables.ts';

const args = ['backfill', '--from', '2023-12-01', '--to', '2024-01-31'];

let before: string;
let whole: Record<string, string>;
let kills: CopiedKills;

/** The name of a copy of a quarter holds the times of its files, and queries work without it. */
async function lastingRows(root: string): Promise<Record<string, string>> {
  const all = Object.entries(await lastingContents(root));
  return Object.fromEntries(all.filter(([path]) => !path.startsWith('_quarters')));
}

/**
 * A lake with a history, one of whose days has a quote that was collected, and one that an earlier backfill has
 * computed.
 */
beforeAll(async () => {
  before = join(await newFolder(), 'lake');
  await writeExchange(createLocalLake(before));
  await writeQuotes(before, '2024-01-02', [
    quote('NOVO3', 99, { origem: 'fundamentus' }),
    quote('TUCA4', 98, { origem: 'b3' }),
  ]);
  const root = await copyOf(before);
  kills = await copyAtEachChange(root, args);
  expect(kills.result.status, kills.result.stderr).toBe(0);
  whole = await lastingRows(root);
}, 120_000);

/** What the command does, in this process. */
async function backfillAgain(root: string): Promise<void> {
  const lake = createLocalLake(root);
  const market = await readQuoteMarket(lake, new Map());
  for (const day of market.sessions) {
    const { error } = await fillQuotes(lake, market, day, () => new Date());
    expect(error, formatIsoDate(day)).toBeUndefined();
  }
}

test('undisturbed, it writes a file for each session, and keeps what was collected', async () => {
  const days = Object.keys(whole).filter((path) => path.startsWith('spec/tbspec_fundamentus'));
  expect(days).toHaveLength(4);
  expect(kills.lakes.length).toBeGreaterThan(10);
});

test('killed at some of its changes, it is completed by the same command', async () => {
  const some = [2, kills.changes.length >> 1, kills.changes.length - 1];
  await Promise.all(
    some.map(async (at) => {
      const root = await copyOf(before);
      const died = await runOn(root, args, { DIE_AT: String(at), DIE_WHEN: 'before' });
      expect(died.signal, died.stderr).toBe('SIGKILL');
      await letLockGrowOld(root);
      const next = await pynvest(args, { env: { PYNVEST_LAKE: root } });
      expect(next.status, next.stderr).toBe(0);
      expect(await lastingRows(root), `${at}`).toEqual(whole);
    }),
  );
});

test('killed after any of its changes, or halfway through a write, it is completed by the next', async () => {
  for (const { root, at, when } of kills.lakes) {
    // Days that it had not come to are as they were, and no day has lost its collected quote.
    const left = await createLocalLake(root).partitions(specTable);
    expect(left.length, `${when} ${at}`).toBeGreaterThan(0);
  }
  for (const { root, at, when } of await takeOverEach(kills.lakes)) {
    await backfillAgain(root);
    expect(await lastingRows(root), `${when} ${at}`).toEqual(whole);
  }
});
