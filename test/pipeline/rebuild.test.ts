import { cpSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Row } from '../../src/catalog/column.ts';
import { OTHERS_COLUMN, READ_AT_COLUMN } from '../../src/catalog/datasets/shared-indicators.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { BrokenFileError } from '../../src/errors.ts';
import type { Lake, LakeFile } from '../../src/lake/lake.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { getFilePath } from '../../src/lake/local/layout.ts';
import { completeUnfinishedDays, rebuild } from '../../src/pipeline/rebuild.ts';
import { collectDay, newCollectedLake, someDay } from '../support/days.ts';
import { contentsBelow, newFolder } from '../support/folders.ts';
import { columnByTicker, rowsOf, rowsOfAll, tickersIn } from '../support/lake-rows.ts';
import { wholeRow } from '../support/rows.ts';
import { funds, smallMarket, tickersOf } from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const raw = (ticker: string, values: Row = {}): Row =>
  wholeRow(sorTables.acoes, {
    nome_papel: ticker,
    vlr_cot: '2,00',
    [READ_AT_COLUMN]: '2026-11-20T18:45:00.000-03:00',
    ...values,
  });

test('typed rows and quotes are made from raw text alone', async () => {
  const lake = createLocalLake(await newFolder());
  const file = { table: sorTables.acoes, partition: someDay, name: 'acoes-x.raw' };
  const others = JSON.stringify({ 'Nota de risco': 'A+' });
  await lake.write(file, [raw('TUCA3', { pct_var_dia: '-1,5%', [OTHERS_COLUMN]: others })]);
  const { rows, bytes } = await rebuild(lake, someDay);
  expect(rows).toEqual({
    [sorTables.acoes.name]: 1,
    [sorTables.fiis.name]: 0,
    [sotTables.acoes.name]: 1,
    [sotTables.fiis.name]: 0,
    [specTable.name]: 1,
  });
  expect(bytes).toBeGreaterThan(0);
  const [typed] = await rowsOf(lake, sotTables.acoes, someDay);
  expect(typed).toMatchObject({ vlr_cot: 2, pct_var_dia: -0.015, [OTHERS_COLUMN]: others });
  expect(typed?.[READ_AT_COLUMN]).toBe('2026-11-20T18:45:00.000-03:00');
  const [quote] = await rowsOf(lake, specTable, someDay);
  expect(quote).toMatchObject({ codigo_ticker_ativo: 'TUCA3', vlr_cot: 2, pct_var_dia: -0.015 });
});

test('a ticker that the raw text lacks keeps its typed row and its quote', async () => {
  const root = await newCollectedLake();
  const lake = createLocalLake(root);
  const before = await rowsOfAll(lake, someDay);
  await lake.remove(await lake.files(sorTables.fiis, someDay));
  const only = (await rowsOf(lake, sorTables.acoes, someDay)).slice(0, 1);
  await lake.write({ table: sorTables.acoes, partition: someDay, name: 'dedup' }, only);
  const { rows } = await rebuild(lake, someDay);
  const after = await rowsOfAll(lake, someDay);
  for (const table of [sotTables.acoes, sotTables.fiis, specTable]) {
    expect(after[table.name]).toEqual(before[table.name]);
  }
  expect(rows[sorTables.fiis.name]).toBe(0);
  expect(rows[sorTables.acoes.name]).toBe(1);
});

test('a typed row that was lost or spoilt comes back from the raw text', async () => {
  const root = await newCollectedLake();
  const lake = createLocalLake(root);
  const before = await rowsOfAll(lake, someDay);
  await lake.remove(await lake.files(sotTables.fiis, someDay));
  await lake.remove(await lake.files(specTable, someDay));
  const spoilt = (await rowsOf(lake, sotTables.acoes, someDay)).map((row) => ({
    ...row,
    vlr_cot: -1,
  }));
  await lake.write({ table: sotTables.acoes, partition: someDay, name: 'dedup' }, spoilt);
  // The clock of the file system ticks every few milliseconds: what is rebuilt is to be newer.
  await new Promise((resolve) => setTimeout(resolve, 15));
  await rebuild(lake, someDay);
  expect(await rowsOfAll(lake, someDay)).toEqual(before);
});

test('a second time gives the same rows and the same files', async () => {
  const root = await newCollectedLake();
  const lake = createLocalLake(root);
  const before = await contentsBelow(root);
  const { rows } = await rebuild(lake, someDay);
  expect(await contentsBelow(root)).toEqual(before);
  expect(Object.values(rows)).toEqual([3, 2, 3, 2, 5]);
});

