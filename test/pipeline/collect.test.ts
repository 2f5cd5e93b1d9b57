import { describe, expect, test } from 'vitest';
import { READ_AT_COLUMN } from '../../src/catalog/datasets/shared-indicators.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { LakeError } from '../../src/errors.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { formatRawName } from '../../src/lake/names.ts';
import { type CollectRequest, collect } from '../../src/pipeline/collect.ts';
import { createFundamentusSource } from '../../src/pipeline/data-source.ts';
import { clientOf, clockFrom, noSignal, someDay } from '../support/days.ts';
import { filesBelow, newFolder } from '../support/folders.ts';
import { columnByTicker, tickersIn } from '../support/lake-rows.ts';
import { startTestSite, type TestSiteOptions } from '../support/site.ts';
import {
  funds,
  manyStocks,
  priced,
  smallMarket,
  stocks,
  tickersOf,
} from '../support/small-market.ts';
import { sorTables } from '../support/tables.ts';

type Options = Partial<CollectRequest> & TestSiteOptions;

/** Collects tickers of a market into a lake at `root`; also answers what the site was asked for. */
async function collected(root: string, market = smallMarket, options: Options = {}) {
  const { fault, latencyMs = 0, ...request } = options;
  const site = await startTestSite(market, { latencyMs, ...(fault ? { fault } : {}) });
  const signal = request.signal ?? noSignal;
  try {
    const collection = await collect({
      source: createFundamentusSource(clientOf(site.url, { retries: 0, signal })),
      lake: createLocalLake(root),
      partition: someDay,
      keys: market.map(({ ticker }) => parseTicker(ticker)),
      concurrency: 4,
      now: () => new Date(),
      ...request,
      signal,
    });
    return { ...collection, requests: site.requests };
  } finally {
    await site.close();
  }
}

test('each page becomes a row of raw text of its kind, with the time of its reading', async () => {
  const root = await newFolder();
  const { stored, failed, bytes } = await collected(root, smallMarket, {
    now: clockFrom('2026-11-20T21:45:00Z'),
  });
  const lake = createLocalLake(root);
  expect(await tickersIn(lake, sorTables.acoes, someDay)).toEqual(tickersOf(stocks));
  expect(await tickersIn(lake, sorTables.fiis, someDay)).toEqual(tickersOf(funds));
  const prices = await columnByTicker(lake, sorTables.acoes, someDay, 'vlr_cot');
  expect(prices).toEqual(
    Object.fromEntries(stocks.map(({ ticker, values }) => [ticker, values['Cotação']])),
  );
  const times = await columnByTicker(lake, sorTables.fiis, someDay, READ_AT_COLUMN);
  for (const time of Object.values(times)) expect(time).toMatch(/^2026-11-20T18:45:0\d.000-03:00$/);
  expect(stored.map(({ key }) => key).sort()).toEqual(tickersOf(smallMarket));
  expect(failed).toEqual([]);
  expect(bytes).toBeGreaterThan(0);
});

test('a batch of the same tickers overwrites its own file, in whatever order they come', async () => {
  const root = await newFolder();
  await collected(root, priced(smallMarket, '1,00'));
  const files = await filesBelow(root);
  await collected(root, priced(smallMarket, '2,00').reverse());
  expect(await filesBelow(root)).toEqual(files);
  expect(files).toHaveLength(2);
  const prices = await columnByTicker(createLocalLake(root), sorTables.acoes, someDay, 'vlr_cot');
  expect(new Set(Object.values(prices))).toEqual(new Set(['2,00']));
});

test('other tickers make another file', async () => {
  const root = await newFolder();
  await collected(root, stocks);
  await collected(root, stocks.slice(1));
  const files = await createLocalLake(root).files(sorTables.acoes, someDay);
  expect(files.map(({ name }) => name)).toEqual([
    formatRawName('acoes', tickersOf(stocks)),
    formatRawName('acoes', tickersOf(stocks.slice(1))),
  ]);
});

