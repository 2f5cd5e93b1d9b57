import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatInSaoPaulo,
  formatIsoDate,
  getPartition,
  getYear,
  getYearsBefore,
  type Partition,
  parseDay,
  parsePartition,
  toPartition,
} from '../../src/catalog/partition.ts';
import { UsageError } from '../../src/errors.ts';
import { anyCharacter } from '../support/characters.ts';

/** Any day of the years that four digits can write and that exist. */
const anyDay = fc
  .date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T00:00:00Z'),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString().slice(0, 10));

describe('the partition of an instant', () => {
  it.each([
    ['2026-07-04T02:59:59.999Z', 20260703],
    ['2026-07-04T03:00:00.000Z', 20260704],
    ['2027-01-01T02:59:59Z', 20261231],
    ['2027-01-01T03:00:00Z', 20270101],
    ['2024-03-01T02:00:00Z', 20240229],
    // Daylight saving time, which São Paulo kept until 2019: three hours became two.
    ['2019-01-05T01:59:59Z', 20190104],
    ['2019-01-05T02:00:00Z', 20190105],
  ])('%s is %i', (instant, partition) => {
    expect(getPartition(new Date(instant))).toBe(partition);
  });

  it('is the day that datetime_exec says', () => {
    const instants = fc.date({
      min: new Date('2000-01-01'),
      max: new Date('2100-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (instant) => {
        const text = formatInSaoPaulo(instant);
        expect(text.slice(0, 10)).toBe(formatIsoDate(getPartition(instant)));
        expect(Date.parse(text)).toBe(instant.getTime());
      }),
    );
  });
});

describe('datetime_exec', () => {
  it('is ISO 8601 with the offset of São Paulo, to the millisecond', () => {
    expect(formatInSaoPaulo(new Date('2026-07-04T02:59:59.007Z'))).toBe(
      '2026-07-03T23:59:59.007-03:00',
    );
  });
});

describe('a date that a person types', () => {
  it.each([
    ['2026-11-20', 20261120],
    ['20261120', 20261120],
    [' 2026-11-20 ', 20261120],
    ['2024-02-29', 20240229],
    ['2026-12-31', 20261231],
  ])('%j is the partition %i', (text, partition) => {
    expect(toPartition(text)).toBe(partition);
    expect(parsePartition(text)).toBe(partition);
  });

  it.each([
    '2026-02-30',
    '2026-02-29',
    '20260230',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31',
    '2026-01-00',
    '0000-01-01',
    '2026-1-1',
    '202611-20',
    '2026-1120',
    '20-11-2026',
    '20/11/2026',
    '2026-11-20T00:00',
    '2026-11-20x',
    '-2026-11-20',
    '',
    'today',
    '٢٠٢٦-١١-٢٠',
  ])('%j is none', (text) => {
    expect(toPartition(text)).toBeUndefined();
    expect(() => parsePartition(text)).toThrow(UsageError);
  });

  it('comes back as it went in, in both ways of writing it', () => {
    fc.assert(
      fc.property(anyDay, (day) => {
        const partition = parsePartition(day);
        expect(formatIsoDate(partition)).toBe(day);
        expect(parsePartition(day.replaceAll('-', ''))).toBe(partition);
        expect(getYear(partition)).toBe(Number(day.slice(0, 4)));
      }),
    );
  });

  const today = parsePartition('2026-03-01');

  it.each([
    ['2026-11-19', 20261119, 20261119],
    ['20261119', 20261119, 20261119],
    ['19/11/2026', 20261119, 20261119],
    ['1/2/2026', 20260201, 20260201],
    [' 2026-1-5 ', 20260105, 20260105],
    ['hoje', 20260301, 20260301],
    ['Ontem', 20260228, 20260228],
    ['30d', 20260130, 20260130],
    ['0d', 20260301, 20260301],
    ['2026-11', 20261101, 20261130],
    ['2024-02', 20240201, 20240229],
    ['2025', 20250101, 20251231],
  ])('as %j is the day %i, or %i where it is the last', (text, first, last) => {
    expect(parseDay(text, { what: '--from', edge: 'first', today })).toBe(first);
    expect(parseDay(text, { what: '--to', edge: 'last', today })).toBe(last);
    if (first === last) expect(parseDay(text, { what: '--date', today })).toBe(first);
    else expect(() => parseDay(text, { what: '--date', today })).toThrow(/is more than a day/);
  });

  it.each(['31/2/2026', '11/20/2026', '2026-13', '0000', '30', '30 d', '-1d', 'amanhã', ''])(
    'as %j is refused',
    (text) => {
      expect(() => parseDay(text, { what: '--from', edge: 'first', today })).toThrow(
        expect.objectContaining({
          message: `--from: ${JSON.stringify(text)} is not a date`,
          hint: expect.stringContaining(
            '`2026-11-19`, 19/11/2026, hoje, ontem or 30d (days ago); or a month or a year, 2026-11 or 2026',
          ),
        }),
      );
    },
  );

  it.each(['31/2/2026', '24/11-2026', '24/11/26', '2026-11', '1/1/20261'])(
    'that is none in any notation, %j, has no other told',
    (text) => {
      expect(() => parsePartition(text)).toThrow(
        expect.objectContaining({
          // Between backticks, for a screen writes other days in the notation of its reader.
          hint: expect.stringMatching(/^Write a day that exists, (?:such )?as `2026-11-19`/),
        }),
      );
    },
  );

  it('never throws anything but a UsageError', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const partition = toPartition(text);
        if (partition === undefined) expect(() => parsePartition(text)).toThrow(UsageError);
      }),
    );
  });
});

it.each([
  [20261129, 1, 20251129],
  [20240229, 1, 20230228],
  [20240229, 4, 20200229],
  [20240228, 1, 20230228],
  [20250228, 1, 20240228],
])('%i, %i years before, is %i', (date, years, before) => {
  expect(getYearsBefore(date as Partition, years)).toBe(before);
});