test('text that does not parse is null in the typed row, and is named', async () => {
  const lake = createLocalLake(await newFolder());
  const file = { table: sorTables.acoes, partition: someDay, name: 'acoes-x.raw' };
  const odd = { num_acoes: '1,5', dt_ult_cot: '31/02/2026', vlr_cot: 'R$ 2,00', nome_setor: '-' };
  await lake.write(file, [raw('TUCA3', odd), raw('JABU4')]);
  const { unparsed } = await rebuild(lake, someDay);
  const expected = [
    { ticker: 'TUCA3', column: 'dt_ult_cot', text: '31/02/2026' },
    { ticker: 'TUCA3', column: 'num_acoes', text: '1,5' },
    { ticker: 'TUCA3', column: 'vlr_cot', text: 'R$ 2,00' },
  ];
  const inOrder = [...unparsed].sort((a, b) => (a.column < b.column ? -1 : 1));
  expect(inOrder).toEqual(expected);
  const price = await columnByTicker(lake, sotTables.acoes, someDay, 'vlr_cot');
  expect(price).toEqual({ JABU4: 2, TUCA3: null });
  expect(await columnByTicker(lake, specTable, someDay, 'vlr_cot')).toEqual(price);
});

test('a broken file of raw text is named, and nothing is removed for it', async () => {
  const root = await newCollectedLake();
  const lake = createLocalLake(root);
  const path = getFilePath(root, { table: sorTables.acoes, partition: someDay, name: 'broken' });
  await writeFile(path, 'PAR1 no, it is not');
  const before = await contentsBelow(root);
  await expect(rebuild(lake, someDay)).rejects.toThrow(BrokenFileError);
  await expect(rebuild(lake, someDay)).rejects.toThrow(path);
  expect(await contentsBelow(root)).toEqual(before);
  expect(await tickersIn(lake, sotTables.fiis, someDay)).toEqual(tickersOf(funds));
});

/** A lake that tells which files are read and written, and fails from the change on of which `isRefused` is true. */
function watch(lake: Lake, isRefused: (changes: number) => boolean = () => false) {
  const read: string[] = [];
  const written: string[] = [];
  let changes = 0;
  const pathOf = ({ table, name }: LakeFile): string => `${table.name}/${name}`;
  const change = (): void => {
    if (isRefused(changes)) throw new Error('the process died');
    changes += 1;
  };
  const watched: Lake = {
    ...lake,
    read(file, options) {
      read.push(pathOf(file));
      return lake.read(file, options);
    },
    write(file, rows, condition) {
      change();
      written.push(pathOf(file));
      return lake.write(file, rows, condition);
    },
    async remove(files) {
      if (files.length > 0) change();
      await lake.remove(files);
    },
  };
  return { watched, read, written };
}

test('a day that is right is read once, and not written', async () => {
  const root = await newCollectedLake();
  const { watched, read, written } = watch(createLocalLake(root));
  await rebuild(watched, someDay);
  expect(written).toEqual([]);
  const tables = [sorTables.acoes, sorTables.fiis, sotTables.acoes, sotTables.fiis, specTable];
  expect(read.sort()).toEqual(tables.map(({ name }) => `${name}/dedup`).sort());
});

test('a day of raw text alone is written once', async () => {
  const root = await newCollectedLake();
  const lake = createLocalLake(root);
  for (const table of [sotTables.acoes, sotTables.fiis, specTable])
    await lake.remove(await lake.files(table, someDay));
  const { watched, written } = watch(lake);
  await rebuild(watched, someDay);
  const tables = [sotTables.acoes, sotTables.fiis, specTable];
  expect(written).toEqual(tables.map(({ name }) => `${name}/dedup`));
});

describe('a rebuild that dies after any change', () => {
  /** With other prices than those that were typed. */
  const changeRawText = async (lake: Lake): Promise<void> => {
    for (const table of [sorTables.acoes, sorTables.fiis]) {
      const rows = await rowsOf(lake, table, someDay);
      const changed = rows.map((row) => ({ ...row, vlr_cot: '7,77' }));
      await lake.write({ table, partition: someDay, name: 'dedup' }, changed);
    }
  };
  const removeTyped = async (lake: Lake): Promise<void> => {
    for (const table of [sotTables.acoes, sotTables.fiis, specTable])
      await lake.remove(await lake.files(table, someDay));
  };

  test.each([
    ['of raw text that has changed', changeRawText],
    ['of raw text alone', removeTyped],
  ])('%s is completed by the next run', async (_, prepare) => {
    const collected = await newFolder();
    await collectDay(collected, smallMarket);
    await prepare(createLocalLake(collected));
    const newDay = async (): Promise<Lake> => {
      const root = await newFolder();
      cpSync(collected, root, { recursive: true });
      return createLocalLake(root);
    };
    const intact = await newDay();
    await rebuild(intact, someDay);
    const wanted = await rowsOfAll(intact, someDay);
    for (let died = true, last = 1; died; last += 1) {
      const lake = await newDay();
      const { watched } = watch(lake, (changes) => changes === last);
      died = await rebuild(watched, someDay).then(
        () => false,
        () => true,
      );
      const failed = await completeUnfinishedDays({
        lake,
        today: (someDay + 1) as Partition,
        signal: new AbortController().signal,
        onCompleted: () => undefined,
      });
      expect(failed).toEqual([]);
      expect(await rowsOfAll(lake, someDay), `died after ${last} changes`).toEqual(wanted);
    }
  });
});
