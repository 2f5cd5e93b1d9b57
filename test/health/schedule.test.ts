import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findNextFiring } from '../../src/health/facts/schedule.ts';

const next = (expression: string, after: string): string | undefined =>
  findNextFiring(expression, new Date(after))?.toISOString();

describe('the next firing of a rule', () => {
  // 20 November 2026 is a Friday.
  test.each([
    ['cron(45 21 * * ? *)', '2026-11-20T21:44:59Z', '2026-11-20T21:45:00.000Z'],
    ['cron(45 21 * * ? *)', '2026-11-20T21:45:00Z', '2026-11-21T21:45:00.000Z'],
    ['cron(0 22 ? * MON-FRI *)', '2026-11-20T22:00:30Z', '2026-11-23T22:00:00.000Z'],
    ['cron(0 22 ? * 2-6 *)', '2026-11-21T00:00:00Z', '2026-11-23T22:00:00.000Z'],
    ['cron(0 22 ? * FRI-MON *)', '2026-11-23T23:00:00Z', '2026-11-27T22:00:00.000Z'],
    ['cron(0/15 9-17 ? * MON *)', '2026-11-23T17:31:00Z', '2026-11-23T17:45:00.000Z'],
    ['cron(*/20 * * * ? *)', '2026-12-31T23:40:00Z', '2027-01-01T00:00:00.000Z'],
    ['cron(50/5 8 * * ? *)', '2026-11-20T08:55:00Z', '2026-11-21T08:50:00.000Z'],
    ['cron(0 12 L * ? *)', '2028-02-01T00:00:00Z', '2028-02-29T12:00:00.000Z'],
    ['cron(0 12 29 2 ? *)', '2096-03-01T00:00:00Z', '2104-02-29T12:00:00.000Z'],
    // 1 August 2026 is a Saturday, 31 January 2027 a Sunday: neither may leave its month.
    ['cron(0 12 1W * ? *)', '2026-07-15T00:00:00Z', '2026-08-03T12:00:00.000Z'],
    ['cron(0 12 31W 1 ? *)', '2027-01-01T00:00:00Z', '2027-01-29T12:00:00.000Z'],
    ['cron(0 12 15W * ? *)', '2026-11-01T00:00:00Z', '2026-11-16T12:00:00.000Z'],
    ['cron(0 12 31W * ? *)', '2026-11-01T00:00:00Z', '2026-12-31T12:00:00.000Z'],
    ['cron(15 10 ? * 6L 2026-2027)', '2026-11-01T00:00:00Z', '2026-11-27T10:15:00.000Z'],
    ['cron(15 10 ? * TUE#2 *)', '2026-11-01T00:00:00Z', '2026-11-10T10:15:00.000Z'],
    ['cron(15 10 ? * 3#5 *)', '2026-11-01T00:00:00Z', '2026-12-29T10:15:00.000Z'],
    ['cron(15 10 ? * L *)', '2026-11-01T00:00:00Z', '2026-11-07T10:15:00.000Z'],
    ['cron(0 8 1 jan,jul ? 2030/2)', '2026-11-01T00:00:00Z', '2030-01-01T08:00:00.000Z'],
  ])('%s after %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  test.each([
    ['a rate, which AWS counts from a moment of its own', 'rate(12 hours)'],
    ['a day that never comes', 'cron(0 0 31 2 ? *)'],
    ['years gone by', 'cron(0 0 * * ? 2020)'],
    ['both days', 'cron(0 0 1 * MON *)'],
    ['neither day', 'cron(0 0 ? * ? *)'],
    ['five fields', 'cron(0 0 * * ?)'],
    ['an hour too many', 'cron(0 24 * * ? *)'],
    ['a weekday numbered as elsewhere', 'cron(0 0 ? * 0 *)'],
    ['no step', 'cron(*/0 0 * * ? *)'],
    ['words', 'cron(at noon each day please ok)'],
    ['nothing', ''],
  ])('is not known for %s', (_, expression) => {
    expect(next(expression, '2026-11-20T00:00:00Z')).toBeUndefined();
  });
});

