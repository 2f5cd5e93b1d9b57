import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  computeRetryDelay,
  MAX_RETRY_AFTER_MS,
  parseRetryAfter,
} from '../../../src/sources/http/retry.ts';

const attempts = fc.integer({ min: 1, max: 500 });
const backoffs = fc.integer({ min: 1, max: 60_000 });
const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const waits = fc.option(fc.integer({ min: 0, max: MAX_RETRY_AFTER_MS }), { nil: undefined });
const timings = fc.record({
  attempt: attempts,
  backoffMs: backoffs,
  retryAfterMs: waits,
  random: chances,
});

const LONGEST_BACKOFF_MS = 60_000;

describe('the wait before asking again', () => {
  it('doubles with each failure, with up to as much again by chance', () => {
    const delay = (attempt: number, random: number): number =>
      computeRetryDelay({ attempt, backoffMs: 1000, retryAfterMs: undefined, random });
    expect([1, 2, 3, 4].map((attempt) => delay(attempt, 0))).toEqual([1000, 2000, 4000, 8000]);
    expect([1, 2, 3, 4].map((attempt) => delay(attempt, 0.5))).toEqual([1500, 3000, 6000, 12000]);
  });

  it('is never less than the site asked for', () => {
    fc.assert(
      fc.property(timings, (timing) => {
        expect(computeRetryDelay(timing)).toBeGreaterThanOrEqual(timing.retryAfterMs ?? 0);
      }),
    );
  });

  it('is never less than the backoff of the settings, up to the longest', () => {
    fc.assert(
      fc.property(timings, (timing) => {
        expect(computeRetryDelay(timing)).toBeGreaterThanOrEqual(
          Math.min(timing.backoffMs, 30_000),
        );
      }),
    );
  });

  it('is bounded, however often it failed', () => {
    fc.assert(
      fc.property(timings, (timing) => {
        const longest = Math.max(LONGEST_BACKOFF_MS, timing.retryAfterMs ?? 0);
        expect(computeRetryDelay(timing)).toBeLessThanOrEqual(longest);
      }),
    );
  });

  it('does not shrink from one failure to the next, at equal chance', () => {
    fc.assert(
      fc.property(timings, (timing) => {
        const next = computeRetryDelay({ ...timing, attempt: timing.attempt + 1 });
        expect(next).toBeGreaterThanOrEqual(computeRetryDelay(timing));
      }),
    );
  });

  it('spreads those who failed together', () => {
    fc.assert(
      fc.property(timings, chances, (timing, random) => {
        fc.pre(timing.retryAfterMs === undefined && Math.abs(random - timing.random) > 1e-6);
        expect(computeRetryDelay({ ...timing, random })).not.toBe(computeRetryDelay(timing));
      }),
    );
  });
});

describe('a Retry-After header', () => {
  const now = new Date('2026-11-20T21:45:00Z');

  it.each([
    ['0', 0],
    ['1', 1000],
    ['120', 120_000],
    [' 5 ', 5000],
    ['Fri, 20 Nov 2026 21:45:30 GMT', 30_000],
    ['Friday, 20-Nov-26 21:45:30 GMT', 30_000],
    ['Fri, 20 Nov 2026 21:44:30 GMT', 0],
    // More than a year is shown and waited for as a year.
    ['9'.repeat(400), 365 * 86_400_000],
    ['Fri, 20 Nov 9999 21:44:30 GMT', 365 * 86_400_000],
  ])('%j asks for %d ms', (header, wait) => {
    expect(parseRetryAfter(header, now)).toBe(wait);
  });

  it.each([null, '', ' ', '-5', '1.5', '5,5', '2026-11-20', 'soon', 'x5', '٣'])(
    '%j asks for nothing that can be understood',
    (header) => {
      expect(parseRetryAfter(header, now)).toBeUndefined();
    },
  );

  it('never throws, and never asks for a wait below zero', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.integer().map(String)), (header) => {
        expect(parseRetryAfter(header, now) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('comes back from the date that it was written as, to the second', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (seconds) => {
        const header = new Date(now.getTime() + seconds * 1000).toUTCString();
        expect(parseRetryAfter(header, now)).toBe(seconds * 1000);
      }),
    );
  });
});
