import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { getPartition } from '../../../src/catalog/partition.ts';
import { createLocalLake } from '../../../src/lake/local/lake.ts';
import { csvLines } from '../../support/answers.ts';
import { collectDay } from '../../support/days.ts';
import { contentsBelow, filesBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { day } from '../../support/made-up-lake.ts';
import { funds, smallMarket, stocks } from '../../support/small-market.ts';
import { sotTables, specTable } from '../../support/tables.ts';

const DATE = '2026-11-20';

let lake: string;
beforeEach(async () => {
  lake = await newFolder();
  await collectDay(lake, smallMarket, { partition: day(DATE) });
});

/** Writes the rows of the typed tables a second time, as a file of another name. */
async function duplicate(): Promise<void> {
  const files = createLocalLake(lake);
  for (const table of [...Object.values(sotTables), specTable]) {
    const file = { table, partition: day(DATE), name: 'dedup' };
    await files.write({ ...file, name: 'acoes-again.prep' }, await files.read(file));
  }
}

const dedup = (...args: string[]) => pynvest(['dedup', 'now', '--lake', lake, ...args]);
const counted = (before: number) => [
  ['20261120', sotTables.acoes.name, String(stocks.length * before), String(stocks.length)],
  ['20261120', sotTables.fiis.name, String(funds.length * before), String(funds.length)],
  ['20261120', specTable.name, String(smallMarket.length * before), String(smallMarket.length)],
];

describe('pynvest dedup now', () => {
  test('leaves one row a ticker and one file a table, and counts what it removed', async () => {
    const files = await filesBelow(lake);
    await duplicate();
    expect(await filesBelow(lake)).not.toEqual(files);
    const { status, stdout, stderr } = await dedup('--date', DATE);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: '2026-11-20: 10 duplicate rows removed\n',
    });
    const [header, ...rows] = csvLines(stdout);
    expect(header).toEqual(['anomesdia_exec', 'table', 'rows_before', 'rows_after']);
    expect(rows).toEqual(counted(2));
    expect(await filesBelow(lake)).toEqual(files);
  });

  test('changes nothing where nothing is there twice', async () => {
    const before = await contentsBelow(lake);
    const { status, stdout, stderr } = await dedup('--date', DATE, '--quiet');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(csvLines(stdout).slice(1)).toEqual(counted(1));
    expect(await contentsBelow(lake)).toEqual(before);
  });

  test('takes today without --date', async () => {
    const today = getPartition(new Date());
    const other = await newFolder();
    await collectDay(other, smallMarket, { partition: today });
    const { status, stdout } = await pynvest(['dedup', 'now', '--lake', other]);
    expect(status).toBe(0);
    expect(csvLines(stdout)[1]?.[0]).toBe(String(today));
  });

  test('fails for a day without rows, and says which is the newest', async () => {
    const { status, stdout, stderr } = await dedup('--date', '2026-11-19');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('error: the lake has no typed rows of 2026-11-19');
    expect(stderr).toContain('--date 2026-11-20');
    const nowhere = join(lake, 'nowhere');
    const none = await pynvest(['dedup', 'now', '--lake', nowhere]);
    expect(none).toMatchObject({ status: 1, stdout: '' });
    expect(none.stderr).toContain(`there is no lake at ${nowhere}: the folder does not exist`);
    expect(await filesBelow(nowhere)).toEqual([]);
    const empty = await pynvest(['dedup', 'now', '--lake', await newFolder()]);
    expect(empty.stderr).toContain('It has no typed rows of any day: `pynvest run --lake ');
  });

  test('refuses what is no date with status 2', async () => {
    const { status, stderr } = await dedup('--date', 'amanhã');
    expect(status).toBe(2);
    expect(stderr).toContain('"amanhã" is not a date');
  });
});
