import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { specTable, tables } from '../../src/catalog/tables.ts';
import { createLocalLake, filePath } from '../../src/lake/local-lake.ts';
import { jsonRows, type PrintedRow } from '../support/answers.ts';
import { pynvest } from '../support/command.ts';
import { collectDay } from '../support/days.ts';
import { contentsBelow, filesBelow, newFolder } from '../support/folders.ts';
import { day } from '../support/made-up-lake.ts';
import { startTestSite, type TestSite } from '../support/site.ts';
import { smallMarket } from '../support/small-market.ts';

const quotes = { table: specTable, partition: day('2026-11-20'), name: 'dedup' };

let site: TestSite;
let good: string;
let env: Record<string, string>;
beforeAll(async () => {
  site = await startTestSite(smallMarket);
  env = { PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_RETRIES: '0' };
  good = await newFolder();
  await collectDay(good, smallMarket, { partition: day('2026-11-20') });
});
afterAll(() => site.close());

async function copyOfLake(): Promise<string> {
  const lake = await newFolder();
  await cp(good, lake, { recursive: true });
  return lake;
}

const doctor = (lake: string, ...args: string[]) =>
  pynvest(['doctor', '--lake', lake, ...args], { env });

/** What the doctor found of one thing. */
function finding(stdout: string, check: string): PrintedRow | undefined {
  return jsonRows(stdout).find((row) => row['check'] === check);
}

describe('pynvest doctor', () => {
  test('finds no problem with a good lake and a site that answers, and changes nothing', async () => {
    const before = await contentsBelow(good);
    const { status, stdout, stderr } = await doctor(good, '--format', 'json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'No problem found.\n' });
    const rows = jsonRows(stdout);
    expect(rows.map((row) => row['check'])).toEqual([
      'lake-folder',
      'lake-lock',
      'lake-leftovers',
      ...tables.map(({ name }) => name),
      'lake-days',
      'site-acoes',
      'site-fiis',
    ]);
    expect(rows.every((row) => row['status'] === 'ok')).toBe(true);
    expect(finding(stdout, specTable.name)?.['detail']).toBe(
      '1 days, the newest 2026-11-20 with 5 tickers',
    );
    expect(await contentsBelow(good)).toEqual(before);
  });

  test('names a broken file and how to mend it', async () => {
    const lake = await copyOfLake();
    const path = filePath(lake, quotes);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 10));
    const { status, stdout, stderr } = await doctor(lake, '--format', 'json');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '1 problems found.\n' });
    const found = finding(stdout, specTable.name);
    expect(found?.['status']).toBe('problem');
    expect(found?.['detail']).toContain(path);
    expect(found?.['remedy']).toContain('pynvest backfill --date 2026-11-20');
  });

  test('sees a file that ends well and cannot be read, and a ticker that is there twice', async () => {
    const lake = await copyOfLake();
    const path = filePath(lake, quotes);
    const bytes = await readFile(path);
    bytes.fill(0xff, 8, bytes.length - 300);
    await writeFile(path, bytes);
    const spoiled = await doctor(lake, '--format', 'json');
    expect(spoiled.status).toBe(1);
    expect(finding(spoiled.stdout, specTable.name)?.['detail']).toContain(path);

    const twice = await copyOfLake();
    const files = createLocalLake(twice);
    await files.write({ ...quotes, name: 'again' }, await files.read(quotes));
    const { status, stdout } = await doctor(twice, '--format', 'json');
    expect(status).toBe(1);
    const found = finding(stdout, specTable.name);
    expect(found?.['detail']).toContain('5 tickers in 10 rows');
    expect(found?.['remedy']).toContain('pynvest backfill --date 2026-11-20');
  });

  test('mends what it said that the remedy mends', async () => {
    const lake = await copyOfLake();
    const files = createLocalLake(lake);
    await files.write({ ...quotes, name: 'again' }, await files.read(quotes));
    await pynvest(['backfill', '--date', '2026-11-20', '--lake', lake]);
    expect((await doctor(lake, '--quiet')).status).toBe(0);
  });

  test('says that the site cannot be reached, beside what it found of the lake', async () => {
    const gone = await startTestSite([]);
    await gone.close();
    const args = ['doctor', '--lake', good, '--format', 'json'];
    const { status, stdout } = await pynvest(args, {
      env: { ...env, PYNVEST_FUNDAMENTUS_URL: gone.url },
    });
    expect(status).toBe(1);
    for (const check of ['site-acoes', 'site-fiis']) {
      const found = finding(stdout, check);
      expect(found?.['status']).toBe('problem');
      expect(found?.['detail']).toContain(`cannot reach ${gone.url}`);
      expect(found?.['remedy']).toContain('PYNVEST_FUNDAMENTUS_URL');
    }
    expect(finding(stdout, specTable.name)?.['status']).toBe('ok');
  });

  test('says how an empty lake is filled, and makes no folder', async () => {
    const nowhere = join(await newFolder(), 'lake');
    const { status, stdout } = await doctor(nowhere, '--format', 'table');
    expect(status).toBe(0);
    expect(stdout).toContain(`note    lake-folder: ${nowhere} is not there yet\n`);
    expect(stdout).toContain('`pynvest run` collects today.');
    expect(await filesBelow(nowhere)).toEqual([]);
  });

  test('finds a problem with a lake that is a file', async () => {
    const file = join(await newFolder(), 'lake');
    await writeFile(file, 'x');
    const { status, stdout } = await doctor(file, '--format', 'json');
    expect(status).toBe(1);
    expect(finding(stdout, 'lake-folder')?.['status']).toBe('problem');
  });
});
