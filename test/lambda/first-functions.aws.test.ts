import { PurgeQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { handler as clearDay } from '../../lambda-src/check-and-delete-partitions.ts';
import { createGetTickers, handler as getTickers } from '../../lambda-src/get-tickers.ts';
import { collectBatch as collect } from '../../lambda-src/sqs-batch.ts';
import { getPartition, parsePartition } from '../../src/catalog/partition.ts';
import type { DemoAsset } from '../../src/demo/market.ts';
import { renderListingPage } from '../../src/demo/site.ts';
import { hasAws } from '../support/aws-account.ts';
import { deduplicateDay, sendPreparedEvents, sendRawEvents } from '../support/chain.ts';
import { awayFromMidnight } from '../support/days.ts';
import { captureLog } from '../support/function-log.ts';
import {
  clear,
  daysOfAll,
  keysOfAll,
  messagesFor,
  sameDays,
  useDays,
  useFunctions,
} from '../support/functions-under-test.ts';
import { pageOfPairs } from '../support/handmade-page.ts';
import { rowsOfAll, tickersIn } from '../support/lake-rows.ts';
import { contextOf, sqsEvent } from '../support/lambda-events.ts';
import { funds, manyStocks, smallMarket, stocks, tickersOf } from '../support/small-market.ts';
import { sorTables, specTable } from '../support/tables.ts';

const day = parsePartition('2026-11-21');
const yesterday = parsePartition('2026-11-20');

describe.runIf(hasAws)('the first functions of a day', () => {
  const under = useFunctions();
  const log = captureLog();

  const collectDay = async (partition: typeof day, assets = smallMarket): Promise<void> => {
    await collect(sqsEvent(messagesFor(assets, partition)), contextOf());
    await sendRawEvents(under, partition);
    await sendPreparedEvents(under, partition);
    await deduplicateDay(partition);
    under.site.requests.length = 0;
  };
  const beginDay = useDays(under);
  const fill = (partition: typeof day, assets = smallMarket): Promise<void> =>
    beginDay(partition, tickersOf(assets).join(), () => collectDay(partition, assets));
  const messagesIn = async (url: string): Promise<unknown[]> => {
    const bodies: unknown[] = [];
    for (;;) {
      const { Messages: messages = [] } = await under.aws.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
      );
      if (messages.length === 0) return bodies;
      bodies.push(...messages.map(({ Body }) => JSON.parse(Body ?? '')));
    }
  };

  beforeEach(async () => {
    for (const each of [day, yesterday]) await clear(under.aws, each);
  });
  afterEach(async () => {
    for (const QueueUrl of [under.aws.acoesQueueUrl, under.aws.fiisQueueUrl]) {
      await under.aws.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    }
  });

  test('clear the day out of all five tables, and no other day', async () => {
    await fill(yesterday);
    await fill(day);
    const before = await rowsOfAll(under.lake, yesterday);
    const answer = await clearDay({ partition: day }, contextOf());
    expect(answer).toEqual({
      partition: day,
      tickers: { acoes: tickersOf(stocks), fiis: tickersOf(funds) },
    });
    const { lake } = under;
    const left = await Promise.all([
      keysOfAll(lake, day),
      daysOfAll(lake),
      rowsOfAll(lake, yesterday),
    ]);
    expect(left).toEqual([[], sameDays([yesterday]), before]);
    expect(await clearDay({ partition: day }, contextOf())).toEqual(answer);
  });

  test('take the day from the time of the rule, and from the clock without one', async () => {
    const at = (time: string) => clearDay({ time }, contextOf());
    expect(await at('2026-11-21T21:45:00Z')).toMatchObject({ partition: day });
    // Late: past midnight in UTC, and still the day before in São Paulo.
    expect(await at('2026-11-22T02:59:59Z')).toMatchObject({ partition: day });
    await awayFromMidnight(1);
    expect(await clearDay({}, contextOf())).toMatchObject({ partition: getPartition(new Date()) });
  });

  test('let a day be collected anew, with nothing doubled', async () => {
    await fill(day);
    const before = await rowsOfAll(under.lake, day);
    await clearDay({ partition: day }, contextOf());
    await collectDay(day);
    expect(await rowsOfAll(under.lake, day)).toEqual(before);
  });

  const cut = (kind: 'acoes' | 'fiis', count: number) => ({
    html: renderListingPage(
      kind,
      (kind === 'acoes' ? manyStocks(10) : smallMarket).slice(0, count),
    ),
  });

  test.each([
    ['that the site refuses', () => 403],
    ['that the site cannot give', () => 500],
    ['cut short', () => 'truncated' as const],
    ['that is another page', () => 'no-tables' as const],
    ['that is empty', () => cut('acoes', 0)],
    ['of a third of the stocks', () => cut('acoes', 3)],
  ])('delete nothing after a listing %s, and collect the other kind', async (_what, fault) => {
    under.market.splice(0, under.market.length, ...manyStocks(10), ...funds);
    await fill(day, [...manyStocks(10), ...funds]);
    const before = await rowsOfAll(under.lake, day);
    under.fault = (what) => (what === 'acoes' ? fault() : undefined);
    const cleared = await clearDay({ partition: day }, contextOf());
    expect(cleared).toEqual({ partition: day, tickers: { acoes: [], fiis: tickersOf(funds) } });
    expect(await rowsOfAll(under.lake, day)).toEqual(before);
    expect(await daysOfAll(under.lake)).toEqual(sameDays([day]));
    expect(log().slice(-2)).toMatchObject([
      {
        level: 'ERROR',
        message: 'a listing cannot be used: the other kind is collected',
        kind: 'acoes',
      },
      { level: 'INFO', message: 'the day is kept as it is', removed: {} },
    ]);
    under.site.requests.length = 0;
    const hurry = contextOf({ remainingMs: 40_000 });
    const sent = await getTickers({ responsePayload: cleared }, hurry);
    expect(sent.fiis).toBe(funds.length);
    expect(await messagesIn(under.aws.fiisQueueUrl)).toHaveLength(funds.length);
    // A listing that is too short is judged by the lake, which this function does not see.
    expect(sent.acoes).toBeLessThanOrEqual(3);
    expect(new Set(under.site.requests)).toEqual(new Set(['/resultado.php']));
  });

  test('ask again for a listing that could not be read, and send no ticker twice', async () => {
    let refusals = 0;
    under.fault = (what) => {
      if (what !== 'fiis' || refusals >= 2) return undefined;
      refusals += 1;
      return 403;
    };
    const patient = createGetTickers([1, 1, 1]);
    expect(await patient({ partition: day }, contextOf())).toEqual({
      ...{ partition: day, acoes: stocks.length, fiis: funds.length },
    });
    expect(refusals).toBe(2);
    expect(await messagesIn(under.aws.acoesQueueUrl)).toHaveLength(stocks.length);
    expect(await messagesIn(under.aws.fiisQueueUrl)).toHaveLength(funds.length);
  });

  test('fail where neither listing can be used', async () => {
    await fill(day);
    const before = await rowsOfAll(under.lake, day);
    under.fault = (what) => (what === 'acoes' ? 403 : what === 'fiis' ? 'no-tables' : undefined);
    await expect(clearDay({ partition: day }, contextOf())).rejects.toThrow(/acoes/);
    expect(await rowsOfAll(under.lake, day)).toEqual(before);
    expect(log().at(-1)).toMatchObject({ level: 'ERROR', message: 'the function failed' });
    await expect(getTickers({ partition: day }, contextOf())).rejects.toThrow();
    expect(await messagesIn(under.aws.fiisQueueUrl)).toEqual([]);
  });

  test('delete nothing where only the funds are not listed', async () => {
    await fill(day);
    const before = await rowsOfAll(under.lake, day);
    under.fault = (what) => (what === 'fiis' ? { html: renderListingPage('fiis', []) } : undefined);
    const { tickers } = await clearDay({ partition: day }, contextOf());
    expect(tickers).toEqual({ acoes: tickersOf(stocks), fiis: [] });
    expect(await rowsOfAll(under.lake, day)).toEqual(before);
  });

  test('measure a listing by the day before, where the day itself was hardly begun', async () => {
    under.market.splice(0, under.market.length, ...manyStocks(10), ...funds);
    await fill(yesterday, [...manyStocks(10), ...funds]);
    await fill(day, [...manyStocks(2), ...funds]);
    under.fault = (what) => (what === 'acoes' ? cut('acoes', 4) : undefined);
    expect((await clearDay({ partition: day }, contextOf())).tickers.acoes).toEqual([]);
    expect(log().at(-2)).toMatchObject({
      reason: expect.stringContaining(
        'the listing names 4 tickers, and the lake has 10 of 2026-11-20',
      ),
    });
    expect(await tickersIn(under.lake, sorTables.acoes, day)).toHaveLength(2);
    under.fault = (what) => (what === 'acoes' ? cut('acoes', 5) : undefined);
    expect((await clearDay({ partition: day }, contextOf())).tickers.acoes).toHaveLength(5);
  });

  test('let today be collected where the day before cannot be read, and say so', async () => {
    await fill(yesterday);
    await fill(day);
    const { places } = await import('../../lambda-src/lake.ts');
    places().s3.middlewareStack.add(
      (next, { commandName }) =>
        (call) => {
          const { Key: key = '' } = call.input as { readonly Key?: string };
          if (commandName !== 'GetObjectCommand' || !key.includes(String(yesterday)))
            return next(call);
          throw Object.assign(new Error('The object is archived'), {
            name: 'InvalidObjectState',
            $metadata: { httpStatusCode: 403 },
          });
        },
      { step: 'initialize', name: 'archived' },
    );
    try {
      const { tickers } = await clearDay({ partition: day }, contextOf());
      expect(tickers).toEqual({ acoes: tickersOf(stocks), fiis: tickersOf(funds) });
      expect(log()).toContainEqual(
        expect.objectContaining({
          level: 'WARN',
          message: 'the day before could not be read: the listing is measured without it',
          kind: 'acoes',
          before: yesterday,
          reason: expect.stringContaining('archived'),
        }),
      );
      // The day itself is still what a listing is measured by.
      under.market.splice(0, under.market.length, ...manyStocks(10), ...funds);
      await fill(day, under.market);
      under.fault = (what) => (what === 'acoes' ? cut('acoes', 3) : undefined);
      expect((await clearDay({ partition: day }, contextOf())).tickers.acoes).toEqual([]);
      expect(log().at(-2)).toMatchObject({ reason: expect.stringContaining('names 3 tickers') });
    } finally {
      places().s3.middlewareStack.remove('archived');
    }
  });

  describe('where the listings answer and the pages of the assets', () => {
    const isPage = (what: string) => what !== 'acoes' && what !== 'fiis';
    const pagesAsked = () => under.site.requests.filter((path) => path.startsWith('/detalhes'));

    test.each([
      ['are refused', () => 403],
      ['cannot be given', () => 500],
      ['come cut short', () => 'truncated' as const],
      ['show none of their data', () => 'no-tables' as const],
      ['have next to no labels', (ticker: string) => ({ html: pageOfPairs([['Papel', ticker]]) })],
    ])('%s, delete nothing and let the day be collected all the same', async (_what, fault) => {
      await fill(day);
      const before = await rowsOfAll(under.lake, day);
      under.fault = (what) => (isPage(what) ? fault(what) : undefined);
      expect(await clearDay({ partition: day }, contextOf())).toEqual({
        partition: day,
        tickers: { acoes: tickersOf(stocks), fiis: tickersOf(funds) },
      });
      expect(await rowsOfAll(under.lake, day)).toEqual(before);
      expect(await daysOfAll(under.lake)).toEqual(sameDays([day]));
      expect(log().slice(-2)).toMatchObject([
        {
          level: 'WARN',
          message: 'no page could be read',
          error: 'SiteUnavailableError',
          reason: expect.stringMatching(
            /^acoes: the site lists 3 tickers, and shows no page of those asked for: /,
          ),
          hint: expect.stringMatching(/^Nothing was removed\./),
        },
        { level: 'INFO', message: 'the day is kept as it is', removed: {}, acoes: 3 },
      ]);
      under.fault = () => undefined;
      await clearDay({ partition: day }, contextOf());
      expect(await keysOfAll(under.lake, day)).toEqual([]);
    });

    test('are refused for the funds alone, delete nothing', async () => {
      await fill(day);
      const before = await rowsOfAll(under.lake, day);
      under.fault = (what) => (tickersOf(funds).includes(what) ? 403 : undefined);
      await clearDay({ partition: day }, contextOf());
      expect(log().at(-2)).toMatchObject({ reason: expect.stringMatching(/^fiis: /) });
      expect(await rowsOfAll(under.lake, day)).toEqual(before);
    });

    test('show a later day by now, delete nothing of the day that is past', async () => {
      await fill(day);
      const past = parsePartition('2020-01-02');
      const [file] = await under.lake.files(specTable, day);
      if (file === undefined) throw new Error('no quotes');
      await under.lake.write({ ...file, partition: past }, await under.lake.read(file));
      try {
        await expect(clearDay({ partition: past }, contextOf())).rejects.toThrow(
          'was wanted for 2020-01-02',
        );
        expect(await under.lake.files(specTable, past)).toHaveLength(1);
      } finally {
        await clear(under.aws, past);
      }
    });

    test('are there for one of three, clear the day; no more is asked of the site', async () => {
      const many = manyStocks(10);
      under.market.splice(0, under.market.length, ...many, ...funds);
      await fill(day, [...many, ...funds]);
      const [first, second] = tickersOf(many);
      under.fault = (what) => (what === first || what === second ? 403 : undefined);
      await clearDay({ partition: day }, contextOf());
      expect(await keysOfAll(under.lake, day)).toEqual([]);
      expect(pagesAsked()).toHaveLength(4);
    });

    test('are refused, ask for few of them, and first for those that the day holds', async () => {
      const many = manyStocks(10);
      under.market.splice(0, under.market.length, ...many, ...funds);
      const held = many.slice(6);
      await fill(day, [...held, ...funds]);
      under.fault = (what) => (isPage(what) ? 403 : undefined);
      await clearDay({ partition: day }, contextOf());
      const stocksAsked = pagesAsked().filter((path) => path.includes('papel=AA'));
      expect(stocksAsked).toEqual(
        tickersOf(held)
          .slice(0, 3)
          .map((ticker) => `/detalhes.php?papel=${ticker}`),
      );
    });

    test('are put off for longer than a run waits, ask once and no more', async () => {
      await fill(day);
      under.fault = (what) => (isPage(what) ? { status: 429, retryAfter: '3600' } : undefined);
      await clearDay({ partition: day }, contextOf());
      expect(log().at(-2)).toMatchObject({ reason: expect.stringMatching(/^acoes: .* 3600 s/) });
      expect(pagesAsked()).toHaveLength(1);
    });

    test('are not asked for, where the day holds nothing yet', async () => {
      under.fault = (what) => (isPage(what) ? 403 : undefined);
      await clearDay({ partition: day }, contextOf());
      expect(under.site.requests.sort()).toEqual(['/fii_resultado.php', '/resultado.php']);
    });

    test('do not come in time, delete nothing and say so while there is time', async () => {
      await fill(day);
      const before = await rowsOfAll(under.lake, day);
      under.fault = (what) => (isPage(what) ? 'hang' : undefined);
      const context = contextOf({ remainingMs: 3_000 });
      await expect(clearDay({ partition: day }, context)).rejects.toThrow('no time was left');
      expect(context.getRemainingTimeInMillis()).toBeGreaterThan(0);
      expect(await rowsOfAll(under.lake, day)).toEqual(before);
    });
  });

  test('send a message a ticker, into the queue of its kind, with the day', async () => {
    const many = manyStocks(23);
    under.market.splice(0, under.market.length, ...many, ...funds);
    const cleared = await clearDay({ partition: day }, contextOf());
    under.site.requests.length = 0;
    const sent = await getTickers({ responsePayload: cleared }, contextOf());
    expect(sent).toEqual({ partition: day, acoes: 23, fiis: 2 });
    // The listings came with the event: the site is not asked for them a second time.
    expect(under.site.requests).toEqual([]);
    const message = (tipo: string) => (ticker: string) => ({ ticker, tipo, partition: 20261121 });
    const byTicker = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    expect((await messagesIn(under.aws.acoesQueueUrl)).sort(byTicker)).toEqual(
      tickersOf(many).map(message('acoes')),
    );
    expect((await messagesIn(under.aws.fiisQueueUrl)).sort(byTicker)).toEqual(
      tickersOf(funds).map(message('fiis')),
    );
  });

  test('ask once for a ticker that is in both listings, as for a fund', async () => {
    const [fund] = funds;
    if (fund === undefined) throw new Error('the demo has no fund');
    under.fault = (what) =>
      what === 'acoes'
        ? { html: renderListingPage('acoes', [...stocks, { ...fund, kind: 'acoes' } as DemoAsset]) }
        : undefined;
    const cleared = await clearDay({ partition: day }, contextOf());
    expect(cleared.tickers).toEqual({ acoes: tickersOf(stocks), fiis: tickersOf(funds) });
    const twice = {
      acoes: [...tickersOf(stocks), fund.ticker, fund.ticker],
      fiis: tickersOf(funds),
    };
    for (const event of [{ partition: day }, { partition: day, tickers: twice }]) {
      expect(await getTickers(event, contextOf())).toEqual({ partition: day, acoes: 3, fiis: 2 });
      const tickersSent = async (url: string): Promise<unknown> =>
        (await messagesIn(url)).map((message) => (message as { ticker: string }).ticker).sort();
      expect(await tickersSent(under.aws.acoesQueueUrl)).toEqual(tickersOf(stocks));
      expect(await tickersSent(under.aws.fiisQueueUrl)).toEqual(tickersOf(funds));
    }
  });

  test('called by hand with a day alone, ask the site for the tickers', async () => {
    const sent = await getTickers({ partition: 20261120 }, contextOf());
    expect(sent).toEqual({ partition: yesterday, acoes: 3, fiis: 2 });
    expect(under.site.requests.sort()).toEqual(['/fii_resultado.php', '/resultado.php']);
    await expect(getTickers({}, contextOf())).rejects.toThrow('is not a day');
    await expect(
      getTickers({ responsePayload: { partition: 'today' } }, contextOf()),
    ).rejects.toThrow('is not a day');
  });
});
