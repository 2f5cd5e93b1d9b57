/** Faults of old days: they are told, and cost nothing of today. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Table } from '../../src/catalog/dataset.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import type { Lake } from '../../src/lake/lake.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { getFilePath, getPartitionFolder } from '../../src/lake/local/layout.ts';
import type { RunReport } from '../../src/pipeline/report.ts';
import { collectDay, someDay } from '../support/days.ts';
import { newFolder } from '../support/folders.ts';
import { tickersIn } from '../support/lake-rows.ts';
import { priced, smallMarket, tickersOf } from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const BROKEN = parsePartition('2026-11-17');
const WHOLE = parsePartition('2026-11-18');
const YESTERDAY = parsePartition('2026-11-19');

let root: string;
let lake: Lake;
beforeEach(async () => {
  root = await newFolder();
  lake = createLocalLake(root);
});

/** Bytes that are no Parquet file, where a file of a day must be. */
async function junk(table: Table, partition: typeof someDay, name = 'acoes-1.raw'): Promise<void> {
  const path = getFilePath(root, { table, partition, name });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'junk');
}

/** A day that was collected, and whose typed rows and quotes were not made. */
async function leaveUnfinished(partition: typeof someDay): Promise<void> {
  await collectDay(root, smallMarket, { partition });
  for (const table of [...Object.values(sotTables), specTable]) {
    await rm(getPartitionFolder(root, table, partition), { recursive: true });
  }
}

/** Runs today; answers its report, which reports were kept, and the days that it completed. */
async function runToday() {
  const kept: RunReport[] = [];
  const completed: number[] = [];
  const report = await collectDay(root, smallMarket, {
    writeReport: async (each) => void kept.push(each),
    events: { onCompleted: (day) => completed.push(day) },
  });
  return { report, kept, completed };
}

async function expectTodayWhole(): Promise<void> {
  expect(await tickersIn(lake, specTable, someDay)).toEqual(tickersOf(smallMarket));
}

describe('a day before with a fault', () => {
  test('that cannot be read costs today nothing, is reported, and keeps no other day from being completed', async () => {
    await junk(sorTables.acoes, BROKEN);
    await leaveUnfinished(WHOLE);
    const { report, kept, completed } = await runToday();
    await expectTodayWhole();
    expect(report.tickers).toMatchObject({ asked: 5, stored: 5, failed: [] });
    expect(report.uncompleted_days).toEqual([
      {
        date: '2026-11-17',
        reason: expect.stringMatching(
          /acoes-1\.raw\.parquet cannot be read as .*`pynvest doctor --fix` moves it to _quarantine/,
        ),
      },
    ]);
    expect(kept.at(-1)).toEqual(report);
    expect(completed).toEqual([WHOLE]);
    expect(await tickersIn(lake, specTable, WHOLE)).toEqual(tickersOf(smallMarket));
  });

  test('that a newer edition wrote costs today nothing, and stays as it is', async () => {
    await leaveUnfinished(YESTERDAY);
    const [file] = await lake.files(sorTables.acoes, YESTERDAY);
    if (file === undefined) throw new Error('nothing was collected');
    const newer: Table = {
      ...file.table,
      columns: [...file.table.columns, { name: 'novo', type: 'string', description: 'Novo' }],
    };
    await lake.write({ ...file, table: newer }, await lake.read(file));
    const { report } = await runToday();
    await expectTodayWhole();
    expect(report.uncompleted_days).toMatchObject([
      { date: '2026-11-19', reason: expect.stringMatching(/novo\. A newer pynvest/) },
    ]);
    const [row] = await createLocalLake(root).read({ ...file, table: newer });
    expect(row).toHaveProperty('novo');
  });

  test('whose folder cannot be listed costs today nothing', async () => {
    const folder = getPartitionFolder(root, sorTables.acoes, YESTERDAY);
    await mkdir(dirname(folder), { recursive: true });
    await writeFile(folder, 'a file, not a folder');
    const { report } = await runToday();
    await expectTodayWhole();
    expect(report.uncompleted_days).toMatchObject([
      { date: '2026-11-19', reason: expect.stringContaining('cannot be read') },
    ]);
  });

  test('is reported by every run until it is repaired, and is completed then', async () => {
    await leaveUnfinished(YESTERDAY);
    await junk(sorTables.fiis, YESTERDAY, 'fiis-1.raw');
    for (let run = 0; run < 2; run += 1) {
      expect((await runToday()).report.uncompleted_days).toHaveLength(1);
    }
    const spoilt = { table: sorTables.fiis, partition: YESTERDAY, name: 'fiis-1.raw' };
    await rm(getFilePath(root, spoilt));
    const { report, completed } = await runToday();
    expect(report).not.toHaveProperty('uncompleted_days');
    expect(completed).toEqual([YESTERDAY]);
    expect(await tickersIn(lake, specTable, YESTERDAY)).toEqual(tickersOf(smallMarket));
  });
});

describe('a broken file of raw text in today', () => {
  test('keeps no page from being read and stored; the report says why the tables do not follow', async () => {
    await collectDay(root, priced(smallMarket, '1,00'));
    await junk(sorTables.acoes, someDay);
    const { report } = await runToday();
    expect(report.tickers).toMatchObject({ asked: 5, stored: 5, failed: [] });
    expect(report.error).toMatch(/acoes-1\.raw\.parquet cannot be read/);
    const spoilt = { table: sorTables.acoes, partition: someDay, name: 'acoes-1.raw' };
    await rm(getFilePath(root, spoilt));
    expect((await runToday()).report).not.toHaveProperty('error');
    await expectTodayWhole();
  });
});
