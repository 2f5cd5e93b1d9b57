import { truncate } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { IndicatorColumn } from '../../src/catalog/column.ts';
import type { Table } from '../../src/catalog/dataset.ts';
import { fiisColumns } from '../../src/catalog/datasets/fiis.ts';
import { defineIndicators } from '../../src/catalog/datasets/shared-indicators.ts';
import { datasets, tables } from '../../src/catalog/datasets.ts';
import { type DayBounds, formatIsoDate, type Partition } from '../../src/catalog/partition.ts';
import { examineLake } from '../../src/health/doctor.ts';
import type { FileFacts } from '../../src/health/facts/file-facts.ts';
import { createFacts } from '../../src/health/facts/model.ts';
import { repairLake } from '../../src/health/repair.ts';
import { findMissingDays } from '../../src/health/rules/days.ts';
import { createLocalInspector, createLocalLake } from '../../src/lake/local/lake.ts';
import { getFilePath } from '../../src/lake/local/layout.ts';
import { collectDay } from '../support/days.ts';
import { newFolder } from '../support/folders.ts';
import { rowsOf } from '../support/lake-rows.ts';
import { day, olderEdition, writeRowsTo } from '../support/made-up-lake.ts';
import { smallMarket } from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const unbounded = { from: undefined, to: undefined };

/** In the middle of a day, whose own collection is not due yet. */
const noonOf = (partition: Partition): Date =>
  new Date(`${formatIsoDate(partition)}T12:00:00-03:00`);

describe('missing days', () => {
  const days = ['2026-10-08', '2026-10-14', '2026-10-16'].map(day);
  type Contents = FileFacts['contents'];
  const filesOn = (daysOf: (table: Table) => readonly Partition[]): Contents =>
    new Map(
      tables.map((table) => {
        const files = daysOf(table).map((partition) => ({
          table,
          partition,
          name: 'dedup',
          size: 1,
        }));
        return [table, { files, foreign: [] }];
      }),
    );
  const everywhere = filesOn(() => days);
  const missingDays = (contents: Contents, bounds: DayBounds, today: Partition) => {
    const files: FileFacts = {
      ...{ contents, bounds, byDay: new Map(), shapes: new Map(), broken: new Map() },
      ...{ changed: new Set(), columns: new Map(), locationOf: ({ name }) => name },
      ...{ datasets, mayHoldRawBatches: false, dayInProgress: undefined, damagedCopies: [] },
    };
    return findMissingDays(files, createFacts('local', noonOf(today), {}));
  };
  const detailOf = (bounds: DayBounds, today: Partition) =>
    missingDays(everywhere, bounds, today).map(({ severity, detail }) => [severity, detail]);

  test('are those on which B3 traded, in ranges; today is not over', () => {
    // The 12th is a holiday, the 10th and 11th a weekend. The 16th is the newest day.
    expect(detailOf(unbounded, day('2026-10-20'))).toEqual([
      ['problem', '2 trading days without rows: 2026-10-13, 2026-10-15'],
      ['note', '2 trading days without rows: 2026-10-09, 2026-10-19'],
    ]);
    expect(detailOf({ from: undefined, to: day('2026-10-20') }, day('2026-11-20'))).toEqual([
      [
        'note',
        '5 trading days without rows: 2026-10-09 to 2026-10-13, 2026-10-15, 2026-10-19 to 2026-10-20',
      ],
    ]);
  });

  test('are looked for between the days asked for, and not before the first of the lake', () => {
    const bounds = { from: day('2026-01-01'), to: day('2026-10-13') };
    expect(detailOf(bounds, day('2026-11-20'))).toEqual([
      ['note', '2 trading days without rows: 2026-10-09 to 2026-10-13'],
    ]);
    expect(
      missingDays(
        filesOn(() => []),
        unbounded,
        day('2026-10-20'),
      ),
    ).toEqual([]);
    expect(detailOf({ from: day('2026-10-16'), to: undefined }, day('2026-10-17'))).toEqual([]);
  });

  test('of one kind alone are reported for it', () => {
    const ofFunds: readonly Table[] = [sorTables.fiis, sotTables.fiis];
    const files = filesOn((table) =>
      ofFunds.includes(table) ? days.filter((each) => each !== day('2026-10-14')) : days,
    );
    const found = missingDays(files, unbounded, day('2026-10-16'));
    expect(found.map(({ code, subject, detail }) => [code, subject, detail])).toEqual([
      ['day-missing', '', '3 trading days without rows: 2026-10-09 to 2026-10-13, 2026-10-15'],
      ['day-missing', 'fiis', '1 trading day without rows: 2026-10-14'],
    ]);
  });

  test('of one layer alone are unfinished, and reported as such', () => {
    const files = filesOn((table) => (table === sotTables.fiis ? days.slice(0, 1) : days));
    expect(missingDays(files, unbounded, day('2026-10-16'))).toHaveLength(1);
  });

  test("are present by a Saturday's collection, also beyond the days asked for", () => {
    const files = filesOn(() => ['2026-11-18', '2026-11-21', '2026-11-23'].map(day));
    // The 20th is a holiday: what is collected on the 21st are the quotes of the 19th.
    expect(missingDays(files, unbounded, day('2026-11-23'))).toEqual([]);
    const bounds = { from: undefined, to: day('2026-11-20') };
    expect(missingDays(files, bounds, day('2026-11-23'))).toEqual([]);
  });
});

