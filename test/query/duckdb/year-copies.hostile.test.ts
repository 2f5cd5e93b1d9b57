/**
 * The copies of an old year, and of the months of the newest quarter, answer as their daily files do. A longer one takes
 * the place of those of its parts.
 */
import { cpSync, rmSync } from 'node:fs';
import { cp, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reviewCopies } from '../../../src/lake/local/copies-review.ts';
import { getFilePath, getPartitionFolder } from '../../../src/lake/local/layout.ts';
import { findPeriodCopies, getCopiesFolder } from '../../../src/lake/local/period-copies.ts';
import { copyPeriod } from '../../../src/query/duckdb/copy-period.ts';
import { updatePeriodCopies } from '../../../src/query/duckdb/update-copies.ts';
import { duckdb } from '../../support/duckdb.ts';
import { ask, selectQuotes } from '../../support/engines.ts';
import { filesBelow, newFolder } from '../../support/folders.ts';
import { listWeekdays } from '../../support/long-history.ts';
import { day, quote, writeQuotes } from '../../support/made-up-lake.ts';
import {
  copiedPeriods,
  expectSameAnswers as expectSameAnswersTo,
  replaceLake,
} from '../../support/period-copies.ts';
import { specTable } from '../../support/tables.ts';

const TABLE = `${specTable.database}.${specTable.name}`;
/** The Tuesdays and Thursdays of a year: just enough days for a copy of all. */
const DAYS = listWeekdays('2023-01-02', '2023-12-29').filter(
  (_, at) => at % 5 === 1 || at % 5 === 3,
);
const QUARTERS = ['2023-q1', '2023-q2', '2023-q3', '2023-q4'];

let model: string;
/** The same with the copies of its quarters, and that with July and the copy of the year. */
let withQuarters: string;
let withYear: string;
let root: string;

beforeAll(async () => {
  model = await newFolder();
  for (const [at, date] of DAYS.entries()) {
    await writeQuotes(model, date, [quote('PETR4', at, { dt_ult_cot: date }), quote('VALE3', -0)]);
  }
  await writeQuotes(model, '2024-06-28', [quote('PETR4', 500)]);
  root = join(await newFolder(), 'lake');
  await replaceLake(root, model);
  await copyQuarters();
  withQuarters = await newFolder();
  await replaceLake(withQuarters, root);
  await copyYear();
  withYear = await newFolder();
  await replaceLake(withYear, root);
});

// In the same folder: to open the engine of another one takes as long as some questions.
beforeEach(async () => {
  rmSync(`${root}-copies`, { recursive: true, force: true });
  await replaceLake(root, model);
});

const pathOf = (date: string): string =>
  getFilePath(root, { table: specTable, partition: day(date), name: 'dedup' });

const copyNames = async (): Promise<string[]> =>
  (await filesBelow(getCopiesFolder(root, specTable)))
    .map((name) => name.split(/-[0-9a-f]{32}/)[0] ?? '')
    .sort();

/** With July of the next year the quarters are copied as one. */
async function beginJuly(): Promise<void> {
  await writeQuotes(root, '2024-07-01', [quote('PETR4', 501)]);
}

async function copyQuarters(): Promise<void> {
  expect(await updatePeriodCopies(root)).toEqual([]);
  expect(copiedPeriods(root)).toEqual(QUARTERS);
}

async function copyYear(): Promise<void> {
  await beginJuly();
  expect(await updatePeriodCopies(root)).toEqual([]);
  expect(copiedPeriods(root)).toEqual(['2023', '2024-q2']);
}

/** All days, none, and parts of what is copied. */
const RANGES = {
  ofYear: [
    {},
    { from: day('2023-06-15') },
    { to: day('2023-02-01') },
    { from: day('2023-03-29'), to: day('2023-04-04') },
    { from: day('2023-03-01'), to: day('2023-11-30') },
    { from: day('2022-01-01'), to: day('2022-12-31') },
  ],
  ofMonths: [
    {},
    { from: day('2026-08-04'), to: day('2026-09-03') },
    { from: day('2022-01-01'), to: day('2022-12-31') },
  ],
};

/** With the copies and without. */
async function expectSameAnswers(ranges: keyof typeof RANGES = 'ofYear'): Promise<void> {
  await expectSameAnswersTo(root, [
    ...RANGES[ranges].map((range) => selectQuotes([], range).sql),
    `SELECT anomesdia_exec, count(*), sum(vlr_cot) FROM ${TABLE} GROUP BY ALL`,
    `SELECT * FROM ${TABLE} WHERE codigo_ticker_ativo = 'PETR4' AND anomesdia_exec > 20230930`,
    `DESCRIBE ${TABLE}`,
  ]);
}

