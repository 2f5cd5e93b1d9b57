import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { splitWords } from '../../../src/cli/completion-candidates.ts';
import { commandFile, startProgram } from '../../support/command.ts';
import { newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { quote, writeQuotes } from '../../support/made-up-lake.ts';
import { specTable } from '../../support/tables.ts';

let folder: string;
let lake: string;
let env: Record<string, string>;
beforeAll(async () => {
  folder = await newFolder();
  lake = join(folder, 'a lake');
  await writeQuotes(lake, '2026-11-19', [quote('OLDD3', 1)]);
  await writeQuotes(lake, '2026-11-20', [quote('PETR4', 1), quote('PETR3', 1), quote('VALE3', 1)]);
  env = {
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_DATA_HOME: join(folder, 'data'),
    PYNVEST_LAKE: lake,
    // The command by its name, as a person has it.
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
  };
  await mkdir(join(folder, 'bin'));
  const command = join(folder, 'bin', 'pynvest');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${commandFile}' "$@"\n`);
  await chmod(command, 0o755);
  await pynvest(['watch', 'add', 'HGLG11', 'PETR4'], { env });
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, stderr } = await pynvest(['completion', shell]);
    if (stderr !== '') throw new Error(stderr);
    await writeFile(join(folder, `completion.${shell}`), stdout);
  }
});

/** What bash, with the script sourced, would offer for a line with the cursor at its end. */
async function inBash(line: string, own: Record<string, string> = {}): Promise<string[]> {
  const script = `
source "$1"
complete -p pynvest >/dev/null || exit 3
COMP_LINE=$2 COMP_POINT=\${#2}
_pynvest pynvest || exit 4
for each in "\${COMPREPLY[@]}"; do printf '%s\\n' "$each"; done`;
  const args = ['-c', script, 'bash', join(folder, 'completion.bash'), line];
  const { status, stdout, stderr } = await startProgram('bash', args, { env: { ...env, ...own } })
    .result;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').slice(0, -1);
}

describe('the completion of bash', () => {
  let wordBreaks: string;
  beforeAll(async () => {
    const args = ['-c', 'printf %s "$COMP_WORDBREAKS"'];
    wordBreaks = (await startProgram('bash', args, { env }).result).stdout;
    expect(wordBreaks).toContain('=');
  });

  test.each([
    ['pynvest q', ['query']],
    [
      'pynvest query ',
      ['cotacoes', 'indicadores', 'historico', 'proventos', 'retorno', 'sql', 'help'],
    ],
    // bash breaks words at = and :, and replaces what stands behind.
    ['pynvest query cotacoes --format=p', ['parquet']],
    ['pynvest query cotacoes --sort vlr_cot:', ['asc', 'desc']],
    ['pynvest query cotacoes --sort vlr_cot:desc,pct_var_d', ['desc,pct_var_dia']],
    [
      'pynvest query cotacoes --ticker PETR4,',
      ['HGLG11', 'PETR3', 'VALE3'].map((t) => `PETR4,${t}`),
    ],
    ['LANG=C pynvest de', ['demo', 'dedup', 'deploy', 'destroy']],
    ['pynvest nonsense ', []],
  ])('offers for %j', async (line, expected) => {
    expect((await inBash(line)).toSorted()).toEqual([...expected].sort());
  });

  // bash takes these lines of the answer over as it does those above: the answer is what they differ in. It puts no
  // space behind a word that a comma or a colon can follow.
  test.each([
    ['pynvest query cotacoes --wa', 'space', ['--watchlist']],
    [
      'pynvest query cotacoes --format ',
      'space',
      ['table', 'json', 'csv', 'csv-br', 'parquet', 'xlsx'],
    ],
    ['pynvest run --target a', 'space', ['aws']],
    ['pynvest run --tipo ', 'space', ['acoes', 'fiis']],
    ['pynvest query cotacoes --tipo ', 'space', ['acoes', 'fiis']],
    ['pynvest scrape --ticker V', 'nospace', ['VALE3']],
    ['pynvest tickers ', 'space', ['acoes', 'fiis']],
    ['pynvest columns ', 'space', ['acoes', 'fiis', 'cotacoes']],
    ['pynvest redrive --queue ', 'space', ['acoes', 'fiis']],
    ['pynvest iam-policy --for c', 'space', ['collect']],
    ['pynvest logs get-t', 'space', ['get-tickers']],
    ['pynvest logs sfn', 'space', ['sfn-dedup-sot-spec-tables']],
    ['pynvest logs get-tickers ', 'space', []],
    ['pynvest completion ', 'space', ['bash', 'zsh', 'fish']],
    ['pynvest query cotacoes --columns vlr_m', 'nospace', ['vlr_min_52_sem', 'vlr_max_52_sem']],
    ['pynvest query indicadores --columns vlr_cot,vlr_ind_roe', 'nospace', ['vlr_cot,vlr_ind_roe']],
    ['pynvest query cotacoes --columns vlr_ind_roe', 'nospace', []],
    ['pynvest query historico --columns vlr_f', 'nospace', ['vlr_fechamento']],
    ['pynvest query cotacoes --ticker pe', 'nospace', ['PETR4', 'PETR3']],
    ['pynvest scrape VALE3 H', 'space', ['HGLG11']],
    ['pynvest watch add V', 'space', ['VALE3']],
    ['pynvest watch remove ', 'space', ['HGLG11', 'PETR4']],
    ['pynvest query cotacoes --output x', 'space', []],
    ['pynvest query cotacoes --last 3 --sor', 'space', ['--sort']],
  ])('is answered for %j', async (line, spacing, expected) => {
    const { status, stdout, stderr } = await pynvest(['complete', 'bash', '--', wordBreaks, line], {
      env,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [first, ...offered] = stdout.split('\n').slice(0, -1);
    expect(first).toBe(spacing);
    expect(offered.toSorted()).toEqual([...expected].sort());
  });

  test('offers for logs what the template has logs of', async () => {
    const template = await readFile('cloudformation/pynvest.yaml', 'utf8');
    const offered = await inBash('pynvest logs ');
    expect(offered).toHaveLength(11);
    for (const name of offered) expect(template).toMatch(new RegExp(`-(lambda-)?${name}'`));
  });

  test('offers nothing of a lake that is no ticker', async () => {
    const foreign = join(folder, 'foreign');
    await writeQuotes(foreign, '2026-11-20', [
      quote('ITUB4', 1),
      quote('$(touch x)', 1),
      quote('I; rm', 1),
    ]);
    expect(await inBash(`pynvest query cotacoes --lake '${foreign}' --ticker `)).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/[^A-Z0-9]/)]),
    );
    expect(await inBash(`pynvest query cotacoes --lake '${foreign}' --ticker I`)).toEqual([
      'ITUB4',
    ]);
  });

  test('finds the tickers of the lake that is on the line', async () => {
    const other = join(folder, 'other');
    await writeQuotes(other, '2026-11-20', [quote('ITUB4', 1)]);
    expect(await inBash(`pynvest query cotacoes --lake '${other}' --ticker I`)).toEqual(['ITUB4']);
    expect(await inBash(`pynvest query cotacoes --ticker I`)).toEqual([]);
  });

  test('runs nothing of what is on the line', async () => {
    const made = join(folder, 'made');
    for (const line of [
      `pynvest query sql "$(touch '${made}')" --f`,
      `pynvest query sql \`touch '${made}'\` --f`,
      `pynvest query sql '; touch "${made}"' --f`,
    ]) {
      expect(await inBash(line)).toEqual(['--format']);
    }
    await expect(stat(made)).rejects.toThrow('ENOENT');
  });

  test('offers what it can, and says nothing, where the lake and the watchlist are broken', async () => {
    const broken = await newFolder();
    const path = await writeQuotes(broken, '2026-11-20', [quote('PETR4', 1)]);
    await writeFile(path, 'no parquet');
    await mkdir(join(broken, 'pynvest'));
    await writeFile(join(broken, 'pynvest', 'watchlist.txt'), '{');
    const own = { PYNVEST_LAKE: broken, XDG_CONFIG_HOME: broken };
    expect(await inBash('pynvest query cotacoes --ticker ', own)).toEqual([]);
    expect(await inBash('pynvest watch remove ', own)).toEqual([]);
    expect(await inBash('pynvest query cotacoes --sor', own)).toEqual(['--sort']);
    const nowhere = { PYNVEST_LAKE: join(broken, 'none') };
    expect(await inBash('pynvest query cotacoes --ticker H', nowhere)).toEqual(['HGLG11']);
  });
});

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

