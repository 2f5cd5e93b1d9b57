import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandFile, pynvest as startedPynvest, startProgram } from '../support/command.ts';
import { newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';
import { quote, writeQuotes } from '../support/made-up-lake.ts';
import { specTable } from '../support/tables.ts';

const PRICES = `SELECT vlr_cot FROM ${specTable.database}.${specTable.name}`;

describe('the environment', () => {
  test.each([
    ['PYNVEST_CONCURRENCY', '0'],
    ['PYNVEST_PAUSE_MS', 'soon'],
    ['PYNVEST_TIMEOUT_MS', '-5'],
    ['PYNVEST_RETRIES', '1.5'],
    ['PYNVEST_BACKOFF_MS', '1s'],
    ['PYNVEST_FUNDAMENTUS_URL', 'localhost'],
  ])('with a wrong %s is refused with status 2, by its name', async (name, value) => {
    const { status, stdout, stderr } = await pynvest(['tickers'], { env: { [name]: value } });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`error: ${name} is ${JSON.stringify(value)}`);
  });

  test('names the lake, and --lake before it', async () => {
    const [first, second] = [await newFolder(), await newFolder()];
    await writeQuotes(first, '2026-11-20', [quote('PETR4', 1)]);
    await writeQuotes(second, '2026-11-20', [quote('PETR4', 2)]);
    const env = { PYNVEST_LAKE: first };
    expect((await pynvest(['query', 'sql', PRICES], { env })).stdout).toBe('vlr_cot\n1\n');
    const named = await pynvest(['query', 'sql', PRICES, '--lake', second], { env });
    expect(named.stdout).toBe('vlr_cot\n2\n');
  });

  test.runIf(process.platform === 'linux')(
    'puts the lake into the platform’s data folder where none is named',
    async () => {
      const data = await newFolder();
      const lake = join(data, 'pynvest', 'lake');
      await mkdir(lake, { recursive: true });
      await writeQuotes(lake, '2026-11-20', [quote('PETR4', 3)]);
      const answer = await pynvest(['query', 'sql', PRICES], { env: { XDG_DATA_HOME: data } });
      expect(answer.stdout).toBe('vlr_cot\n3\n');
    },
  );
});

describe('a lake that is a file', () => {
  test('is refused with status 1 by what writes and what reads', async () => {
    const file = join(await newFolder(), 'lake');
    await writeFile(file, 'x');
    const site = { PYNVEST_FUNDAMENTUS_URL: 'http://127.0.0.1:1', PYNVEST_RETRIES: '0' };
    for (const lake of [file, join(file, 'below')]) {
      const written = await pynvest(['run', '--lake', lake], { env: site });
      expect(written).toMatchObject({ status: 1, stdout: '' });
      expect(written.stderr).toBe(
        `error: cannot write ${lake}: a part of the path is a file, not a folder\n` +
          'Name a folder: --lake DIR.\n',
      );
    }
    for (const args of [['sql', PRICES], ['cotacoes'], ['indicadores', '--ticker', 'PETR4']]) {
      const { status, stdout, stderr } = await pynvest(['query', ...args, '--lake', file]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(file);
      expect(stderr).not.toContain('bug in pynvest');
    }
  });
});

test.runIf(process.platform === 'linux')(
  'a lake in a place that takes no folders is refused with status 1',
  async () => {
    const lake = '/proc/pynvest/lake';
    const { status, stderr } = await pynvest(['run', '--lake', lake]);
    expect(status).toBe(1);
    expect(stderr).toContain(`error: cannot write ${lake}: the folder cannot be created there\n`);
  },
);

describe('colors', () => {
  /** Runs the command on a terminal that `script` makes up; answers all that it shows there. */
  async function onTerminal(args: string, env: Record<string, string> = {}): Promise<string> {
    const line = `stty cols 80 && '${process.execPath}' '${commandFile}' ${args}`;
    const started = startProgram('script', ['-qec', line, '/dev/null'], {
      env: { TERM: 'xterm', ...env },
    });
    return (await started.result).stdout;
  }
  const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

  test.runIf(hasScript)('are on a terminal, and not with --no-color or NO_COLOR', async () => {
    expect(await onTerminal('tickers xyz')).toContain('\u001b[31merror:');
    expect(await onTerminal('run --tiker x')).toContain('\u001b[31merror:');
    expect(await onTerminal('run --tiker x --no-color')).not.toContain('\u001b[31m');
    expect(await onTerminal('tickers xyz --no-color')).not.toContain('\u001b');
    expect(await onTerminal('tickers xyz', { NO_COLOR: '1' })).not.toContain('\u001b');
    expect(await onTerminal('tickers xyz', { NO_COLOR: '' })).toContain('\u001b[31m');
  });

  test.runIf(hasScript)('are in a table on a terminal, unless NO_COLOR is set', async () => {
    const lake = await newFolder();
    await writeQuotes(lake, '2026-11-19', [quote('PETR4', 1, { pct_var_dia: -0.0066 })]);
    const line = `query cotacoes --lake '${lake}'`;
    const shown = await onTerminal(line, { NO_COLOR: '' });
    expect(shown).toContain('\u001b[31m-0,66%\u001b[39m');
    const plain = await onTerminal(line, { NO_COLOR: '1' });
    expect(plain).toContain('-0,66%');
    expect(plain).not.toContain('\u001b');
  });

  test('are in no pipe', async () => {
    const { stderr } = await startedPynvest(['tickers', 'xyz'], { env: { TERM: 'xterm' } });
    expect(stderr).not.toContain('\u001b');
  });
});

describe('a stack trace', () => {
  test('is shown with --verbose only', async () => {
    const args = ['run', '--tickers', 'x'];
    expect((await startedPynvest(args)).stderr).not.toMatch(/^ {4}at /m);
    const { status, stdout, stderr } = await startedPynvest([...args, '--verbose']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: "x" is not a B3 ticker\n/);
    expect(stderr).toMatch(/^ {4}at /m);
  });
});
