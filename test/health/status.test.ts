/** The state of real lakes in folders, at a time that each test fixes, with faults made on purpose. */
import { cpSync } from 'node:fs';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../src/catalog/dataset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { formatIsoDate, type Partition } from '../../src/catalog/partition.ts';
import type { StatusReport } from '../../src/health/status-report.ts';
import { readStatus } from '../../src/health/status-report.ts';
import {
  createLocalLake,
  readNewestReports,
  readNote,
  writeNote,
  writeReport,
} from '../../src/lake/local/lake.ts';
import { getFilePath, getPartitionFolder } from '../../src/lake/local/layout.ts';
import { areAdjustmentsDerived } from '../../src/pipeline/adjustment-state.ts';
import { clientOf, collectDay } from '../support/days.ts';
import { writeExchange } from '../support/exchange.ts';
import { newFolder } from '../support/folders.ts';
import { startTestSite, type TestSite } from '../support/site.ts';
import { smallMarket } from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

// Wednesday to Tuesday; the Friday between them, 20 November, is a holiday.
const days = [20261118, 20261119, 20261123, 20261124] as Partition[];
const newest = 20261124 as Partition;
const MORNING_AFTER = '2026-11-25T09:00:00-03:00';

let site: TestSite;
let good: string;
beforeAll(async () => {
  site = await startTestSite(smallMarket);
  good = await newFolder();
  for (const day of days) await collect(good, day);
});
afterAll(() => site.close());

async function collect(root: string, day: Partition, market = smallMarket): Promise<void> {
  const now = (): Date => new Date(`${formatIsoDate(day)}T18:50:00-03:00`);
  const report = await collectDay(root, market, { partition: day, now });
  await writeReport(root, report);
}

/** The report of a run of the newest day. */
const writeRun = (lake: string, report: Readonly<Record<string, unknown>>): Promise<string> =>
  writeReport(lake, {
    ...{ command: 'run', partition: newest, date: '2026-11-24', seconds: 2 },
    started_at: '2026-11-24T18:59:00.000-03:00',
    ...report,
  } as unknown as Parameters<typeof writeReport>[1]);

async function copyOfLake(): Promise<string> {
  const root = await newFolder();
  cpSync(good, root, { recursive: true, preserveTimestamps: true });
  return root;
}

async function without(root: string, day: Partition, among: readonly Table[] = tables) {
  for (const table of among) {
    await rm(getPartitionFolder(root, table, day), { recursive: true });
  }
}

interface Asked {
  readonly now?: string;
  readonly asks?: 'site' | 'nobody' | 'a site that is gone';
}

async function statusOf(
  root: string,
  { now = MORNING_AFTER, asks = 'site' }: Asked = {},
): Promise<StatusReport> {
  const url = asks === 'site' ? site.url : 'http://127.0.0.1:9';
  return readStatus({
    lake: createLocalLake(root),
    place: root,
    at: { target: 'local', root },
    site: asks === 'nobody' ? undefined : clientOf(url, { retries: 0 }),
    newestReports: (most) => readNewestReports(root, most),
    areAdjustmentsDerived: () => areAdjustmentsDerived({ read: (name) => readNote(root, name) }),
    now: new Date(now),
  });
}

const codes = (concerns: StatusReport['problems']): string[] => concerns.map(({ code }) => code);

