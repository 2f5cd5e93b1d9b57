import { describe, expect, test } from 'vitest';
import { PollPauses } from '../../src/aws/poll-pauses.ts';

describe('the pauses between polls', () => {
  test('grow up to the longest, and begin again after a reset', () => {
    const pauses = new PollPauses(200, 500);
    const take = (count: number) => Array.from({ length: count }, () => pauses.takeNext());
    expect(take(5)).toEqual([200, 300, 450, 500, 500]);
    pauses.reset();
    expect(take(2)).toEqual([200, 300]);
  });

  test('end at once when they are aborted', async () => {
    const waiting = new PollPauses(60_000, 60_000).wait(AbortSignal.abort());
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
