import { describe, expect, test } from 'vitest';
import { askInAthenasSql as ask, askOneInAthenasSql as askOne } from '../../support/engines.ts';
import { newFolder } from '../../support/folders.ts';
import { quote, writeQuotes } from '../../support/made-up-lake.ts';

// What Athena answers, by Trino's documentation of its date and time functions.

const empty = newFolder();
const one = async (expression: string): Promise<unknown> =>
  (await askOne(await empty, `SELECT ${expression}`))[0];

describe('date_format', () => {
  const MORNING = "TIMESTAMP '2026-02-05 07:08:09.123456'";
  const EVENING = "TIMESTAMP '2026-12-25 19:30:45'";

  test.each([
    ['%Y%m%d', '20260205', '20261225'],
    ['%y', '26', '26'],
    ['%M', 'February', 'December'],
    ['%b', 'Feb', 'Dec'],
    ['%c', '2', '12'],
    ['%W', 'Thursday', 'Friday'],
    ['%a', 'Thu', 'Fri'],
    ['%e', '5', '25'],
    ['%j', '036', '359'],
    ['%x-%v', '2026-06', '2026-52'],
    ['%H', '07', '19'],
    ['%k', '7', '19'],
    ['%h', '07', '07'],
    ['%I', '07', '07'],
    ['%l', '7', '7'],
    ['%i', '08', '30'],
    ['%s', '09', '45'],
    ['%S', '09', '45'],
    ['%f', '123000', '000000'],
    ['%p', 'AM', 'PM'],
    ['%T', '07:08:09', '19:30:45'],
    ['%r', '07:08:09 AM', '07:30:45 PM'],
    ['%%', '%', '%'],
    ['%%M %M', '%M February', '%M December'],
    ['%d/%m/%Y às %H:%i', '05/02/2026 às 07:08', '25/12/2026 às 19:30'],
    ['M i s %M%i%s', 'M i s February0809', 'M i s December3045'],
  ])('writes %s as Athena does', async (format, morning, evening) => {
    const both = `date_format(${MORNING}, '${format}'), date_format(${EVENING}, '${format}')`;
    expect(await askOne(await empty, `SELECT ${both}`)).toEqual([morning, evening]);
  });

  test.each(['%D', '%U', '%u', '%V', '%w', '%X', '%Y %%%u'])(
    'refuses %s, as Athena does',
    async (format) => {
      const refused = one(`date_format(${MORNING}, '${format}')`);
      await expect(refused).rejects.toMatchObject({ name: 'QueryError' });
      await expect(refused).rejects.toThrow(/Athena does not know %/);
      expect(await one(`date_format(${MORNING}, '%${format.slice(-2)}')`)).toBe(format.slice(-2));
    },
  );

  test('takes days, instants and the days of a column', async () => {
    expect(await one("date_format(DATE '2026-11-20', '%d/%m/%Y')")).toBe('20/11/2026');
    const instant = "TIMESTAMP WITH TIME ZONE '2026-11-20 22:00:00-03:00'";
    expect(await one(`date_format(${instant}, '%Y-%m-%d %H:%i')`)).toBe('2026-11-21 01:00');
    expect(await one("date_format(CAST(NULL AS DATE), '%Y')")).toBeNull();
    const root = await newFolder();
    await writeQuotes(root, '2026-11-20', [quote('PETR4', 1, { dt_ult_cot: '2026-11-19' })]);
    const sql = `SELECT date_format(dt_ult_cot, '%d %M')
      FROM db_pynvest_spec.tbspec_fundamentus_cotacao_ativos`;
    expect(await askOne(root, sql)).toEqual(['19 November']);
  });
});

