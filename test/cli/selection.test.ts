import { describe, expect, test } from 'vitest';
import { parseDays, parseKinds } from '../../src/cli/selection.ts';
import { UsageError } from '../../src/errors.ts';
import { pynvest } from '../support/in-process.ts';

describe('the days', () => {
  test('are dates in either notation, and a number of days', () => {
    expect(parseDays({})).toEqual({});
    expect(parseDays({ from: '2026-11-01', to: '20261120', last: '3' })).toEqual({
      from: 20261101,
      to: 20261120,
      last: 3,
    });
    expect(parseDays({ from: '2026-11-20', to: '2026-11-20' })).toMatchObject({ from: 20261120 });
  });

  test.each([
    [{ from: '2026-02-30' }, '"2026-02-30" is not a date'],
    [{ to: 'amanhã' }, '"amanhã" is not a date'],
    [{ from: '2026-11-20', to: '2026-11-19' }, '--from 2026-11-20 comes after --to 2026-11-19'],
    [{ last: '0' }, '--last is "0"'],
    [{ last: 'all' }, '--last is "all"'],
  ])('refuse %o', (options, message) => {
    expect(() => parseDays(options)).toThrow(UsageError);
    expect(() => parseDays(options)).toThrow(message);
  });
});

describe('the kinds of asset', () => {
  test('are both where none is named, and one by its word in any case', () => {
    expect(parseKinds(undefined)).toEqual(['acoes', 'fiis']);
    expect(parseKinds('FIIS')).toEqual(['fiis']);
    expect(() => parseKinds('etfs')).toThrow(UsageError);
    expect(() => parseKinds('')).toThrow('"" is not a kind of asset');
  });
});

describe.each(['__proto__', 'constructor', 'toString'])(
  '%s, a property of every object',
  (word) => {
    test('is no kind of asset', () => {
      expect(() => parseKinds(word)).toThrow('is not a kind of asset');
    });

    test.each([
      ['run', '--tipo', word],
      ['query', 'cotacoes', 'PETR4', '--format', word],
      ['query', 'indicadores', 'PETR4', '--columns', word],
      ['query', 'indicadores', 'PETR4', '--sort', word],
      ['query', 'indicadores', 'PETR4', '--where', `${word} = 1`],
      ['query', 'sql', 'SELECT 1', '--dialect', word],
      ['query', word],
      ['columns', word],
      ['completion', word],
      ['help', word],
      ['iam-policy', '--for', word],
      ['plan', '--parameter', `${word}=1`, '--target', 'aws'],
      ['redrive', '--queue', word, '--target', 'aws'],
      [word],
    ])('is none of what a command knows: %s %s %s', async (...args) => {
      const env = { PYNVEST_LAKE: '/nowhere', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
      expect(await pynvest(args, { env })).toMatchObject({ status: 2, stdout: '' });
    });
  },
);
