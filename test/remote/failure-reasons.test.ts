import { expect, test } from 'vitest';
import { parseTickerMessage } from '../../src/pipeline/collect-messages.ts';
import type { DeadLetter } from '../../src/remote/dead-letters.ts';
import { type LogLine, parseLogEvent } from '../../src/remote/log-line.ts';
import { matchFailureReasons } from '../../src/remote/redrive.ts';

function letter(id: string, fields: object | string): DeadLetter {
  const body = typeof fields === 'string' ? fields : JSON.stringify(fields);
  return {
    queue: 'acoes',
    id,
    body,
    parsed: parseTickerMessage(body),
    sentAt: new Date(1_000),
  };
}

async function* lines(...messages: [at: number, fields: object][]): AsyncIterable<LogLine> {
  for (const [timestamp, fields] of messages) {
    const message = JSON.stringify({ level: 'ERROR', ...fields });
    yield parseLogEvent({ id: `${timestamp}`, timestamp, message }, 'get-financial-data-for-acoes');
  }
}

const tuca = letter('a', { ticker: 'TUCA3', tipo: 'acoes', partition: 20261120 });
const failed = { message: 'a ticker failed', ticker: 'TUCA3', kind: 'unavailable' };

test('the newest line about the ticker and its day', async () => {
  const reasons = await matchFailureReasons(
    [tuca],
    lines(
      [2_000, { ...failed, partition: 20261120, reason: 'HTTP 500' }],
      [3_000, { ...failed, partition: 20261120, reason: 'HTTP 503' }],
      [4_000, { ...failed, partition: 20261121, reason: 'of another day' }],
    ),
  );
  expect(reasons.get('a')).toEqual({ kind: 'unavailable', reason: 'HTTP 503' });
});

test('two letters of one ticker have the same reason', async () => {
  const twice = [tuca, { ...tuca, id: 'b' }];
  const reasons = await matchFailureReasons(
    twice,
    lines([2_000, { ...failed, partition: 20261120, reason: 'no' }]),
  );
  expect([...reasons.keys()].sort()).toEqual(['a', 'b']);
});

test('without one, what its function failed of as a whole since it was sent', async () => {
  const reasons = await matchFailureReasons(
    [tuca],
    lines(
      [500, { message: 'the function failed', reason: 'before it was sent' }],
      [2_000, { message: 'the function failed', reason: 'cannot write the file' }],
    ),
  );
  expect(reasons.get('a')).toEqual({ kind: '', reason: 'the function: cannot write the file' });
});

test('a message that cannot be read is known by its id; of another nothing is known', async () => {
  const reasons = await matchFailureReasons(
    [letter('c', 'no JSON'), letter('d', 'nor this')],
    lines([
      2_000,
      { message: 'a message cannot be read', messageId: 'c', reason: 'it is not JSON' },
    ]),
  );
  expect(reasons.get('c')?.reason).toBe('it is not JSON');
  expect(reasons.has('d')).toBe(false);
});
