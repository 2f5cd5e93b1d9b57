/** The functions' logs, and the schedules, by the command. The tests follow one another. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { describe, expect, test } from 'vitest';
import { getPartition } from '../../src/catalog/partition.ts';
import { hasAws } from '../support/aws-account.ts';
import { startAwsFront } from '../support/aws-front.ts';
import type { CommandOptions, CommandResult } from '../support/command.ts';
import { useOperatedSystem } from '../support/operated-system.ts';
import { stocks } from '../support/small-market.ts';

interface Line {
  readonly time: string;
  readonly level: string;
  readonly function: string;
  readonly ticker: string | null;
  readonly partition: number | null;
  readonly message: string;
  readonly fields: string;
}

describe.runIf(hasAws)('logs and schedules of the deployed system', () => {
  const system = useOperatedSystem();
  const run = (args: readonly string[], options?: CommandOptions): Promise<CommandResult> =>
    system().run(args, options);
  const linesOf = async (args: readonly string[]): Promise<Line[]> => {
    const { status, stdout, stderr } = await run(['logs', '--format', 'json', ...args]);
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout) as Line[];
  };
  const today = getPartition(new Date());
  const other = stocks[1]?.ticker ?? '';
  const clientSettings = () => system().account.clientSettings;

  /** Writes lines, each with the moment at which CloudWatch takes it, as another instance of a function. */
  const writeTo = async (
    source: string,
    logStreamName: string,
    lines: readonly (readonly [takenAt: number, line: object])[],
  ): Promise<void> => {
    const client = new CloudWatchLogsClient(clientSettings());
    const logGroupName = `/aws/lambda/pynvest-lambda-${source}`;
    await client
      .send(new CreateLogStreamCommand({ logGroupName, logStreamName }))
      .catch(unlessThere);
    const logEvents = lines.map(([timestamp, line]) => ({
      timestamp,
      message: JSON.stringify(line),
    }));
    await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  };
  const unlessThere = (error: unknown): void => {
    if (!(error instanceof ResourceAlreadyExistsException)) throw error;
  };

  test('before anything has run there is nothing to tell', async () => {
    const { status, stdout, stderr } = await run(['logs', '--format', 'table']);
    expect(status, stderr).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/No lines since \d{4}-\d\d-\d\dT/);
  });

  test('stays under the quota of five requests a second', async () => {
    // The quota is the account's: the requests of the test before this one count as well.
    await sleep(1_100);
    const front = await startAwsFront(system().account.url);
    const answers: string[] = [];
    front.rewrite = ({ action }, answer) => {
      if (action === 'FilterLogEvents') answers.push(answer);
      return answer;
    };
    const { status } = await run(['logs'], { env: { AWS_ENDPOINT_URL: front.url } });
    await front.close();
    expect(status).toBe(0);
    expect(answers).toHaveLength(11);
    expect(answers.filter((each) => each.includes('Rate exceeded'))).toEqual([]);
  });

  test('all functions of a day, merged by time, over many pages', async () => {
    system().fault = (what) => (what === 'TUCA3' ? 404 : undefined);
    expect((await run(['run', '--remote'])).status).toBe(3);
    const oursIn = (lines: readonly Line[]) => lines.filter(({ partition }) => partition === today);
    const writers = async () => {
      const sources = oursIn(await linesOf([])).map((line) => line.function);
      return [...new Set(sources)].sort();
    };
    // A function logs at its end, when others may already see what it wrote.
    await expect
      .poll(writers, { timeout: 60_000, interval: 500 })
      .toEqual([
        'check-and-delete-partitions',
        'dedup-financial-data-for-acoes',
        'dedup-financial-data-for-fiis',
        'dedup-financial-data-for-spec-ativos',
        'get-financial-data-for-acoes',
        'get-financial-data-for-fiis',
        'get-tickers',
        'prep-financial-data-for-acoes',
        'prep-financial-data-for-fiis',
        'specialize-financial-data',
      ]);
    const lines = await linesOf([]);
    const times = lines.map(({ time }) => time);
    expect(times).toEqual(times.toSorted());
    const ours = oursIn(lines);
    const position = (message: string): number =>
      ours.findIndex((line) => line.message === message);
    expect(position('the day is cleared')).toBeLessThan(position('sent'));
    expect(position('sent')).toBeLessThan(position('stored'));
    expect(position('stored')).toBeLessThan(position('deduplicated'));
    expect(lines.some(({ level }) => level === 'PLATFORM')).toBe(false);
    const verbose = await linesOf(['--verbose']);
    expect(verbose.some(({ message }) => message.startsWith('REPORT '))).toBe(true);
  });

  test('one function, by either of its names; a misspelt one is an error', async () => {
    const short = await linesOf(['get-tickers']);
    expect(new Set(short.map((line) => line.function))).toEqual(new Set(['get-tickers']));
    expect(await linesOf(['pynvest-lambda-get-tickers'])).toEqual(short);
    const slip = await run(['logs', 'get-tikers']);
    expect(slip.status).toBe(2);
    expect(slip.stderr).toContain('Did you mean get-tickers?');
  });

  test('one ticker, and errors alone', async () => {
    const ofTicker = await linesOf(['--ticker', other.toLowerCase()]);
    expect(ofTicker.map(({ ticker }) => ticker)).toEqual([other]);
    const errors = await linesOf(['--errors', '--since', '10m']);
    expect(errors.length).toBeGreaterThan(0);
    for (const { level, ticker, message } of errors) {
      expect([level, ticker, message]).toEqual(['ERROR', 'TUCA3', 'a ticker failed']);
    }
    expect(await linesOf(['--errors', '--ticker', other])).toEqual([]);
    expect((await run(['logs', '--ticker', '" || true'])).status).toBe(2);
  });

  test('for a person, a line each: time, level, function, message, and what matters', async () => {
    const { stdout } = await run(['logs', '--errors', '--format', 'table']);
    expect(stdout.split('\n')[0]).toMatch(
      /^(\d\d-\d\d )?\d\d:\d\d:\d\d ERROR get-financial-data-for-acoes: a ticker failed {2}ticker=TUCA3 {2}partition=\d{8} {2}kind=layout-changed {2}reason=/,
    );
  });

  test('followed, what comes is printed once and as it comes, until Ctrl-C', async () => {
    system().fault = () => undefined;
    const following = system().start([
      ...['logs', 'get-financial-data-for-fiis', '--follow', '--format', 'csv'],
    ]);
    let seen = '';
    following.process.stdout?.on('data', (text: string) => {
      seen += text;
    });
    const count = (): number => seen.match(/,stored,/g)?.length ?? 0;
    await expect.poll(count, { timeout: 90_000 }).toBe(2);
    expect((await run(['run', '--remote', '--tickers', 'DEMO11'])).status).toBe(0);
    await expect.poll(count, { timeout: 90_000 }).toBe(3);
    // A look or two later nothing is told again.
    expect((await run(['run', '--remote', '--tickers', 'DEMO11'])).status).toBe(0);
    await expect.poll(count, { timeout: 90_000 }).toBe(4);
    following.process.kill('SIGINT');
    const { status, stderr } = await following.result;
    expect(status).toBe(130);
    expect(stderr).not.toMatch(/error|Interrupted/);
  }, 300_000);

  test('lines that were stored out of order are printed in order, also as they come', async () => {
    const begin = Date.now();
    const said = (after: number, message: string) => ({
      ...{ level: 'WARN', message },
      time: new Date(begin + after).toISOString(),
    });
    const source = 'prep-financial-data-for-fiis';
    await writeTo(source, 'one', [
      [begin, said(0, 'first')],
      [begin + 1, said(30, 'fifth')],
      [begin + 2, said(10, 'third')],
    ]);
    await writeTo(source, 'another', [
      [begin + 3, said(5, 'second')],
      [begin + 4, said(20, 'fourth')],
    ]);
    const order = ['first', 'second', 'third', 'fourth', 'fifth'];
    const ofThem = (lines: readonly Line[]) =>
      lines.map(({ message }) => message).filter((message) => order.includes(message));
    expect(ofThem(await linesOf([source]))).toEqual(order);
    expect(ofThem(await linesOf([]))).toEqual(order);

    const following = system().start(['logs', source, '--follow', '--format', 'csv']);
    let seen = '';
    following.process.stdout?.on('data', (text: string) => {
      seen += text;
    });
    const told = () => seen.match(/(?<=,)(first|second|third|fourth|fifth|sixth|seventh)(?=,)/g);
    await expect.poll(told, { timeout: 60_000 }).toEqual(order);
    await writeTo(source, 'one', [
      [begin + 100, said(50, 'seventh')],
      [begin + 101, said(40, 'sixth')],
    ]);
    await expect.poll(told, { timeout: 60_000 }).toEqual([...order, 'sixth', 'seventh']);
    following.process.kill('SIGTERM');
    await following.result;
  });

  test('a line that comes late is printed too, and a time-out is an error', async () => {
    const write = (seconds: number, line: object) =>
      writeTo('specialize-financial-data', 'late', [[Date.now() - seconds * 1_000, line]]);
    const following = system().start([
      ...['logs', 'specialize-financial-data', '--errors', '--follow', '--format', 'table'],
    ]);
    let seen = '';
    following.process.stdout?.on('data', (text: string) => {
      seen += text;
    });
    const record = { requestId: 'r', status: 'timeout', metrics: { durationMs: 900_000 } };
    await write(0, { type: 'platform.report', record });
    await expect.poll(() => seen, { timeout: 60_000 }).toContain('timed out after 900 s');
    await write(60, { level: 'ERROR', message: 'written a minute ago' });
    await expect.poll(() => seen, { timeout: 60_000 }).toContain('written a minute ago');
    following.process.kill('SIGTERM');
    await following.result;
    expect(seen.match(/timed out/g)).toHaveLength(1);
  });

  const statesOf = async (): Promise<(string | undefined)[]> => {
    const events = new EventBridgeClient(clientSettings());
    const names = ['lambda-check-and-delete-partitions', 'sfn-dedup-sot-spec-tables'];
    return Promise.all(
      names.map(async (name) => {
        const rule = new DescribeRuleCommand({ Name: `trigger-pynvest-${name}` });
        return (await events.send(rule)).State;
      }),
    );
  };

  test('paused, the schedules are off; once more changes nothing', async () => {
    const { status, stdout, stderr } = await run(['pause', '--format', 'json']);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({ state: 'DISABLED' }),
      expect.objectContaining({ state: 'DISABLED' }),
    ]);
    expect(stderr).toContain('`pynvest resume`');
    expect(await statesOf()).toEqual(['DISABLED', 'DISABLED']);
    expect((await run(['pause'])).stderr).toContain('already off');
  });

  test('where one of them cannot be switched, the other is, and both are reported', async () => {
    const front = await startAwsFront(system().account.url);
    let asked = 0;
    front.intercept = ({ action }) => {
      if (action !== 'EnableRule' || ++asked < 2) return undefined;
      const body = JSON.stringify({ __type: 'AccessDeniedException', message: 'not for you' });
      return { status: 400, body };
    };
    const { status, stderr } = await run(['resume'], { env: { AWS_ENDPOINT_URL: front.url } });
    await front.close();
    expect(status, stderr).toBe(3);
    expect(stderr).toMatch(
      /trigger-pynvest-sfn-dedup-sot-spec-tables is still DISABLED: .*not for you/,
    );
    expect(stderr).toContain('Run `pynvest resume` again');
    expect(await statesOf()).toEqual(['ENABLED', 'DISABLED']);
    expect((await run(['pause'])).status).toBe(0);
  });

  test('a deployment leaves them off, and resumed they are on, also after the next one', async () => {
    // One that changes the rules: CloudFormation sets all of their properties then.
    const changed = ['deploy', '--yes', '--parameter', 'CollectSchedule=cron(30 21 * * ? *)'];
    const deployed = await run(changed);
    expect(deployed.status, deployed.stderr).toBe(0);
    expect(await statesOf()).toEqual(['DISABLED', 'DISABLED']);
    const resumed = await run(['resume', '--format', 'json']);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(await statesOf()).toEqual(['ENABLED', 'ENABLED']);
    const again = await run([
      'deploy',
      '--yes',
      '--parameter',
      'CollectSchedule=cron(15 21 * * ? *)',
    ]);
    expect(again.status, again.stderr).toBe(0);
    expect(await statesOf()).toEqual(['ENABLED', 'ENABLED']);
    // Whoever says otherwise in so many words is obeyed.
    await run(['deploy', '--yes', '--parameter', 'SchedulesEnabled=DISABLED']);
    expect(await statesOf()).toEqual(['DISABLED', 'DISABLED']);
  }, 120_000);

  test.each([
    [['logs', '--since', 'yesterday'], 'length of time or a date'],
    [['logs', '--target', 'local'], '`pynvest logs --target local` is for the lake in AWS'],
    [['pause', '--target', 'local'], '`pynvest pause --target local` is for the lake in AWS'],
    [['resume', '--lake', '/tmp/x'], '`pynvest resume --lake /tmp/x` is for the lake in AWS'],
  ])('%j: wrong usage, in words', async (args, words) => {
    const { status, stdout, stderr } = await run(args);
    expect(status, stderr).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
  });
});
