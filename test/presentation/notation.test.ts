import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  formatPeriod,
  formatProse,
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

test.each([
  [
    'the last day is 2026-11-18, 1 trading day behind 2026-11-19',
    'the last day is 18/11/2026, 1 trading day behind 19/11/2026',
  ],
  ['2026-11-18: 12345 duplicate rows removed', '18/11/2026: 12.345 duplicate rows removed'],
  [
    '3 days, the newest 2026-11-19 with 1234 rows.',
    '3 days, the newest 19/11/2026 with 1.234 rows.',
  ],
  ['at 2026-11-24 18:59. On 2026-11-25.', 'at 24/11/2026 18:59. On 25/11/2026.'],
  [
    'Stored 1409 of 1413 tickers in 0.6 s (12.1 MB written)',
    'Stored 1.409 of 1.413 tickers in 0,6 s (12,1 MB written)',
  ],
  // What is typed, a place, a time and a name are as they are.
  ...[
    '`pynvest backfill --date 2026-11-18` rebuilds it',
    'It has --date 2026-11-18.',
    '--from 2026-11-20 comes after --to 2026-11-19',
    '"2026-11-31" is not a date',
    '/lake/anomesdia_exec=20261118/x.parquet, /a/2026-11-18/b',
    '2026-11-18T18:45:00-03:00',
    'in use by process 12345 on a host',
    '2016 to 2026, year 2024',
    '  dt_com > 2026-11-19',
  ].map((text) => [text, text]),
])('in a sentence: %s', (text, brazilian) => {
  expect(formatProse(text, 'pt-BR')).toBe(brazilian);
});

test('every noun that a message counts is known', () => {
  const nouns = new Set<string>();
  const source = join(import.meta.dirname, '../../src');
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(source, file), 'utf8');
    for (const [, noun = '', plural] of text.matchAll(
      /formatQuantity\([^']*'([a-z ]+)'(?:, '([a-z ]+)')?\)/g,
    )) {
      nouns.add(plural ?? `${noun}s`);
    }
  }
  // Of sentences in Portuguese.
  for (const noun of ['anos', 'fundos', 'empresas']) nouns.delete(noun);
  const unknown = [...nouns].filter(
    (noun) => formatProse(`12345 ${noun}`, 'en') !== `12,345 ${noun}`,
  );
  expect({ unknown, isRead: nouns.size > 20 }).toEqual({ unknown: [], isRead: true });
});

test('in an English sentence a day is as in ISO 8601', () => {
  expect(formatProse('2026-11-18: 12345 rows', 'en')).toBe('2026-11-18: 12,345 rows');
});

test('a period says which of its days count, where not all do', () => {
  const words = { since: 'from', until: 'to' };
  expect(formatPeriod({ label: '2026' }, 'pt-BR', words)).toBe('2026');
  const part = { label: '2026', since: '2026-03-02', until: '2026-11-19' };
  expect(formatPeriod(part, 'pt-BR', words)).toBe('2026 (from 02/03 to 19/11)');
  expect(formatPeriod(part, 'en', words)).toBe('2026 (from 03-02 to 11-19)');
});
