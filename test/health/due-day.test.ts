import { describe, expect, test } from 'vitest';
import { findDueDay } from '../../src/health/facts/schedule.ts';

describe('the day that should be there by now', () => {
  // 20 November 2026 is a Friday, and a holiday since 2024: Consciência Negra. Times are São Paulo's.
  test.each([
    ['a Tuesday before seven in the evening', '2026-11-24T18:59:59-03:00', 20261123, 20261124],
    ['a Tuesday from seven on', '2026-11-24T19:00:00-03:00', 20261124, undefined],
    [
      'after midnight, when it is still that day in UTC-3',
      '2026-11-24T23:59:00-03:00',
      20261124,
      undefined,
    ],
    ['just after midnight', '2026-11-25T00:01:00-03:00', 20261124, 20261125],
    [
      'a Monday morning, after a holiday on Friday',
      '2026-11-23T09:00:00-03:00',
      20261119,
      20261123,
    ],
    ['the evening of a holiday', '2026-11-20T21:00:00-03:00', 20261119, undefined],
    ['a Sunday', '2026-11-22T12:00:00-03:00', 20261119, 20261122],
    ["Carnival's Tuesday in the evening", '2026-02-17T20:00:00-03:00', 20260213, undefined],
    ['New Year', '2027-01-01T20:00:00-03:00', 20261230, undefined],
  ])('%s', (_, now, day, inProgress) => {
    expect(findDueDay(new Date(now))).toEqual({ day, inProgress });
  });

  test.each([
    ['before the schedule fires', '2026-11-24T20:29:59-03:00', 'cron(30 23 * * ? *)', 20261123],
    ['when it fires', '2026-11-24T20:30:00-03:00', 'cron(30 23 * * ? *)', 20261124],
    [
      'on a day on which it does not',
      '2026-11-24T23:00:00-03:00',
      'cron(0 22 ? * MON *)',
      20261123,
    ],
    [
      'by a rate, which says no hour: at seven',
      '2026-11-24T19:00:00-03:00',
      'rate(1 day)',
      20261124,
    ],
    ['by a rate, before seven', '2026-11-24T18:00:00-03:00', 'rate(1 day)', 20261123],
  ])('in AWS, %s', (_, now, schedule, day) => {
    expect(findDueDay(new Date(now), schedule).day).toBe(day);
  });
});
