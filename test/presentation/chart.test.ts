import { describe, expect, test } from 'vitest';
import { formatBarChart } from '../../src/presentation/bar-chart.ts';
import type { ChartStyle } from '../../src/presentation/chart-style.ts';
import {
  type ChartPoint,
  formatLineChart,
  indexSeries,
} from '../../src/presentation/line-chart.ts';

const PLAIN: ChartStyle = { width: 60, isUnicode: true, locale: 'pt-BR', paints: [] };
const DAY_MS = 86_400_000;

/** A value each day from a first one on. */
function daily(first: string, values: readonly number[]): ChartPoint[] {
  return values.map((value, at) => ({
    day: new Date(Date.parse(first) + at * DAY_MS).toISOString().slice(0, 10),
    value,
  }));
}

/** Waves on a slope: the same in every run. */
function waves(days: number, start: number, size: number): number[] {
  return Array.from(
    { length: days },
    (_, at) => start * (1 + at / 1000) + size * Math.sin(at / 20) + (size / 3) * Math.sin(at / 3),
  );
}

const lines = (text: string): string[] => text.split('\n').slice(0, -1);
const width = (text: string): number => Math.max(...lines(text).map((line) => [...line].length));

const petr = { name: 'PETR4', points: daily('2026-11-02', [10, 11, 14, 13, 9, 12, 12.5]) };
const vale = { name: 'VALE3', points: daily('2026-11-02', [14, 12, 10, 10, 11, 9.5, 9]) };
const years = [
  { name: 'PETR4', points: daily('2016-11-29', waves(3653, 30, 5)) },
  { name: 'HGLG11', points: daily('2018-03-01', waves(3000, 160, 9)) },
];