test('rows are written by the hundred, while others are still to come', async () => {
  const root = await newFolder();
  const market = manyStocks(230);
  const filesSeen = new Set<number>();
  const lake = createLocalLake(root);
  const write: typeof lake.write = async (file, rows) => {
    const bytes = await lake.write(file, rows);
    filesSeen.add((await lake.files(sorTables.acoes, someDay)).length);
    return bytes;
  };
  await collected(root, market, { lake: { ...lake, write } });
  expect([...filesSeen]).toEqual(expect.arrayContaining([1, 2, 3]));
  expect(await tickersIn(lake, sorTables.acoes, someDay)).toEqual(tickersOf(market));
});

test('a ticker that fails, fails alone, and its kind of failure is listed', async () => {
  const root = await newFolder();
  const market = manyStocks(7);
  const [first, second, third, fourth, fifth, sixth, seventh] = market.map(({ ticker }) => ticker);
  const { stored, failed } = await collected(root, market, {
    keys: [...market.map(({ ticker }) => parseTicker(ticker)), parseTicker('NADA3')],
    fault: (what) => {
      if (what === first) return 403;
      if (what === second) return 500;
      if (what === third) return 'truncated';
      if (what === fourth) return 'no-tables';
      if (what === fifth) return { html: '<html><table class="w728"></table></html>' };
      return what === sixth ? 'reset' : undefined;
    },
  });
  const kinds = Object.fromEntries(failed.map(({ ticker, kind }) => [ticker, kind]));
  expect(kinds).toEqual({
    [String(first)]: 'blocked',
    [String(second)]: 'unavailable',
    [String(third)]: 'unavailable',
    [String(fourth)]: 'blocked',
    [String(fifth)]: 'layout-changed',
    [String(sixth)]: 'unavailable',
    NADA3: 'not-found',
  });
  for (const { ticker, reason } of failed) expect(reason).toContain(ticker);
  expect(stored.map(({ key }) => key)).toEqual([seventh]);
  expect(await tickersIn(createLocalLake(root), sorTables.acoes, someDay)).toEqual([seventh]);
});

describe('a site that refuses', () => {
  const market = manyStocks(60);

  test('is left alone after twenty refusals in a row, and the rest is listed as not asked', async () => {
    const { failed, requests } = await collected(await newFolder(), market, { fault: () => 403 });
    expect(failed).toHaveLength(60);
    const blocked = failed.filter(({ kind }) => kind === 'blocked');
    const notAsked = failed.filter(({ kind }) => kind === 'not-asked');
    expect(blocked.length + notAsked.length).toBe(60);
    // Those that were under way when the twentieth came are counted too.
    expect(blocked.length).toBeGreaterThanOrEqual(20);
    expect(blocked.length).toBeLessThan(20 + 4);
    expect(requests).toHaveLength(blocked.length);
  });

  test.each([
    ['refused', 403, 'not asked: the site refused those before'],
    ['gave no answer', 'reset', 'not asked: the requests before failed'],
  ] as const)('and %s is named as such in the reason', async (_, fault, reason) => {
    const { failed } = await collected(await newFolder(), market, { fault: () => fault });
    const notAsked = failed.filter(({ kind }) => kind === 'not-asked');
    expect(new Set(notAsked.map((each) => each.reason))).toEqual(new Set([reason]));
  });

  test('is asked for all where pages come between the refusals', async () => {
    const order = new Map(market.map(({ ticker }, at) => [ticker, at]));
    const { failed, stored, requests } = await collected(await newFolder(), market, {
      concurrency: 1,
      fault: (what) => ((order.get(what) ?? 0) % 20 === 19 ? undefined : 503),
    });
    expect(requests).toHaveLength(60);
    expect(stored).toHaveLength(3);
    expect(new Set(failed.map(({ kind }) => kind))).toEqual(new Set(['unavailable']));
  });

  test('is not taken to refuse where it only knows no such tickers', async () => {
    const tickers = market.map(({ ticker }) => parseTicker(ticker));
    const { failed } = await collected(await newFolder(), stocks, { keys: tickers });
    expect(failed).toHaveLength(60);
    expect(new Set(failed.map(({ kind }) => kind))).toEqual(new Set(['not-found']));
  });

  test('keeps what came before it began to', async () => {
    const root = await newFolder();
    const order = new Map(market.map(({ ticker }, at) => [ticker, at]));
    const { failed } = await collected(root, market, {
      concurrency: 1,
      fault: (what) => ((order.get(what) ?? 0) < 10 ? undefined : 429),
    });
    expect(failed.filter(({ kind }) => kind === 'not-asked')).toHaveLength(30);
    const kept = await tickersIn(createLocalLake(root), sorTables.acoes, someDay);
    expect(kept).toEqual(tickersOf(market.slice(0, 10)));
  });
});

