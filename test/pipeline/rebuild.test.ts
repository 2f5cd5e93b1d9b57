import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Row } from '../../src/catalog/column.ts';
import { OTHERS_COLUMN, READ_AT_COLUMN } from '../../src/catalog/indicators.ts';
import { BrokenFileError } from '../../src/errors.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { getFilePath } from '../../src/lake/local/layout.ts';
import { rebuild } from '../../src/pipeline/rebuild.ts';
import { collectDay, someDay } from '../support/days.ts';
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
  const root = await newFolder();
  await collectDay(root, smallMarket);
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
  const root = await newFolder();
  await collectDay(root, smallMarket);
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
  const root = await newFolder();
  await collectDay(root, smallMarket);
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
  const root = await newFolder();
  await collectDay(root, smallMarket);
  const lake = createLocalLake(root);
  const path = getFilePath(root, { table: sorTables.acoes, partition: someDay, name: 'broken' });
  await writeFile(path, 'PAR1 no, it is not');
  const before = await contentsBelow(root);
  await expect(rebuild(lake, someDay)).rejects.toThrow(BrokenFileError);
  await expect(rebuild(lake, someDay)).rejects.toThrow(path);
  expect(await contentsBelow(root)).toEqual(before);
  expect(await tickersIn(lake, sotTables.fiis, someDay)).toEqual(tickersOf(funds));
});
