/** Lines of a log in the order of the time that they say, with few of them in memory. Pure. */
import type { LogLine } from './log-line.ts';

/**
 * How far the time that a line says may be from the time at which CloudWatch took it, in milliseconds: the
 * clocks of two hosts differ by some, and a busy host hands its lines on seconds later.
 */
const LARGEST_DIFFERENCE_MS = 10_000;

/**
 * Lines that come in the order in which CloudWatch took them, by the time that they say; those of one time
 * stay as they came. A line is held until no later one can belong before it, by the lines' own times: nobody
 * waits for that, and all that is held comes at the end. One whose two times differ by more stands where it
 * came.
 */
export async function* inOrderOfTime(lines: AsyncIterable<LogLine>): AsyncIterable<LogLine> {
  let held: readonly LogLine[] = [];
  let coming: LogLine[] = [];
  let since = Number.NEGATIVE_INFINITY;
  for await (const line of lines) {
    coming.push(line);
    // Not at every line: each time all that is held is put in order.
    if (line.writtenAt - since < LARGEST_DIFFERENCE_MS) continue;
    since = line.writtenAt;
    const ordered = [...held, ...coming].sort(byTime);
    const settled = line.writtenAt - 2 * LARGEST_DIFFERENCE_MS;
    const end = ordered.findLastIndex(({ writtenAt }) => writtenAt <= settled) + 1;
    yield* ordered.slice(0, end);
    held = ordered.slice(end);
    coming = [];
  }
  yield* [...held, ...coming].sort(byTime);
}

function byTime(a: LogLine, b: LogLine): number {
  return a.time - b.time;
}
