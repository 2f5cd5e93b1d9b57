import { PurgeQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  collectBatch as collectFunds,
  collectBatch as collectStocks,
} from '../../lambda-src/sqs-batch.ts';
import { sendMessages } from '../../src/aws/queues.ts';
import { READ_AT_COLUMN } from '../../src/catalog/datasets/shared-indicators.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import { formatTickerMessage } from '../../src/pipeline/collect-messages.ts';
import { hasAws } from '../support/aws-account.ts';
import { captureLog } from '../support/function-log.ts';
import { clear, keysOf, messagesFor, useFunctions } from '../support/functions-under-test.ts';
import { columnByTicker, rowsOf, tickersIn } from '../support/lake-rows.ts';
import { contextOf, sqsEvent } from '../support/lambda-events.ts';
import {
  blanked,
  funds,
  manyStocks,
  smallMarket,
  stocks,
  tickersOf,
  withValues,
} from '../support/small-market.ts';
import { sorTables } from '../support/tables.ts';

const day = parsePartition('2026-11-21');
const yesterday = parsePartition('2026-11-20');
const [first, second] = stocks;
if (first === undefined || second === undefined) throw new Error('the demo has too few stocks');

describe.runIf(hasAws)('a batch of messages', () => {
  const under = useFunctions({ concurrency: 2, latencyMs: 20 });
  const log = captureLog();

  afterEach(async () => {
    for (const each of [day, yesterday]) await clear(under.aws, each);
  });

  test('is stored as one file a kind, under its own day', async () => {
    const answer = await collectStocks(sqsEvent(messagesFor(stocks, day)), contextOf());
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(await collectFunds(sqsEvent(messagesFor(funds, yesterday)), contextOf())).toEqual({
      batchItemFailures: [],
    });
    expect(await tickersIn(under.lake, sorTables.acoes, day)).toEqual(tickersOf(stocks));
    expect(await tickersIn(under.lake, sorTables.fiis, yesterday)).toEqual(tickersOf(funds));
    expect(await tickersIn(under.lake, sorTables.fiis, day)).toEqual([]);
    expect(await keysOf(under.lake, sorTables.acoes, day)).toEqual([
      expect.stringMatching(
        /^tbsor_fundamentus_indicadores_acoes_raw\/anomesdia_exec=20261121\/acoes-[0-9a-f]{16}\.raw\.parquet$/,
      ),
    ]);
    expect(await under.lake.partitions(sorTables.acoes)).toEqual([day]);
    expect(log()).toContainEqual(
      expect.objectContaining({
        level: 'INFO',
        message: 'stored',
        function: 'pynvest-lambda-under-test',
        requestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
        ticker: first.ticker,
        partition: 20261121,
      }),
    );
  });

  test('with several days in it puts each row into the day of its message', async () => {
    const event = sqsEvent([
      ...messagesFor([first], yesterday),
      ...messagesFor(stocks, day),
      ...messagesFor(funds, yesterday),
    ]);
    expect(await collectStocks(event, contextOf())).toEqual({ batchItemFailures: [] });
    expect(await tickersIn(under.lake, sorTables.acoes, yesterday)).toEqual([first.ticker]);
    expect(await tickersIn(under.lake, sorTables.acoes, day)).toEqual(tickersOf(stocks));
    expect(await tickersIn(under.lake, sorTables.fiis, yesterday)).toEqual(tickersOf(funds));
    expect(await tickersIn(under.lake, sorTables.fiis, day)).toEqual([]);
  });

  test('gives back a bad ticker and a page that fails, alone, each with its reason', async () => {
    const messages = messagesFor(stocks, day);
    const unknown = { ...messages[0], ticker: 'ZZZZ3' } as (typeof messages)[number];
    under.fault = (what) => (what === second.ticker ? 503 : undefined);
    const answer = await collectStocks(sqsEvent([unknown, ...messages]), contextOf());
    expect(answer).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-2' }],
    });
    const stored = tickersOf(stocks).filter((ticker) => ticker !== second.ticker);
    expect(await tickersIn(under.lake, sorTables.acoes, day)).toEqual(stored);
    const failures = log().filter(({ message }) => message === 'a ticker failed');
    expect(failures).toEqual([
      expect.objectContaining({ level: 'ERROR', ticker: 'ZZZZ3', kind: 'not-found' }),
      expect.objectContaining({
        ticker: second.ticker,
        partition: day,
        kind: 'unavailable',
        reason: expect.stringContaining('503'),
        messageId: 'message-2',
      }),
    ]);
  });

  test('gives back a page whose numbers are blank, and keeps the row that the day has', async () => {
    await collectStocks(sqsEvent(messagesFor(stocks, day)), contextOf());
    const prices = await columnByTicker(under.lake, sorTables.acoes, day, 'vlr_cot');
    under.market.splice(0, under.market.length, ...stocks.map((asset) => blanked(asset, '')));
    const event = sqsEvent(messagesFor(stocks, day), Date.now() + 60_000);
    const { batchItemFailures } = await collectStocks(event, contextOf());
    expect(batchItemFailures).toHaveLength(stocks.length);
    expect(log()).toContainEqual(
      expect.objectContaining({
        message: 'a ticker failed',
        ticker: first.ticker,
        kind: 'layout-changed',
        reason: expect.stringContaining('only 5 values'),
      }),
    );
    expect(await columnByTicker(under.lake, sorTables.acoes, day, 'vlr_cot')).toEqual(prices);
  });

  test('of an earlier day stores no page that shows a later one', async () => {
    // The demo's pages show 20 November 2026; they are read later, or on a clock that has not come so far.
    const past = parsePartition('2020-01-02');
    const answer = await collectStocks(sqsEvent(messagesFor([first], past)), contextOf());
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
    expect(await under.lake.files(sorTables.acoes, past)).toEqual([]);
    // Once, and not again: another answer is not to be had.
    expect(under.site.requests).toHaveLength(1);
    expect(log()).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        kind: 'later-day',
        ticker: first.ticker,
        reason: expect.stringContaining('was wanted for 2020-01-02'),
      }),
    );
  });

  test.each([
    ['no JSON', '{"ticker":', 'not JSON'],
    ['no object', '"PETR4"', 'no object'],
    ['a path for a ticker', '{"ticker":"../PETR4","tipo":"acoes","partition":20261121}', 'ticker'],
    ['no kind', '{"ticker":"PETR4","partition":20261121}', 'tipo'],
    ['no such day', '{"ticker":"PETR4","tipo":"acoes","partition":20260231}', 'partition'],
    ['no day', '{"ticker":"PETR4","tipo":"acoes"}', 'partition'],
  ])('gives back a message with %s, alone', async (_what, body, reason) => {
    const answer = await collectStocks(sqsEvent([body, ...messagesFor([first], day)]), contextOf());
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
    expect(await tickersIn(under.lake, sorTables.acoes, day)).toEqual([first.ticker]);
    expect(log()).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        messageId: 'message-0',
        reason: expect.stringContaining(reason),
      }),
    );
  });

  test('that comes again, whole or in parts, asks the site for nothing and changes nothing', async () => {
    const event = sqsEvent(messagesFor(stocks, day));
    await collectStocks(event, contextOf());
    const asked = under.site.requests.length;
    const readAt = await columnByTicker(under.lake, sorTables.acoes, day, READ_AT_COLUMN);
    const reversed = { Records: [...event.Records].reverse() };
    const part = { Records: event.Records.slice(0, 1) };
    for (const again of [event, reversed, part]) {
      expect(await collectStocks(again, contextOf())).toEqual({ batchItemFailures: [] });
    }
    expect(under.site.requests).toHaveLength(asked);
    expect(await columnByTicker(under.lake, sorTables.acoes, day, READ_AT_COLUMN)).toEqual(readAt);
    expect(log()).toContainEqual(
      expect.objectContaining({ message: 'collected', stored: 0, storedBefore: stocks.length }),
    );
  });

  test('with a message twice asks once', async () => {
    const [message] = messagesFor([first], day);
    if (message === undefined) throw new Error('no message');
    const event = sqsEvent([message, message]);
    expect(await collectStocks(event, contextOf())).toEqual({ batchItemFailures: [] });
    expect(under.site.requests).toHaveLength(1);
    expect(await tickersIn(under.lake, sorTables.acoes, day)).toEqual([first.ticker]);
  });

  test('that names the wrong kind adds no second row where the page is stored already', async () => {
    await collectStocks(sqsEvent(messagesFor(stocks, day), Date.now() - 2), contextOf());
    const before = await rowsOf(under.lake, sorTables.acoes, day);
    const files = await keysOf(under.lake, sorTables.acoes, day);
    const wrong = messagesFor([first], day).map((message) => ({
      ...message,
      tipo: 'fiis' as const,
    }));
    const event = sqsEvent([...wrong, ...messagesFor(funds, day)], Date.now() - 60_000);
    expect(await collectFunds(event, contextOf())).toEqual({ batchItemFailures: [] });
    expect(await rowsOf(under.lake, sorTables.acoes, day)).toEqual(before);
    expect(await keysOf(under.lake, sorTables.acoes, day)).toEqual(files);
    expect(await tickersIn(under.lake, sorTables.fiis, day)).toEqual(tickersOf(funds));
    expect(
      log()
        .filter(({ message }) => message === 'collected')
        .at(-1),
    ).toMatchObject({
      stored: funds.length,
      storedBefore: 1,
      failed: 0,
    });
  });

  test('that names the wrong kind is stored as what its page shows, also as a wish for a newer one', async () => {
    const wrong = messagesFor([first], day).map((message) => ({
      ...message,
      tipo: 'fiis' as const,
    }));
    await collectFunds(sqsEvent(wrong), contextOf());
    expect(await tickersIn(under.lake, sorTables.acoes, day)).toEqual([first.ticker]);
    expect(await tickersIn(under.lake, sorTables.fiis, day)).toEqual([]);
    under.market[0] = withValues(first, { Cotação: '99,99' });
    const both = [...messagesFor([first], day), ...wrong];
    await collectFunds(sqsEvent(both, Date.now() + 1), contextOf());
    expect(await columnByTicker(under.lake, sorTables.acoes, day, 'vlr_cot')).toEqual({
      [first.ticker]: '99,99',
    });
  });

  test('that was sent after the page was read is a wish for a newer one', async () => {
    await collectStocks(sqsEvent(messagesFor([first], day)), contextOf());
    under.market[0] = withValues(first, { Cotação: '99,99' });
    await collectStocks(sqsEvent(messagesFor([first], day), Date.now() + 1), contextOf());
    expect(await columnByTicker(under.lake, sorTables.acoes, day, 'vlr_cot')).toEqual({
      [first.ticker]: '99,99',
    });
  });

  describe('taken from its queue', () => {
    /** Messages sent to the queue and taken out again, hidden as the template hides them. */
    const taken = async (bodies: readonly string[]): Promise<SQSEvent> => {
      const QueueUrl = under.aws.acoesQueueUrl;
      await sendMessages({ client: under.aws.sqs, url: QueueUrl }, bodies);
      const { Messages = [] } = await under.aws.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 5460,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      const event = sqsEvent(Messages.map(({ Body = '' }) => Body));
      return {
        Records: event.Records.map((record, index) => ({
          ...record,
          receiptHandle: Messages[index]?.ReceiptHandle ?? '',
        })),
      };
    };
    /** What the queue shows within some seconds. */
    const backInQueue = async (): Promise<string[]> => {
      const { Messages = [] } = await under.aws.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: under.aws.acoesQueueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 5,
        }),
      );
      return Messages.map(({ Body = '' }) => Body).sort();
    };
    const bodies = messagesFor(stocks, day).map(formatTickerMessage);

    beforeEach(() => {
      process.env['PYNVEST_RETRY_WAIT_S'] = '1';
    });
    afterEach(async () => {
      delete process.env['PYNVEST_RETRY_WAIT_S'];
      await under.aws.sqs.send(new PurgeQueueCommand({ QueueUrl: under.aws.acoesQueueUrl }));
    });

    test('what failed is there again soon, and that alone', async () => {
      under.fault = (what) => (what === second.ticker ? 503 : undefined);
      await collectStocks(await taken(bodies), contextOf());
      expect(await backInQueue()).toEqual(messagesFor([second], day).map(formatTickerMessage));
      expect(log()).toContainEqual(
        expect.objectContaining({ message: 'returned to the queue', messages: 1 }),
      );
    });

    test('all of it is, where it fails as a whole', async () => {
      const { places } = await import('../../lambda-src/lake.ts');
      places().s3.middlewareStack.add(
        () => () => {
          throw Object.assign(new Error('Slow down'), { name: 'SlowDown', $metadata: {} });
        },
        { step: 'initialize', name: 'slow' },
      );
      try {
        await expect(collectStocks(await taken(bodies), contextOf())).rejects.toThrow('SlowDown');
      } finally {
        places().s3.middlewareStack.remove('slow');
      }
      // The stand-in shows no more than a few at once.
      expect((await backInQueue()).length).toBeGreaterThan(0);
      expect(log()).toContainEqual(
        expect.objectContaining({ message: 'returned to the queue', messages: bodies.length }),
      );
    });

    test('where the queue does not hide it, it is returned all the same', async () => {
      under.fault = () => 503;
      const { Records: records } = await taken(bodies.slice(0, 1));
      const unknown = records.map((record) => ({ ...record, receiptHandle: 'unknown' }));
      process.env['PYNVEST_QUEUE_URL'] += '-gone';
      try {
        expect(await collectStocks({ Records: unknown }, contextOf())).toEqual({
          batchItemFailures: [{ itemIdentifier: 'message-0' }],
        });
      } finally {
        process.env['PYNVEST_QUEUE_URL'] = under.aws.acoesQueueUrl;
      }
      expect(log()).toContainEqual(
        expect.objectContaining({
          level: 'WARN',
          message: 'messages come again only after the visibility timeout',
          error: 'QueueError',
        }),
      );
    });
  });

  test('is returned in part when the time runs out, and what came is stored', async () => {
    const many = manyStocks(12);
    under.market.splice(0, under.market.length, ...many);
    // The pages after the first four never come.
    let shown = 0;
    under.fault = () => {
      shown += 1;
      return shown <= 4 ? undefined : 'hang';
    };
    const context = contextOf({ remainingMs: 6_000 });
    const answer = await collectStocks(sqsEvent(messagesFor(many, day)), context);
    expect(context.getRemainingTimeInMillis()).toBeGreaterThan(0);
    const stored = await tickersIn(under.lake, sorTables.acoes, day);
    expect(stored).toHaveLength(4);
    const given = answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    const expected = many.flatMap(({ ticker }, index) =>
      stored.includes(ticker) ? [] : [`message-${index}`],
    );
    expect(given).toEqual(expected);
    expect(log().filter(({ kind }) => kind === 'not-asked')).toHaveLength(8);
  });

  test('fails as a whole where the lake cannot be written, and says so', async () => {
    const { Records: records } = sqsEvent(messagesFor(smallMarket, day));
    const { places } = await import('../../lambda-src/lake.ts');
    places().s3.middlewareStack.add(
      (next, { commandName }) =>
        (call) => {
          if (commandName !== 'PutObjectCommand') return next(call);
          throw Object.assign(new Error('Access Denied'), { name: 'AccessDenied', $metadata: {} });
        },
      { step: 'initialize', name: 'denied' },
    );
    try {
      await expect(collectStocks({ Records: records }, contextOf())).rejects.toThrow(
        /cannot write s3:\/\/pynvest-sor\/.*AccessDenied/,
      );
    } finally {
      places().s3.middlewareStack.remove('denied');
    }
    expect(log()).toContainEqual(
      expect.objectContaining({ level: 'ERROR', error: 'LakeError', hint: expect.any(String) }),
    );
  });

  test('stores the pages of today where those of an old day cannot be written', async () => {
    const { Records: records } = sqsEvent([
      ...messagesFor([first], yesterday),
      ...messagesFor(stocks, day),
    ]);
    const { places } = await import('../../lambda-src/lake.ts');
    places().s3.middlewareStack.add(
      (next, { commandName }) =>
        (call) => {
          const { Key: key = '' } = call.input as { readonly Key?: string };
          if (commandName !== 'PutObjectCommand' || !key.includes(String(yesterday)))
            return next(call);
          throw Object.assign(new Error('Access Denied'), { name: 'AccessDenied', $metadata: {} });
        },
      { step: 'initialize', name: 'denied' },
    );
    try {
      await expect(collectStocks({ Records: records }, contextOf())).rejects.toThrow(
        /cannot write s3:\/\/pynvest-sor\/.*20261120.*AccessDenied/,
      );
    } finally {
      places().s3.middlewareStack.remove('denied');
    }
    expect(await tickersIn(under.lake, sorTables.acoes, day)).toEqual(tickersOf(stocks));
  });
});