describe.runIf(has('fish'))('the completion of fish', () => {
  const inFish = async (line: string): Promise<string[]> => {
    const script = `source '${join(folder, 'completion.fish')}'; complete -C '${line}'`;
    const { stdout, stderr } = await startProgram('fish', ['-N', '-c', script], {
      env: { ...env, HOME: folder },
    }).result;
    expect(stderr).toBe('');
    return stdout.split('\n').slice(0, -1);
  };

  test('offers values, with what they are', async () => {
    const price = specTable.columns.find(({ name }) => name === 'vlr_cot');
    expect(await inFish('pynvest query cotacoes --sort vlr_c')).toEqual([
      `vlr_cot\t${price?.description}`,
    ]);
    expect(await inFish('pynvest query cotacoes --sort vlr_cot:d')).toEqual(['vlr_cot:desc']);
    expect(await inFish('pynvest query cotacoes --format=p')).toEqual(['--format=parquet']);
    expect(await inFish('pynvest watch remove ')).toEqual(['HGLG11', 'PETR4']);
  });
});

describe.runIf(has('zsh'))('the script of zsh', () => {
  test('is one that zsh can read and take up', async () => {
    const script = `autoload -U compinit; compinit -u -D; source '${join(folder, 'completion.zsh')}'; print -r -- $_comps[pynvest]`;
    const { stdout, stderr } = await startProgram('zsh', ['-f', '-c', script], { env }).result;
    expect({ stdout, stderr }).toEqual({ stdout: '_pynvest\n', stderr: '' });
  });
});

describe('the answer for zsh', () => {
  test('has what _describe takes: the value with its colons marked, and what it is', async () => {
    const asked = async (...words: string[]) =>
      (await pynvest(['complete', 'zsh', '--', ...words], { env })).stdout;
    expect(await asked('query', 'cotacoes', '--sort', 'vlr_cot:d')).toBe(
      'nospace\nvlr_cot\\:desc\n',
    );
    expect(await asked('watch', 'cl')).toBe('space\nclear:remove all tickers from the watchlist\n');
  });
});

describe('a line', () => {
  test.each([
    ['pynvest query  sql', ['pynvest', 'query', 'sql']],
    ['pynvest ', ['pynvest', '']],
    ["a 'b c' d", ['a', 'b c', 'd']],
    ['a "b \\" c" d\\ e', ['a', 'b " c', 'd e']],
    ["a 'open quote", ['a', 'open quote']],
    ['', ['']],
  ])('%j falls into its words', (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });
});
