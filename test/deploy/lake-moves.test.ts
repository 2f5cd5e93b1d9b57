/** What is said where a deployment gives the lake another place, by the template that is deployed. */
import { describe, expect, test } from 'vitest';
import type { StackValues } from '../../src/aws/stack.ts';
import { resolveParameters } from '../../src/deploy/parameters.ts';
import { findLakeMoves, formatPreview } from '../../src/deploy/preview.ts';
import { parseTemplate } from '../../src/deploy/template.ts';
import { templateText } from '../support/template-text.ts';

const template = parseTemplate(templateText);

function moves(before: StackValues, given: StackValues) {
  const place = { template, account: '1', region: 'r', partition: 'aws', stackName: 's' };
  const previous = resolveParameters(template, {}, before);
  return findLakeMoves(
    { ...place, parameters: previous },
    { ...place, parameters: resolveParameters(template, previous, given) },
  );
}

const said = (before: StackValues, given: StackValues) =>
  moves(before, given).map(({ from, to }) => `${from} -> ${to}`);

describe('the lake moves', () => {
  test.each<[string, StackValues, StackValues, string[]]>([
    [
      'by another database of quotes',
      {},
      { SpecDatabaseName: 'db_x' },
      ['db_pynvest_spec -> db_x'],
    ],
    [
      'by another prefix, in all three buckets, and in no database',
      {},
      { NamePrefix: 'other' },
      [
        'pynvest-sor-1-r -> other-sor-1-r',
        'pynvest-sot-1-r -> other-sot-1-r',
        'pynvest-spec-1-r -> other-spec-1-r',
      ],
    ],
    [
      'by the name of a bucket, whoever makes it',
      {},
      { CreateBuckets: 'no', SorBucketName: 'mine' },
      ['pynvest-sor-1-r -> mine'],
    ],
    [
      'from one database and one bucket for all into others, each told once',
      {
        ...{ SorDatabaseName: 'one', SotDatabaseName: 'one', SpecDatabaseName: 'one' },
        ...{ SorBucketName: 'all', SotBucketName: 'all', SpecBucketName: 'all' },
        CreateBuckets: 'no',
      },
      { SotDatabaseName: 'two', SpecDatabaseName: 'two', SpecBucketName: 'quotes' },
      ['one -> two', 'all -> quotes'],
    ],
    ['by no name that stays', {}, { SorBucketName: 'pynvest-sor-1-r', CreateTables: 'no' }, []],
    ['by no other parameter', {}, { FunctionMemory: '1024', CreateDatabases: 'no' }, []],
  ])('%s', (_what, before, given, expected) => {
    expect(said(before, given)).toEqual(expected);
  });

  test('and says of a database how many tables stay behind, and how the new one learns of the days', () => {
    const [move] = moves({}, { SorDatabaseName: 'db_x' });
    expect(move?.consequence).toBe(
      '4 tables in db_pynvest_sor and the days listed there stay behind, where pynvest no longer ' +
        'reads; the files are still used: `pynvest doctor --all --fix` lists their days in db_x',
    );
  });

  test('and says of a bucket that its files stay, which queries alone reach by the catalog', () => {
    const [move] = moves({}, { SpecBucketName: 'quotes' });
    expect(move?.consequence).toBe(
      'the files in pynvest-spec-1-r stay behind, where pynvest no longer reads or writes; only ' +
        'queries still read the days listed so far',
    );
  });

  test('both at once: neither is reached any more', () => {
    for (const { consequence: loss } of moves(
      {},
      { SpecDatabaseName: 'db_x', SpecBucketName: 'quotes' },
    )) {
      expect(loss).not.toMatch(/doctor|queries/);
    }
  });

  test('which is data at risk, whatever a change set says of the resources', () => {
    const text = formatPreview([], { moves: moves({}, { SpecDatabaseName: 'db_x' }) });
    expect(text.split('\n')).toEqual([
      'DATA AT RISK: 1',
      expect.stringMatching(
        /^ {2}! the lake moves from the database db_pynvest_spec to db_x: 2 tables in db_pynvest_spec /,
      ),
    ]);
  });
});
