import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { demoMarket } from '../../../src/demo/market.ts';
import { csvLines, jsonRows } from '../../support/answers.ts';
import { startPynvest } from '../../support/command.ts';
import { newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { mountSmallDisk, remount } from '../../support/small-disk.ts';
import { tickersOf } from '../../support/small-market.ts';
import { specTable } from '../../support/tables.ts';

const disk = mountSmallDisk();

const columns = ['anomesdia_exec', ...specTable.columns.map(({ name }) => name)];

/** The demo's lake goes to a folder of the test; whatever would reach the network fails. */
async function environment(): Promise<Record<string, string>> {
  return { TMPDIR: await newFolder(), HTTPS_PROXY: 'http://127.0.0.1:1' };
}

describe.runIf(disk !== undefined)('pynvest demo on a disk of 64 KB', () => {
  const root = disk ?? '';

  test('that is full by the end leaves nothing there, and says what to do', async () => {
    await writeFile(join(root, 'filler'), new Uint8Array(44_000));
    const { status, stdout, stderr } = await pynvest(['demo'], { env: { TMPDIR: root } });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /error: cannot write .*: the disk is full\nFree some space and run the command again\.\n$/,
    );
    expect(await readdir(root)).toEqual(['filler']);
  });

  test('that takes no folder says how another is named', async () => {
    remount(root, 'ro');
    try {
      expect(await pynvest(['demo'], { env: { TMPDIR: root } })).toEqual({
        status: 1,
        stdout: '',
        stderr:
          `error: cannot make a folder in ${root}: the disk is read-only\n` +
          'TMPDIR=DIR names another place for temporary files.\n',
      });
    } finally {
      remount(root, 'rw');
    }
  });
});

test('pynvest demo that is interrupted leaves nothing', async () => {
  const folder = await newFolder();
  const { process, result, says } = startPynvest(['demo'], { env: { TMPDIR: folder } });
  await says('A fictional market');
  process.kill('SIGINT');
  const { status, stderr } = await result;
  // On a busy machine it may have come to its end before the signal: its lake stays then.
  if (status === 0) return expect(await readdir(folder)).toHaveLength(1);
  expect(status).toBe(130);
  expect(stderr).toMatch(/Interrupted\. The demo lake is removed\.\n$/);
  expect(await readdir(folder)).toEqual([]);
});

describe('pynvest demo', () => {
  test('prints the quotes of the fictional market as CSV into a pipe, all else on stderr', async () => {
    const env = await environment();
    const { status, stdout, stderr } = await pynvest(['demo'], { env });
    expect(status).toBe(0);
    const [header, ...rows] = csvLines(stdout);
    expect([...(header ?? [])].sort()).toEqual([...columns].sort());
    expect(rows.map((row) => row[1])).toEqual(tickersOf(demoMarket));
    expect(stderr).toContain(`Stored ${demoMarket.length} of ${demoMarket.length} tickers`);
    expect(stderr).toContain('pynvest query indicadores --ticker');
    expect(stderr).toContain('pynvest run');
    expect(stderr).not.toContain('!');
  });

  test('leaves a lake that answers as its next steps say', async () => {
    const env = await environment();
    const { stderr } = await pynvest(['demo', '--format', 'csv'], { env });
    const steps = [...stderr.matchAll(/^ {2}pynvest (query .*)$/gm)].map(([, step]) => step ?? '');
    expect(steps).toHaveLength(2);
    for (const step of steps) {
      const args = [...step.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
      const answer = await pynvest(
        args.flatMap((arg) => arg ?? []),
        { env },
      );
      expect(answer).toMatchObject({ status: 0, stderr: '' });
      expect(answer.stdout.trimEnd().split('\n').length).toBeGreaterThan(1);
    }
  });

  test('prints a JSON array of flat objects, and nothing else anywhere with --quiet', async () => {
    const env = await environment();
    const args = ['demo', '--format', 'json', '--quiet'];
    const { status, stdout, stderr } = await pynvest(args, { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const rows = jsonRows(stdout);
    expect(rows).toHaveLength(demoMarket.length);
    for (const row of rows) {
      expect(Object.keys(row).sort()).toEqual([...columns].sort());
      expect(row['anomesdia_exec']).toBeTypeOf('number');
      expect(row['vlr_cot']).toBeTypeOf('number');
      expect(row['dt_ult_cot']).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    }
    expect(rows.find((row) => row['codigo_ticker_ativo'] === 'MANG3')).toMatchObject({
      tipo_ativo: 'Ação',
      nome_ativo: 'MANGABA VAREJO SA',
      vlr_cot: 3.41,
      pct_var_dia: -0.0475,
      dt_ult_cot: '2026-11-19',
    });
  });

  test('prints a table with the quote first where it is asked for', async () => {
    const env = await environment();
    const { status, stdout } = await pynvest(['demo', '--format', 'table', '-q'], { env });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^anomesdia_exec +codigo_ticker_ativo +vlr_cot +pct_var_dia/);
    expect(stdout).not.toContain('\u001b');
  });
});
