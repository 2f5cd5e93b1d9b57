import { type SendMessageBatchRequest, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { sendMessages } from '../../src/aws/queues.ts';
import { QueueError } from '../../src/errors.ts';

const QUEUE = 'https://sqs.sa-east-1.amazonaws.com/000000000000/pynvest-tickers-acoes-queue';

/** A queue that refuses a body as `refusal` says, by the try that it is, from 1. */
function queueThat(refusal: (body: string, attempt: number) => { ours: boolean } | undefined): {
  sqs: SQSClient;
  calls: string[][];
  taken: string[];
} {
  const calls: string[][] = [];
  const taken: string[] = [];
  const attempts = new Map<string, number>();
  const sqs = new SQSClient({ region: 'sa-east-1' });
  sqs.middlewareStack.add(
    () => async (call) => {
      const { Entries: entries = [] } = call.input as SendMessageBatchRequest;
      calls.push(entries.map(({ MessageBody: body = '' }) => body));
      const Failed = entries.flatMap(({ Id, MessageBody: body = '' }) => {
        const attempt = (attempts.get(body) ?? 0) + 1;
        attempts.set(body, attempt);
        const refused = refusal(body, attempt);
        if (refused === undefined) taken.push(body);
        return refused ? [{ Id, SenderFault: refused.ours, Code: 'Code', Message: 'why' }] : [];
      });
      return { output: { $metadata: {}, Failed }, response: {} };
    },
    { step: 'initialize' },
  );
  return { sqs, calls, taken };
}

const bodies = (count: number) => Array.from({ length: count }, (_, index) => `body ${index}`);

describe('sending messages', () => {
  test('takes ten a call, and sends each once', async () => {
    const { sqs, calls, taken } = queueThat(() => undefined);
    await sendMessages({ client: sqs, url: QUEUE }, bodies(23));
    expect(calls.map(({ length }) => length).sort()).toEqual([10, 10, 3]);
    expect(taken.sort()).toEqual(bodies(23).sort());
  });

  test('sends nothing where there is nothing', async () => {
    const { sqs, calls } = queueThat(() => undefined);
    await sendMessages({ client: sqs, url: QUEUE }, []);
    expect(calls).toEqual([]);
  });

  test('sends again what the queue did not take, and only that', async () => {
    const { sqs, calls, taken } = queueThat((body, attempt) =>
      ['body 3', 'body 7'].includes(body) && attempt < 3 ? { ours: false } : undefined,
    );
    await sendMessages({ client: sqs, url: QUEUE }, bodies(10));
    expect(calls).toEqual([bodies(10), ['body 3', 'body 7'], ['body 3', 'body 7']]);
    expect(taken.sort()).toEqual(bodies(10).sort());
  });

  test('gives up in the end, with the reason', async () => {
    const { sqs, calls } = queueThat((body) => (body === 'body 1' ? { ours: false } : undefined));
    const sending = sendMessages({ client: sqs, url: QUEUE }, bodies(2));
    await expect(sending).rejects.toThrow(QueueError);
    await expect(sending).rejects.toThrow(/did not take 1 of 2 messages: Code: why/);
    expect(calls).toHaveLength(4);
  });

  test('does not send again what never can be sent', async () => {
    const { sqs, calls } = queueThat((body) => (body === 'body 1' ? { ours: true } : undefined));
    await expect(sendMessages({ client: sqs, url: QUEUE }, bodies(2))).rejects.toThrow(QueueError);
    expect(calls).toHaveLength(1);
  });

  test('sends nothing further once no time is left, and says how much is not sent', async () => {
    const deadline = new AbortController();
    const { sqs, taken } = queueThat(() => {
      deadline.abort();
      return undefined;
    });
    const sending = sendMessages({ client: sqs, url: QUEUE }, bodies(95), deadline.signal);
    const reason = await sending.catch((error: Error) => error.message);
    // The calls that had begun came to their end.
    expect(taken.length).toBeGreaterThan(0);
    expect(reason).toContain(`${95 - taken.length} of 95 messages were not sent to ${QUEUE}`);
  });
});
