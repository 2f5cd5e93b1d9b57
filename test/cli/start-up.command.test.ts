/** What every call of the command pays for: the files and modules that are loaded before a command is chosen. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Option } from 'commander';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/program.ts';
import { pynvest } from '../support/command.ts';
import { newFolder } from '../support/folders.ts';

/** Of the program, commander and the declarations of all commands, some 2 KB each; a package more would double it. */
const MAX_BYTES = 180_000;

/** The files of dist/ that a call loads: Node writes them down for a report of coverage. */
async function findLoadedFiles(args: readonly string[]): Promise<string[]> {
  const folder = await newFolder();
  await pynvest(args, { env: { NODE_V8_COVERAGE: folder } });
  const [report = ''] = await readdir(folder);
  const { result } = JSON.parse(await readFile(join(folder, report), 'utf8')) as {
    readonly result: readonly { readonly url: string }[];
  };
  return result
    .map(({ url }) => url)
    .filter((url) => url.includes('/dist/'))
    .map((url) => new URL(url).pathname);
}

test.each([[['--help']], [['--version']], [['run', '--help']]])(
  '%j loads the program, and no code of any command',
  async (args) => {
    const files = await findLoadedFiles(args);
    expect(files.map((file) => basename(file))).toContain('main.js');
    // The entry, the program, and esbuild's own helpers.
    expect(files.length).toBeLessThanOrEqual(3);
    const sources = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(sources.join('').length).toBeLessThan(MAX_BYTES);
    for (const code of ['openLake', 'S3Client', 'fromDate', 'createSite']) {
      expect(sources.join('')).not.toContain(code);
    }
    // Each of these modules of Node takes milliseconds to load.
    expect(sources.join('')).not.toMatch(
      /from"node:(crypto|fs\/promises|http|https|stream|zlib|child_process)"/,
    );
  },
);

test('a command that runs loads its code, and none for templates and for files of Parquet', async () => {
  const files = await findLoadedFiles(['query', 'cotacoes', '--lake', await newFolder()]);
  const sources = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
  expect(sources).toContain('openLake');
  for (const code of ['parseDocument', 'parquetMetadataAsync', 'ParquetWriter']) {
    expect(sources).not.toContain(code);
  }
});

test('each option is declared under the name of its value', () => {
  const definitions = commands.flatMap((each) => ('commands' in each ? each.commands : [each]));
  for (const { options } of definitions) {
    for (const [name, { flags }] of Object.entries(options)) {
      expect(new Option(flags).attributeName(), flags).toBe(name);
    }
  }
});
