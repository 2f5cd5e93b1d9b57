/** `kill -9` at every change that a backfill makes to the lake, and a disk that is full from there on. */

import pMap from 'p-map';
import { beforeAll, expect, test } from 'vitest';
import { formatIsoDate } from '../../src/catalog/partition.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { collect } from '../../src/pipeline/collect.ts';
import { createFundamentusSource } from '../../src/pipeline/data-source.ts';
import { backfill } from '../../src/pipeline/rebuild.ts';
import { clientOf, collectDay, noSignal } from '../support/days.ts';
import {
  completeEachKill,
  expectKillsToLeaveCopies,
  failAndComplete,
  today,
  type Undisturbed,
  undisturbed,
  type Work,
} from '../support/dying-day.ts';
import { newFolder } from '../support/folders.ts';
import { startTestSite } from '../support/site.ts';
import { priced, smallestMarket } from '../support/small-market.ts';

const AT_ONCE = { concurrency: 4 };

let expected: Undisturbed;

const work: Work = {
  args: ['backfill', '--date', formatIsoDate(today)],
  env: {},
  status: 0,
  again: (root) => backfill(createLocalLake(root), today, () => new Date()),
};

/** Raw text that is newer than the typed rows, as a run leaves it that dies after its pages. */
async function collectRawOnly(root: string): Promise<void> {
  const newer = priced(smallestMarket.slice(1), '22,22');
  const site = await startTestSite(newer);
  await collect({
    source: createFundamentusSource(clientOf(site.url)),
    lake: createLocalLake(root),
    partition: today,
    keys: newer.map(({ ticker }) => parseTicker(ticker)),
    concurrency: 4,
    signal: noSignal,
    now: () => new Date(),
  });
  await site.close();
}

beforeAll(async () => {
  const before = await newFolder();
  await collectDay(before, priced(smallestMarket, '11,11'), { partition: today });
  await collectRawOnly(before);
  expected = await undisturbed(before, work);
});

test('an undisturbed backfill makes typed rows and quotes follow the newest raw text', () => {
  const quotes = expected.rows['tbspec_fundamentus_cotacao_ativos'] ?? [];
  expect(quotes.map((row) => row['vlr_cot']).sort()).toEqual([11.11, 22.22, 22.22]);
  expect(expected.files).toHaveLength(5);
});

test('what a kill leaves is what was on the disk', async () => {
  await expectKillsToLeaveCopies(work, expected);
});

test('killed after any of its changes, or halfway through a write, it is completed by the next', async () => {
  await completeEachKill(work, expected);
}, 180_000);

test('on a disk that is full it fails with one clear message and is completed by the next', async () => {
  const writes = expected.kills.changes.flatMap((what, at) =>
    /mkdir|write/.test(what) ? [at + 1] : [],
  );
  await pMap(writes, (at) => failAndComplete(work, expected, at), AT_ONCE);
}, 180_000);