describe('a lake that is well', () => {
  test('has all its days and tickers, and nothing to be said of it', async () => {
    const report = await statusOf(good);
    expect(report).toMatchObject({
      checked_at: '2026-11-25T09:00:00.000-03:00',
      due_day: '2026-11-24',
      missing_days: [],
      missing_tickers: [],
      last_run: { command: 'run', date: '2026-11-24', asked: 5, stored: 5, failed: [] },
      unparsed: [],
      folder: { lock: null, unfinished_days: [] },
      schedules: null,
      problems: [],
      notes: [],
      untold: [],
    });
    expect(report.tables.map(({ table }) => table)).toEqual(tables.map(({ name }) => name));
    for (const table of report.tables) {
      const count = table.layer === 'spec' ? 5 : table.table.includes('acoes') ? 3 : 2;
      expect(table).toMatchObject({
        first_partition: '2026-11-18',
        last_partition: '2026-11-24',
        trading_days_behind: 0,
        read_at: '2026-11-24T18:50:00.000-03:00',
        age_hours: 14.2,
        rows: count,
        tickers: count,
        expected_tickers: count,
        compared_with: 'site',
        missing_tickers: 0,
        missing_days: 0,
      });
    }
    expect(report.folder?.files).toBe(5 * 4 + 4);
    expect(report.folder?.bytes).toBeGreaterThan(10_000);
  });

  test('is current until seven in the evening of the next trading day, and stale from then on', async () => {
    expect((await statusOf(good, { now: '2026-11-25T18:59:00-03:00' })).problems).toEqual([]);
    const {
      problems,
      tables: rows,
      missing_days,
    } = await statusOf(good, {
      now: '2026-11-25T19:00:00-03:00',
    });
    expect(problems).toEqual([
      {
        code: 'stale',
        what: 'every table: the last day is 2026-11-24, 1 trading day behind 2026-11-25',
        remedy: '`pynvest run` collects today.',
      },
    ]);
    expect(rows.map((row) => row.trading_days_behind)).toEqual([1, 1, 1, 1, 1]);
    expect(missing_days).toEqual([{ date: '2026-11-25', tables: tables.map(({ name }) => name) }]);
  });

  test('may hold days without trading: they are no fault, and stand for the day before', async () => {
    const lake = await copyOfLake();
    await without(lake, 20261119 as Partition);
    await collect(lake, 20261121 as Partition);
    await rm(join(lake, '_runs'), { recursive: true });
    expect((await statusOf(lake)).problems).toEqual([]);
  });

  test('is empty before its first run', async () => {
    const nowhere = join(await newFolder(), 'lake');
    const { problems, notes, tables: rows, last_run } = await statusOf(nowhere);
    expect(problems).toEqual([]);
    expect(notes).toEqual([
      expect.objectContaining({ code: 'empty', what: 'every table: nothing is stored yet' }),
      expect.objectContaining({ code: 'lake-folder', what: `${nowhere} does not exist yet` }),
    ]);
    expect(rows.map((row) => row.last_partition)).toEqual([null, null, null, null, null]);
    expect(last_run).toBeNull();
  });

  test('is none where its folder is of something else', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'notes.txt'), '');
    const { problems, notes } = await statusOf(folder);
    expect(problems).toEqual([expect.objectContaining({ code: 'lake-folder' })]);
    expect(notes).toEqual([]);
    expect(problems[0]?.what).toContain('is not a lake');
  });

  test('has no gap after its first day', async () => {
    const lake = await newFolder();
    await collect(lake, newest);
    expect(await statusOf(lake)).toMatchObject({ problems: [], notes: [], missing_days: [] });
  });
});