test('a day that is to come is a problem, and makes no missing day one', async () => {
  const root = await newFolder();
  for (const date of ['2026-11-18', '2026-12-04']) {
    await collectDay(root, smallMarket, { partition: day(date), now: () => noonOf(day(date)) });
  }
  const tools = { lake: createLocalLake(root), store: createLocalInspector(root) };
  const found = async (date: string) => {
    const now = noonOf(day(date));
    const request = { ...tools, bounds: unbounded, everyValue: false, now, mayBeInProgress: false };
    const { findings } = await examineLake(request);
    return findings.flatMap(({ code, severity, detail }) =>
      code === 'day-missing' || code === 'day-to-come' ? [[code, severity, detail]] : [],
    );
  };
  expect(await found('2026-11-20')).toEqual([
    ['day-to-come', 'problem', '1 day after today, 2026-11-20: 2026-12-04'],
    ['day-missing', 'note', '1 trading day without rows: 2026-11-19'],
  ]);
  expect((await found('2026-12-04')).map(([code]) => code)).not.toContain('day-to-come');
});

describe('raw text that cannot be read', () => {
  const lost = day('2026-11-20');

  /** What is found once the spoilt file is out of the way. */
  async function foundOn(today: Partition) {
    const root = await newFolder();
    await collectDay(root, smallMarket, { partition: lost });
    await truncate(
      getFilePath(root, { table: sorTables.fiis, partition: lost, name: 'dedup' }),
      100,
    );
    const tools = { lake: createLocalLake(root), store: createLocalInspector(root) };
    const now = noonOf(today);
    const request = { ...tools, bounds: unbounded, everyValue: false, now, mayBeInProgress: false };
    const { repaired, examination } = await repairLake(() => examineLake(request), tools);
    expect(repaired.map(({ finding }) => finding.code)).toEqual(['file-unreadable']);
    return examination.findings.filter(({ code }) => code === 'raw-missing');
  }

  test('of today is a problem, for the site still shows its pages', async () => {
    expect(await foundOn(lost)).toEqual([
      expect.objectContaining({
        severity: 'problem',
        partition: lost,
        table: sotTables.fiis,
        detail: 'typed rows of today without raw text',
        remedy: "`pynvest run` reads today's pages again.",
      }),
    ]);
  });

  test('of a past day is a note: it stays lost', async () => {
    expect(await foundOn(day('2026-11-23'))).toEqual([
      expect.objectContaining({
        severity: 'note',
        detail: 'typed rows of 1 day without raw text (2026-11-20)',
        remedy: 'Nothing, where the raw text was removed on purpose.',
      }),
    ]);
  });
});

test('an unfinished day is completed by a run where it is today, and rebuilt where it is over', async () => {
  const unfinished = day('2026-11-19');
  const root = await newFolder();
  await collectDay(root, smallMarket, { partition: unfinished });
  const lake = createLocalLake(root);
  await lake.remove(await lake.files(specTable, unfinished));
  const remedyOn = async (today: Partition) => {
    const { findings } = await examineLake({
      ...{ lake, store: createLocalInspector(root), bounds: unbounded },
      ...{ everyValue: false, now: noonOf(today), mayBeInProgress: false },
    });
    return findings.find(({ code }) => code === 'day-unfinished')?.remedy;
  };
  expect(await remedyOn(unfinished)).toBe('`pynvest run` completes it.');
  expect(await remedyOn(day('2026-11-20'))).toBe(
    '`pynvest backfill --date 2026-11-19` completes it.',
  );
});

