import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { addLakeOptions } from '../../src/cli/command-line.ts';
import { reportError } from '../../src/cli/exit.ts';
import { fakeTerminal } from '../support/fake-terminal.ts';
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
    [['tickers', '--tipo', 'fiis'], 'pynvest tickers fiis\n'],
    [['columns', '--tipo=fiis'], 'pynvest columns fiis\n'],
    [['query', '-- one\nSELECT 1'], 'pynvest query sql "SELECT'],
    [['watch', 'PETR4'], 'pynvest watch add PETR4 adds'],
    [
      ['query', 'cotacoes', '--where', 'vlr_cot', '=', '10', '--quiet'],
      "Quote a value that contains spaces: --where 'vlr_cot = 10'\n",
    ],
    [['query', 'indicadores', '--sort', 'vlr_cot', 'desc'], "--sort 'vlr_cot desc'\n"],
    [['cotacoes', '--ticker', 'PETR4'], 'pynvest query cotacoes --ticker PETR4\n'],
    [['petr4'], 'pynvest query cotacoes PETR4 reads the lake, pynvest scrape PETR4 the'],
    [['query', 'PETR4'], 'pynvest query cotacoes PETR4 reads the lake'],
    [['query', 'cotacoes', '--date=2026-11-19'], 'Use --from 2026-11-19 --to 2026-11-19 instead'],
    [['query', 'indicadores', '--order-by', 'vlr_cot'], 'Use --sort vlr_cot:desc instead\n'],
    [
      ['query', 'historico', 'TUCA3', '--sort', 'data'],
      '--sort, --where and --limit belong to query',
    ],
    [
      ['query', 'proventos', '--filter', 'x'],
      'belong to query cotacoes and indicadores; query sql',
    ],
    [['query', 'retorno', 'TUCA3', '--last', '3'], 'here --from 30d begins thirty days ago'],
    [['status', '--json'], 'Use --format json instead\n'],
    [['query', 'sql', 'SELECT', '1'], 'put it between quotes'],
    [['--quiet', 'run'], 'pynvest run --quiet\n'],
    [['--lake', '/my lake', 'query', 'cotacoes'], "query cotacoes --lake '/my lake'\n"],
  ])('%j is told how it is written', async (args, hint) => {
    const { status, stdout, stderr } = await pynvest(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(hint);
  });

  test.each([
    [['demo', 'extra'], 'too many arguments for demo: extra', 'demo --help'],
    [['status', '--format', 'json', 'x'], 'too many arguments for status: x', 'status --help'],
    [['watch', 'list', 'x'], 'too many arguments for watch list: x', 'watch list --help'],
    [['watch', '--format', 'json', 'A3'], 'too many arguments for watch: A3', 'watch --help'],
    [['query', 'sql', '- 1', 'b'], "too many arguments for query sql: '- 1', b", 'quotes'],
    [['run', '--tiker', 'PETR4'], 'there is no option --tiker', 'Did you mean --tickers?'],
    [['--tiker'], 'there is no option --tiker', '`pynvest --help`'],
    [['query', 'sql', '--order-by', 'x'], 'there is no option --order-by', 'query sql --help'],
    [['rnu'], 'there is no command rnu', 'Did you mean run?'],
    [['query', 'cotação', 'A3'], 'there is no command cotação', 'pynvest query cotacoes A3?'],
    [['constructor'], 'there is no command constructor', ''],
    [['query', '-- one\nSELECT 1'], String.raw`there is no command "-- one\nSELECT 1"`, ''],
    [['status', '--format', 'xml'], '--format is "xml": it takes table, json, csv or csv-br', ''],
    [['query', 'cotacoes', '--sort'], '--sort takes a value: --sort <list>', ''],
    [['completion', 'cmd'], '<shell> is "cmd": it takes bash, zsh or fish', ''],
    [['deploy', '--concurency'], 'there is no option --concurency', ''],
  ])('%j is refused in words of ours', async (args, message, hint) => {
    const { status, stdout, stderr } = await pynvest(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`error: ${message}\n`);
    expect(stderr).toContain(hint);
  });

  test('an argument with white space is never an option', async () => {
    const lake = ['--lake', await newFolder()];
    const sql = '-- one\nSELECT 1 AS x';
    for (const [args, options] of [
      [['query', 'sql', ...lake, sql], {}],
      [['query', 'sql', ...lake], { input: sql }],
      [['query', 'sql', ...lake, '-'], { input: sql }],
      [['query', 'sql', ...lake, '--', sql], {}],
    ] as const) {
      expect((await pynvest(args, options)).stdout).toBe('x\n1\n');
    }
    const condition = await pynvest(['query', 'cotacoes', ...lake, '--where', '- 1 > 2']);
    expect(condition.stderr).toContain('  - 1 > 2\n');
  });

  test('help takes the name of a command in a group', async () => {
    const [named, own] = [
      await pynvest(['help', 'query', 'cotacoes']),
      await pynvest(['query', 'cotacoes', '--help']),
    ];
    expect(named).toEqual(own);
    expect(named.stdout).toContain('--where');
  });
});

describe('a command in an error', () => {
  test('repeats the lake that the command line names', async () => {
    const lake = await newFolder();
    const { stderr } = await pynvest(['query', 'cotacoes', '--lake', lake]);
    expect(stderr).toContain(`\`pynvest run --lake ${lake}\``);
  });
});

test('too many open files are no bug of ours', () => {
  const { terminal, stderr } = fakeTerminal();
  const error = Object.assign(new Error('EMFILE: too many open files, open'), { code: 'EMFILE' });
  expect(reportError(error, terminal)).toBe(1);
  expect(stderr()).toMatch(/^error: this process has too many files open\n.*ulimit -n/);
  expect(stderr()).not.toContain('bug');
});

test('an older Node is refused in one sentence', () => {
  const older =
    'Object.defineProperty(process,"versions",{value:{...process.versions,node:"18.20.4"}})';
  const bin = fileURLToPath(new URL('../../bin/pynvest.js', import.meta.url));
  const args = ['--import', `data:text/javascript,${encodeURIComponent(older)}`, bin, '--version'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^pynvest needs Node \d+\.\d+(\.\d+)? or later, and this is Node 18\.20\.4: .*\n$/,
  );
});