describe('a lake with a fault', () => {
  test('a missing day: a problem while it is recent, and only known of later', async () => {
    const lake = await copyOfLake();
    await without(lake, 20261119 as Partition);
    const recent = await statusOf(lake);
    expect(recent.problems).toEqual([
      {
        code: 'day-missing',
        what: 'every table: 1 trading day missing: 2026-11-19',
        remedy: expect.stringMatching(
          /^The pages of a past day cannot be read again\. Its quotes follow from B3's history: /,
        ),
      },
    ]);
    expect(recent.missing_days.map(({ date }) => date)).toEqual(['2026-11-19']);
    // Five trading days on, with all of them there but that one.
    for (const day of [20261125, 20261126, 20261127] as Partition[]) await collect(lake, day);
    const later = await statusOf(lake, { now: '2026-11-28T12:00:00-03:00' });
    expect(later.problems).toEqual([]);
    expect(codes(later.notes)).toEqual(['day-missing']);
  });

  test('a day that is to come is one, and hides no missing day', async () => {
    const lake = await copyOfLake();
    const [, , monday = newest] = days;
    await without(lake, monday);
    const { problems, tables: rows } = await statusOf(lake, { now: '2026-11-23T20:00:00-03:00' });
    expect(problems.map(({ code, what }) => [code, what])).toEqual([
      ['stale', 'every table: the last day is 2026-11-19, 1 trading day behind 2026-11-23'],
      ['day-to-come', 'every table: 1 day after today, 2026-11-23: 2026-11-24'],
    ]);
    expect(rows.map((row) => row.trading_days_behind)).toEqual([1, 1, 1, 1, 1]);
    // It is no fault any more when it has come.
    const { problems: later } = await statusOf(lake, { now: '2026-11-24T20:00:00-03:00' });
    expect(codes(later)).toEqual(['day-missing']);
  });

  test('typed rows and quotes missing where raw text is there: what makes them is named', async () => {
    const lake = await copyOfLake();
    const follows = [...Object.values(sotTables), specTable];
    await without(lake, newest, follows);
    const { problems } = await statusOf(lake);
    expect(problems).toEqual([
      {
        code: 'stale',
        what: 'SoT acoes, SoT fiis, Spec: the last day is 2026-11-23, 1 trading day behind 2026-11-24',
        remedy: '`pynvest backfill --date 2026-11-24` rebuilds it from the raw text.',
      },
      expect.objectContaining({ code: 'day-unfinished' }),
    ]);
    // Of today a run reads what is missing, too: the tables say the same as the day.
    const evening = await statusOf(lake, { now: '2026-11-24T20:00:00-03:00' });
    expect(evening.problems.map(({ code, remedy }) => [code, remedy])).toEqual([
      ['stale', '`pynvest run` completes it.'],
      ['day-unfinished', '`pynvest run` completes it.'],
    ]);
    const gap = await copyOfLake();
    await without(gap, 20261123 as Partition, follows);
    expect((await statusOf(gap)).problems[0]).toMatchObject({
      code: 'day-missing',
      remedy: '`pynvest backfill --date 2026-11-23` rebuilds it from the raw text.',
    });
  });

  test('a day filled in part: its missing tickers by name, by the site and by the day before', async () => {
    const lake = await copyOfLake();
    await without(lake, newest);
    const [gone, ...others] = smallMarket;
    await collect(lake, newest, others);
    const bySite = await statusOf(lake);
    expect(codes(bySite.problems)).toEqual(['missing-tickers']);
    expect(bySite.problems[0]?.what).toBe(
      `SoR acoes, SoT acoes, Spec: 1 ticker listed by the site is missing on 2026-11-24: ${gone?.ticker}`,
    );
    expect(bySite.missing_tickers).toEqual([
      {
        ticker: gone?.ticker,
        tables: [sorTables.acoes, sotTables.acoes, specTable].map(({ name }) => name),
      },
    ]);
    expect(bySite.tables[0]).toMatchObject({
      tickers: 2,
      expected_tickers: 3,
      missing_tickers: 1,
      compared_with: 'site',
    });
    const byDayBefore = await statusOf(lake, { asks: 'nobody' });
    expect(byDayBefore.problems[0]?.what).toContain('1 ticker present on 2026-11-23 is missing');
    expect(byDayBefore.tables[0]).toMatchObject({ compared_with: '2026-11-23' });
    expect(byDayBefore.notes).toEqual([]);
    const unanswered = await statusOf(lake, { asks: 'a site that is gone' });
    expect(codes(unanswered.problems)).toEqual(['missing-tickers']);
    expect(unanswered.notes).toEqual([
      expect.objectContaining({
        code: 'site-no-answer',
        remedy: 'Tickers are compared with those of the day before.',
      }),
    ]);
  });

  test('a first day that its runs know to be short, without a site to ask', async () => {
    const lake = await newFolder();
    const inVain = [smallMarket[0], smallMarket[4]].map((asset) => asset?.ticker ?? '').sort();
    const kept = await collectDay(lake, smallMarket, {
      partition: newest,
      now: () => new Date('2026-11-24T18:50:00-03:00'),
      retries: 0,
      fault: (what) => (inVain.includes(what) ? 500 : undefined),
    });
    await writeReport(lake, kept);
    expect(kept.tickers.failed.map(({ ticker }) => ticker)).toEqual(inVain);
    // Neither what is asked for later nor a rebuild makes it forgotten.
    const one = { asked: 1, stored: 1, failed: [], rejected: [] };
    const later = { ...kept, started_at: '2026-11-24T18:58:00.000-03:00', tickers: one };
    await writeReport(lake, later);
    await writeReport(lake, { ...later, command: 'backfill' });
    for (const asks of ['nobody', 'a site that is gone'] as const) {
      const report = await statusOf(lake, { asks });
      expect(report.problems).toEqual([
        {
          code: 'missing-tickers',
          what: `Spec: 2 tickers that a run asked for are missing on 2026-11-24: ${inVain.join(', ')}`,
          remedy: '`pynvest run` asks for them again, for today.',
        },
      ]);
      expect(report.tables.at(-1)).toMatchObject({
        expected_tickers: 5,
        missing_tickers: 2,
        compared_with: 'run',
      });
      expect(report.notes.map(({ remedy }) => remedy)).toEqual(
        asks === 'nobody'
          ? []
          : [
              'There is no day before to compare the tickers with: run it again when the site answers.',
            ],
      );
    }
    await collectDay(lake, smallMarket, { partition: newest });
    expect((await statusOf(lake, { asks: 'nobody' })).problems).toEqual([]);
  });

  test('a ticker of today is no problem before today is due', async () => {
    const lake = await copyOfLake();
    await without(lake, newest);
    await collect(lake, newest, smallMarket.slice(1));
    const before = await statusOf(lake, { now: '2026-11-24T18:55:00-03:00' });
    expect({ problems: codes(before.problems), notes: codes(before.notes) }).toEqual({
      problems: [],
      notes: ['missing-tickers'],
    });
    const after = await statusOf(lake, { now: '2026-11-24T19:01:00-03:00' });
    expect(codes(after.problems)).toEqual(['missing-tickers']);
    expect(after.problems[0]?.remedy).toContain('`pynvest run` asks for them again.');
  });

  test('a ticker that the site lists without a page is not expected', async () => {
    const lake = await copyOfLake();
    await without(lake, newest);
    const [gone, ...others] = smallMarket;
    await collect(lake, newest, others);
    const failed = [{ ticker: gone?.ticker ?? '', kind: 'not-found', reason: 'no such ticker' }];
    await writeRun(lake, { tickers: { asked: 5, stored: 4, failed, rejected: [] } });
    const report = await statusOf(lake);
    expect(report.problems).toEqual([]);
    expect(report.last_run?.failed).toEqual(failed);
  });

  test('rows that are there twice', async () => {
    const lake = await copyOfLake();
    const quotes = { table: specTable, partition: newest, name: 'dedup' };
    const files = createLocalLake(lake);
    await files.write({ ...quotes, name: 'again' }, await files.read(quotes));
    expect((await statusOf(lake)).problems).toEqual([
      {
        code: 'duplicates',
        what: expect.stringMatching(
          /^Spec 2026-11-24: 10 rows of 5 tickers: several of \w+, \w+, \w+ and 2 more$/,
        ),
        remedy: '`pynvest dedup now --date 2026-11-24` leaves one row per ticker.',
      },
    ]);
  });

  test('a file that cannot be read', async () => {
    const lake = await copyOfLake();
    const path = getFilePath(lake, { table: specTable, partition: newest, name: 'dedup' });
    await truncate(path, 100);
    const { problems, tables: rows } = await statusOf(lake);
    expect(codes(problems)).toEqual(['file-unreadable']);
    expect(problems[0]?.what).toContain(path);
    expect(problems[0]?.remedy).toContain('pynvest doctor --fix');
    expect(rows.at(-1)).toMatchObject({ last_partition: '2026-11-24', rows: null, tickers: null });
  });

  test('values that do not parse, and a label that no column has: notes', async () => {
    const lake = await copyOfLake();
    const raw = { table: sorTables.acoes, partition: newest, name: 'dedup' };
    const files = createLocalLake(lake);
    const [first, ...rest] = await files.read(raw);
    const others = JSON.stringify({ 'Rótulo novo': '1,5' });
    await files.write(raw, [{ ...first, vlr_cot: 'n/d', outros_indicadores: others }, ...rest]);
    const { problems, notes, unparsed, drift } = await statusOf(lake);
    const ticker = String(first?.['nome_papel']);
    expect(problems).toEqual([]);
    expect(notes.map(({ code, what }) => ({ code, what }))).toEqual([
      {
        code: 'unparsed',
        what: `vlr_cot: 1 value does not parse and is null: ${ticker} "n/d"`,
      },
      {
        code: 'unknown-label',
        what: `acoes: no column for "Rótulo novo" on 1 page (first ${ticker})`,
      },
    ]);
    expect(unparsed).toEqual([
      { column: 'vlr_cot', values: 1, examples: [{ ticker, text: 'n/d' }] },
    ]);
    expect(drift.unknownLabels).toEqual([
      { kind: 'acoes', label: 'Rótulo novo', pages: 1, firstTicker: ticker },
    ]);
  });

  test('a day that a run left unfinished', async () => {
    const lake = await copyOfLake();
    const files = createLocalLake(lake);
    const raw = { table: sorTables.fiis, partition: newest, name: 'dedup' };
    await files.write({ ...raw, name: 'fiis-0123.raw' }, await files.read(raw));
    await files.remove([raw]);
    const { problems, folder } = await statusOf(lake);
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'day-unfinished',
        what: 'left unfinished by a run: 2026-11-24',
        remedy: '`pynvest backfill --date 2026-11-24` completes it.',
      }),
    ]);
    expect(folder?.unfinished_days).toEqual(['2026-11-24']);
    const remediesOf = async (now: string): Promise<string[]> =>
      (await statusOf(lake, { now })).problems
        .filter(({ code }) => code === 'day-unfinished')
        .map(({ remedy }) => remedy);
    // Of today the site still shows the pages that may be missing.
    const evening = '2026-11-24T20:00:00-03:00';
    expect(await remediesOf(evening)).toEqual(['`pynvest run` completes it.']);
    await without(lake, 20261119 as Partition, [specTable]);
    expect(await remediesOf(evening)).toEqual(['`pynvest run` completes them.']);
    expect(await remediesOf(MORNING_AFTER)).toEqual([
      '`pynvest backfill --from 2026-11-19 --to 2026-11-24` completes them.',
    ]);
  });

  test('a run in progress: what its day lacks is not known yet; a dead one is distinguished', async () => {
    const lake = await copyOfLake();
    await without(lake, newest);
    await collect(lake, newest, smallMarket.slice(1));
    const { hostname } = await import('node:os');
    const holder = { host: hostname(), command: 'pynvest run', since: '2026-11-25T12:00:00Z' };
    // An owner with our own process number must have started after this process.
    const alive = { ...holder, pid: process.pid, since: new Date().toISOString() };
    await writeFile(join(lake, '_lock.json'), JSON.stringify(alive));
    const atWork = await statusOf(lake);
    expect(atWork.problems).toEqual([]);
    expect(codes(atWork.notes)).toEqual(['missing-tickers', 'locked']);
    expect(atWork.folder?.lock).toContain(`process ${process.pid}`);
    await writeFile(join(lake, '_lock.json'), JSON.stringify({ ...holder, pid: 2 ** 22 + 1 }));
    const dead = await statusOf(lake);
    expect(dead.problems).toEqual([
      expect.objectContaining({ code: 'missing-tickers' }),
      {
        code: 'dead-lock',
        what: `a run died: process ${2 ** 22 + 1} on ${hostname()} (pynvest run), since 2026-11-25T09:00:00.000-03:00`,
        remedy: '`pynvest run` cleans up after it and completes its day.',
      },
    ]);
    expect(dead.notes).toEqual([]);
  });

  test('the last run that was interrupted is a problem, with how many tickers it had not asked for', async () => {
    const lake = await copyOfLake();
    const tickers = { asked: 5, stored: 1, failed: [], rejected: [] };
    await writeRun(lake, { tickers, interrupted: true });
    const { problems } = await statusOf(lake, { now: '2026-11-24T20:00:00-03:00' });
    expect(problems).toEqual([
      {
        code: 'last-run-interrupted',
        what: 'the last run (run, 2026-11-24 18:59) was interrupted: 4 of 5 tickers were not asked for',
        remedy: '`pynvest run` asks for all of them again, and completes the day.',
      },
    ]);
  });

  test.each([
    ['layout-changed', /^Another attempt does not help: install the newest version/],
    ['redirected', /^Check PYNVEST_FUNDAMENTUS_URL/],
    ['blocked', /^Wait a while/],
  ] as const)(
    'the last run that stored nothing (%s) has the remedy that it named',
    async (kind, remedy) => {
      const lake = await copyOfLake();
      await writeRun(lake, {
        tickers: {
          ...{ asked: 2, stored: 0, rejected: [] },
          failed: [
            { ticker: 'AAAA3', kind, reason: 'AAAA3: why' },
            { ticker: 'BBBB3', kind: 'not-asked', reason: 'not asked: why' },
          ],
        },
      });
      const { problems } = await statusOf(lake);
      expect(problems).toEqual([
        expect.objectContaining({
          code: 'last-run-failed',
          remedy: expect.stringMatching(remedy),
        }),
      ]);
    },
  );

  test('the last run: why its tables do not follow; a broken report is passed over and named', async () => {
    const lake = await copyOfLake();
    await writeRun(lake, {
      seconds: 61.5,
      tickers: { asked: 5, stored: 5, failed: [], rejected: [] },
      error: 'cannot write: the disk is full',
    });
    await mkdir(join(lake, '_runs'), { recursive: true });
    await writeFile(join(lake, '_runs', '20261124T185901-run-20261124-1.json'), '{"command":"ru');
    const { problems, notes, last_run } = await statusOf(lake);
    expect(problems).toEqual([
      {
        code: 'last-run-failed',
        what: 'the last run (run, 2026-11-24 18:59) failed: cannot write: the disk is full',
        remedy: '`pynvest backfill --date 2026-11-24` updates the typed tables.',
      },
    ]);
    expect(notes).toEqual([
      expect.objectContaining({
        code: 'broken-report',
        what: '1 report of runs cannot be read: 20261124T185901-run-20261124-1.json',
      }),
    ]);
    expect(last_run).toMatchObject({ seconds: 61.5, error: 'cannot write: the disk is full' });
    const evening = await statusOf(lake, { now: '2026-11-24T20:00:00-03:00' });
    expect(evening.problems.map(({ remedy }) => remedy)).toEqual(['`pynvest run` completes it.']);
  });
});