describe('lines', () => {
  test('one series: its highest, lowest and last value are marked, and named with their days', () => {
    expect(formatLineChart('PETR4', [petr], { ...PLAIN, width: 40 })).toMatchInlineSnapshot(`
      "PETR4
      14 ┤            ▲⡀
         │           ⡜ ⠈⠒⢄⡀
      13 ┤          ⡜     ⠈⠒⡄
         │         ⡜        ⠸⡀             ⢀⣀●
      12 ┤        ⡜          ⢣         ⢠⠔⠒⠉⠁
         │       ⡜           ⠈⡆       ⢠⠃
      11 ┤     ⣀⠜             ⠘⡄     ⢠⠃
         │  ⣀⠔⠊                ⢱    ⢠⠃
      10 ┤⠔⠊                    ⢇  ⢠⠃
         │                      ⠘⡄⢠⠃
       9 ┤                       ▼⠃
         └┬───────────┬──────────┬───────────┬
          02/11     04/11      06/11     08/11
      ● PETR4  last 12,50 on 08/11/2026
        ▲ high 14,00 on 04/11/2026
        ▼ low 9,00 on 06/11/2026
      "
    `);
  });

  test('without UTF-8 every character is ASCII, and each series has its mark', () => {
    const style = { ...PLAIN, width: 40, isUnicode: false };
    const text = formatLineChart('Both', [petr, vale], style);
    expect(text).toMatchInlineSnapshot(`
      "Both
      14 +^           ^*
         | oo        *  ***
      13 +   o      *      **
         |    oo   *         *             ***
      12 +      o *          *         ****
         |       oo           *       *
      11 +     **  o           *oo   *
         |  ***     oo        oo  oo*
      10 +**          oooooooo  *  *oo
         |                      * *   oooo
       9 +                       v        oooo
         ++-----------+----------+-----------+
          02/11     04/11      06/11     08/11
      * PETR4  last 12,50 on 08/11/2026
        ^ high 14,00 on 04/11/2026
        v low 9,00 on 06/11/2026
      o VALE3  last 9,00 on 08/11/2026
        ^ high 14,00 on 02/11/2026
        v low 9,00 on 08/11/2026
      "
    `);
    expect(text).toMatch(/^[\n -~]*$/);
  });

  test('several series can be told apart without colors: marks on their lines', () => {
    const text = formatLineChart('Ten years', years, PLAIN);
    expect(text).toMatchInlineSnapshot(`
      "Ten years
      700 ┤
          │                                                  ▲■
      600 ┤                                            ⢀⡀⣠⣤⠞⠛⠁
          │                                        ⢀⣄⣰⠶⠞⠉⠁
      500 ┤                                   ⢀⣀⡤⣴⠛⠚ ⠁
          │                               ⢠⣄⡴⠶⠋■
      400 ┤                          ⣀⢠⢤⡼⠛⠋⠈
          │                      ⣠⣠⠶⠾⠉⠉
      300 ┤                ⢀⡀⣠⣤⠞■⠁⠁
          │            ⢀⣄⡴⠶⠟⠉⠁
      200 ┤       ⣀⢀⡤⡴⠛⠋⠈⠁
          │       ▼⠉                                    ⢀ ⣀⣀⣀⣀⣤⣠▲●
      100 ┤                   ⡀ ⣀⢀⣀⣀⣀⣠⣄⡤●⡤⢤⠶⠤⠶⠴⠒⠖⠓⠚⠛⠛⠙●⠉⠉⠉⠁⠉ ⠉
          │●▼⣤⣠⢤⣤⠤⡤⠶⠴⠲⠖⠲⠚●⠋⠓⠋⠛⠉⠉⠉⠉⠈⠁
        0 ┤
          └──────┬──────────┬─────────┬──────────┬──────────┬─────
                2018       2020      2022       2024       2026
      ● PETR4  last 139,78 on 29/11/2026
        ▲ high 143,10 on 18/08/2026  ▼ low 26,17 on 27/02/2017
      ■ HGLG11  last 634,89 on 17/05/2026
        ▲ high 639,94 on 06/03/2026  ▼ low 160,00 on 01/03/2018
      "
    `);
  });

  test('a color for each series, for neighbours together', () => {
    const paints = [(text: string) => `<a>${text}</a>`, (text: string) => `<b>${text}</b>`];
    const painted = formatLineChart('Both', [petr, vale], { ...PLAIN, paints });
    const plain = formatLineChart('Both', [petr, vale], PLAIN);
    expect(painted.replaceAll(/<\/?[ab]>/g, '')).toBe(plain);
    expect(painted).toContain('\n<b>■</b> VALE3  last');
    expect(painted).not.toMatch(/<\/a><a>|<\/b><b>/);
  });

  test.each([
    ['2026-11-02', 4, ['02/11', '03/11', '04/11', '05/11']],
    ['2026-11-02', 25, ['02/11', '09/11', '16/11', '23/11']],
    ['2026-01-15', 200, ['04/2026', '07/2026']],
    ['2016-01-15', 3650, ['2018', '2020', '2022', '2024', '2026']],
  ])('the axis from %s over %i days', (first, days, labels) => {
    const points = daily(first, waves(days, 30, 5));
    const text = formatLineChart('PETR4', [{ name: 'PETR4', points }], PLAIN);
    const axis = lines(text).find((line) => /^ +\d/.test(line) && !/[┤│]/.test(line)) ?? '';
    expect(axis.trim().split(/ +/)).toEqual(labels);
  });

  test('a line of sessions ends where there is none for weeks, and begins anew', () => {
    const points = [...daily('2026-01-05', [10, 11, 12]), ...daily('2026-08-03', [20, 21, 22])];
    const draw = (isDaily: boolean): number =>
      formatLineChart('X', [{ name: 'X', points, isDaily }], PLAIN).match(/[\u2801-\u28ff]/g)
        ?.length ?? 0;
    expect(draw(true)).toBeLessThan(draw(false) / 2);
  });

  test('a line is not drawn over days of which nothing is known, however few', () => {
    const points = [
      { day: '2024-01-02', value: 10 },
      { day: '2024-01-12', value: 20 },
    ];
    const draw = (last: string): number => {
      const gaps = [{ first: '2024-01-03', last }];
      const chart = formatLineChart('X', [{ name: 'X', points, isDaily: true, gaps }], PLAIN);
      return chart.match(/[\u2801-\u28ff]/g)?.length ?? 0;
    };
    expect(draw('2024-01-11')).toBe(0);
    // One of the days is known.
    expect(draw('2024-01-12')).toBeGreaterThan(20);
  });

  test('a price far below a real is not shown as zero', () => {
    const points = daily('2026-11-02', [0.0042, 0.0051]);
    const text = formatLineChart('X', [{ name: 'X', points }], PLAIN);
    expect(text).toContain('low 0,0042');
    expect(text).toContain('last 0,0051');
  });

  test('English notation', () => {
    const text = formatLineChart('PETR4', [petr], { ...PLAIN, locale: 'en' });
    expect(text).toContain('● PETR4  last 12.50 on 2026-11-08\n  ▲ high 14.00 on 2026-11-04');
    expect(text).toMatch(/ 11-02 +11-03/);
  });

  test.each([
    ['one price for ever', [20, 20, 20]],
    ['nothing but zero', [0, 0]],
    ['a fall below zero', [1, -2, 3]],
    ['thousands of millions', [1e12, 3e12]],
    ['far below a cent', [0.00002, 0.00005]],
  ])('%s', (_, values) => {
    const text = formatLineChart('X', [{ name: 'X', points: daily('2026-11-02', values) }], PLAIN);
    expect(text).not.toMatch(/NaN|Infinity/);
    expect(width(text)).toBeLessThanOrEqual(60);
    expect(text).toContain('▼');
  });

  test('every line fits every width from 40 on, and a narrower one is as 40', () => {
    const year = years.map(({ name, points }) => ({ name, points: points.slice(0, 700) }));
    for (const each of [40, 41, 59, 60, 79, 80, 81, 120, 200]) {
      for (const isUnicode of [true, false]) {
        const style = { ...PLAIN, width: each, isUnicode };
        const title = 'PETR4, HGLG11: adjusted for splits and all cash, 01/03/2018 = 100';
        expect(width(formatLineChart(title, year, style))).toBeLessThanOrEqual(each);
      }
    }
    const narrow = { ...PLAIN, width: 20 };
    expect(width(formatLineChart('PETR4', [petr], narrow))).toBeLessThanOrEqual(40);
  });
});

