import { cpSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listCodes } from '../../../src/health/rules/rules.ts';
import { createLocalLake } from '../../../src/lake/local/lake.ts';
import { getFilePath } from '../../../src/lake/local/layout.ts';
import { withLock } from '../../../src/lake/local/lock.ts';
import { jsonRows, type PrintedRow } from '../../support/answers.ts';
import { formatCodesAsMarkdown } from '../../support/codes-markdown.ts';
import { collectDay } from '../../support/days.ts';
import { contentsBelow, filesBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { day } from '../../support/made-up-lake.ts';
import { startTestSite, type TestSite } from '../../support/site.ts';
import { smallMarket } from '../../support/small-market.ts';
import { specTable } from '../../support/tables.ts';

const quotes = { table: specTable, partition: day('2025-11-21'), name: 'dedup' };

let site: TestSite;
let good: string;
let env: Record<string, string>;
beforeAll(async () => {
  site = await startTestSite(smallMarket);
  env = { PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_RETRIES: '0' };
  good = await newFolder();
  await collectDay(good, smallMarket, { partition: day('2025-11-21') });
});
afterAll(() => site.close());

async function copyOfLake(): Promise<string> {
  const lake = await newFolder();
  cpSync(good, lake, { recursive: true });
  return lake;
}

const doctor = (lake: string, ...args: string[]) =>
  pynvest(['doctor', '--lake', lake, ...args], { env });

/** What the doctor found of one thing. */
function finding(stdout: string, code: string): PrintedRow | undefined {
  return jsonRows(stdout).find((row) => row['code'] === code);
}

describe('pynvest doctor', () => {
  test('finds no problem with a good lake and a site that answers, and changes nothing', async () => {
    const before = await contentsBelow(good);
    const { status, stdout, stderr } = await doctor(good, '--format', 'json');
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr:
        'Examined 5 files, and the values of 1 day (--all: of every day).\nNo problem found.\n',
    });
    const rows = jsonRows(stdout);
    const ok = rows.filter((row) => row['status'] === 'ok').map((row) => row['code']);
    expect(ok).toEqual([
      ...[
        'lake-folder',
        'lake-lock',
        'lake-leftovers',
        'table',
        'table',
        'table',
        'table',
        'table',
      ],
      ...['site', 'site'],
    ]);
    expect(rows.find((row) => row['table'] === specTable.name)?.['detail']).toBe(
      '1 day, the newest 2025-11-21 with 5 rows',
    );
    expect(await contentsBelow(good)).toEqual(before);
  });

  test('says in sentences of 80 columns what is wrong and what to do', async () => {
    const lake = await copyOfLake();
    const path = getFilePath(lake, quotes);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 10));
    const { status, stdout, stderr } = await doctor(lake, '--no-site', '--format', 'table');
    expect(status).toBe(1);
    expect(stderr).toContain('1 problem found.\n--fix fixes 1 of what was found.\n');
    const last = stdout.slice(stdout.indexOf('problem'));
    expect(last.replaceAll(/\n {8}/g, ' ')).toBe(
      `problem file-unreadable: ${path}: damaged: its checksum does not match its bytes ` +
        `\`pynvest doctor --fix --lake ${lake}\` moves it to _quarantine, and creates its rows again from the raw text if the lake has it.\n`,
    );
    const tooLong = stdout.split('\n').filter((line) => line.length > 80 && !line.includes(lake));
    expect(tooLong).toEqual([]);
  });

  test('repairs, says so, and what the remedy of the plain doctor names does the same', async () => {
    const lake = await copyOfLake();
    const files = createLocalLake(lake);
    await files.write({ ...quotes, name: 'again' }, await files.read(quotes));
    const found = await doctor(lake, '--no-site', '--format', 'json');
    expect(found.status).toBe(1);
    expect(finding(found.stdout, 'duplicates')?.['detail']).toMatch(
      /^10 rows of 5 tickers: several of [A-Z0-9]+, .* and 2 more$/,
    );
    const other = await newFolder();
    cpSync(lake, other, { recursive: true });
    await pynvest(['dedup', 'now', '--date', '2025-11-21', '--lake', other]);
    const fixed = await doctor(lake, '--no-site', '--fix', '--format', 'json');
    expect(fixed.status).toBe(0);
    expect(fixed.stderr).toContain('1 fixed.\nNo problem found.\n');
    expect(finding(fixed.stdout, 'duplicates')).toMatchObject({
      status: 'mended',
      remedy: 'the day was rebuilt from its raw text and typed rows',
      fixable: false,
    });
    expect(await contentsBelow(join(lake, 'spec'))).toEqual(
      await contentsBelow(join(other, 'spec')),
    );
  });

  test('clears away what a dead run left, and its lock', async () => {
    const lake = await copyOfLake();
    const before = await contentsBelow(lake);
    await mkdir(join(lake, '_tmp'), { recursive: true });
    await writeFile(join(lake, '_tmp', 'half'), 'PAR1');
    const dead = { pid: 2 ** 22 + 1, host: hostname(), command: 'pynvest run', since: 'then' };
    await writeFile(join(lake, '_lock.json'), JSON.stringify(dead));
    const found = await doctor(lake, '--no-site', '--format', 'json');
    expect(found.status).toBe(1);
    for (const [code, status] of [
      ['dead-lock', 'problem'],
      ['lake-leftovers', 'note'],
    ] as const) {
      expect(finding(found.stdout, code)).toMatchObject({ status, fixable: true });
    }
    expect(found.stderr).toMatch(/\n1 problem found\.\n--fix fixes 2 of what was found\.\n$/);
    const fixed = await doctor(lake, '--no-site', '--fix', '--format', 'json');
    expect(fixed.status).toBe(0);
    for (const code of ['dead-lock', 'lake-leftovers']) {
      expect(finding(fixed.stdout, code)).toMatchObject({ status: 'mended' });
    }
    expect(await contentsBelow(lake)).toEqual(before);
    const again = await doctor(lake, '--no-site', '--fix', '--format', 'json');
    expect(jsonRows(again.stdout).filter((row) => row['status'] === 'mended')).toEqual([]);
  });

  test('does not look at the tables while a run is in progress, and repairs nothing', async () => {
    const lake = await copyOfLake();
    await withLock(lake, 'pynvest test', async () => {
      const { status, stdout } = await doctor(lake, '--no-site', '--format', 'json');
      expect(status).toBe(0);
      expect(finding(stdout, 'locked')?.['detail']).toContain('(pynvest test)');
      expect(finding(stdout, 'table')).toBeUndefined();
      const fixed = await doctor(lake, '--no-site', '--fix');
      expect([fixed.status, fixed.stdout]).toEqual([1, '']);
      expect(fixed.stderr).toContain('in use by process');
    });
  });

  test('tells apart a site that is away, one that refuses and one that has changed', async () => {
    const gone = await startTestSite([]);
    await gone.close();
    const refusing = await startTestSite(smallMarket, { fault: () => 403 });
    const html = '<html><body><table class="resultado"><tr><td>?</td></tr></table></body></html>';
    const changed = await startTestSite(smallMarket, { fault: () => ({ html }) });
    for (const [url, code] of [
      [gone.url, 'site-unavailable'],
      [refusing.url, 'site-blocked'],
      [changed.url, 'site-layout'],
    ] as const) {
      const { status, stdout } = await pynvest(['doctor', '--lake', good, '--format', 'json'], {
        env: { ...env, PYNVEST_FUNDAMENTUS_URL: url },
      });
      const found = jsonRows(stdout).filter((row) => String(row['code']).startsWith('site'));
      expect(found.map((row) => [row['code'], row['status'], row['subject']])).toEqual([
        [code, 'problem', 'acoes'],
        [code, 'problem', 'fiis'],
      ]);
      for (const { detail } of found) expect(detail).not.toMatch(/^(?:acoes|fiis): /);
      expect(status).toBe(1);
      expect(finding(stdout, 'table')?.['status']).toBe('ok');
    }
    await refusing.close();
    await changed.close();
  });

  test('says how an empty lake is filled, and makes no folder', async () => {
    const data = await newFolder();
    const nowhere = join(data, 'pynvest', 'lake');
    for (const args of [[], ['--fix']]) {
      const { status, stdout } = await pynvest(
        ['doctor', '--format', 'table', '--no-site', ...args],
        // Wide enough that no line is broken behind the path, however long that is.
        { env: { XDG_DATA_HOME: data, COLUMNS: '400' } },
      );
      expect(status).toBe(0);
      expect(stdout).toContain(`lake-folder: ${nowhere} does not exist yet`);
      expect(stdout).toContain('`pynvest run` collects ');
      expect(await filesBelow(nowhere)).toEqual([]);
    }
  });

  test('refuses a lake that is named and does not exist, as status does', async () => {
    const nowhere = join(await newFolder(), 'lake');
    for (const command of ['doctor', 'status']) {
      const args = [command, '--no-site', '--format', 'json'];
      const byOption = await pynvest([...args, '--lake', nowhere]);
      const byVariable = await pynvest(args, { env: { PYNVEST_LAKE: nowhere } });
      for (const { status, stdout, stderr } of [byOption, byVariable]) {
        expect({ command, status, stdout }).toEqual({ command, status: 1, stdout: '' });
        expect(stderr).toContain(
          `error: there is no lake at ${nowhere}: the folder does not exist`,
        );
      }
      expect(byOption.stderr).toContain(`\`pynvest run --lake ${nowhere}\``);
    }
    expect(await filesBelow(nowhere)).toEqual([]);
  });

  test('finds a problem with a lake that is a file', async () => {
    const file = join(await newFolder(), 'lake');
    await writeFile(file, 'x');
    const { status, stdout } = await doctor(file, '--format', 'json');
    expect(status).toBe(1);
    expect(finding(stdout, 'lake-folder')?.['status']).toBe('problem');
  });

  test('a folder of something else is no empty lake, and nothing is written into it', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'notes.txt'), 'x');
    for (const more of [[], ['--fix']]) {
      const { status, stdout } = await doctor(folder, '--no-site', '--format', 'json', ...more);
      const problems = jsonRows(stdout).filter((row) => row['status'] !== 'ok');
      expect([status, problems.map((row) => row['code'])]).toEqual([1, ['lake-folder']]);
    }
    expect(await filesBelow(folder)).toEqual(['notes.txt']);
  });

  test.each([
    [['--all', '--from', '2025-11-21'], 'excludes'],
    [['--from', '2025-11-21', '--to', '2025-11-20'], 'comes after'],
    [['--from', 'tomorrow'], 'is not a date'],
  ])('%s is wrong usage', async (args, text) => {
    const { status, stdout, stderr } = await doctor(good, ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(text);
  });

  test('lists every code that it can find, as the documentation does', async () => {
    const { status, stdout } = await pynvest(['doctor', '--list', '--format', 'json']);
    expect(status).toBe(0);
    const codes = listCodes('doctor');
    expect(jsonRows(stdout).map((row) => [row['code'], row['aliases']])).toEqual(
      codes.map(({ code, aliases }) => [code, aliases.join(', ')]),
    );
    const text = await pynvest(['doctor', '--list', '--format', 'table']);
    for (const { code, countsAs } of codes) {
      expect(text.stdout).toContain(`${code} (${countsAs.join(', ')})\n        `);
    }
    const page = await readFile(new URL('../../../docs/doctor.md', import.meta.url), 'utf8');
    expect(page).toContain(formatCodesAsMarkdown('doctor'));
  });
});
