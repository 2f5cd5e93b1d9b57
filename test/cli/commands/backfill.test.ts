import { cpSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { csvLines } from '../../support/answers.ts';
import { collectDay } from '../../support/days.ts';
import { ask } from '../../support/engines.ts';
import { contentsBelow, filesBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { day } from '../../support/made-up-lake.ts';
import { smallMarket } from '../../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../../support/tables.ts';

const DAYS = ['2026-11-18', '2026-11-19', '2026-11-20'];

let whole: string;
beforeAll(async () => {
  whole = await newFolder();
  for (const date of DAYS) await collectDay(whole, smallMarket, { partition: day(date) });
});

/** A copy of the three days, to spoil. */
async function copyOfLake(): Promise<string> {
  const lake = await newFolder();
  cpSync(whole, lake, { recursive: true });
  return lake;
}

const backfill = (lake: string, ...args: string[]) =>
  pynvest(['backfill', '--lake', lake, ...args]);

/** Every row of the typed layers, in an order of its own. */
async function typedRows(lake: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const { database, name, tickerColumn } of [...Object.values(sotTables), specTable]) {
    const sql = `SELECT * FROM ${database}.${name} ORDER BY anomesdia_exec, ${tickerColumn}`;
    found.push((await ask(lake, sql)).rows);
  }
  return found;
}

describe('pynvest backfill', () => {
  test('gets SoT and Spec of one day back from its raw text', async () => {
    const lake = await copyOfLake();
    const partition = 'anomesdia_exec=20261119';
    for (const { layer, name } of [...Object.values(sotTables), specTable]) {
      await rm(join(lake, layer, name, partition), { recursive: true });
    }
    const { status, stdout, stderr } = await backfill(lake, '--date', '2026-11-19');
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'Days: 1 of 1\nRebuilt 1 day: 2026-11-19\n',
    });
    expect(csvLines(stdout).slice(1)).toEqual([
      ['20261119', sorTables.acoes.name, '3'],
      ['20261119', sorTables.fiis.name, '2'],
      ['20261119', sotTables.acoes.name, '3'],
      ['20261119', sotTables.fiis.name, '2'],
      ['20261119', specTable.name, '5'],
    ]);
    expect(await typedRows(lake)).toEqual(await typedRows(whole));
  });

  test('gets back several days at once, and keeps a report of each', async () => {
    const lake = await copyOfLake();
    await rm(join(lake, 'sot'), { recursive: true });
    await rm(join(lake, 'spec'), { recursive: true });
    const args = ['--from', '20261118', '--to', '2026-12-31', '--format', 'json'];
    const { status, stdout, stderr } = await backfill(lake, ...args);
    expect(status).toBe(0);
    const done =
      'Days: 1 of 3\nDays: 2 of 3\nDays: 3 of 3\nRebuilt 3 days: 2026-11-18 to 2026-11-20\n';
    expect(stderr.slice(0, done.length)).toBe(done);
    // The days from then until today.
    expect(stderr.slice(done.length)).toMatch(
      /^(Not filled: the lake has no history of B3 from 2026-11-23 [^\n]+\n)?$/,
    );
    const reports = JSON.parse(stdout) as unknown[];
    expect(reports).toMatchObject(DAYS.map((date) => ({ command: 'backfill', date })));
    expect(await typedRows(lake)).toEqual(await typedRows(whole));
    const kept = (await filesBelow(lake)).filter((file) => /-backfill-\d+.*\.json$/.test(file));
    const texts = await Promise.all(kept.map((file) => readFile(join(lake, file), 'utf8')));
    const byDate = texts
      .map((text) => JSON.parse(text) as { date: string })
      .sort((a, b) => (a.date < b.date ? -1 : 1));
    expect(byDate).toEqual(reports);
  });

  test('rebuilds the other days where one cannot be, says why, and ends with status 3', async () => {
    const lake = await copyOfLake();
    await rm(join(lake, 'spec'), { recursive: true });
    const spoilt = join(lake, 'sor', sorTables.fiis.name, 'anomesdia_exec=20261119');
    await writeFile(join(spoilt, 'fiis-1.raw.parquet'), 'junk');
    const { status, stdout, stderr } = await backfill(
      lake,
      '--from',
      '20261118',
      '--to',
      '20261120',
    );
    expect(status).toBe(3);
    expect(stderr).toMatch(
      /! 2026-11-19 was not rebuilt: .*fiis-1\.raw\.parquet cannot be read as /,
    );
    expect(stderr).toContain('Rebuilt 2 days: 2026-11-18 to 2026-11-20\n');
    const days = csvLines(stdout)
      .slice(1)
      .map(([day]) => day);
    expect(new Set(days)).toEqual(new Set(['20261118', '20261120']));
    expect((await filesBelow(lake)).filter((file) => file.startsWith('_runs'))).toHaveLength(3);

    const alone = await backfill(lake, '--date', '2026-11-19', '--quiet');
    expect(alone.status).toBe(1);
    expect(alone.stderr).toMatch(/^! 2026-11-19 was not rebuilt: /);
  });

  test('of a day, as dedup of it, is not kept back by another whose folder cannot be listed', async () => {
    const lake = await copyOfLake();
    for (const { layer, name } of [sorTables.acoes, sotTables.acoes, specTable]) {
      await writeFile(join(lake, layer, name, 'anomesdia_exec=20261101'), 'a file, not a folder');
    }
    expect((await backfill(lake, '--date', '2026-11-20')).status).toBe(0);
    const args = ['dedup', 'now', '--date', '2026-11-20', '--lake', lake];
    expect((await pynvest(args)).status).toBe(0);
  });

  test('changes no value where nothing is wrong', async () => {
    const lake = await copyOfLake();
    expect((await backfill(lake, '--date', '2026-11-20')).status).toBe(0);
    expect(await typedRows(lake)).toEqual(await typedRows(whole));
  });

  test('fails for days without raw text, says which there are, and changes nothing', async () => {
    const lake = await copyOfLake();
    const before = await contentsBelow(lake);
    const { status, stdout, stderr } = await backfill(lake, '--date', '2026-01-02');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(
      'error: the lake has no raw text of 2026-01-02, and no session of B3\n' +
        'It has raw text from 2026-11-18 to 2026-11-20.\n' +
        `Quotes of other days follow from B3's prices: \`pynvest import cotahist --year 2026 --lake ${lake}\`, and then this backfill again.\n`,
    );
    expect(await contentsBelow(lake)).toEqual(before);
    const nowhere = join(lake, 'nowhere');
    const none = await backfill(nowhere, '--from', '2026-01-01', '--to', '2026-12-31');
    expect(none).toMatchObject({ status: 1, stdout: '' });
    expect(none.stderr).toContain(`there is no lake at ${nowhere}: the folder does not exist`);
    expect(await filesBelow(nowhere)).toEqual([]);
    const empty = await backfill(await newFolder(), '--date', '2026-11-19');
    expect(empty.stderr).toContain('It has no raw text of any day: `pynvest run --lake ');
    const other = await newFolder();
    await writeFile(join(other, 'letter.txt'), 'x');
    expect((await backfill(other, '--date', '2026-11-19')).stderr).toContain(
      `error: ${other} is not a lake: it has other files`,
    );
  });

  test.each([
    [['--date', '2026-02-30'], '--date: "2026-02-30" is not a date'],
    [['--date', '31/11/2026'], '--date: "31/11/2026" is not a date'],
    [['--date', '2026-11'], '--date: 2026-11 is more than a day'],
    [
      ['--from', '2026-11-20', '--to', '2026-11-18'],
      '--from 2026-11-20 comes after --to 2026-11-18',
    ],
    [['--date', '2026-11-20', '--from', '2026-11-18'], '--date excludes --from and --to'],
    [['--from', '2026-11-18'], 'which days?'],
    [[], 'which days?'],
  ])('refuses %j with status 2', async (args, text) => {
    const { status, stdout, stderr } = await backfill(whole, ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`error: ${text}`);
  });
});