describe('what imports have brought', () => {
  test('is counted by its years, with the newest session of the prices', async () => {
    const root = await newFolder();
    await writeExchange(createLocalLake(root));
    const { imports, problems, notes } = await statusOf(root, { asks: 'nobody' });
    expect(notes.map(({ what }) => what)).toEqual(['every table: no day is collected yet']);
    expect(imports).toEqual({
      newest_session: '2024-01-03',
      tables: [
        {
          ...{ table: 'tbsot_b3_cotacoes_historicas', layer: 'sot' },
          ...{ first_year: 2023, last_year: 2024, years: 2, rows: 9 },
        },
        {
          ...{ table: 'tbsot_eventos_corporativos', layer: 'sot' },
          ...{ first_year: 2023, last_year: 2023, years: 1, rows: 2 },
        },
        {
          ...{ table: 'tbspec_fatores_ajuste', layer: 'spec' },
          ...{ first_year: 2023, last_year: 2024, years: 2, rows: 3 },
        },
      ],
    });
    expect(codes(problems)).toEqual([]);
  });

  test('is not proved after an import that was interrupted', async () => {
    const root = await copyOfLake();
    await writeNote(root, 'adjustment-state/state.txt', 'pending');
    const { problems } = await statusOf(root);
    expect(codes(problems)).toEqual(['import-interrupted']);
    expect(problems[0]?.remedy).toContain('`pynvest import eventos`');
  });

  test('is named where it cannot be read', async () => {
    const root = await copyOfLake();
    await writeExchange(createLocalLake(root));
    await truncate(join(root, 'sot/tbsot_b3_cotacoes_historicas/ano=2024/dedup.parquet'), 40);
    const { imports, untold } = await statusOf(root);
    expect(imports).toBeNull();
    expect(codes(untold)).toEqual(['imports']);
  });
});
