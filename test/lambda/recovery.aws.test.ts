/** What the evening's deduplication makes good: events that were lost, and what came too late the day before. */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from 'vitest';
import { handler as dedupStocks } from '../../lambda-src/dedup-financial-data-for-acoes.ts';
import { places } from '../../lambda-src/lake.ts';
import { collectBatch as collect } from '../../lambda-src/sqs-batch.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import { GlueCatalog } from '../../src/lake/s3/glue-catalog.ts';
import { hasAws } from '../support/aws-account.ts';
import { deduplicateDay, sendPreparedEvents, sendRawEvents } from '../support/chain.ts';
import { captureLog } from '../support/function-log.ts';
import { clear, keysOf, messagesFor, useFunctions } from '../support/functions-under-test.ts';
import { columnByTicker, rowsOfAll, tickersIn } from '../support/lake-rows.ts';
import { contextOf, sqsEvent } from '../support/lambda-events.ts';
import { smallMarket, stocks, tickersOf, withValues } from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const day = parsePartition('2026-11-20');
// A Monday: the day that the lake has before it is the Friday.
const next = parsePartition('2026-11-23');
const [first] = stocks;
if (first === undefined) throw new Error('the demo has no stock');

describe.runIf(hasAws)('the evening’s deduplication', () => {
  const under = useFunctions();
  const log = captureLog();

  afterEach(async () => {
    for (const each of [day, next]) await clear(under.aws, each);
  });

  const collectOn = (partition: typeof day, sentAt?: number) =>
    collect(sqsEvent(messagesFor(smallMarket, partition), sentAt), contextOf());
  const runDay = async (partition: typeof day) => {
    await collectOn(partition);
    await sendRawEvents(under, partition);
    await sendPreparedEvents(under, partition);
    await deduplicateDay(partition);
  };
  /** Runs the state machine, and answers the keys that were written. */
  const written = async (work: () => Promise<unknown>): Promise<string[]> => {
    const keys: string[] = [];
    const { middlewareStack } = places().s3;
    middlewareStack.add(
      (next, { commandName }) =>
        (call) => {
          if (commandName === 'PutObjectCommand' && 'Key' in call.input) {
            keys.push(String(call.input.Key));
          }
          return next(call);
        },
      { step: 'initialize', name: 'watched' },
    );
    await work().finally(() => middlewareStack.remove('watched'));
    return keys;
  };

  test('types the raw text of an event that was lost', async () => {
    await collectOn(day);
    await sendRawEvents(under, day, ['fiis']);
    await sendPreparedEvents(under, day);
    await deduplicateDay(day);
    expect(await tickersIn(under.lake, sotTables.acoes, day)).toEqual(tickersOf(stocks));
    expect(await tickersIn(under.lake, specTable, day)).toEqual(tickersOf(smallMarket));
    expect(log()).toContainEqual(
      expect.objectContaining({ message: 'deduplicated', typed: stocks.length, partition: day }),
    );
  });

  test('comes to what the chain would have come to', async () => {
    await runDay(day);
    const undisturbed = await rowsOfAll(under.lake, day);
    await clear(under.aws, day);
    await collectOn(day);
    await deduplicateDay(day);
    expect(await rowsOfAll(under.lake, day)).toEqual(undisturbed);
  });

  test('a raw file that is broken does not keep the others from it', async () => {
    await collectOn(day);
    const [good = ''] = await keysOf(under.lake, sorTables.acoes, day);
    const Key = good.replace('.raw.', 'x.raw.');
    await under.aws.s3.send(
      new PutObjectCommand({ Bucket: under.aws.buckets.sor, Key, Body: 'no Parquet' }),
    );
    await deduplicateDay(day);
    expect(await tickersIn(under.lake, sotTables.acoes, day)).toEqual(tickersOf(stocks));
  });

  test('catches what came after that of the day before', async () => {
    await runDay(day);
    under.market[0] = withValues(first, { Cotação: '99,99' });
    await collectOn(day, Date.now() + 1);
    await sendRawEvents(under, day);
    await sendPreparedEvents(under, day);
    expect((await tickersIn(under.lake, sotTables.acoes, day)).length).toBeGreaterThan(
      stocks.length,
    );
    await runDay(next);
    expect(await tickersIn(under.lake, sotTables.acoes, day)).toEqual(tickersOf(stocks));
    expect(await tickersIn(under.lake, specTable, day)).toEqual(tickersOf(smallMarket));
    const prices = await columnByTicker(under.lake, specTable, day, 'vlr_cot');
    expect(prices[first.ticker]).toBe(99.99);
  });

  test('registers what the catalog lost, where there is nothing to merge', async () => {
    await runDay(day);
    const table = sotTables.acoes;
    const catalog = new GlueCatalog(places());
    await catalog.forget(table, day);
    await catalog.forget(specTable, day);
    await deduplicateDay(day);
    expect(await catalog.days(table)).toContain(day);
    expect(await catalog.days(specTable)).toContain(day);
  });

  test('writes nothing where there is nothing to do', async () => {
    await runDay(day);
    expect(await written(() => runDay(next))).not.toEqual([]);
    const before = await rowsOfAll(under.lake, day);
    expect(await written(() => deduplicateDay(next))).toEqual([]);
    expect(await rowsOfAll(under.lake, day)).toEqual(before);
  });

  test('counts the quotes of its own day, none of one that was not collected', async () => {
    await runDay(day);
    await deduplicateDay(next);
    const counts = log().filter(
      ({ message, table }) => message === 'deduplicated' && table === specTable.name,
    );
    expect(counts.map(({ partition, rowsAfter }) => [partition, rowsAfter])).toEqual([
      [day, smallMarket.length],
      [next, 0],
    ]);
  });

  test('is of today even where the day before cannot be read', async () => {
    await runDay(day);
    const Key = `${sotTables.acoes.name}/anomesdia_exec=${day}/acoes-broken.prep.parquet`;
    await under.aws.s3.send(
      new PutObjectCommand({ Bucket: under.aws.buckets.sot, Key, Body: 'no Parquet' }),
    );
    await runDay(next);
    expect(await tickersIn(under.lake, specTable, next)).toEqual(tickersOf(smallMarket));
    expect(log()).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        message: 'the day before was not deduplicated',
        error: 'BrokenFileError',
      }),
    );
  });

  test('stops where no time is left, and says so', async () => {
    await collectOn(day);
    await sendRawEvents(under, day);
    const before = await keysOf(under.lake, sotTables.acoes, day);
    const late = contextOf({ remainingMs: 0 });
    // The deadline is a timer of no time: it rings before the first answer of AWS comes.
    await expect(dedupStocks({ partition: day }, late)).rejects.toThrow('no time was left');
    expect(await keysOf(under.lake, sotTables.acoes, day)).toEqual(before);
  });
});