test('an interruption keeps what has come, and rejects with its reason', async () => {
  const root = await newFolder();
  const controller = new AbortController();
  const came: string[] = [];
  const market = manyStocks(40);
  const collecting = collected(root, market, {
    latencyMs: 5,
    signal: controller.signal,
    onTicker: ({ ticker, ok }) => {
      if (ok) came.push(ticker);
      if (came.length === 7) controller.abort(new Error('Ctrl-C'));
    },
  });
  await expect(collecting).rejects.toThrow('Ctrl-C');
  const kept = await tickersIn(createLocalLake(root), sorTables.acoes, someDay);
  expect(kept).toEqual([...came].sort());
  expect(kept.length).toBeGreaterThanOrEqual(7);
  expect(kept.length).toBeLessThan(40);
});

test('a lake that cannot be written ends the collection: no ticker is blamed, few more are asked', async () => {
  const market = manyStocks(300);
  const asked: string[] = [];
  const lake = createLocalLake(await newFolder());
  const collecting = collected(await newFolder(), market, {
    lake: { ...lake, write: () => Promise.reject(new LakeError('the disk is full')) },
    onTicker: ({ ticker }) => asked.push(ticker),
  });
  await expect(collecting).rejects.toThrow(LakeError);
  expect(asked.length).toBeLessThan(120);
});

test('progress is reported once for each ticker that was asked for', async () => {
  const told: string[] = [];
  const [failing] = tickersOf(stocks);
  await collected(await newFolder(), smallMarket, {
    fault: (what) => (what === failing ? 500 : undefined),
    onTicker: ({ ticker, ok }) => told.push(`${ticker} ${ok}`),
  });
  const expected = tickersOf(smallMarket).map((ticker) => `${ticker} ${ticker !== failing}`);
  expect(told.sort()).toEqual(expected);
});

describe('a page that shows 19 November 2026', () => {
  const wantedFor = async (day: string, readAt: string) => {
    const { stored, failed } = await collected(await newFolder(), stocks.slice(0, 1), {
      partition: parsePartition(day),
      now: clockFrom(readAt),
    });
    return failed[0]?.kind ?? `${stored.length} stored`;
  };

  test.each([
    ['read on that day', '2026-11-19', '2026-11-19T21:45:00Z', '1 stored'],
    [
      'read after midnight, before the next trade',
      '2026-11-19',
      '2026-11-20T05:00:00Z',
      '1 stored',
    ],
    ['wanted for an earlier day', '2026-11-18', '2026-11-19T21:45:00Z', 'later-day'],
    [
      'wanted for an earlier day, late in the evening',
      '2026-11-18',
      '2026-11-19T02:00:00Z',
      '1 stored',
    ],
    [
      'wanted for a day whose trades it does not show yet',
      '2026-11-23',
      '2026-11-24T05:00:00Z',
      '1 stored',
    ],
  ])('%s', async (_what, day, readAt, outcome) => {
    expect(await wantedFor(day, readAt)).toBe(outcome);
  });

  test('says so', async () => {
    const { failed } = await collected(await newFolder(), stocks.slice(0, 1), {
      partition: parsePartition('2026-11-18'),
      now: clockFrom('2026-11-19T21:45:00Z'),
    });
    expect(failed[0]?.reason).toMatch(
      /^\w+: the page shows 2026-11-19 by now, and was wanted for 2026-11-18$/,
    );
  });
});
