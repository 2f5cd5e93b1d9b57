import { afterEach, describe, expect, test } from 'vitest';
import { handler as dedupStocks } from '../../lambda-src/dedup-financial-data-for-acoes.ts';
import { handler as prepStocks } from '../../lambda-src/prep-financial-data-for-acoes.ts';
import { handler as prepFunds } from '../../lambda-src/prep-financial-data-for-fiis.ts';
import { handler as specialize } from '../../lambda-src/specialize-financial-data.ts';
import { collectBatch as collect } from '../../lambda-src/sqs-batch.ts';
import { assets } from '../../src/catalog/asset.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import type { Lake } from '../../src/lake/lake.ts';
import { createS3Lake } from '../../src/lake/s3/lake.ts';
import { deduplicatePartition } from '../../src/pipeline/deduplicate-partition.ts';
import { rebuild } from '../../src/pipeline/rebuild.ts';
import { hasAws } from '../support/aws-account.ts';
import { deduplicateDay, sendPreparedEvents, sendRawEvents } from '../support/chain.ts';
import { captureLog } from '../support/function-log.ts';
import {
  clear,
  daysOfAll,
  keysOf,
  messagesFor,
  sameDays,
  useFunctions,
} from '../support/functions-under-test.ts';
import { columnByTicker, rowsOfAll, tickersIn } from '../support/lake-rows.ts';
import { contextOf, s3Event, sqsEvent } from '../support/lambda-events.ts';
import { funds, smallMarket, stocks, tickersOf, withValues } from '../support/small-market.ts';
import { prepareFile } from '../support/steps.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const day = parsePartition('2026-11-20');

