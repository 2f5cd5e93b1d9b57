/** What a person does with the deployed functions, by the built command. The tests follow one another. */

import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type ReceiveMessageResult,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { READ_AT_COLUMN } from '../../src/catalog/datasets/shared-indicators.ts';
import { dailyTables } from '../../src/catalog/datasets.ts';
import { formatIsoDate, getPartition, type Partition } from '../../src/catalog/partition.ts';
import { createS3Lake } from '../../src/lake/s3/lake.ts';
import { hasAws } from '../support/aws-account.ts';
import { startAwsFront } from '../support/aws-front.ts';
import type { CommandOptions, CommandResult } from '../support/command.ts';
import { newFolder } from '../support/folders.ts';
import { rowsOf, tickersIn } from '../support/lake-rows.ts';
import { quote } from '../support/made-up-lake.ts';
import { useOperatedSystem } from '../support/operated-system.ts';
import { smallMarket, tickersOf } from '../support/small-market.ts';
import { tickersByAthena } from '../support/system-contents.ts';
import { sotTables, specTable } from '../support/tables.ts';

const FAILING = 'TUCA3';
const answered = [sotTables.acoes, sotTables.fiis, specTable];

describe.runIf(hasAws)('the deployed functions, started and followed', () => {
  const system = useOperatedSystem();
  const today = getPartition(new Date());
  const run = (args: readonly string[], options?: CommandOptions): Promise<CommandResult> =>
    system().run(args, options);
  const deadQueue = (): string => system().outputs['AcoesDeadLetterQueueUrl'] ?? '';

  const wanted = (without: readonly string[] = []): Record<string, string[]> => {
    const of = (kind?: string) =>
      tickersOf(smallMarket.filter((each) => kind === undefined || each.kind === kind)).filter(
        (ticker) => !without.includes(ticker),
      );
    return {
      [sotTables.acoes.name]: of('acoes'),
      [sotTables.fiis.name]: of('fiis'),
      [specTable.name]: of(),
    };
  };
  const expectOneRowEach = async (without: readonly string[] = []): Promise<void> => {
    for (const table of answered) {
      const found = await tickersByAthena(system(), table, today);
      expect(found, table.name).toEqual(wanted(without)[table.name]);
    }
  };
  const lettersInQueue = async (): Promise<number> => {
    const { Attributes = {} } = await system().sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: deadQueue(), AttributeNames: ['All'] }),
    );
    return Number(Attributes.ApproximateNumberOfMessages);
  };
  const put = async (bodies: readonly string[]): Promise<void> => {
    for (let start = 0; start < bodies.length; start += 10) {
      await system().sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: deadQueue(),
          Entries: bodies
            .slice(start, start + 10)
            .map((MessageBody, index) => ({ Id: String(index), MessageBody })),
        }),
      );
    }
  };
  const bodyOf = (ticker: string, partition: Partition): string =>
    JSON.stringify({ ticker, tipo: 'acoes', partition });

  test('run --remote collects the day and leaves one row a ticker', async () => {
    const { status, stdout, stderr } = await run(['run', '--remote', '--format', 'json']);
    expect(status, stderr).toBe(0);
    const counts = JSON.parse(stdout) as { readonly table: string; readonly rows: number }[];
    expect(counts).toEqual(
      dailyTables.map(({ name }) => ({
        anomesdia_exec: today,
        table: name,
        rows: name === specTable.name ? 5 : name.includes('acoes') ? 3 : 2,
      })),
    );
    expect(stderr).toContain('Stored 5 of 5 tickers');
    await expectOneRowEach();
  }, 90_000);

  test('run --remote --tickers adds to the day, and clears nothing', async () => {
    const before = system().site.requests.length;
    const { status, stderr } = await run(['run', '--remote', '--tickers', 'tuca3']);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('1 duplicate row removed');
    expect(system().site.requests.slice(before)).toEqual(['/detalhes.php?papel=TUCA3']);
    await expectOneRowEach();
  }, 90_000);

  test.each([['--ticker', 'TUCA3'], ['--watchlist']])(
    'run --remote %s: these alone',
    async (...args) => {
      const config = await newFolder();
      const env = { XDG_CONFIG_HOME: config };
      expect(await run(['watch', 'add', 'TUCA3'], { env })).toMatchObject({ status: 0 });
      await cp(join(system().config, 'pynvest'), join(config, 'pynvest'), { recursive: true });
      const before = system().site.requests.length;
      const { status, stderr } = await run(['run', '--remote', ...args], { env });
      expect(status, stderr).toBe(0);
      expect(system().site.requests.slice(before)).toEqual(['/detalhes.php?papel=TUCA3']);
    },
    90_000,
  );

  test('a ticker that fails: status 3, its name and the reason; the others are there', async () => {
    system().fault = (what) => (what === FAILING ? 500 : undefined);
    const { status, stderr } = await run(['run', '--remote']);
    expect(status, stderr).toBe(3);
    expect(stderr).toMatch(/! .*TUCA3.*500/);
    expect(stderr).toContain('Stored 4 of 5 tickers');
    expect(stderr).toContain('`pynvest redrive` shows what failed for good');
    expect(stderr).toContain('The day had rows of TUCA3, which were removed when it was cleared');
    expect(stderr).toContain('first after 1 s and');
    await expectOneRowEach([FAILING]);
  }, 90_000);

  test('its dead letter is shown with the reason, and stays where it is', async () => {
    await expect.poll(lettersInQueue, { timeout: 40_000 }).toBe(1);
    const look = () => run(['redrive', '--format', 'json']);
    const { status, stdout, stderr } = await look();
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        ticker: FAILING,
        standing: 'ready',
        kind: 'unavailable',
        reason: expect.stringContaining('500'),
        queue: 'acoes',
        // With the offset of São Paulo, so that it is one instant wherever it is read.
        sent: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+-03:00$/),
      }),
    ]);
    expect(stderr).toContain('--all');
    // To look at it changes nothing of what is shown.
    expect((await look()).stdout).toBe(stdout);
    expect((await run(['redrive', '--queue', 'fiis'])).stderr).toContain('No dead letters');
    expect(await lettersInQueue()).toBe(1);
  }, 90_000);

  test('who dies between sending it back and removing it leaves it twice, not never', async () => {
    system().fault = () => undefined;
    const front = await startAwsFront(system().account.url);
    const command = system().start(['redrive', '--all'], { env: { AWS_ENDPOINT_URL: front.url } });
    const asked: unknown[] = [];
    const received: string[] = [];
    front.rewrite = ({ action, body }, answer) => {
      if (action !== 'ReceiveMessage') return answer;
      asked.push(JSON.parse(body));
      const { Messages: messages = [] } = JSON.parse(answer) as ReceiveMessageResult;
      received.push(...messages.map(({ ReceiptHandle = '' }) => ReceiptHandle));
      return answer;
    };
    front.intercept = ({ action }) => {
      if (action === 'DeleteMessageBatch') command.process.kill('SIGKILL');
      return action === 'DeleteMessageBatch' ? { status: 500, body: '' } : undefined;
    };
    expect((await command.result).status).toBeNull();
    await front.close();
    expect(front.requests.map(({ action }) => action)).toContain('SendMessageBatch');
    expect(asked.at(-1)).toMatchObject({ VisibilityTimeout: 60 });
    const held = await run(['redrive']);
    expect(held.stderr).toContain('1 more are in flight');
    // What becomes of it when its minute is over.
    await system().sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: deadQueue(),
        ReceiptHandle: received.at(-1),
        VisibilityTimeout: 0,
      }),
    );
  }, 60_000);

  test('redriven, the day becomes complete, with one row a ticker', async () => {
    const lake = createS3Lake(system());
    const quotes = () => tickersIn(lake, specTable, today);
    // What was sent before the death is collected.
    await expect.poll(quotes, { timeout: 40_000 }).toContain(FAILING);
    await expect.poll(lettersInQueue, { timeout: 40_000 }).toBe(1);
    const readAt = async () =>
      (await rowsOf(lake, sotTables.acoes, today)).find((row) => row['nome_papel'] === FAILING)?.[
        READ_AT_COLUMN
      ];
    const firstRead = await readAt();
    const before = system().site.requests.length;
    const { status, stderr } = await run(['redrive', '--ticker', FAILING]);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('Sent back 1 message: TUCA3');
    expect(stderr).toContain('pynvest dedup now --remote');
    expect(await lettersInQueue()).toBe(0);
    await expect.poll(() => system().site.requests.length, { timeout: 40_000 }).toBe(before + 1);
    // The page is read once more, into the file that it had: the same batch has the same name.
    await expect.poll(readAt, { timeout: 40_000 }).not.toBe(firstRead);
    const dedup = await run(['dedup', 'now', '--remote', '--format', 'json']);
    expect(dedup.status, dedup.stderr).toBe(0);
    expect(JSON.parse(dedup.stdout)).toEqual([
      { anomesdia_exec: today, table: sotTables.acoes.name, rows_before: 3, rows_after: 3 },
      { anomesdia_exec: today, table: sotTables.fiis.name, rows_before: 2, rows_after: 2 },
      { anomesdia_exec: today, table: specTable.name, rows_before: 5, rows_after: 5 },
    ]);
    await expectOneRowEach();
  }, 200_000);

  test('dead letters of a past day, and those that cannot be parsed, are not sent again', async () => {
    const past = 20260102 as Partition;
    await put([bodyOf('VALE3', past), 'no message of ours']);
    const all = await run(['redrive', '--all', '--format', 'json']);
    expect(all.status, all.stderr).toBe(1);
    expect(JSON.parse(all.stdout)).toEqual([
      expect.objectContaining({ ticker: 'VALE3', day: '2026-01-02', standing: 'too-late' }),
      expect.objectContaining({ ticker: null, standing: 'unreadable' }),
    ]);
    expect(all.stderr).toMatch(/1 message of 2026-01-02: B3 has opened since/);
    expect(all.stderr).toMatch(/1 message that no function can read/);
    expect(await lettersInQueue()).toBe(2);

    const missing = await run(['redrive', '--ticker', 'PETR4']);
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain('PETR4: no dead letter');
  }, 60_000);

  test('removing asks, and is declined without an answer; --yes removes', async () => {
    const declined = await run(['redrive', '--remove']);
    expect(declined.status).toBe(1);
    expect(declined.stderr).toContain('Nothing was removed');
    expect(await lettersInQueue()).toBe(2);

    const one = await run(['redrive', '--remove', '--ticker', 'VALE3', '--yes']);
    expect(one.status, one.stderr).toBe(0);
    expect(await lettersInQueue()).toBe(1);
    expect((await run(['redrive', '--remove', '--yes'])).stderr).toContain('Removed 1 message');
    expect(await lettersInQueue()).toBe(0);
  }, 60_000);

  test('more letters than one answer holds: each once, all back in place', async () => {
    const tickers = Array.from(
      { length: 23 },
      (_, index) => `ZZ${String.fromCharCode(65 + index)}A3`,
    );
    await put(tickers.map((ticker) => bodyOf(ticker, 20260102 as Partition)));
    const { stdout, stderr } = await run(['redrive', '--format', 'json']);
    const shown = (JSON.parse(stdout) as { readonly ticker: string }[]).map(({ ticker }) => ticker);
    expect(shown, stderr).toEqual(tickers);
    expect(await lettersInQueue()).toBe(23);
    expect((await run(['redrive', '--remove', '--all', '--yes'])).status).toBe(0);
    expect(await lettersInQueue()).toBe(0);
  }, 60_000);

  test('a state machine that fails: its status and the first cause', async () => {
    const { s3, buckets } = system();
    const { PutObjectCommand } = await import('@aws-sdk/client-s3');
    await s3.send(
      new PutObjectCommand({
        Bucket: buckets.sot,
        Key: `${sotTables.fiis.name}/anomesdia_exec=${today}/broken.parquet`,
        Body: 'no Parquet',
      }),
    );
    const { status, stdout, stderr } = await run(['dedup', 'now', '--remote']);
    expect(status, stderr).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/ended as FAILED after .*broken/);
  }, 60_000);

  test.each([
    [['run', '--remote', '--concurrency', '2'], '--parameter Concurrency='],
    [['run', '--remote', '--tipo', 'acoes'], 'both kinds'],
    [['run', '--wait', '5m'], '--wait goes with --remote'],
    [['run', '--remote', '--wait', 'soon'], 'length of time'],
    [['run', '--remote', '--target', 'local'], '--remote is for the lake in AWS'],
    [['dedup', 'now', '--remote', '--target', 'local'], '--remote is for the lake in AWS'],
    [['redrive', '--target', 'local'], '`pynvest redrive --target local` is for the lake in AWS'],
    [['redrive', '--all', '--ticker', 'PETR4'], 'exclude each other'],
    [['redrive', '--ticker', '../x'], 'is not a B3 ticker'],
  ])('%j: wrong usage, in words', async (args, words) => {
    const { status, stdout, stderr } = await run(args);
    expect(status, stderr).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
  });

  test('a day that the lake does not have is not given to the state machine', async () => {
    const { status, stderr } = await run(['dedup', 'now', '--remote', '--date', '2025-01-02']);
    expect(status).toBe(1);
    expect(stderr).toContain('no typed rows of 2025-01-02');
  });

  const failedEvents = async (): Promise<unknown[]> => {
    const { Messages: messages = [] } = await system().sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: system().outputs['FailedEventsQueueUrl'],
        VisibilityTimeout: 0,
      }),
    );
    return messages.map(({ Body: body = '' }) => JSON.parse(body).requestPayload.partition);
  };

  test('a site without a listing: the day is not begun, and nothing is taken away', async () => {
    system().fault = (what) => (what === 'acoes' || what === 'fiis' ? 503 : undefined);
    const before = await tickersIn(createS3Lake(system()), specTable, today);
    const { status, stderr } = await run(['run', '--remote', '--wait', '10s']);
    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(/could not be started: .*503/);
    // The event is kept, with its day, so that the day can be started again.
    await expect.poll(failedEvents, { timeout: 20_000 }).toEqual([today]);
    system().fault = () => undefined;
    expect(await tickersIn(createS3Lake(system()), specTable, today)).toEqual(before);
  }, 60_000);

  test('the day that could not be started is a problem of status and doctor', async () => {
    const status = await run(['status', '--no-site', '--format', 'json']);
    expect(JSON.parse(status.stdout)).toMatchObject({
      problems: expect.arrayContaining([
        {
          code: 'failed-events',
          what: 'pynvest-failed-events-queue: 1 start of a day failed for good',
          remedy: '`pynvest redrive` shows why, and starts the day again.',
        },
      ]),
    });
    const doctor = await run(['doctor', '--no-site', '--format', 'json']);
    expect(JSON.parse(doctor.stdout)).toContainEqual(
      expect.objectContaining({ code: 'failed-events', status: 'problem' }),
    );
  }, 60_000);

  test('redrive shows why it did not start, and starts it again without clearing it', async () => {
    // Collected since the event failed, and not on the listing: nothing would bring it back.
    const lake = createS3Lake(system());
    const since = { table: specTable, partition: today, name: 'acoes-since.cotacao' };
    await lake.write(since, [quote('XPTO3', 12.34)]);
    const shown = await run(['redrive', '--queue', 'events', '--format', 'json']);
    expect(JSON.parse(shown.stdout), shown.stderr).toEqual([
      expect.objectContaining({
        ...{ ticker: null, day: formatIsoDate(today), standing: 'ready', queue: 'events' },
        reason: expect.stringMatching(/^check-and-delete-partitions: .*503/),
      }),
    ]);
    expect(await failedEvents()).toEqual([today]);
    const requests = system().site.requests.length;
    const { status, stderr } = await run(['redrive', '--all']);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain(`Started again: ${formatIsoDate(today)}`);
    expect(await failedEvents()).toEqual([]);
    const asked = () => system().site.requests.length - requests;
    // The two listings and every ticker.
    await expect.poll(asked, { timeout: 40_000 }).toBe(2 + smallMarket.length);
    const tickers = new Set(await tickersIn(lake, specTable, today));
    expect([...tickers]).toEqual([...tickersOf(smallMarket), 'XPTO3'].sort());
    await lake.remove([since]);
  }, 120_000);

  test('a day is not cleared by a system that could not fill it again', async () => {
    const name = 'pynvest-lambda-get-tickers';
    const front = await startAwsFront(system().account.url);
    front.intercept = ({ path }) =>
      path.includes(`/functions/${name}/configuration`)
        ? { status: 404, body: JSON.stringify({ __type: 'ResourceNotFoundException' }) }
        : undefined;
    const before = await tickersIn(createS3Lake(system()), specTable, today);
    const env = { AWS_ENDPOINT_URL: front.url };
    const { status, stderr } = await run(['run', '--remote', '--wait', '20s'], { env });
    await front.close();
    expect(status, stderr).toBe(1);
    expect(stderr).toContain(`a part of the system is missing: ${name}`);
    expect(await tickersIn(createS3Lake(system()), specTable, today)).toEqual(before);
  }, 60_000);

  test('Ctrl-C leaves it going on in AWS, and says so', async () => {
    const requests = system().site.requests.length;
    const command = system().start(['run', '--remote']);
    await command.says('Started the collection');
    command.process.kill('SIGINT');
    const { status, stderr } = await command.result;
    expect(status).toBe(130);
    expect(stderr).toContain('The collection continues in AWS.');
    const asked = () => system().site.requests.length - requests;
    // The two listings, a page of each kind before the day is cleared, and every ticker.
    await expect.poll(asked, { timeout: 30_000 }).toBe(2 + 2 + smallMarket.length);
  }, 60_000);
});
