/**
 * What people see of the commands of AWS: golden screens as those of `golden-screens.test.ts`. One system is deployed
 * for all, and every screen comes from this process; one is shown on a pseudo-terminal, too, and
 * `redrive-questions.aws.test.ts` asks there.
 */
import { readFile } from 'node:fs/promises';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasAws } from '../support/aws-account.ts';
import { expectGoldenScreens, findScreen } from '../support/golden-screens.ts';
import { onTerminal, terminalAvailable } from '../support/on-terminal.ts';
import { useOperatedSystem } from '../support/operated-system.ts';
import { showScreen } from '../support/screen.ts';

/** Of a day on which B3 has opened again: the letters cannot be sent back. */
const PARTITION = 20261119;

/** When a letter was sent, and a line written. */
function hideTimes(text: string): string {
  return text
    .replaceAll(/\d\d\/\d\d\/\d{4} \d\d:\d\d/g, 'DD/MM/AAAA HH:MM')
    .replaceAll(/^\d\d-\d\d \d\d:\d\d:\d\d/gm, 'MM-DD HH:MM:SS');
}

describe.runIf(hasAws)('on a terminal', () => {
  const system = useOperatedSystem();

  beforeAll(async () => {
    const { sqs, outputs, account } = system();
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: outputs['AcoesDeadLetterQueueUrl'] ?? '',
        Entries: ['TUCA3', 'MANG3'].map((ticker, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify({ ticker, tipo: 'acoes', partition: PARTITION }),
        })),
      }),
    );
    const logs = new CloudWatchLogsClient(account.clientSettings);
    const stream = {
      logGroupName: '/aws/lambda/pynvest-lambda-get-financial-data-for-acoes',
      logStreamName: 'golden',
    };
    await logs.send(new CreateLogStreamCommand(stream));
    const timestamp = Date.now();
    const lines = [
      { level: 'INFO', message: 'stored', ticker: 'MANG3', partition: PARTITION },
      { level: 'WARN', message: 'asked again', ticker: 'TUCA3', partition: PARTITION },
      {
        ...{ level: 'ERROR', message: 'a ticker failed', ticker: 'TUCA3', partition: PARTITION },
        ...{ kind: 'unavailable', reason: 'TUCA3: the site answered with status 500' },
        receiveCount: 3,
      },
    ];
    await logs.send(
      new PutLogEventsCommand({
        ...stream,
        logEvents: lines.map((line, at) => ({
          timestamp: timestamp + at,
          message: JSON.stringify(line),
        })),
      }),
    );
  });

  const show = async (
    words: readonly string[],
    columns: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<string> => {
    const utf8 = { LANG: 'pt_BR.UTF-8', LC_ALL: '', LC_CTYPE: '' };
    const { stdout, stderr } = await system().run(words, { columns, env: { ...utf8, ...env } });
    return hideTimes(`${stdout}${showScreen(stderr)}`).replaceAll(system().account.url, 'AWS');
  };

  const changes = ['-p', 'AlarmEmail=you@example.com', '-p', 'LogRetentionDays=7'];

  test.each([
    ['plan-unchanged', 'plan'],
    ['plan', 'plan', ...changes],
    // Nobody is there to say yes.
    ['deploy', 'deploy', ...changes],
    ['deploy-unchanged', 'deploy', '--verbose'],
    ['redrive', 'redrive'],
    // Of the last hour, lines have their day soon after midnight, and otherwise not.
    ['logs', 'logs', '--since', '2d'],
    ['pause', 'pause'],
    ['resume', 'resume'],
  ])('%s', (name, ...words) =>
    expectGoldenScreens(name, (columns, env) => show(words, columns, env), {
      withoutColours: [80],
      // The outputs of a stack.
      unbroken: /^[A-Z]\w+ {2,}\S+$/,
    }),
  );

  test.skipIf(!terminalAvailable)('logs on a pseudo-terminal are the same', async () => {
    const { shown } = await onTerminal(['logs', '--since', '2d'], {
      columns: 80,
      env: { ...system().env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' },
    });
    const golden = await readFile(
      new URL('../golden/screens/logs.colour.txt', import.meta.url),
      'utf8',
    );
    // A terminal shows both outputs in the order of time, a golden file the one after the other.
    const toLines = (text: string): string[] => text.split('\n').filter(Boolean).sort();
    expect(toLines(hideTimes(shown.replaceAll('\r\n', '\n')))).toEqual(
      toLines(findScreen(golden, 80)),
    );
  });
});