test('a year is copied by quarters until July of the next, and then as one', async () => {
  await copyQuarters();
  await expectSameAnswers();
  await beginJuly();
  // Until a command copies it the copies of the quarters answer.
  expect(copiedPeriods(root)).toEqual(QUARTERS);
  await copyYear();
  expect(await copyNames()).toEqual(['2023', '2024-q2']);
  await expectSameAnswers();
  const files = await filesBelow(root);
  expect(await updatePeriodCopies(root)).toEqual([]);
  expect(await filesBelow(root)).toEqual(files);
});

test('a question about a few of its days does not read it', async () => {
  await replaceLake(root, withYear);
  const few = { from: day('2023-03-29'), to: day('2023-04-04') };
  expect([...findPeriodCopies(root, specTable, few)]).toEqual([]);
  const many = { from: day('2023-03-29') };
  expect([...findPeriodCopies(root, specTable, many).keys()]).toEqual(['2023', '2024-q2']);
});

test('a year of few days keeps the copies of its quarters', async () => {
  for (const date of DAYS.slice(0, 40)) await rm(dirname(pathOf(date)), { recursive: true });
  await beginJuly();
  expect(await updatePeriodCopies(root)).toEqual([]);
  expect(copiedPeriods(root)).toEqual([...QUARTERS.slice(1), '2024-q2']);
});

test('copies of its quarters beside it bring no row twice, and go', async () => {
  await replaceLake(root, withQuarters);
  const folder = getCopiesFolder(root, specTable);
  await cp(folder, `${root}-copies`, { recursive: true, preserveTimestamps: true });
  await copyYear();
  const [ofYear = ''] = findPeriodCopies(root, specTable).values();
  await rename(ofYear, `${root}-copies/${ofYear.slice(folder.length)}`);
  await rm(folder, { recursive: true });
  await rename(`${root}-copies`, folder);
  expect(await copyNames()).toEqual(['2023', ...QUARTERS]);
  await expectSameAnswers();
  expect(await updatePeriodCopies(root)).toEqual([]);
  expect(await copyNames()).toEqual(['2023', '2024-q2']);
});

test.each<[string, (file: string) => Promise<unknown>]>([
  ['edited', () => writeQuotes(root, DAYS[70] ?? '', [quote('PETR4', 7)])],
  ['removed', (file) => rm(file)],
  ['joined by another', (file) => cp(file, join(dirname(file), 'x.parquet'))],
  ['joined by another day', () => writeQuotes(root, '2023-08-06', [quote('PETR4', 6)])],
])('a daily file that is %s shows at once, and the year is copied again', async (_, change) => {
  await replaceLake(root, withYear);
  const [before] = findPeriodCopies(root, specTable).values();
  await change(pathOf(DAYS[70] ?? ''));
  expect(copiedPeriods(root)).toEqual(['2024-q2']);
  await expectSameAnswers();
  await copyYear();
  expect(await copyNames()).toEqual(['2023', '2024-q2']);
  expect([...findPeriodCopies(root, specTable).values()][0]).not.toBe(before);
  await expectSameAnswers();
});

test.each<[string, number, () => Promise<unknown>]>([
  [
    'of another program',
    0,
    async () => {
      const folder = getPartitionFolder(root, specTable, day('2023-08-06'));
      await mkdir(folder);
      const rows = `SELECT 'PETR4' AS codigo_ticker_ativo, 7 AS vlr_cot`;
      await duckdb(`COPY (${rows}) TO '${folder}/other.parquet' (FORMAT parquet)`);
    },
  ],
  ['that is cut off', 1, () => writeFile(pathOf('2023-08-07'), 'PAR1')],
])('with a file %s the other quarters are copied', async (_, errors, change) => {
  await writeQuotes(root, '2023-08-07', [quote('PETR4', 7)]);
  await change();
  await beginJuly();
  expect(await updatePeriodCopies(root)).toHaveLength(errors);
  expect(copiedPeriods(root)).toEqual(['2023-q1', '2023-q2', '2023-q4', '2024-q2']);
  await expectSameAnswers();
  const files = await filesBelow(root);
  expect(await updatePeriodCopies(root)).toHaveLength(errors);
  expect(await filesBelow(root)).toEqual(files);
});

test('a quarter that cannot be copied does not make every command try all of the year again', async () => {
  await writeFile(pathOf(DAYS[70] ?? ''), 'PAR1');
  await beginJuly();
  expect(await updatePeriodCopies(root)).toHaveLength(1);
  expect(reviewCopies(root, specTable).toCopy).toEqual(['2023-q3']);
  await writeQuotes(root, DAYS[70] ?? '', [quote('PETR4', 7)]);
  expect(await updatePeriodCopies(root)).toEqual([]);
  await copyYear();
  await expectSameAnswers();
});

