/** The package as npm installs it: complete, small, and its command works without the tools that build it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonRows } from './support/answers.ts';
import { type CommandResult, startProgram } from './support/command.ts';
import { filesBelow, newFolder } from './support/folders.ts';
import { type InstalledPackage, installPackage } from './support/installed-package.ts';
import { startTestSite, type TestSite } from './support/site.ts';
import { smallMarket, tickersOf } from './support/small-market.ts';

const MEGABYTE = 2 ** 20;

let installed: InstalledPackage;
let site: TestSite;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  site = await startTestSite(smallMarket);
  installed = await installPackage();
  env = {
    PYNVEST_FUNDAMENTUS_URL: site.url,
    PYNVEST_LAKE: await newFolder(),
    XDG_CONFIG_HOME: await newFolder(),
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'sa-east-1',
  };
});
afterAll(() => site.close());

function pynvest(...args: readonly string[]): Promise<CommandResult> {
  return startProgram(process.execPath, [installed.command, ...args], { env }).result;
}

describe('the installed package', () => {
  test('has what it needs, and no sources', async () => {
    const root = join(installed.modules, 'pynvest');
    const entries = await readdir(root);
    expect(entries.sort()).toEqual([
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'README.pt-BR.md', 'bin', 'cloudformation'],
      ...['dist', 'docs', 'package.json'],
    ]);
    expect(await filesBelow(join(root, 'dist', 'functions'))).toHaveLength(11);
  });

  test('depends on DuckDB alone: all other packages are in the bundles', async () => {
    const text = await readFile(join(installed.modules, 'pynvest', 'package.json'), 'utf8');
    const { dependencies } = JSON.parse(text) as { dependencies: object };
    expect(Object.keys(dependencies)).toEqual(['@duckdb/node-bindings']);
  });

  test('takes less than 120 MB, its dependencies included', async () => {
    const files = await filesBelow(installed.modules);
    const sizes = await Promise.all(
      files.map(async (file) => (await stat(join(installed.modules, file))).size),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total / MEGABYTE).toBeLessThan(120);
    // pynvest itself, which npm downloads anew with every version.
    const own = sizes.filter((_, index) => files[index]?.startsWith('pynvest/'));
    expect(own.reduce((sum, size) => sum + size, 0) / MEGABYTE).toBeLessThan(10);
  });

  test('names the packages in the bundles, and their licenses', async () => {
    const file = join(installed.modules, 'pynvest', 'dist', 'THIRD-PARTY-LICENSES.txt');
    const licenses = await readFile(file, 'utf8');
    for (const name of ['commander', '@duckdb/node-api', '@aws-sdk/client-sqs', 'hyparquet']) {
      expect(licenses).toMatch(new RegExp(`^${name} \\d+\\.\\d+`, 'm'));
    }
  });

  test('runs the demo', async () => {
    const { status, stdout } = await pynvest(
      ...['demo', '--format', 'json', '--lake', join(await newFolder(), 'demo')],
    );
    expect(status).toBe(0);
    expect(jsonRows(stdout).length).toBeGreaterThan(0);
  });

  test('collects a day, and answers questions about it', async () => {
    expect(await pynvest('run', '--quiet')).toMatchObject({ status: 0 });
    const { status, stdout } = await pynvest('query', 'cotacoes', '--format', 'json');
    expect(status).toBe(0);
    expect(jsonRows(stdout).map((row) => row['codigo_ticker_ativo'])).toEqual(
      tickersOf(smallMarket),
    );
  });

  test.each(['plan', 'deploy'])('%s without credentials says how to log in', async (command) => {
    const { status, stdout, stderr } = await pynvest(command);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^error: no AWS credentials: .*\n.*--profile NAME/);
  });
});
