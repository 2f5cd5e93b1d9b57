import { describe, expect, test } from 'vitest';
import { parseDuration, parseSince } from '../src/duration.ts';
import { UsageError } from '../src/errors.ts';

const now = new Date('2026-11-24T20:00:00Z');
const since = (text: string): string => parseSince('--since', text, now).toISOString();

describe('--since', () => {
  test.each([
    ['90s', '2026-11-24T19:58:30.000Z'],
    ['15m', '2026-11-24T19:45:00.000Z'],
    ['1h', '2026-11-24T19:00:00.000Z'],
    [' 2D ', '2026-11-22T20:00:00.000Z'],
    ['2026-11-20', '2026-11-20T03:00:00.000Z'],
    ['20261120', '2026-11-20T03:00:00.000Z'],
    ['2026-11-20T18:45', '2026-11-20T21:45:00.000Z'],
    ['2026-11-20 18:45:30', '2026-11-20T21:45:30.000Z'],
    ['2026-11-20T18:45Z', '2026-11-20T18:45:00.000Z'],
    ['2026-11-20T18:45:00+01:00', '2026-11-20T17:45:00.000Z'],
    // São Paulo had summer time then: two hours from UTC.
    ['2018-12-01T10:00', '2018-12-01T12:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(since(text)).toBe(expected);
  });

  test.each(['', '0s', '1', 'h', '-1h', '1w', '1h30m', '2026-02-30', '2026-11-20T24:00', 'today'])(
    '%j is refused, with what it takes',
    (text) => {
      expect(() => since(text)).toThrow(UsageError);
      expect(() => since(text)).toThrow(/takes a length of time or a date/);
    },
  );

  test('a moment to come is refused', () => {
    expect(() => since('2026-11-25')).toThrow(/future/);
  });
});

test('a length of time alone, where a date says nothing', () => {
  expect(parseDuration('--wait', '45m')).toBe(2_700_000);
  expect(() => parseDuration('--wait', '2026-11-20')).toThrow(UsageError);
});
