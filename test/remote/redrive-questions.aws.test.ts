/** What `pynvest redrive` asks a person on a terminal before it sends or removes: a no changes nothing. */
import {
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { getPartition } from '../../src/catalog/partition.ts';
import { hasAws } from '../support/aws-account.ts';
import { onTerminal, terminalAvailable } from '../support/on-terminal.ts';
import { useOperatedSystem } from '../support/operated-system.ts';
import { stocks } from '../support/small-market.ts';

const WHICH = 'Send back which? [all, tickers such as PETR4,HGLG11, or none] ';
const REMOVE = 'Remove 3 messages for good? [y/N] ';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const tickers = stocks.map(({ ticker }) => ticker).sort();
const [first = ''] = tickers;

describe.runIf(hasAws && terminalAvailable)('redrive on a terminal', () => {
  const system = useOperatedSystem();
  const queue = (name: string): string => system().outputs[`Acoes${name}QueueUrl`] ?? '';
  const countIn = async (QueueUrl: string): Promise<number> => {
    const { Attributes: counts = {} } = await system().sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return (
      Number(counts.ApproximateNumberOfMessages) +
      Number(counts.ApproximateNumberOfMessagesNotVisible)
    );
  };
  const letters = (): Promise<number> => countIn(queue('DeadLetter'));
  const pagesAsked = (): readonly string[] =>
    system().site.requests.filter((path) => path.startsWith('/detalhes'));
  /** On a pseudo-terminal: what its keys do is the system's. */
  const redrive = (question: string, typed: string, ...args: string[]) =>
    onTerminal(['redrive', ...args], { env: system().env, question, typed });
  /** In this process, with the same screen and keys, where only the words of the answer differ. */
  const redriveHere = async (question: string, keys: string, ...args: string[]) => {
    const typed = { question, keys };
    const options = { columns: 80, env: { TERM: 'dumb' }, typed };
    const { status, stdout, stderr } = await system().run(['redrive', ...args], options);
    return { status, shown: `${stdout}${stderr}` };
  };

  beforeEach(async () => {
    await system().sqs.send(new PurgeQueueCommand({ QueueUrl: queue('DeadLetter') }));
    const partition = getPartition(new Date());
    await system().sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queue('DeadLetter'),
        Entries: tickers.map((ticker, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify({ ticker, tipo: 'acoes', partition }),
        })),
      }),
    );
    system().site.requests.length = 0;
  });

  test.each([
    ['none', 'none\r', 0, redrive],
    ['no', 'no\r', 0, redriveHere],
    ['nothing', '\r', 0, redriveHere],
    ['Ctrl-D', CTRL_D, 0, redrive],
    ['Ctrl-C', CTRL_C, 130, redrive],
    ['what is no ticker', '../x\r', 2, redriveHere],
    ['a ticker without a letter', 'ZZZZ3\r', 1, redriveHere],
  ])('asked which to send back, %s sends none', async (_, typed, status, ask) => {
    const answered = await ask(WHICH, typed);
    expect(answered.status, answered.shown).toBe(status);
    for (const ticker of tickers) expect(answered.shown).toContain(ticker);
    expect(answered.shown).not.toContain('Sent back');
    expect(await letters()).toBe(3);
    expect(await countIn(queue(''))).toBe(0);
    expect(pagesAsked()).toEqual([]);
  });

  test('a ticker sends it back alone; all sends the others', async () => {
    const one = await redrive(WHICH, `${first.toLowerCase()}\r`);
    expect(one.status, one.shown).toBe(0);
    expect(one.shown).toContain(`Sent back 1 message: ${first}`);
    expect(await letters()).toBe(2);
    await expect.poll(pagesAsked, { timeout: 40_000 }).toEqual([`/detalhes.php?papel=${first}`]);

    const rest = await redriveHere(WHICH, 'all\r');
    expect(rest.shown).toContain(`Sent back 2 messages: ${tickers.slice(1).join(', ')}`);
    expect(rest.status).toBe(0);
    expect(await letters()).toBe(0);
    await expect.poll(() => pagesAsked().length, { timeout: 40_000 }).toBe(3);
  });

  test.each([
    ['n', 'n\r', 0, redrive],
    ['nothing', '\r', 0, redriveHere],
    ['a word that is not yes', 'yesterday\r', 0, redriveHere],
    ['Ctrl-D', CTRL_D, 1, redrive],
    ['Ctrl-C', CTRL_C, 130, redrive],
  ])('asked before it removes, %s removes none', async (_, typed, status, ask) => {
    const answered = await ask(REMOVE, typed, '--remove');
    expect(answered.status, answered.shown).toBe(status);
    expect(answered.shown).not.toContain('Removed');
    expect(await letters()).toBe(3);
    expect(pagesAsked()).toEqual([]);
  });

  test('a yes removes what was chosen, and nothing is collected', async () => {
    const question = 'Remove 1 message for good? [y/N] ';
    const one = await redrive(question, 'y\r', '--remove', '--ticker', first);
    expect(one.status, one.shown).toBe(0);
    expect(one.shown).toContain('Removed 1 message.');
    expect(await letters()).toBe(2);
    expect(await countIn(queue(''))).toBe(0);
    expect(pagesAsked()).toEqual([]);
  });
});
