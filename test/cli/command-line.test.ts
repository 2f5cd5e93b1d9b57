import { describe, expect, test } from 'vitest';
import { addLakeOptions } from '../../src/cli/command-line.ts';

describe('the commands of a remedy', () => {
  test.each([
    ['of the lake that nobody named', {}, '`pynvest run` collects.', '`pynvest run` collects.'],
    [
      'of a folder, quoted where it has to be',
      { lake: '/data/my lake' },
      '`pynvest doctor --fix` mends it, then `pynvest run`.',
      "`pynvest doctor --fix --lake '/data/my lake'` mends it, then `pynvest run --lake '/data/my lake'`.",
    ],
    [
      'of a stack',
      { target: 'aws', stackName: 'other', region: 'us-east-1' },
      '`pynvest backfill --date 2026-11-20` completes it.',
      '`pynvest backfill --date 2026-11-20 --target aws --stack-name other --region us-east-1` completes it.',
    ],
    [
      'that are about the stack itself',
      { target: 'aws', profile: 'mine' },
      '`pynvest destroy`, then `pynvest deploy`.',
      '`pynvest destroy --profile mine`, then `pynvest deploy --profile mine`.',
    ],
    [
      'and no others',
      { lake: 'x' },
      '`aws glue delete-partition`, or a newer pynvest.',
      '`aws glue delete-partition`, or a newer pynvest.',
    ],
  ] as const)('%s', (_, options, text, expected) => {
    expect(addLakeOptions(text, options)).toBe(expected);
  });
});