describe('date_add', () => {
  test.each([
    ['day', 1, '2026-02-01'],
    ['day', -31, '2025-12-31'],
    ['week', 2, '2026-02-14'],
    ['month', 1, '2026-02-28'],
    ['month', -2, '2025-11-30'],
    ['quarter', 1, '2026-04-30'],
    ['year', -1, '2025-01-31'],
    ['DAY', 0, '2026-01-31'],
  ])('of a day by %s %i is a day', async (unit, n, expected) => {
    expect(await one(`date_add('${unit}', ${n}, DATE '2026-01-31')`)).toBe(expected);
  });

  test.each([
    ['millisecond', 1, '2026-01-31 10:00:00.001'],
    ['second', 61, '2026-01-31 10:01:01'],
    ['minute', -1, '2026-01-31 09:59:00'],
    ['hour', 15, '2026-02-01 01:00:00'],
    ['day', -1, '2026-01-30 10:00:00'],
    ['week', 1, '2026-02-07 10:00:00'],
    ['month', 1, '2026-02-28 10:00:00'],
    ['quarter', -1, '2025-10-31 10:00:00'],
    ['year', 1, '2027-01-31 10:00:00'],
  ])('of a time and of an instant by %s %i keeps their type', async (unit, n, expected) => {
    const time = `date_add('${unit}', ${n}, TIMESTAMP '2026-01-31 10:00:00')`;
    const instant = time.replace("TIMESTAMP '", "TIMESTAMP WITH TIME ZONE '");
    const found = await askOne(await empty, `SELECT ${time}, ${instant}`);
    expect(found).toEqual([expected, `${expected}+00`]);
  });

  test('takes a column or a reckoning for the number, and refuses an unknown unit', async () => {
    const sql = `SELECT date_add('day', n, DATE '2026-01-01') FROM (VALUES (-1), (1 + 1)) t(n)`;
    expect((await ask(await empty, sql)).rows).toEqual([['2025-12-31'], ['2026-01-03']]);
    expect(await one("date_add('day', 1, CAST(NULL AS DATE))")).toBeNull();
    await expect(one("date_add('fortnight', 1, now())")).rejects.toMatchObject({
      name: 'QueryError',
      message: expect.stringContaining('no unit fortnight'),
    });
  });

  test('of a day by hours is refused, as Athena refuses it', async () => {
    await expect(one("date_add('hour', 1, DATE '2026-01-31')")).rejects.toThrow(/only days, weeks/);
  });
});

describe('date_trunc', () => {
  test('of a day is a day, of a time a time', async () => {
    const time = "TIMESTAMP '2026-11-20 10:11:12'";
    expect(
      await askOne(
        await empty,
        `SELECT date_trunc('month', DATE '2026-11-20'), date_trunc('hour', ${time}),
          date_trunc('day', TIMESTAMP '2026-11-20 22:00:00-03:00'),
          date_trunc('year', CAST(NULL AS DATE))`,
      ),
    ).toEqual(['2026-11-01', '2026-11-20 10:00:00', '2026-11-21 00:00:00+00', null]);
  });
});

describe('EXTRACT', () => {
  test.each([
    ['dow', '2026-11-22', 7n],
    ['DOW', '2026-11-23', 1n],
    ['day_of_week', '2026-11-22', 7n],
    ['doy', '2026-11-22', 326n],
    ['day_of_year', '2026-11-22', 326n],
    ['week', '2027-01-01', 53n],
    ['yow', '2027-01-01', 2026n],
    ['year', '2027-01-01', 2027n],
    ['quarter', '2027-01-01', 1n],
  ])('of %s from %s is %i', async (part, date, expected) => {
    expect(await one(`extract(${part} FROM DATE '${date}')`)).toBe(expected);
  });
});

describe('date_diff', () => {
  test.each([
    ['day', "DATE '2026-11-16'", "DATE '2026-11-20'", 4n],
    ['day', "DATE '2026-11-20'", "DATE '2026-11-16'", -4n],
    ['month', "DATE '2026-01-15'", "DATE '2026-03-15'", 2n],
    ['second', "TIMESTAMP '2020-03-01 00:00:00'", "TIMESTAMP '2020-03-02 00:00:00'", 86400n],
    ['hour', "TIMESTAMP '2026-01-01 00:00:00'", "TIMESTAMP '2026-01-02 06:00:00'", 30n],
    // Athena counts whole units that have passed, not midnights or firsts of the month between.
    ['day', "TIMESTAMP '2026-11-19 23:00:00'", "TIMESTAMP '2026-11-20 01:00:00'", 0n],
    ['month', "DATE '2026-01-31'", "DATE '2026-02-01'", 0n],
    ['year', "DATE '2025-12-31'", "DATE '2026-01-01'", 0n],
    ['week', "DATE '2026-11-20'", "DATE '2026-11-23'", 0n],
  ])('in %s from %s to %s is %i', async (unit, from, to, expected) => {
    expect(await one(`date_diff('${unit}', ${from}, ${to})`)).toBe(expected);
  });
});
