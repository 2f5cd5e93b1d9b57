/** The list of rules and the catalogue of codes belong together. */
import { describe, expect, test } from 'vitest';
import type { Partition } from '../../src/catalog/partition.ts';
import { allCodes, codes } from '../../src/health/codes.ts';
import { createFacts, type Sections } from '../../src/health/facts/model.ts';
import { createFinding, createNote, createPassedCheck } from '../../src/health/finding.ts';
import { assess, defineRule, listCodes, rules } from '../../src/health/rules/rules.ts';

describe('the catalogue', () => {
  test('has no code that no rule reports', () => {
    const reported = new Set(rules.flatMap((rule) => rule.codes));
    expect(
      allCodes.filter((code) => codes[code].severity !== 'unavailable' && !reported.has(code)),
    ).toEqual([]);
  });

  test('describes each code in sentences', () => {
    for (const code of allCodes) {
      const { meaning, remedy, noteWhere, fix } = codes[code];
      expect(meaning, code).toMatch(/^[A-Z].*[.]$/);
      expect(remedy, code).toMatch(/^$|[.]$/);
      for (const part of [noteWhere, fix]) expect(part ?? 'x', code).not.toMatch(/[.]$/);
    }
  });

  test('gives a code of both commands one severity', () => {
    const [ofStatus, ofDoctor] = [listCodes('status'), listCodes('doctor')];
    const shared = ofStatus.filter(({ code }) => ofDoctor.some((each) => each.code === code));
    expect(shared.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['duplicates', 'schedule-disabled', 'dead-lock', 'empty']),
    );
    for (const { code, countsAs } of shared.filter((each) => each.code !== 'stack')) {
      expect(ofDoctor.find((each) => each.code === code)?.countsAs, code).toEqual(countsAs);
    }
  });
});

test('a command asks only about sections that it reads', () => {
  // @ts-expect-error `doctor` does not read the tables.
  defineRule('tables', ['status', 'doctor'], [], () => []);
  // @ts-expect-error `status` does not read every file.
  defineRule('files', ['status'], [], () => []);
  expect(defineRule('site', ['status', 'doctor'], [], () => []).commands).toEqual([
    'status',
    'doctor',
  ]);
});

test('a finding has the severity and the remedy of its code', () => {
  const partition = 20261124 as Partition;
  expect(createFinding('typed-differs', { partition, detail: '' })).toMatchObject({
    severity: 'problem',
    remedy: '`pynvest backfill --date 2026-11-24` rebuilds them.',
  });
  expect(createNote('duplicates', { detail: '' }).severity).toBe('note');
  expect(createPassedCheck('dead-letters', { detail: '' })).toMatchObject({
    severity: 'ok',
    remedy: '',
  });
});

test('what both commands read they judge alike', () => {
  const sections: Sections = {
    folder: {
      value: {
        root: '/lake',
        exists: true,
        inaccessiblePath: undefined,
        lockOwner: { description: 'process 7', isDead: true },
        temporaryFiles: 0,
      },
    },
    schedules: {
      value: [{ purpose: 'collect', rule: 'collect', state: 'disabled', expression: '' }],
    },
  };
  const facts = createFacts('local', new Date('2026-11-25T12:00:00Z'), sections);
  const problems = (question: 'status' | 'doctor') =>
    assess(question, facts).filter(({ severity }) => severity === 'problem');
  expect(problems('status').map(({ code }) => code)).toEqual(['dead-lock', 'schedule-disabled']);
  expect(problems('doctor')).toEqual(problems('status'));
});
