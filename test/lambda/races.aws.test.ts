/** Batches that are typed, or made into quotes, while the day is deduplicated: no ticker stands twice. */
import { afterEach, describe, expect, test } from 'vitest';
import { handler as dedupStocks } from '../../lambda-src/dedup-financial-data-for-acoes.ts';
import { handler as dedupFunds } from '../../lambda-src/dedup-financial-data-for-fiis.ts';
import { handler as dedupQuotes } from '../../lambda-src/dedup-financial-data-for-spec-ativos.ts';
import { places } from '../../lambda-src/lake.ts';
import { handler as prepStocks } from '../../lambda-src/prep-financial-data-for-acoes.ts';
import { handler as specialize } from '../../lambda-src/specialize-financial-data.ts';
import { collectBatch as collect } from '../../lambda-src/sqs-batch.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import { hasAws } from '../support/aws-account.ts';
import { deduplicateDay, sendPreparedEvents, sendRawEvents } from '../support/chain.ts';
import { captureLog } from '../support/function-log.ts';
import { clear, keysOf, messagesFor, useFunctions } from '../support/functions-under-test.ts';
import { columnByTicker, tickersIn } from '../support/lake-rows.ts';
import { contextOf, s3Event, sqsEvent } from '../support/lambda-events.ts';
import { smallMarket, stocks, tickersOf, withValues } from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const day = parsePartition('2026-11-20');
const [late] = stocks;
if (late === undefined) throw new Error('the demo has no stock');

describe.runIf(hasAws)('while the day is deduplicated', () => {
  const under = useFunctions();
  captureLog();

  afterEach(() => clear(under.aws, day));

  const dedupTyped = async () => {
    const event = { partition: day };
    await Promise.all([dedupStocks(event, contextOf()), dedupFunds(event, contextOf())]);
  };
  /** The keys that come into a table while work is done. */
  const newKeys = async (table: typeof specTable, work: () => Promise<unknown>) => {
    const before = new Set(await keysOf(under.lake, table, day));
    await work();
    return (await keysOf(under.lake, table, day)).filter((key) => !before.has(key));
  };
  /** Does something once, just before a function writes an object whose key ends like this. */
  const beforeWriting = async (ending: string, does: () => Promise<void>, work: () => unknown) => {
    let done = false;
    const { middlewareStack } = places().s3;
    middlewareStack.add(
      (next, { commandName }) =>
        async (call) => {
          const key = 'Key' in call.input ? String(call.input.Key) : '';
          if (!done && commandName === 'PutObjectCommand' && key.endsWith(ending)) {
            done = true;
            await does();
          }
          return next(call);
        },
      { step: 'initialize', name: 'overtaken' },
    );
    try {
      await work();
    } finally {
      middlewareStack.remove('overtaken');
    }
    expect(done).toBe(true);
  };
  const expectEachOnce = async () => {
    expect(await tickersIn(under.lake, sotTables.acoes, day)).toEqual(tickersOf(stocks));
    expect(await tickersIn(under.lake, specTable, day)).toEqual(tickersOf(smallMarket));
  };
  /** All but one stock are typed and deduplicated; that one is typed only then, before the quotes are. */
  const typedBetween = async () => {
    await collect(sqsEvent(messagesFor(smallMarket.slice(1), day)), contextOf());
    await sendRawEvents(under, day);
    await sendPreparedEvents(under, day);
    await dedupTyped();
    const raw = await newKeys(sorTables.acoes, () =>
      collect(sqsEvent(messagesFor([late], day)), contextOf()),
    );
    const typed = await newKeys(sotTables.acoes, () =>
      prepStocks(s3Event(under.aws.buckets.sor, raw), contextOf()),
    );
    return s3Event(under.aws.buckets.sot, typed);
  };

  test('a batch typed between its two halves becomes quotes once, its event late', async () => {
    const event = await typedBetween();
    await dedupQuotes({ partition: day }, contextOf());
    await specialize(event, contextOf());
    await expectEachOnce();
  });

  test('and its event early and late', async () => {
    const event = await typedBetween();
    await specialize(event, contextOf());
    await dedupQuotes({ partition: day }, contextOf());
    await specialize(event, contextOf());
    await expectEachOnce();
  });

  test('raw text that is typed a second time is typed once', async () => {
    await collect(sqsEvent(messagesFor(smallMarket, day)), contextOf());
    await sendRawEvents(under, day);
    await sendPreparedEvents(under, day);
    await beforeWriting(
      '.prep.parquet',
      () => deduplicateDay(day),
      () => sendRawEvents(under, day, ['acoes']),
    );
    await sendPreparedEvents(under, day);
    await expectEachOnce();
  });

  test('typed rows that become quotes a second time become them once', async () => {
    await collect(sqsEvent(messagesFor(smallMarket, day)), contextOf());
    await sendRawEvents(under, day);
    await sendPreparedEvents(under, day);
    await beforeWriting(
      '.cotacao.parquet',
      async () => {
        await dedupQuotes({ partition: day }, contextOf());
      },
      () => sendPreparedEvents(under, day),
    );
    await expectEachOnce();
  });

  test('a batch that comes while the files are merged is merged with them', async () => {
    await collect(sqsEvent(messagesFor(smallMarket, day)), contextOf());
    await sendRawEvents(under, day);
    await sendPreparedEvents(under, day);
    under.market[0] = withValues(late, { Cotação: '99,99' });
    await beforeWriting(
      'acoes_prep/anomesdia_exec=20261120/dedup.parquet',
      async () => {
        await collect(sqsEvent(messagesFor([late], day), Date.now() + 1), contextOf());
        await sendRawEvents(under, day, ['acoes']);
      },
      () => deduplicateDay(day),
    );
    await expectEachOnce();
    const prices = await columnByTicker(under.lake, specTable, day, 'vlr_cot');
    expect(prices[late.ticker]).toBe(99.99);
  });

  test('an older batch whose event comes last brings no older quote back', async () => {
    await collect(sqsEvent(messagesFor(smallMarket, day)), contextOf());
    await sendRawEvents(under, day);
    await sendPreparedEvents(under, day);
    await dedupTyped();
    const typed: string[][] = [];
    for (const price of ['88,88', '99,99']) {
      under.market[0] = withValues(late, { Cotação: price });
      const wanted = price === '88,88' ? [late] : stocks.slice(0, 2);
      const raw = await newKeys(sorTables.acoes, () =>
        collect(sqsEvent(messagesFor(wanted, day), Date.now() + 1), contextOf()),
      );
      typed.push(
        await newKeys(sotTables.acoes, () =>
          prepStocks(s3Event(under.aws.buckets.sor, raw), contextOf()),
        ),
      );
    }
    await dedupQuotes({ partition: day }, contextOf());
    for (const keys of typed.toReversed()) {
      await specialize(s3Event(under.aws.buckets.sot, keys), contextOf());
    }
    expect(await tickersIn(under.lake, specTable, day)).toEqual(tickersOf(smallMarket));
    const prices = await columnByTicker(under.lake, specTable, day, 'vlr_cot');
    expect(prices[late.ticker]).toBe(99.99);
  });
});
