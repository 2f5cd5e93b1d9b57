/** `pynvest report`: which file it writes, of what, and what it refuses. The page in a browser is in `test/report`. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createLocalLake } from '../../../src/lake/local/lake.ts';
import { filesBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { writeLongHistory } from '../../support/long-history.ts';
import { deadUrl } from '../../support/raw-server.ts';
import { createReportLake } from '../../support/report-lake.ts';

let lake: string;
let folder: string;
beforeAll(async () => {
  lake = await createReportLake(['TUCA3'], '2026-06-01');
  folder = await newFolder();
});

const report = async (...words: string[]) => pynvest(['report', '--lake', lake, ...words]);

describe('pynvest report', () => {
  test('replaces a report, and no other file', async () => {
    const path = join(folder, 'one.html');
    const first = await report('TUCA3', '-o', path);
    expect({ status: first.status, stdout: first.stdout }).toEqual({ status: 0, stdout: '' });
    expect(first.stderr).toMatch(/^Wrote .*one\.html: 1 asset, \d+ KB\. Open it in a browser\.\n$/);
    expect((await report('TUCA3', '-o', path)).status).toBe(0);
    const other = join(folder, 'mine.html');
    await writeFile(other, '<p>mine</p>');
    const { status, stderr } = await report('TUCA3', '-o', other);
    expect(status).toBe(1);
    expect(stderr).toContain('mine.html already exists, and pynvest did not create it');
    expect(await readFile(other, 'utf8')).toBe('<p>mine</p>');
    expect((await filesBelow(folder)).sort()).toEqual(['mine.html', 'one.html']);
  });

  test('to stdout is the same page', async () => {
    const { status, stdout, stderr } = await report('TUCA3', '-o', '-');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^<!doctype html>\n<html lang="pt-BR">/);
    expect(stdout).toContain(
      '<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;;',
    );
  });

  test('shows what there is, and names what there is not', async () => {
    const { status, stdout, stderr } = await report('TUCA3', 'NADA3', '-o', '-');
    expect(status).toBe(3);
    expect(stderr).toContain('NADA3: the lake has nothing of it');
    expect(stdout).toContain('<h1>Relatório de TUCA3</h1>');
    expect((await report('TUAC3', '-o', '-')).stderr).toContain('Did you mean TUCA3?');
    expect((await report('TUCA3', '-o', folder)).status).toBe(2);
    const none = await report('NADA3', '-o', join(folder, 'none.html'));
    expect(none.status).toBe(1);
    expect(none.stderr).toContain(`the lake at ${lake} has nothing of NADA3`);
    expect(await filesBelow(folder)).not.toContain('none.html');
    const before = await report('TUCA3', '--to', '1990', '-o', join(folder, 'none.html'));
    expect(before.stderr).toContain(`the lake at ${lake} has nothing of TUCA3 up to 31/12/1990`);
    const after = await report('TUCA3', '--from', '2090', '-o', '-');
    expect(after.stdout).toContain('não tem preços deste ativo nos dias desta página');
  });

  test('of prices alone has no indicators and no rankings; without CDI it says so', async () => {
    const prices = await newFolder();
    await writeLongHistory(createLocalLake(prices), {
      tickers: ['TUCA3'],
      ...{ from: '2026-06-01', to: '2026-11-19', hasRates: false },
    });
    const { status, stdout, stderr } = await pynvest(
      ['report', 'TUCA3', '--lake', prices, '-o', '-'],
      { env: { PYNVEST_BCB_URL: await deadUrl(), PYNVEST_RETRIES: '0' } },
    );
    expect(status).toBe(3);
    expect(stderr).toContain('the lake does not have all values of CDI for these days');
    expect(stdout).toContain('O data lake não tem o CDI destes dias.');
    expect(stdout).not.toContain('<h3>Indicadores</h3>');
    expect(stdout).not.toContain('id="rankings"');
    expect(stdout.slice(0, stdout.indexOf('<script>'))).not.toMatch(/NaN|undefined/);
  });

  test.each([
    [[], 'report needs a ticker'],
    [['TUCA3', '-o', '/no/such/folder/report.html'], 'there is no such folder'],
    [['TUCA3', '-o', ''], '--output takes the path of a file'],
    [['TUCA3', '--from', '2026-11-19', '--to', '2026-11-18'], 'comes after'],
  ])('%j is wrong usage', async (words, message) => {
    const { status, stdout, stderr } = await report(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
