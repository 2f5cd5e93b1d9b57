import { describe, expect, test } from 'vitest';
import { getRetryDelaySeconds } from '../../src/aws/queues.ts';

describe('the wait before a message is tried again', () => {
  const wait = (receiveCount: number, random = 0.5, firstSeconds = 120) =>
    getRetryDelaySeconds({ firstSeconds, receiveCount, random });

  test('is twice as long with every try, up to half an hour', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7].map((count) => wait(count));
    expect(waits).toEqual([120, 240, 480, 960, 1800, 1800, 1800]);
  });

  test('differs by chance, by a quarter either way', () => {
    expect([wait(1, 0), wait(1, 1)]).toEqual([90, 150]);
    // Never beyond the twelve hours that a message can be hidden.
    expect(wait(1000, 1)).toBe(2250);
  });

  test('a message that does not say how often it came has come once', () => {
    expect(wait(0)).toBe(120);
  });

  test('ten tries are over within about three hours', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((count) => wait(count));
    const hours = waits.reduce((sum, seconds) => sum + seconds, 0) / 3600;
    expect(hours).toBeCloseTo(3, 0);
  });
});