describe('files of an earlier edition of a table', () => {
  const added: IndicatorColumn = {
    ...{ name: 'vlr_novo', label: 'Novo', description: 'Um valor' },
    ...{ type: 'double', addedLater: true },
  };
  const newer = defineIndicators({
    ...{ id: 'fiis', subject: 'fundos', tickerColumn: 'fii' },
    columns: [...fiisColumns, added],
  });
  const current = [sorTables.fiis, sotTables.fiis];
  const date = '2026-11-20';
  const row = { fii: 'DEMO11', nome_fii: 'DEMO', datetime_exec: '2026-11-20T18:45:00.000-03:00' };

  /** What a version whose table of funds has one more column finds in files with these columns. */
  async function foundIn(editionOf: (table: Table) => Table) {
    const root = await newFolder();
    for (const table of current) await writeRowsTo(root, editionOf(table), date, [row]);
    const { findings } = await examineLake({
      ...{ lake: createLocalLake(root), store: createLocalInspector(root), datasets: [newer] },
      ...{ bounds: unbounded, everyValue: true, now: noonOf(day(date)), mayBeInProgress: false },
    });
    return findings
      .filter(({ severity }) => severity !== 'ok')
      .map(({ code, table, detail }) => [code, table?.layer, detail]);
  }

  const names = sotTables.fiis.columns.map(({ name }) => name);
  const last = names.slice(names.indexOf('outros_indicadores'));

  test.each([
    ['before a new column', []],
    ['the first', last],
  ])('%s are a note, and no fault', async (_, older) => {
    const detail = `1 file of an earlier version, without ${[...older, 'vlr_novo'].join(', ')}`;
    const count = older.length;
    const found = await foundIn((table) => (count === 0 ? table : olderEdition(table, count)));
    expect(found).toEqual([
      ['columns-older', 'sor', detail],
      ['columns-older', 'sot', detail],
    ]);
  });

  test.each(['nome_fii', 'datetime_exec'])('that lack %s as well are a fault', async (missing) => {
    const found = await foundIn((table) => ({
      ...table,
      columns: table.columns.filter(({ name }) => name !== missing),
    }));
    expect(found).toContainEqual(['columns-wrong', 'sor', `${missing} is missing`]);
    expect(found).toContainEqual(['columns-wrong', 'sot', `${missing} is missing`]);
  });
});

describe('a day that is not among the newest', () => {
  const old = day('2026-11-10');
  let root: string;

  async function codes(everyValue: boolean): Promise<string[]> {
    const { findings } = await examineLake({
      ...{ lake: createLocalLake(root), store: createLocalInspector(root), bounds: unbounded },
      ...{ everyValue, now: noonOf(day('2026-11-20')), mayBeInProgress: false },
    });
    return findings.filter(({ severity }) => severity === 'problem').map(({ code }) => code);
  }

  beforeAll(async () => {
    root = await newFolder();
    for (const each of ['10', '11', '12', '13', '16', '17']) {
      await collectDay(root, smallMarket, { partition: day(`2026-11-${each}`) });
    }
  });

  test('shows by its footers alone that rows are missing', async () => {
    expect(await codes(false)).toEqual([]);
    const lake = createLocalLake(root);
    const rows = await rowsOf(lake, specTable, old);
    const file = { table: specTable, partition: old, name: 'dedup' };
    await lake.write(file, rows.slice(1));
    expect(await codes(false)).toEqual(['quotes-differ']);
    await lake.write(file, rows);
  });

  test('shows another value where all of them are asked for', async () => {
    const lake = createLocalLake(root);
    const rows = await rowsOf(lake, specTable, old);
    await lake.write(
      { table: specTable, partition: old, name: 'dedup' },
      rows.map((row) => ({ ...row, nome_ativo: 'OUTRO' })),
    );
    expect(await codes(false)).toEqual([]);
    expect(await codes(true)).toEqual(['quotes-differ']);
  });

  test('is missing where a kind lacks it in all its layers', async () => {
    const lake = createLocalLake(root);
    for (const table of [sorTables.fiis, sotTables.fiis]) {
      await lake.remove(await lake.files(table, day('2026-11-12')));
    }
    const { findings } = await examineLake({
      ...{ lake, store: createLocalInspector(root), bounds: unbounded },
      ...{ everyValue: false, now: noonOf(day('2026-11-18')), mayBeInProgress: false },
    });
    const missing = findings.filter(({ code }) => code === 'day-missing');
    expect(missing.map(({ subject, detail }) => [subject, detail])).toEqual([
      ['fiis', '1 trading day without rows: 2026-11-12'],
    ]);
  });
});
