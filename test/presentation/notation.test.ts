import { describe, expect, it, test } from 'vitest';
import { getTables } from '../../src/catalog/dataset.ts';
import { datasets } from '../../src/catalog/datasets.ts';
import { getMeasure, type Measure } from '../../src/catalog/measure.ts';
import {
  formatAmount,
  formatDay,
  formatExact,
  formatMeasure,
  formatPercentage,
} from '../../src/presentation/notation.ts';

describe('formatMeasure', () => {
  it.each<[number, Measure, string, string]>([
    [0.0141, 'variation', '+1,41%', '+1.41%'],
    [-0.0066, 'variation', '-0,66%', '-0.66%'],
    [-0.00001, 'variation', '0,00%', '0.00%'],
    [0.00001, 'variation', '0,00%', '0.00%'],
    [0.0715, 'fraction', '7,15%', '7.15%'],
    [1e-7, 'fraction', '0,00%', '0.00%'],
    [12.345, 'price', '12,35', '12.35'],
    [1234.5, 'price', '1.234,50', '1,234.50'],
    [0.00843217, 'payment', '0,00843217', '0.00843217'],
    [0.5, 'payment', '0,50', '0.50'],
    [195_091_000_000, 'amount', '195,1 bi', '195.1B'],
    [-999_950, 'amount', '-1,0 mi', '-1.0M'],
    [999_949, 'amount', '999,9 mil', '999.9K'],
    [980, 'amount', '980', '980'],
    [0, 'amount', '0', '0'],
    [4_197_320_000, 'count', '4.197.320.000', '4,197,320,000'],
    [0.3333333333, 'factor', '0,3333333333', '0.3333333333'],
    [0.00421, 'price', '0,00421', '0.00421'],
    [-0.0421, 'price', '-0,0421', '-0.0421'],
    [0, 'price', '0,00', '0.00'],
    [20261129, 'day', '29/11/2026', '2026-11-29'],
    [2026, 'code', '2026', '2026'],
    [Number.NaN, 'price', '-', '-'],
  ])('%d as %s', (value, measure, brazilian, english) => {
    expect(formatMeasure(value, measure, 'pt-BR')).toBe(brazilian);
    expect(formatMeasure(value, measure, 'en')).toBe(english);
  });
});

test.each([
  [3.1566666666666667, '3,15666666666667', '3.15666666666667'],
  [0.1 + 0.2, '0,3', '0.3'],
  [0.1234567, '0,1234567', '0.1234567'],
  [9007199254740993n, '9.007.199.254.740.993', '9,007,199,254,740,993'],
  ['-1234567.50', '-1.234.567,50', '-1,234,567.50'],
  [2026, '2026', '2026'],
  [1.5e-7, '1,5e-7', '1.5e-7'],
  [Number.POSITIVE_INFINITY, 'Infinity', 'Infinity'],
  ['abc', 'abc', 'abc'],
])('every digit of %s', (value, brazilian, english) => {
  expect(formatExact(value, 'pt-BR')).toBe(brazilian);
  expect(formatExact(value, 'en')).toBe(english);
});

test('what is signed, and what is not', () => {
  expect(formatPercentage(0.1, 'pt-BR')).toBe('10,00%');
  expect(formatPercentage(0.1, 'pt-BR', true)).toBe('+10,00%');
  expect(formatAmount(1_500, 'pt-BR')).toBe('1,5 mil');
});

test('days', () => {
  expect(formatDay('2026-11-29', 'pt-BR')).toBe('29/11/2026');
  expect(formatDay('2026-11-29', 'en')).toBe('2026-11-29');
  expect(formatDay('ontem', 'pt-BR')).toBe('ontem');
});

describe('the measure of a column agrees with the unit that its description ends with', () => {
  const UNITS: readonly (readonly [RegExp, readonly Measure[]])[] = [
    [/em fração/, ['fraction', 'variation']],
    [/, em vezes/, ['ratio', 'factor']],
    [/em reais \(R\$\) por (?:ação|cota|m²)/, ['price']],
    [/em unidades/, ['count', 'code']],
    [/em reais \(R\$\)/, ['amount', 'price', 'payment']],
  ];
  const columns = getTables(datasets)
    .filter(({ layer }) => layer !== 'sor')
    .flatMap((table) => table.columns)
    .filter(({ type }) => type === 'double' || type === 'bigint');

  it.each(columns.map(({ name, description }) => [name, description]))('%s', (name, text) => {
    const expected = UNITS.find(([unit]) => unit.test(text))?.[1];
    if (expected !== undefined) expect(expected).toContain(getMeasure(name));
  });
});