describe.runIf(hasAws)('the chain of files', () => {
  const under = useFunctions();
  const log = captureLog();
  const collectMarket = () => collect(sqsEvent(messagesFor(smallMarket, day)), contextOf());
  const runDay = async () => {
    await collectMarket();
    await sendRawEvents(under, day);
    await sendPreparedEvents(under, day);
    await deduplicateDay(day);
  };

  afterEach(() => clear(under.aws, day));

  test('fills all five tables, typed from SoT on, one row a ticker', async () => {
    await runDay();
    expect(await tickersIn(under.lake, sorTables.acoes, day)).toEqual(tickersOf(stocks));
    expect(await tickersIn(under.lake, sotTables.acoes, day)).toEqual(tickersOf(stocks));
    expect(await tickersIn(under.lake, sorTables.fiis, day)).toEqual(tickersOf(funds));
    expect(await tickersIn(under.lake, sotTables.fiis, day)).toEqual(tickersOf(funds));
    expect(await tickersIn(under.lake, specTable, day)).toEqual(tickersOf(smallMarket));
    const prices = await columnByTicker(under.lake, specTable, day, 'vlr_cot');
    expect(Object.values(prices).every((price) => typeof price === 'number')).toBe(true);
    expect(await daysOfAll(under.lake)).toEqual(sameDays([day]));
    for (const table of [sotTables.acoes, sotTables.fiis, specTable]) {
      expect(await keysOf(under.lake, table, day)).toEqual([
        `${table.name}/anomesdia_exec=20261120/dedup.parquet`,
      ]);
    }
  });

  test('comes to the same however often and in whatever order its events come', async () => {
    await runDay();
    const once = await rowsOfAll(under.lake, day);
    await clear(under.aws, day);

    const event = sqsEvent(messagesFor(smallMarket, day));
    const [half, rest] = [event.Records.slice(0, 3), event.Records.slice(2)];
    await collect({ Records: rest.toReversed() }, contextOf());
    await sendRawEvents(under, day, ['fiis', 'acoes']);
    await collect({ Records: half }, contextOf());
    await collect(event, contextOf());
    await sendRawEvents(under, day);
    await sendPreparedEvents(under, day);
    await sendPreparedEvents(under, day);
    await sendRawEvents(under, day, ['fiis']);
    const prepared = await keysOf(under.lake, sotTables.acoes, day);
    await deduplicateDay(day);
    await deduplicateDay(day);
    expect(await rowsOfAll(under.lake, day)).toEqual(once);

    // What comes again after the day was deduplicated does not bring a second row back, either.
    await collect(event, contextOf());
    await sendRawEvents(under, day);
    expect(prepared).not.toEqual([]);
    await specialize(s3Event(under.aws.buckets.sot, prepared), contextOf());
    expect(await rowsOfAll(under.lake, day)).toEqual(once);
  });

  test('keeps the newest row of a ticker that was asked for twice', async () => {
    await collectMarket();
    await sendRawEvents(under, day);
    await sendPreparedEvents(under, day);
    const [stock] = stocks;
    if (stock === undefined) throw new Error('the demo has no stock');
    under.market[0] = withValues(stock, { Cotação: '99,99' });
    await collect(sqsEvent(messagesFor([stock], day), Date.now() + 1), contextOf());
    await sendRawEvents(under, day);
    await deduplicateDay(day);
    for (const table of [sotTables.acoes, specTable]) {
      const prices = await columnByTicker(under.lake, table, day, 'vlr_cot');
      expect(prices[stock.ticker]).toBe(99.99);
    }
  });

  test('is never set off by a deduplicated file, nor by one that is not its own', async () => {
    await runDay();
    const before = await rowsOfAll(under.lake, day);
    const folder = (table: { name: string }) => `${table.name}/anomesdia_exec=20261120`;
    const { sor, sot } = under.aws.buckets;
    const events: readonly [typeof prepStocks, string, string][] = [
      [prepStocks, sor, `${folder(sorTables.acoes)}/dedup.parquet`],
      [prepStocks, sor, `${folder(sorTables.acoes)}/dedup.raw.parquet`],
      [prepStocks, sor, `${folder(sorTables.fiis)}/fiis-0123456789abcdef.raw.parquet`],
      [prepFunds, sor, `${folder(sotTables.fiis)}/fiis-0123456789abcdef.prep.parquet`],
      [prepStocks, sor, `${folder(sorTables.acoes)}/deeper/acoes-0.raw.parquet`],
      [prepStocks, sor, `${sorTables.acoes.name}/anomesdia_exec=20260231/acoes-0.raw.parquet`],
      [prepStocks, sor, 'another_table/anomesdia_exec=20261120/acoes-0.raw.parquet'],
      [prepStocks, sot, `${folder(sorTables.acoes)}/acoes-0123456789abcdef.raw.parquet`],
      [prepStocks, sor, `${folder(sorTables.acoes)}/acoes-gone.raw.parquet`],
      [specialize, sot, `${folder(sotTables.acoes)}/dedup.parquet`],
      [specialize, sot, `${folder(sotTables.acoes)}/dedup.prep.parquet`],
      [specialize, sot, `${folder(specTable)}/acoes-0123456789abcdef.cotacao.parquet`],
      [specialize, sot, `${folder(sotTables.acoes)}/acoes-gone.prep.parquet`],
      [specialize, sot, 'with spaces + and %.parquet'],
    ];
    for (const [handler, bucket, key] of events) {
      await handler(s3Event(bucket, [key]), contextOf());
      expect(log().at(-1)).toMatchObject({ message: 'skipped', bucket, key });
    }
    expect(await rowsOfAll(under.lake, day)).toEqual(before);
  });

  test('a rebuild of the day by hand does not set it off either', async () => {
    await runDay();
    const before = await rowsOfAll(under.lake, day);
    const lake = createS3Lake(under.aws);
    await rebuild(lake, day);
    // What the rebuild puts on its way, and S3 would tell of.
    const rawFile = { table: sorTables.acoes, partition: day, name: 'dedup' };
    const prepared = await prepareFile(lake, 'acoes', rawFile);
    expect(prepared.file.name).toBe('dedup.prep');
    await sendPreparedEvents(under, day);
    expect(await tickersIn(under.lake, specTable, day)).toEqual(tickersOf(smallMarket));
    await lake.remove([prepared.file]);
    expect(await rowsOfAll(under.lake, day)).toEqual(before);
  });

  test('one object that fails does not keep the others from being followed', async () => {
    await collectMarket();
    const [good = ''] = await keysOf(under.lake, sorTables.acoes, day);
    const broken = good.replace('.raw.', 'x.raw.');
    const { PutObjectCommand } = await import('@aws-sdk/client-s3');
    await under.aws.s3.send(
      new PutObjectCommand({ Bucket: under.aws.buckets.sor, Key: broken, Body: 'no Parquet' }),
    );
    const event = s3Event(under.aws.buckets.sor, [broken, good]);
    await expect(prepStocks(event, contextOf())).rejects.toThrow('1 of 2 objects failed');
    expect(await tickersIn(under.lake, sotTables.acoes, day)).toEqual(tickersOf(stocks));
    expect(log()).toContainEqual(
      expect.objectContaining({ level: 'ERROR', key: broken, error: 'BrokenFileError' }),
    );
  });

  test('what no time is left for comes again', async () => {
    await collectMarket();
    const keys = await keysOf(under.lake, sorTables.acoes, day);
    const events = s3Event(under.aws.buckets.sor, [...keys, ...keys]);
    // No time at all: the first object is begun, and stopped before its first call.
    await expect(prepStocks(events, contextOf({ remainingMs: 0 }))).rejects.toThrow(
      /^1 of 2 objects failed; 1 were not followed: no time was left$/,
    );
    expect(await keysOf(under.lake, sotTables.acoes, day)).toEqual([]);
    await prepStocks(events, contextOf());
    expect(await tickersIn(under.lake, sotTables.acoes, day)).toEqual(tickersOf(stocks));
  });

  test('a key is followed as S3 writes it in its events', async () => {
    await collectMarket();
    const [key = ''] = await keysOf(under.lake, sorTables.acoes, day);
    const event = s3Event(under.aws.buckets.sor, [key]);
    const written = key.replace('anomesdia_exec=', 'anomesdia_exec%3D');
    expect(event.Records.map(({ s3 }) => s3.object.key)).toEqual([written]);
    await prepStocks(event, contextOf());
    expect(await tickersIn(under.lake, sotTables.acoes, day)).toEqual(tickersOf(stocks));
  });

  test('text that does not parse is null, and the log names it', async () => {
    const [stock] = stocks;
    if (stock === undefined) throw new Error('the demo has no stock');
    under.market[0] = withValues(stock, { Cotação: 'n/d' });
    await collectMarket();
    await sendRawEvents(under, day);
    const prices = await columnByTicker(under.lake, sotTables.acoes, day, 'vlr_cot');
    expect(prices[stock.ticker]).toBeNull();
    expect(log()).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        partition: day,
        column: 'vlr_cot',
        values: 1,
        examples: [{ ticker: stock.ticker, text: 'n/d' }],
      }),
    );
  });

  test('two deduplications at once leave one row a ticker', async () => {
    await collectMarket();
    await sendRawEvents(under, day);
    const event = { partition: day };
    await Promise.all([1, 2, 3].map(() => dedupStocks(event, contextOf())));
    expect(await tickersIn(under.lake, sotTables.acoes, day)).toEqual(tickersOf(stocks));
    expect(await keysOf(under.lake, sotTables.acoes, day)).toHaveLength(1);
  });

  test('a deduplication that another overtakes starts over and loses nothing', async () => {
    await collect(sqsEvent(messagesFor(stocks.slice(0, 2), day)), contextOf());
    await sendRawEvents(under, day);
    const lake = createS3Lake(under.aws);
    let overtaken = false;
    const slow: Lake = {
      ...lake,
      async write(...call) {
        if (!overtaken) {
          overtaken = true;
          await collect(sqsEvent(messagesFor(stocks.slice(2), day)), contextOf());
          await sendRawEvents(under, day);
          await deduplicatePartition(lake, assets.acoes.dataset, 'sot', day);
        }
        return lake.write(...call);
      },
    };
    await deduplicatePartition(slow, assets.acoes.dataset, 'sot', day);
    expect(await tickersIn(lake, sotTables.acoes, day)).toEqual(tickersOf(stocks));
  });

  test('a file that is written anew while it is merged keeps its newer rows', async () => {
    await collectMarket();
    await sendRawEvents(under, day);
    const lake = createS3Lake(under.aws);
    const [file] = await lake.files(sotTables.acoes, day);
    if (file === undefined) throw new Error('nothing was prepared');
    const { version: _, ...place } = file;
    const newer = (await lake.read(file)).map((row) => ({
      ...row,
      vlr_cot: 99.99,
      datetime_exec: '2099-01-01T00:00:00.000-03:00',
    }));
    let rewritten = false;
    const slow: Lake = {
      ...lake,
      async remove(files) {
        if (!rewritten) {
          rewritten = true;
          await lake.write(place, newer);
        }
        return lake.remove(files);
      },
    };
    await deduplicatePartition(slow, assets.acoes.dataset, 'sot', day);
    expect(await tickersIn(lake, sotTables.acoes, day)).toEqual(tickersOf(stocks));
    const prices = await columnByTicker(lake, sotTables.acoes, day, 'vlr_cot');
    expect(new Set(Object.values(prices))).toEqual(new Set([99.99]));
  });

  test('a deduplication takes its day from the number or from the time of the rule', async () => {
    await collectMarket();
    await sendRawEvents(under, day);
    // 22:00 on the 20th in UTC is 19:00 in São Paulo; 02:00 on the 21st is still the 20th there.
    for (const time of ['2026-11-20T22:00:00Z', '2026-11-21T02:00:00Z']) {
      expect(await dedupStocks({ time }, contextOf())).toMatchObject({ partition: day });
    }
    expect(await dedupStocks({ partition: '20261120' }, contextOf())).toEqual({
      partition: day,
      table: sotTables.acoes.name,
      rowsBefore: 3,
      rowsAfter: 3,
    });
    await expect(dedupStocks({}, contextOf())).rejects.toThrow('names no day');
    await expect(dedupStocks({ partition: 20261320 }, contextOf())).rejects.toThrow('is not a day');
    await expect(dedupStocks({ time: 'soon' }, contextOf())).rejects.toThrow('is not a time');
  });
});
