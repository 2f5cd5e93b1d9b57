/** Tickers that the site lists and has no page of, in AWS: the days of the lake say whether that is news. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { indicators } from '../../src/catalog/datasets.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import type { Ticker } from '../../src/catalog/ticker.ts';
import type { Lake } from '../../src/lake/lake.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { collectMessages } from '../../src/pipeline/collect-messages.ts';
import { createFundamentusSource } from '../../src/pipeline/data-source.ts';
import { run } from '../../src/pipeline/run.ts';
import { newFolder } from '../support/folders.ts';
import { clientOf } from '../support/impatient-client.ts';
import { startTestSite, type TestSite } from '../support/site.ts';
import { smallMarket, stocks } from '../support/small-market.ts';

const days = [20261119, 20261120, 20261123, 20261124, 20261125] as Partition[];
const [first, ...later] = days;
const today = 20261126 as Partition;
const closed = stocks[0]?.ticker as Ticker;

let before: TestSite;
let now: TestSite;
beforeAll(async () => {
  before = await startTestSite(smallMarket);
  now = await startTestSite(smallMarket.filter(({ ticker }) => ticker !== closed));
});
afterAll(() => Promise.all([before?.close(), now?.close()]));

async function collectDays(lake: Lake, site: TestSite, partitions: readonly Partition[]) {
  for (const partition of partitions) {
    const { error } = await run({
      source: createFundamentusSource(clientOf(site.url)),
      lake,
      partition,
      selection: { datasets: indicators },
      concurrency: 4,
      signal: new AbortController().signal,
      now: () => new Date('2026-11-25T21:45:00Z'),
    });
    expect(error).toBeUndefined();
  }
}

async function ask(lake: Lake, ticker: Ticker) {
  const [day] = await collectMessages({
    source: createFundamentusSource(clientOf(now.url)),
    lake,
    messages: [{ ticker, tipo: 'acoes', partition: today, sentAt: Date.now() }],
    concurrency: 1,
    deadline: new AbortController().signal,
    now: () => new Date(),
  });
  return { failed: [...(day?.failed.keys() ?? [])], without: [...(day?.withoutPage.keys() ?? [])] };
}

test('without a page today and on the five days before, a ticker is no failure', async () => {
  const lake = createLocalLake(await newFolder());
  await collectDays(lake, now, days);
  expect(await ask(lake, closed)).toEqual({ failed: [], without: [closed] });
});

test('it is one where a day before had its page, or too few days are known', async () => {
  const lake = createLocalLake(await newFolder());
  await collectDays(lake, now, later);
  expect(await ask(lake, closed)).toEqual({ failed: [closed], without: [] });
  await collectDays(lake, before, first === undefined ? [] : [first]);
  expect(await ask(lake, closed)).toEqual({ failed: [closed], without: [] });
});
