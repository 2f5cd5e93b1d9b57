import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { commandFile, startProgram } from '../support/command.ts';
import { newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';

describe('the command', () => {
  test('says on stdout how it is used, and which version it is', async () => {
    const help = await pynvest(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    for (const name of [
      'demo',
      'tickers',
      'scrape',
      'run',
      'backfill',
      'dedup',
      'query',
      'columns',
      'doctor',
      'watch',
      'completion',
    ]) {
      expect(help.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
    expect(help.stdout).not.toMatch(/^ {2}complete /m);
    expect(await pynvest(['--version'])).toEqual({
      status: 0,
      stdout: `${packageJson.version}\n`,
      stderr: '',
    });
  });

  test.each([
    [['run', '--help'], '--tickers <list>'],
    [['query', '--help'], 'indicadores'],
    [['query', 'sql', '--help'], 'db_pynvest_spec.tbspec_fundamentus_cotacao_ativos'],
    [['help', 'doctor'], '--lake <dir>'],
  ])('says how %j is used', async (args, text) => {
    const { status, stdout, stderr } = await pynvest(args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(text);
  });

  test.each([
    [['help'], ['--help']],
    [['help', 'help'], ['--help']],
    [
      ['help', 'run', 'PETR4'],
      ['run', '--help'],
    ],
    [
      ['query', 'help'],
      ['query', '--help'],
    ],
    [
      ['query', 'help', 'cotacoes'],
      ['query', 'cotacoes', '--help'],
    ],
  ])('%j is %j, in a process of its own, too', async (asked, same) => {
    const process = startProgram(commandFile, asked);
    expect(await process.result).toEqual(await pynvest(same));
  });

  test.each([
    [['help', 'qery'], 'Did you mean query?'],
    [['help', 'query', 'cotacao'], 'Did you mean pynvest query cotacoes?'],
  ])('%j is no help about everything', async (args, text) => {
    const { status, stdout, stderr } = await pynvest(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(text);
  });

  test('groups commands by what a person wants, and has those of AWS last', async () => {
    const { stdout } = await pynvest(['--help']);
    const headings = stdout.split('\n').filter((line) => /^[A-Z].*:$/.test(line));
    expect(headings).toEqual(['Options:', 'Ask:', 'Collect:', 'Look after:', 'AWS:', 'Commands:']);
    expect(stdout).toMatch(/^AWS:\n {2}deploy /m);
    expect(stdout).toMatch(/^Ask:\n {2}query /m);
  });

  test.each(['cotacoes', 'indicadores', 'historico', 'proventos', 'retorno', 'sql'])(
    'begins the help of query %s with examples, and ends its options with those of AWS',
    async (name) => {
      const { stdout } = await pynvest(['query', name, '--help']);
      expect(stdout).toMatch(new RegExp(`^Examples:\\n {2}pynvest query ${name} `));
      const headings = stdout.split('\n').filter((line) => /^(?:Options|Output|AWS):$/.test(line));
      expect(headings).toEqual(['Options:', 'Output:', 'AWS:']);
      expect(stdout.split('\nAWS:\n')[1]).toMatch(/--stack-name.*--region.*--profile/s);
    },
  );

  test.each(['query', 'import'])(
    'begins the help of %s with examples of its commands',
    async (name) => {
      const { stdout } = await pynvest([name, '--help']);
      const [examples = ''] = stdout.split('\nUsage: ');
      const listed = [...examples.matchAll(new RegExp(`^ {2}pynvest ${name} (\\w+) `, 'gm'))];
      const commands = [...(stdout.split('\nCommands:\n')[1] ?? '').matchAll(/^ {2}(\w+)/gm)];
      expect(listed.map(([, each]) => each)).toEqual(
        commands.map(([, each]) => each).filter((each) => each !== 'help'),
      );
    },
  );

  test('goes on with an example on the next line as a shell does', async () => {
    const { stdout } = await pynvest(['query', 'indicadores', '--help'], {
      env: { COLUMNS: '40' },
    });
    expect(stdout).toContain('pynvest query indicadores ITUB4 \\\n    HGLG11 --columns');
  });

  test.each([
    ['query'],
    ['query', 'cotacoes'],
    ['query', 'sql'],
    ['import', 'cotahist'],
    ['report'],
  ])('no line of the help of %s %s is wider than 40 columns, but of one word', async (...words) => {
    const { stdout } = await pynvest([...words, '--help'], { columns: 40 });
    const wide = stdout.split('\n').filter((line) => line.length > 40);
    expect(wide.filter((line) => line.trim().includes(' '))).toEqual([]);
    expect(stdout).toContain('Usage: pynvest');
    if (words.length === 1) expect(wide).toEqual([]);
  });

  test.each([
    [['dmeo'], 'there is no command dmeo'],
    [['run', '--tiker', 'PETR4'], 'there is no option --tiker'],
    [['query', 'cotacao'], 'there is no command cotacao'],
    [['demo', 'extra'], 'too many arguments for demo: extra\n'],
    [['watch', 'add'], 'no ticker was named'],
    [['completion', 'tcsh'], 'it takes bash, zsh or fish'],
    [['tickers', '--format', 'xml'], 'it takes table, json, csv, csv-br, parquet or xlsx'],
    [['demo', '--format', 'xml'], 'it takes table, json, csv or csv-br'],
    [['tickers', '--format'], '--format takes a value'],
  ])('refuses %j with status 2 on stderr', async (args, text) => {
    const { status, stdout, stderr } = await pynvest(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(text);
  });

  test('says what it can do on stderr, with status 2, without a command', async () => {
    for (const args of [[], ['query']]) {
      const { status, stdout, stderr } = await pynvest(args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain('Usage: pynvest');
    }
  });

  test('suggests the command and the option that may be meant', async () => {
    expect((await pynvest(['dmeo'])).stderr).toContain('Did you mean demo?');
    expect((await pynvest(['run', '--tiker', 'A'])).stderr).toContain('Did you mean --tickers?');
  });

  test('fits its help and its tables into COLUMNS where they go into a pipe', async () => {
    const widest = (text: string): number =>
      Math.max(...text.split('\n').map((line) => line.length));
    const env = { COLUMNS: '60' };
    expect(widest((await pynvest(['run', '--help'], { env })).stdout)).toBeLessThanOrEqual(60);
    const columns = Array.from({ length: 12 }, (_, at) => `'a text of some length' AS c${at}`);
    const args = ['query', 'sql', `SELECT ${columns}`, '--lake', await newFolder()];
    const table = [...args, '--format', 'table'];
    expect(widest((await pynvest(table)).stdout)).toBeGreaterThan(200);
    const narrow = await pynvest(table, { env });
    expect(widest(narrow.stdout)).toBeLessThanOrEqual(60);
    expect((await pynvest(args, { env })).stdout).toContain('c0,c1,');
  });

  test.each([40, 60])(
    'fits every help into %i columns, but for words that are longer',
    async (width) => {
      for (const words of [[], ['run'], ['query', 'cotacoes'], ['status'], ['deploy'], ['watch']]) {
        const { stdout } = await pynvest([...words, '--help'], { env: { COLUMNS: String(width) } });
        const tooLong = stdout.split('\n').filter((line) => line.length > width);
        expect(tooLong.filter((line) => !/^Usage: |^ *\S+$/.test(line))).toEqual([]);
        expect(stdout).toContain('display help');
      }
    },
  );

  test('says how it is built where it is not', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'bin'));
    await copyFile(commandFile, join(folder, 'bin', 'pynvest.js'));
    const manifest = fileURLToPath(new URL('../../package.json', import.meta.url));
    await copyFile(manifest, join(folder, 'package.json'));
    const started = startProgram(process.execPath, [join(folder, 'bin', 'pynvest.js'), '--help']);
    const { status, stdout, stderr } = await started.result;
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('npm run build');
    expect(stderr).not.toContain('    at ');
  });
});
