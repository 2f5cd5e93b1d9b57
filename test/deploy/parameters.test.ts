import { describe, expect, test } from 'vitest';
import {
  assertParameters,
  assertRegion,
  assertStackName,
  assertTags,
  parseAssignments,
  resolveParameters,
} from '../../src/deploy/parameters.ts';
import { parseTemplate } from '../../src/deploy/template.ts';
import { UsageError } from '../../src/errors.ts';

const template = parseTemplate(`
Parameters:
  Memory: { Type: Number, Default: 192, MinValue: 128, MaxValue: 3008 }
  Timeout: { Type: Number, Default: 900, AllowedValues: [60, 900] }
  Prefix: { Type: String, Default: pynvest, MaxLength: 8, AllowedPattern: '[a-z]+', ConstraintDescription: small letters }
  Email: { Type: String, Default: '' }
  Bucket: { Type: String }
`);

describe('Key=Value', () => {
  test('splits at the first equals sign', () => {
    expect(parseAssignments('--parameter', ['A=1', 'Url=http://x/?a=b', 'Empty='])).toEqual({
      A: '1',
      Url: 'http://x/?a=b',
      Empty: '',
    });
  });
  test.each([['A'], ['=1'], ['']])('refuses %j', (text) => {
    expect(() => parseAssignments('--parameter', [text])).toThrow(UsageError);
  });
  test('refuses a key given twice', () => {
    expect(() => parseAssignments('--tag', ['A=1', 'A=2'])).toThrow(/A is given twice/);
    // Keys that every object has are names like others.
    expect(parseAssignments('--tag', ['toString=x'])).toMatchObject({ toString: 'x' });
    expect(Object.entries(parseAssignments('--tag', ['__proto__=x']))).toEqual([
      ['__proto__', 'x'],
    ]);
  });
});

describe('parameters', () => {
  const check = (values: Record<string, string>) =>
    assertParameters(values, template, new Set(['Bucket']));

  test.each([[{ Memory: '512' }], [{ Timeout: '60' }], [{ Prefix: 'abc' }], [{ Email: '' }]])(
    'takes %j',
    (values) => {
      expect(check(values)).toEqual(values);
    },
  );

  test.each([
    [{ Memory: 'much' }, /takes a number$/],
    [{ Memory: '64' }, /a number from 128 to 3008/],
    [{ Timeout: '61' }, /one of 60, 900/],
    [{ Prefix: 'ABC' }, /it takes small letters/],
    [{ Prefix: 'abcdefghi' }, /text of at most 8/],
    [{ Bucket: 'b' }, /sets this parameter itself/],
  ])('refuses %j', (values, message) => {
    expect(() => check(values)).toThrow(UsageError);
    expect(() => check(values)).toThrow(message);
  });

  test('suggests the one that may be meant', () => {
    expect(() => check({ Memoy: '1' })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('Did you mean Memory?') }),
    );
    expect(() => check({ Xyz: '1' })).toThrow(
      expect.objectContaining({ hint: 'Its parameters: Memory, Timeout, Prefix, Email.' }),
    );
  });

  test('in force: what is given, else what the stack has, else the default', () => {
    const values = resolveParameters(template, { Memory: '256', Old: 'x' }, { Prefix: 'mine' });
    expect(values).toEqual({ Memory: '256', Timeout: '900', Prefix: 'mine', Email: '' });
  });
});

test.each([['1abc'], ['a b'], [''], ['a'.repeat(129)]])('no name of a stack: %j', (name) => {
  expect(() => assertStackName(name)).toThrow(UsageError);
});

test.each(['sa-east-1', 'us-gov-west-1', 'eusc-de-east-1', 'mx-central-1'])(
  'a region: %s',
  (region) => {
    expect(assertRegion(region)).toBe(region);
  },
);

test.each(['mars', 'sa-east', 'SA-EAST-1', '', 'sa-east-1a'])('no region: %j', (region) => {
  expect(() => assertRegion(region)).toThrow(UsageError);
});

test("refuses AWS's own tags", () => {
  expect(() => assertTags({ 'aws:x': '1' })).toThrow(UsageError);
  expect(assertTags({ team: 'data' })).toEqual({ team: 'data' });
});
