import { describe, expect, test } from 'vitest';
import { addLakeOptions, findUsageHint } from '../../src/cli/command-line.ts';
import { newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';

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

describe('a command line that is refused', () => {
  test.each([
    [['run', 'PETR4', 'hglg11'], 'pynvest run --tickers PETR4,HGLG11\n'],
    [['query', 'cotacoes', 'WEGE3'], 'pynvest query cotacoes --ticker WEGE3\n'],
    [['query', 'indicadores', 'WEGE3'], 'pynvest query indicadores --ticker WEGE3\n'],
    [['tickers', '--tipo', 'fiis'], 'pynvest tickers fiis\n'],
    [['watch', 'add', '--ticker=PETR4'], 'pynvest watch add PETR4\n'],
    [
      ['query', 'cotacoes', '--where', 'vlr_cot', '=', '10', '--quiet'],
      "Quote a value that contains spaces: --where 'vlr_cot = 10'\n",
    ],
    [['query', 'indicadores', '--sort', 'vlr_cot', 'desc'], "--sort 'vlr_cot desc'\n"],
    [['cotacoes', '--ticker', 'PETR4'], 'pynvest query cotacoes --ticker PETR4\n'],
    [['petr4'], 'pynvest query cotacoes --ticker PETR4 reads the lake, pynvest scrape PETR4 the'],
    [['query', 'PETR4'], 'pynvest query cotacoes --ticker PETR4 reads the lake'],
    [['query', 'cotacoes', '--date=2026-11-19'], 'Use --from 2026-11-20 --to 2026-11-20 instead'],
    [['query', 'indicadores', '--order-by', 'vlr_cot'], 'Use --sort vlr_cot:desc instead\n'],
    [['status', '--json'], 'Use --format json instead\n'],
    [['query', 'sql', 'SELECT', '1'], 'put it between quotes'],
    [['--quiet', 'run'], 'pynvest run --quiet\n'],
    [['--lake', '/my lake', 'query', 'cotacoes'], "query cotacoes --lake '/my lake'\n"],
    [['query', 'sql', '-- newest\nSELECT 1'], 'pynvest query sql - < select.sql'],
  ])('%j is told how it is written', async (args, hint) => {
    const { status, stdout, stderr } = await pynvest(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(hint);
  });

  test('is left to commander where that says all', () => {
    const commands = ['run', 'demo'];
    for (const [code, args] of [
      ['commander.excessArguments', ['demo', 'extra']],
      ['commander.excessArguments', ['run', 'extra']],
      ['commander.unknownOption', ['run', '--tiker', 'PETR4']],
      ['commander.unknownOption', ['--tiker']],
      ['commander.unknownOption', ['query', 'sql', '--order-by', 'x']],
      ['commander.excessArguments', ['query', 'cotacoes', '--where', 'vlr_cot > 1', '-q', 'x']],
      ['commander.unknownCommand', ['rnu']],
    ] as const) {
      expect(findUsageHint({ code, args, commands })).toBeUndefined();
    }
  });

  test('what the hint at a comment says works', async () => {
    const lake = ['--lake', await newFolder()];
    const sql = '-- one\nSELECT 1 AS x';
    for (const [args, options] of [
      [['query', 'sql', ...lake, '-'], { input: sql }],
      [['query', 'sql', ...lake, '--', sql], {}],
    ] as const) {
      expect((await pynvest(args, options)).stdout).toBe('x\n1\n');
    }
  });
});
