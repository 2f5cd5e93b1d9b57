import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LogLine, parseLogEvent } from '../../src/remote/log-line.ts';
import { sortByTime } from '../../src/remote/logs.ts';

/** A line that says another time than the one at which it was taken. */
function line(id: string, takenAt: number, time: number): LogLine {
  const message = JSON.stringify({ time: new Date(time).toISOString(), message: id });
  return parseLogEvent({ id, timestamp: takenAt, message }, 'get-tickers');
}

async function* from(lines: readonly LogLine[]): AsyncIterable<LogLine> {
  yield* lines;
}

async function idsOf(lines: AsyncIterable<LogLine>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of lines) ids.push(id);
  return ids;
}

test('lines that were taken milliseconds late stand where they say', async () => {
  const lines = [line('b', 1_000, 1_000), line('a', 1_002, 998), line('c', 1_003, 1_003)];
  expect(await idsOf(sortByTime(from(lines)))).toEqual(['a', 'b', 'c']);
});

test('lines of one time stay in the order in which they were taken, however many come between', async () => {
  const lines = [
    ...['a', 'b', 'c'].map((id, index) => line(id, 1_000 + index, 1_000)),
    line('d', 20_900, 11_000),
    line('e', 21_000, 11_000),
    line('f', 60_000, 60_000),
  ];
  expect(await idsOf(sortByTime(from(lines)))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test('whatever the differences up to ten seconds: all lines, each once, in order', async () => {
  const difference = fc.integer({ min: -10_000, max: 10_000 });
  const pause = fc.integer({ min: 0, max: 15_000 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(pause, difference)), async (steps) => {
      let now = 1_000_000;
      const lines = steps.map(([later, differs], index) => {
        now += later;
        return line(String(index), now, now + differs);
      });
      const sorted = lines.toSorted((a, b) => a.time - b.time).map(({ id }) => id);
      expect(await idsOf(sortByTime(from(lines)))).toEqual(sorted);
    }),
  );
});

test('a line of another day is printed all the same, and once', async () => {
  const lines = [0, 1, 2, 3].map((index) =>
    line(String(index), 60_000 * (index + 1), index === 1 ? 90_000_000 : 60_000 * (index + 1)),
  );
  expect((await idsOf(sortByTime(from(lines)))).toSorted()).toEqual(['0', '1', '2', '3']);
});

test('holds the lines of a few seconds alone', async () => {
  let taken = 0;
  const many = async function* (): AsyncIterable<LogLine> {
    for (; taken < 1_000; taken += 1) yield line(String(taken), taken * 1_000, taken * 1_000);
  };
  let told = 0;
  let most = 0;
  for await (const _ of sortByTime(many())) {
    told += 1;
    most = Math.max(most, taken - told);
  }
  expect(told).toBe(1_000);
  expect(most).toBeLessThan(50);
});
