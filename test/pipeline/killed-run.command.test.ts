/** `kill -9` at every change that a run makes to the lake, and a disk that is full from there on. */

import pMap from 'p-map';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { indicators } from '../../src/catalog/datasets.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { createFundamentusSource } from '../../src/pipeline/data-source.ts';
import { run } from '../../src/pipeline/run.ts';
import { clientOf, collectDay, noSignal } from '../support/days.ts';
import {
  completeEachKill,
  dieAndComplete,
  expectKillsToLeaveCopies,
  failAndComplete,
  today,
  type Undisturbed,
  undisturbed,
  type Work,
} from '../support/dying-day.ts';
import { newFolder } from '../support/folders.ts';
import { copyAtChange, type Kill, killAtChange } from '../support/kills.ts';
import { startTestSite, type TestSite } from '../support/site.ts';
import { priced, smallestMarket, stocks } from '../support/small-market.ts';

/** Its page comes the first time and no more: its row of the day must outlive every death. */
const failing = stocks[1]?.ticker;
const AT_ONCE = { concurrency: 4 };

let site: TestSite;
let work: Work;
let expected: Undisturbed;

beforeAll(async () => {
  const before = await newFolder();
  await collectDay(before, priced(smallestMarket, '11,11'), { partition: today });
  site = await startTestSite(priced(smallestMarket, '22,22'), {
    fault: (what) => (what === failing ? 500 : undefined),
  });
  work = {
    args: ['run'],
    env: { PYNVEST_FUNDAMENTUS_URL: site.url },
    status: 3,
    again: (root) =>
      run({
        source: createFundamentusSource(clientOf(site.url, { retries: 0 })),
        lake: createLocalLake(root),
        partition: today,
        selection: { datasets: indicators },
        concurrency: 4,
        signal: noSignal,
        now: () => new Date(),
      }),
  };
  expected = await undisturbed(before, work);
});

afterAll(() => site.close());

test('an undisturbed run replaces every row but that of the ticker that fails', () => {
  const quotes = expected.rows['tbspec_fundamentus_cotacao_ativos'] ?? [];
  const prices = quotes.map((row) => [row['codigo_ticker_ativo'], row['vlr_cot']]);
  const wanted = smallestMarket.map(({ ticker }) => [ticker, ticker === failing ? 11.11 : 22.22]);
  expect(prices).toEqual(wanted.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
  expect(expected.files).toHaveLength(5);
  expect(expected.kills.changes.filter((what) => what === 'rename').length).toBeGreaterThan(10);
});

test('what a kill leaves is what was on the disk', async () => {
  await expectKillsToLeaveCopies(work, expected);
});

test('killed before any of its changes, halfway through a write or after, it is completed by the next', async () => {
  await completeEachKill(work, expected);
}, 180_000);

test('killed three times in a row, here and there, it is completed by the next', async () => {
  const { length } = expected.kills.changes;
  const rounds = [1, 2, 3].map((round) =>
    [7, 11, 13].map((step) => ({
      at: 5 + ((round * step * 5) % (length - 10)),
      when: step === 11 ? ('after' as const) : ('before' as const),
    })),
  );
  const die = (deaths: readonly Kill[], round: number) =>
    // One of the rounds dies as processes do: the others' copies are made by a process that goes on.
    dieAndComplete(work, expected, deaths, round === 0 ? killAtChange : copyAtChange);
  await pMap(rounds, die, AT_ONCE);
}, 180_000);

test('on a disk that is full it fails with one clear message and is completed by the next', async () => {
  const writes = expected.kills.changes.flatMap((what, at) =>
    /mkdir|write/.test(what) ? [at + 1] : [],
  );
  await pMap(writes, (at) => failAndComplete(work, expected, at), AT_ONCE);
}, 180_000);
