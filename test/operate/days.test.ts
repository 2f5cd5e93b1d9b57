import { beforeAll, describe, expect, test } from 'vitest';
import type { Partition } from '../../src/catalog/partition.ts';
import { specTable } from '../../src/catalog/tables.ts';
import { createLocalLake } from '../../src/lake/local-lake.ts';
import { createLocalStore } from '../../src/lake/local-store.ts';
import { missingDays } from '../../src/operate/checks/days.ts';
import { examineLake } from '../../src/operate/checks/examine-lake.ts';
import { collectDay } from '../support/days.ts';
import { newFolder } from '../support/folders.ts';
import { rowsOf } from '../support/lake-rows.ts';
import { day } from '../support/made-up-lake.ts';
import { smallMarket } from '../support/small-market.ts';

const unbounded = { from: undefined, to: undefined };

describe('missing days', () => {
  const days = ['2026-10-08', '2026-10-14', '2026-10-16'].map(day);
  const detailOf = (bounds: Parameters<typeof missingDays>[1], today: Partition) =>
    missingDays(days, bounds, today).map(({ status, detail }) => [status, detail]);

  test('are those on which B3 traded, in ranges; today is not over', () => {
    // The 12th is a holiday, the 10th and 11th a weekend.
    expect(detailOf(unbounded, day('2026-10-20'))).toEqual([
      ['note', '4 trading days without rows: 2026-10-09 to 2026-10-13, 2026-10-15, 2026-10-19'],
    ]);
  });

  test('are looked for between the days asked for, and not before the first of the lake', () => {
    const bounds = { from: day('2026-01-01'), to: day('2026-10-13') };
    expect(detailOf(bounds, day('2026-10-20'))).toEqual([
      ['note', '2 trading days without rows: 2026-10-09 to 2026-10-13'],
    ]);
    expect(missingDays([], unbounded, day('2026-10-20'))).toEqual([]);
    expect(detailOf({ from: day('2026-10-16'), to: undefined }, day('2026-10-17'))).toEqual([]);
  });
});

describe('a day that is not among the newest', () => {
  const old = day('2026-11-10');
  let root: string;

  async function codes(everyValue: boolean): Promise<string[]> {
    const { findings } = await examineLake({
      ...{ lake: createLocalLake(root), store: createLocalStore(root), bounds: unbounded },
      ...{ everyValue, today: day('2026-11-20'), mayBeAtWork: false },
    });
    return findings.filter(({ status }) => status === 'problem').map(({ code }) => code);
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

  test('shows another value to whoever asks for all of them', async () => {
    const lake = createLocalLake(root);
    const rows = await rowsOf(lake, specTable, old);
    await lake.write(
      { table: specTable, partition: old, name: 'dedup' },
      rows.map((row) => ({ ...row, nome_ativo: 'OUTRO' })),
    );
    expect(await codes(false)).toEqual([]);
    expect(await codes(true)).toEqual(['quotes-differ']);
  });
});
