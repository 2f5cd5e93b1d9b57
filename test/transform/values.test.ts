import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../src/catalog/column.ts';
import { parseCell, parseValue } from '../../src/transform/values.ts';

const TYPES: readonly ColumnType[] = ['string', 'double', 'bigint', 'date'];

describe('a number as the site prints it', () => {
  it.each([
    ['1.234.567,89', 1234567.89],
    ['46,48', 46.48],
    ['1,50', 1.5],
    ['-0,19', -0.19],
    ['-3.293.290.000', -3293290000],
    ['195.091.000.000', 195091000000],
    ['1.905', 1905],
    ['3.404.765', 3404765],
    ['144', 144],
    ['1234567,5', 1234567.5],
    ['0', 0],
    ['0,00', 0],
    ['-0,00', 0],
    ['007', 7],
    ['+1,5', 1.5],
    ['\u22121.234,5', -1234.5],
    ['0,1', 0.1],
    ['0,30000000000000004', 0.30000000000000004],
    ['9.007.199.254.740.993', 9007199254740992],
  ])('%j is %d', (text, value) => {
    expect(parseValue(text, 'double')).toStrictEqual({ ok: true, value });
  });

  it.each([
    ['-0,66%', -0.0066],
    ['35,4%', 0.354],
    ['0,57%', 0.0057],
    ['12,6%', 0.126],
    ['26,0%', 0.26],
    ['-63,42%', -0.6342],
    ['100%', 1],
    ['1.234,5%', 12.345],
    ['-1.000%', -10],
    ['\u22124,75%', -0.0475],
    ['6,47 %', 0.0647],
    ['0,00%', 0],
    ['-0,00%', 0],
  ])('%j is the fraction %d', (text, value) => {
    expect(parseValue(text, 'double')).toStrictEqual({ ok: true, value });
  });

  it.each([
    ['329.062.000', 329062000],
    ['60', 60],
    ['12,00', 12],
    ['12,0', 12],
    ['-12', -12],
    ['0', 0],
    ['-0', 0],
    ['9.007.199.254.740.991', Number.MAX_SAFE_INTEGER],
    ['-9.007.199.254.740.991', Number.MIN_SAFE_INTEGER],
  ])('%j is the whole number %d', (text, value) => {
    expect(parseValue(text, 'bigint')).toStrictEqual({ ok: true, value });
  });
});

describe('a date as the site prints it', () => {
  it.each([
    ['03/07/2026', '2026-07-03'],
    ['29/02/2024', '2024-02-29'],
    ['31/12/1999', '1999-12-31'],
  ])('%j is %s', (text, value) => {
    expect(parseValue(text, 'date')).toStrictEqual({ ok: true, value });
  });
});

describe('an absent value', () => {
  it.each(TYPES)('is null in a column of %s, however it is printed', (type) => {
    for (const text of [null, '', '-', '\u2212']) {
      expect(parseValue(text, type)).toStrictEqual({ ok: true, value: null });
    }
  });
});

describe('text in a column of text', () => {
  it.each(['WEG SA ON N1', '1.905', '35,4%', '--', 'n/d', '03/07/2026'])('%j stays', (text) => {
    expect(parseValue(text, 'string')).toStrictEqual({ ok: true, value: text });
  });
});

describe('text that is no value of its column is returned, never guessed', () => {
  const noNumber = [
    'n/d',
    '1.23',
    '0.97',
    '1.2345',
    '12.34.567',
    '1234.567',
    '1,234,567',
    '1,2,3',
    '1.234,567.8',
    ',5',
    '5,',
    '5.',
    '.500',
    '1..234',
    'R$ 5',
    '5 mil',
    '1e5',
    '0x10',
    '--5',
    '- 5',
    '5-',
    '(5)',
    '%',
    '-%',
    '5%%',
    '5 5',
    ' 5',
    '--',
    'NaN',
    'Infinity',
    '٣',
    '５',
    '03/07/2026',
    '9'.repeat(400),
    `-${'9'.repeat(400)}`,
  ];

  it.each(noNumber)('%j is no number', (text) => {
    expect(parseValue(text, 'double')).toStrictEqual({ ok: false, text });
    expect(parseValue(text, 'bigint')).toStrictEqual({ ok: false, text });
  });

  it.each([
    '12,5',
    '12,05',
    '0,001',
    '50%',
    '100%',
    '100,00 %',
    '9.007.199.254.740.992',
    '-9.007.199.254.740.992',
    '9007199254740993',
    '9.007.199.254.740.991,4',
    '9.007.199.254.740.990,00001',
  ])('%j is no whole number that would arrive exactly', (text) => {
    expect(parseValue(text, 'bigint')).toStrictEqual({ ok: false, text });
  });

  it.each(['0.123', '00.123', '01.234', '-0.970'])(
    '%j is no number, for no group of thousands begins with zero: it is another notation',
    (text) => {
      expect(parseValue(text, 'double')).toStrictEqual({ ok: false, text });
    },
  );

  it.each([
    '31/02/2026',
    '29/02/2026',
    '31/04/2026',
    '00/00/0000',
    '00/07/2026',
    '03/00/2026',
    '03/13/2026',
    '01/01/0000',
    '3/7/2026',
    '03/07/26',
    '2026-07-03',
    '03-07-2026',
    '03/07/2026 18:00',
    ' 03/07/2026',
    '46,48',
    'n/d',
  ])('%j is no date', (text) => {
    expect(parseValue(text, 'date')).toStrictEqual({ ok: false, text });
  });
});

describe('a fraction’s print', () => {
  const fraction = { type: 'double', isFraction: true } as const;
  const other = { type: 'double', isFraction: false } as const;

  it.each(['-0,66', '35,4', '35', '0,01', '1.234,5', '+5'])(
    '%j is no fraction: it says nothing of a hundredth',
    (text) => {
      expect(parseCell(text, fraction)).toStrictEqual({ ok: false, text });
      expect(parseCell(text, other).ok).toBe(true);
    },
  );

  it.each(['46,48%', '-0,01%', '100%', '6,47 %'])('%j is a fraction in any column', (text) => {
    expect(parseCell(text, other)).toStrictEqual(parseCell(text, fraction));
    expect(parseCell(text, other).ok).toBe(true);
  });

  it.each(['0', '0,00', '-0,00', '0%', '0,00%'])('%j is zero in any unit', (text) => {
    for (const column of [fraction, other]) {
      expect(parseCell(text, column)).toStrictEqual({ ok: true, value: 0 });
    }
  });

  it.each([null, '', '-', '\u2212'])('%j is no number, but absent', (text) => {
    for (const column of [fraction, other]) {
      expect(parseCell(text, column)).toStrictEqual({ ok: true, value: null });
    }
  });

  it('is reported of numbers alone', () => {
    expect(parseCell('35%', { type: 'string', isFraction: false })).toStrictEqual({
      ok: true,
      value: '35%',
    });
    expect(parseCell('n/d', fraction)).toStrictEqual({ ok: false, text: 'n/d' });
    expect(parseCell('35%', { type: 'bigint', isFraction: false })).toStrictEqual({
      ok: false,
      text: '35%',
    });
  });
});