describe('series from 100 on', () => {
  test('begin on the first day by which all have a value', () => {
    const later = { name: 'B', points: daily('2026-11-04', [50, 55]) };
    expect(indexSeries([petr, later])).toEqual({
      first: '2026-11-04',
      series: [
        {
          name: 'PETR4',
          points: daily('2026-11-04', [
            100,
            (13 / 14) * 100,
            (9 / 14) * 100,
            (12 / 14) * 100,
          ]).concat(daily('2026-11-08', [(12.5 / 14) * 100])),
        },
        { name: 'B', points: daily('2026-11-04', [100, 110.00000000000001]) },
      ],
    });
  });

  test('one that had no trade on that day counts from its last value before', () => {
    const sparse = {
      name: 'B',
      points: [...daily('2026-11-01', [20]), ...daily('2026-11-05', [25])],
    };
    expect(indexSeries([sparse, vale])?.series[0]?.points).toEqual([
      { day: '2026-11-02', value: 100 },
      { day: '2026-11-05', value: 125 },
    ]);
  });

  test('there are none where one ends before another begins', () => {
    expect(indexSeries([petr, { name: 'B', points: daily('2026-12-01', [1, 2]) }])).toBeUndefined();
  });
});

describe('bars', () => {
  const formatValue = (value: number): string => value.toFixed(2).replace('.', ',');
  const groups = [
    { label: '2024', values: [1.5, 13] },
    { label: '2025', values: [0, 14.3] },
    { label: '2026', values: [3.4567, 0.001] },
  ];

  test('one series: a bar and its value a line', () => {
    const own = groups.map(({ label, values }) => ({ label, values: values.slice(0, 1) }));
    const style = { ...PLAIN, width: 40, formatValue };
    expect(formatBarChart('PETR4: income', ['PETR4'], own, style)).toMatchInlineSnapshot(`
      "PETR4: income
      2024  ████████████▋ 1,50
      2025  0,00
      2026  █████████████████████████████ 3,46
      "
    `);
  });

  test('several series, with and without UTF-8', () => {
    const names = ['PETR4', 'HGLG11'];
    const style = { ...PLAIN, width: 50, formatValue };
    expect(formatBarChart('Income', names, groups, style)).toMatchInlineSnapshot(`
      "Income
      2024  ● PETR4   ██▉ 1,50
            ■ HGLG11  █████████████████████████▌ 13,00
      2025  ● PETR4   0,00
            ■ HGLG11  ████████████████████████████ 14,30
      2026  ● PETR4   ██████▊ 3,46
            ■ HGLG11  ▏ 0,00
      "
    `);
    const ascii = formatBarChart('Income', names, groups, { ...style, isUnicode: false });
    expect(ascii).toMatchInlineSnapshot(`
      "Income
      2024  * PETR4   *** 1,50
            o HGLG11  ooooooooooooooooooooooooo 13,00
      2025  * PETR4   0,00
            o HGLG11  oooooooooooooooooooooooooooo 14,30
      2026  * PETR4   ******* 3,46
            o HGLG11  o 0,00
      "
    `);
  });

  test('fit every width from 40 on; nothing paid draws no bar', () => {
    const names = ['PETR4', 'HGLG11'];
    for (let each = 40; each <= 200; each += 1) {
      const text = formatBarChart('Income', names, groups, { ...PLAIN, width: each, formatValue });
      expect(width(text)).toBe(each);
    }
    const none = [{ label: '2026', values: [0] }];
    const text = formatBarChart('Income', ['PETR4'], none, { ...PLAIN, formatValue });
    expect(text).toBe('Income\n2026  0,00\n');
  });
});