test('a year that cannot be written is told, where its quarters are copied', async () => {
  await replaceLake(root, withQuarters);
  await beginJuly();
  const steps: boolean[] = [];
  // There is a folder in the place of the temporary files of all copies of this lake.
  await rm(join(root, '_tmp'), { recursive: true, force: true });
  await writeFile(join(root, '_tmp'), '');
  const errors = await updatePeriodCopies(root, async () => ({
    step: (ok) => void steps.push(ok),
    stop: () => undefined,
  }));
  expect(errors.map(String)).toEqual([
    expect.stringContaining('a copy of 2023'),
    expect.stringContaining('a copy of 2024-q2'),
  ]);
  expect(steps).toEqual([false, false]);
  expect(copiedPeriods(root)).toEqual(QUARTERS);
  await expectSameAnswers();
});

test('a day that cannot be listed is no day without rows, whenever it came', async () => {
  await replaceLake(root, withYear);
  const folder = getPartitionFolder(root, specTable, day('2023-08-07'));
  await symlink(basename(folder), folder);
  expect(copiedPeriods(root)).toEqual(['2024-q2']);
  await expect(ask(root, `SELECT count(*) FROM ${TABLE}`)).rejects.toThrow('cannot be read');
});

test('a file that comes while a period is copied is in the copy, or there is none', async () => {
  const other = await newFolder();
  await writeQuotes(other, '2023-02-05', [quote('VALE3', 2)]);
  const from = getPartitionFolder(other, specTable, day('2023-02-05'));
  const bring = (): void =>
    cpSync(from, getPartitionFolder(root, specTable, day('2023-02-05')), { recursive: true });
  // The copy waits for a moment where a file is new, which is after its files were looked at first.
  const now = new Date();
  await utimes(pathOf(DAYS[1] ?? ''), now, now);
  const copying = copyPeriod(root, specTable, '2023-q1');
  bring();
  await copying;
  await updatePeriodCopies(root);
  await expectSameAnswers();
  expect(copiedPeriods(root)).toEqual(QUARTERS);
});

describe('of the newest quarter', () => {
  const weekdays = (month: string): string[] => listWeekdays(`${month}-01`, `${month}-14`);

  /** Three months, of which the first has nine days and the second ten. */
  let months: string;
  beforeAll(async () => {
    months = await newFolder();
    const days = [
      ...weekdays('2026-07').slice(0, 9),
      ...weekdays('2026-08').slice(0, 10),
      ...weekdays('2026-09'),
    ];
    for (const [at, date] of days.entries()) {
      await writeQuotes(months, date, [quote('PETR4', at, { dt_ult_cot: date })]);
    }
  });

  beforeEach(() => replaceLake(root, months));

  test('the months before the last are copied, and then the quarter as one', async () => {
    expect(await updatePeriodCopies(root)).toEqual([]);
    expect(copiedPeriods(root)).toEqual(['2026-08']);
    await expectSameAnswers('ofMonths');
    expect(await updatePeriodCopies(root)).toEqual([]);
    await writeQuotes(root, '2026-10-01', [quote('PETR4', 100)]);
    // Until a command copies the quarter.
    expect(copiedPeriods(root)).toEqual(['2026-08']);
    expect(await updatePeriodCopies(root)).toEqual([]);
    expect(await copyNames()).toEqual(['2026-q3']);
    await expectSameAnswers('ofMonths');
  });

  test('a daily file that changes in a copied month shows at once', async () => {
    await updatePeriodCopies(root);
    await writeQuotes(root, '2026-08-05', [quote('PETR4', 7)]);
    expect(copiedPeriods(root)).toEqual([]);
    await expectSameAnswers('ofMonths');
    expect(await updatePeriodCopies(root)).toEqual([]);
    expect(await copyNames()).toEqual(['2026-08']);
    await expectSameAnswers('ofMonths');
  });

  test('the months stay copied where the quarter cannot be', async () => {
    await updatePeriodCopies(root);
    await writeFile(pathOf('2026-09-02'), 'PAR1');
    await writeQuotes(root, '2026-10-01', [quote('PETR4', 100)]);
    for (const _ of [1, 2]) {
      expect(await updatePeriodCopies(root)).toHaveLength(1);
      expect(copiedPeriods(root)).toEqual(['2026-08']);
      await expectSameAnswers('ofMonths');
    }
  });

  test('copies of the months beside that of the quarter bring no row twice, and go', async () => {
    await updatePeriodCopies(root);
    const [ofMonth = ''] = findPeriodCopies(root, specTable).values();
    await rename(ofMonth, join(root, 'month'));
    await writeQuotes(root, '2026-10-01', [quote('PETR4', 100)]);
    await updatePeriodCopies(root);
    await rename(join(root, 'month'), ofMonth);
    expect(await copyNames()).toEqual(['2026-08', '2026-q3']);
    expect(copiedPeriods(root)).toEqual(['2026-q3']);
    await expectSameAnswers('ofMonths');
    await updatePeriodCopies(root);
    expect(await copyNames()).toEqual(['2026-q3']);
  });
});
