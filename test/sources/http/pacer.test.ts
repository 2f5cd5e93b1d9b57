import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pacer } from '../../../src/sources/http/client.ts';

const never = new AbortController().signal;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Runs tasks that take these milliseconds; gives when each one ran. */
async function runAll(pacer: Pacer, tasks: readonly number[]): Promise<Span[]> {
  return Promise.all(
    tasks.map((ms) =>
      pacer.run(async () => {
        const start = performance.now();
        await sleep(ms);
        return { start, end: performance.now() };
      }, never),
    ),
  );
}

/** The most tasks under way at any start. */
function peakOf(spans: readonly Span[]): number {
  const at = (time: number): number =>
    spans.filter(({ start, end }) => start <= time && time < end).length;
  return Math.max(...spans.map(({ start }) => at(start)));
}

describe('a pacer', () => {
  it('gives back what a task gives, and rejects as it does', async () => {
    const pacer = new Pacer(1, 0);
    const failure = new Error('no');
    await expect(pacer.run(async () => 7, never)).resolves.toBe(7);
    await expect(pacer.run(() => Promise.reject(failure), never)).rejects.toBe(failure);
    await expect(pacer.run(async () => 8, never)).resolves.toBe(8);
  });

  it('never runs more tasks at once than it may, and each of them once', async () => {
    const tasks = fc.array(fc.nat(4), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), tasks, async (concurrency, durations) => {
        const spans = await runAll(new Pacer(concurrency, 0), durations);
        expect(spans).toHaveLength(durations.length);
        expect(peakOf(spans)).toBeLessThanOrEqual(concurrency);
      }),
      { numRuns: 15 },
    );
  });

  it('runs as many at once as it may', async () => {
    const pacer = new Pacer(3, 0);
    let underWay = 0;
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    // Each task waits for the third: with fewer at once, none would ever end.
    const task = async (): Promise<void> => {
      underWay += 1;
      if (underWay === 3) open();
      await gate;
    };
    await Promise.all([1, 2, 3, 4].map(() => pacer.run(task, never)));
    expect(underWay).toBe(4);
  });

  it('pauses between the end of one task and the start of the next', async () => {
    const spans = await runAll(new Pacer(1, 30), [5, 0, 5]);
    const pauses = spans.slice(1).map(({ start }, index) => start - (spans[index]?.end ?? 0));
    expect(pauses).toHaveLength(2);
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(29);
  });

  it('pauses after a task that failed, too', async () => {
    const pacer = new Pacer(1, 30);
    let failedAt = 0;
    const failing = pacer.run(() => {
      failedAt = performance.now();
      return Promise.reject(new Error('no'));
    }, never);
    await failing.catch(() => {});
    const startedAt = await pacer.run(async () => performance.now(), never);
    expect(startedAt - failedAt).toBeGreaterThanOrEqual(29);
  });

  it('pauses in each of its places: never more starts in a pause than places', async () => {
    const spans = await runAll(new Pacer(2, 30), [0, 0, 0, 0, 0, 0]);
    const starts = spans.map(({ start }) => start).sort((a, b) => a - b);
    for (const [index, start] of starts.slice(2).entries()) {
      expect(start - (starts[index] ?? 0)).toBeGreaterThanOrEqual(29);
    }
  });

  it('starts nothing while it is held, and the longest hold counts', async () => {
    const pacer = new Pacer(2, 0);
    const heldAt = performance.now();
    pacer.hold(60);
    pacer.hold(5);
    const spans = await runAll(pacer, [0, 0, 0]);
    for (const { start } of spans) expect(start - heldAt).toBeGreaterThanOrEqual(59);
  });

  it('holds those that wait already', async () => {
    const pacer = new Pacer(1, 20);
    await runAll(pacer, [0]);
    const waiting = runAll(pacer, [0]);
    const heldAt = performance.now();
    pacer.hold(60);
    const [span] = await waiting;
    expect((span?.start ?? 0) - heldAt).toBeGreaterThanOrEqual(59);
  });
});

describe('a pacer whose run is aborted', () => {
  it('rejects what waits, and starts none of it', async () => {
    const controller = new AbortController();
    const pacer = new Pacer(2, 0);
    pacer.hold(600_000);
    let started = 0;
    const outcomes = [1, 2, 3, 4].map(() =>
      pacer.run(async () => {
        started += 1;
      }, controller.signal),
    );
    const all = Promise.allSettled(outcomes);
    await sleep(5);
    controller.abort(new Error('enough'));
    expect((await all).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect(started).toBe(0);
  });

  it('starts nothing that is asked for afterwards', async () => {
    const reason = new Error('enough');
    let started = false;
    const task = async (): Promise<void> => {
      started = true;
    };
    await expect(new Pacer(1, 0).run(task, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(started).toBe(false);
  });

  it('rejects with the reason where it waits, too', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const pacer = new Pacer(1, 0);
    pacer.hold(600_000);
    const waiting = pacer.run(async () => {}, controller.signal);
    const rejected = expect(waiting).rejects.toBe(reason);
    await sleep(5);
    controller.abort(reason);
    await rejected;
  });

  it('is free again for the runs of others', async () => {
    const controller = new AbortController();
    const pacer = new Pacer(1, 0);
    pacer.hold(30);
    const aborted = pacer.run(async () => 1, controller.signal).catch(() => 'aborted');
    const other = pacer.run(async () => 2, never);
    controller.abort(new Error('enough'));
    await expect(aborted).resolves.toBe('aborted');
    await expect(other).resolves.toBe(2);
  });
});