/** A field of values, ranges or steps, and the test that a number has to pass: written anew. */
const field = (least: number, most: number) => {
  const number = fc.integer({ min: least, max: most });
  return fc.oneof(
    fc.constant({ text: '*', has: () => true }),
    number.map((value) => ({ text: String(value), has: (n: number) => n === value })),
    fc.tuple(number, number).map(([a, b]) => ({
      text: `${Math.min(a, b)}-${Math.max(a, b)}`,
      has: (n: number) => n >= Math.min(a, b) && n <= Math.max(a, b),
    })),
    fc.tuple(number, fc.integer({ min: 1, max: 20 })).map(([start, step]) => ({
      text: `${start}/${step}`,
      has: (n: number) => n >= start && (n - start) % step === 0,
    })),
    fc.tuple(number, number).map(([a, b]) => ({
      text: `${a},${b}`,
      has: (n: number) => n === a || n === b,
    })),
  );
};

const instants = fc.date({
  min: new Date('2024-01-01T00:00:00Z'),
  max: new Date('2040-01-01T00:00:00Z'),
  noInvalidDate: true,
});

test('of every simple expression, it is the first minute that fits: none before it does', () => {
  fc.assert(
    fc.property(
      field(0, 59),
      field(0, 23),
      field(1, 12),
      fc.oneof(
        field(1, 28).map((days) => ({ month: days, week: undefined })),
        field(1, 7).map((days) => ({ month: undefined, week: days })),
      ),
      instants,
      (minute, hour, month, days, after) => {
        const fits = (at: Date): boolean =>
          minute.has(at.getUTCMinutes()) &&
          hour.has(at.getUTCHours()) &&
          month.has(at.getUTCMonth() + 1) &&
          (days.month?.has(at.getUTCDate()) ?? true) &&
          (days.week?.has(at.getUTCDay() + 1) ?? true);
        const expression = `cron(${minute.text} ${hour.text} ${days.month?.text ?? '?'} ${month.text} ${days.week?.text ?? '?'} *)`;
        const found = findNextFiring(expression, after);
        if (found === undefined) throw new Error(`${expression} fires never`);
        expect(found.getTime()).toBeGreaterThan(after.getTime());
        expect(fits(found), `${expression} ${found.toISOString()}`).toBe(true);
        // Looking at every minute of years would take long: those of the last two days before it do.
        const first = Math.floor(after.getTime() / 60_000) * 60_000 + 60_000;
        const from = Math.max(first, found.getTime() - 2 * 86_400_000);
        for (let at = from; at < found.getTime(); at += 60_000) {
          if (fits(new Date(at))) throw new Error(`${expression} fires before, at ${at}`);
        }
        // And of the days before those, none fits at all.
        const wholeDay = (at: Date): boolean =>
          month.has(at.getUTCMonth() + 1) &&
          (days.month?.has(at.getUTCDate()) ?? true) &&
          (days.week?.has(at.getUTCDay() + 1) ?? true);
        const dayAfterStart = Math.floor(first / 86_400_000) * 86_400_000 + 86_400_000;
        for (let at = dayAfterStart; at < from - 86_400_000; at += 86_400_000) {
          if (wholeDay(new Date(at))) throw new Error(`${expression} skips a day, ${at}`);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('asked again from each firing, it goes through them in order and leaves none out', () => {
  fc.assert(
    fc.property(instants, (after) => {
      let at = after;
      const days = new Set<string>();
      for (let count = 0; count < 10; count += 1) {
        const found = findNextFiring('cron(45 21 * * ? *)', at);
        if (found === undefined) throw new Error('fires never');
        expect(found.getTime() - at.getTime()).toBeLessThanOrEqual(86_400_000);
        days.add(found.toISOString().slice(0, 10));
        at = found;
      }
      expect(days.size).toBe(10);
    }),
  );
});
