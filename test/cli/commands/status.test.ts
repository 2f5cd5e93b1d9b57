/** `pynvest status` as a person or cron calls it, on lakes in folders that are right as of today. */

import { cpSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dailyTables as tables } from '../../../src/catalog/datasets.ts';
import { formatIsoDate, type Partition } from '../../../src/catalog/partition.ts';
import { listCodes } from '../../../src/health/rules/rules.ts';
import { createLocalLake } from '../../../src/lake/local/lake.ts';
import { getPartitionFolder } from '../../../src/lake/local/layout.ts';
import { formatDay } from '../../../src/presentation/notation.ts';
import { csvLines, jsonRows } from '../../support/answers.ts';
import { formatCodesAsMarkdown } from '../../support/codes-markdown.ts';
import { collectDay } from '../../support/days.ts';
import { awayFromDueTime, dueDays } from '../../support/due-days.ts';
import { contentsBelow, filesBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { startTestSite, type TestSite } from '../../support/site.ts';
import { smallMarket } from '../../support/small-market.ts';
import { sorTables, specTable } from '../../support/tables.ts';

let site: TestSite;
let env: Record<string, string>;
let good: string;
let days: readonly Partition[];
beforeAll(async () => {
  await awayFromDueTime(2);
  site = await startTestSite(smallMarket);
  env = { PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_RETRIES: '0' };
  good = await newFolder();
  days = dueDays(3);
  for (const partition of days) {
    const now = (): Date => new Date(`${formatIsoDate(partition)}T18:50:00-03:00`);
    await collectDay(good, smallMarket, { partition, now });
  }
}, 200_000);
afterAll(() => site.close());

async function copyOfLake(): Promise<string> {
  const root = await newFolder();
  cpSync(good, root, { recursive: true, preserveTimestamps: true });
  return root;
}

const status = (lake: string, ...args: string[]) =>
  pynvest(['status', '--lake', lake, ...args], { env });

describe('pynvest status', () => {
  test('a lake that is well: status 0, nothing on stderr, nothing changed', async () => {
    const before = await contentsBelow(good);
    const { status: code, stdout, stderr } = await status(good, '--format', 'table');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const last = formatDay(formatIsoDate(days.at(-1) as Partition), 'pt-BR');
    expect(stdout).toMatch(new RegExp(`^SoR acoes +${last} .* 0 +3/3 +3 +0$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^Spec +${last} .* 0 +5/5 +5 +0$`, 'm'));
    expect(stdout).toMatch(/\nNo problem found\.\n$/);
    expect(await contentsBelow(good)).toEqual(before);
  });

  test('CSV is one line a table; what else there is to say goes to stderr', async () => {
    const lake = await copyOfLake();
    for (const table of tables) {
      await rm(getPartitionFolder(lake, table, days.at(-1) as Partition), { recursive: true });
    }
    const loud = await status(lake);
    expect(loud.status).toBe(3);
    const [columns, ...lines] = csvLines(loud.stdout);
    expect(lines.map(([name]) => name)).toEqual(tables.map(({ name }) => name));
    expect(lines.map((line) => line[columns?.indexOf('trading_days_behind') ?? -1])).toEqual(
      tables.map(() => '1'),
    );
    expect(loud.stderr).toMatch(/^! every table: the last day is .*, 1 trading day behind /m);
    const quiet = await status(lake, '--quiet');
    expect({ status: quiet.status, lines: csvLines(quiet.stdout).length }).toEqual({
      status: 3,
      lines: 6,
    });
  });

  test('JSON is one object, with each fault by its code', async () => {
    const lake = await copyOfLake();
    const last = days.at(-1) as Partition;
    await rm(getPartitionFolder(lake, specTable, days[1] as Partition), { recursive: true });
    const files = createLocalLake(lake);
    const raw = { table: sorTables.fiis, partition: last, name: 'dedup' };
    const [first, ...rest] = await files.read(raw);
    const others = '{"Rótulo novo":"1,5"}';
    await files.write(raw, [{ ...first, vlr_cot: 'n/d', outros_indicadores: others }, ...rest]);
    const { status: code, stdout, stderr } = await status(lake, '--format', 'json');
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    const report = JSON.parse(stdout);
    // Quotes missing where raw text is there are a day left unfinished, too.
    expect(report.problems.map(({ code }: { code: string }) => code)).toEqual([
      'day-missing',
      'day-unfinished',
    ]);
    expect(report.notes.map(({ code }: { code: string }) => code)).toEqual([
      'unparsed',
      'unknown-label',
    ]);
    expect(report.notes[0].remedy).toContain(
      `\`pynvest backfill --date ${formatIsoDate(last)} --lake ${lake}\` then types it.`,
    );
    expect(report.missing_days).toEqual([
      { date: formatIsoDate(days[1] as Partition), tables: [specTable.name] },
    ]);
    expect(report.unparsed).toMatchObject([{ column: 'vlr_cot', values: 1 }]);
  });

  test('asks the site for its two listings and a page of each; --no-site sends no request', async () => {
    site.requests.length = 0;
    await status(good, '--format', 'json');
    expect(site.requests.toSorted()).toEqual([
      expect.stringMatching(/^\/detalhes\.php\?papel=\w+[34]$/),
      expect.stringMatching(/^\/detalhes\.php\?papel=\w+11$/),
      '/fii_resultado.php',
      '/resultado.php',
    ]);
    site.requests.length = 0;
    const { stdout } = await status(good, '--no-site', '--format', 'json');
    expect(site.requests).toEqual([]);
    expect(JSON.parse(stdout).tables[0]).toMatchObject({
      compared_with: formatIsoDate(days[1] as Partition),
      expected_tickers: 3,
    });
  });

  test('a site that does not answer is no fault of the lake, and is said', async () => {
    const { status: code, stdout } = await pynvest(
      ['status', '--lake', good, '--format', 'table'],
      { env: { ...env, PYNVEST_FUNDAMENTUS_URL: 'http://127.0.0.1:9' } },
    );
    expect(code).toBe(0);
    expect(stdout).toContain('the site did not list its tickers');
  });

  test('says how an empty lake is filled, and makes no folder', async () => {
    const data = await newFolder();
    const args = ['status', '--no-site', '--format', 'table'];
    const { status: code, stdout } = await pynvest(args, { env: { XDG_DATA_HOME: data } });
    expect(code).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'every table: nothing is stored yet `pynvest run` collects',
    );
    expect(await filesBelow(data)).toEqual([]);
    const made = await status(await newFolder(), '--format', 'table');
    expect(made.status).toBe(0);
  });

  test('refuses to look for the drift of a folder', async () => {
    const { status: code, stdout, stderr } = await status(good, '--drift');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--drift is about the stack in AWS');
  });

  test('lists every code that it can name, as the documentation does in both languages', async () => {
    const { status: code, stdout } = await pynvest(['status', '--list', '--format', 'json']);
    const codes = listCodes('status');
    expect(code).toBe(0);
    expect(jsonRows(stdout)).toEqual(
      codes.map(({ code, countsAs, meaning, remedy, aliases }) => {
        return {
          code,
          counts_as: countsAs.join(', '),
          meaning,
          remedy,
          aliases: aliases.join(', '),
        };
      }),
    );
    const text = await pynvest(['status', '--list', '--format', 'table']);
    for (const { code, aliases } of codes) {
      for (const name of [`${code} (`, ...aliases]) expect(text.stdout).toContain(name);
    }
    expect(text.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const page = (path: string) =>
      readFile(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');
    expect(await page('status.md')).toContain(formatCodesAsMarkdown('status'));
    const portuguese = new Map([
      ['problem', 'problema'],
      ['note', 'nota'],
      ['unavailable', 'indisponível'],
    ]);
    const rows = [...(await page('pt-BR/status.md')).matchAll(/^\| `([\w-]+)` \| ([^|]+) \|/gm)];
    expect(rows.map(([, code, countsAs]) => [code, countsAs])).toEqual(
      codes.map(({ code, countsAs }) => [
        code,
        countsAs.map((what) => portuguese.get(what)).join(', '),
      ]),
    );
  });

  test('says in its help when cron hears of it', async () => {
    const { stdout } = await pynvest(['status', '--help']);
    expect(stdout).toContain('Exit status, for cron');
    expect(stdout).toContain('--no-site');
  });
});
