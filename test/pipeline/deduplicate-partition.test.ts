import { describe, expect, test } from 'vitest';
import { assets } from '../../src/catalog/asset.ts';
import type { Row } from '../../src/catalog/column.ts';
import type { Table } from '../../src/catalog/dataset.ts';
import { quotes } from '../../src/catalog/datasets/cotacoes.ts';
import { READ_AT_COLUMN } from '../../src/catalog/datasets/shared-indicators.ts';
import type { Lake } from '../../src/lake/lake.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import {
  deduplicatePartition,
  deduplicateTypedLayers,
} from '../../src/pipeline/deduplicate-partition.ts';
import { someDay } from '../support/days.ts';
import { contentsBelow, newFolder } from '../support/folders.ts';
import { columnByTicker, rowsOf, tickersIn } from '../support/lake-rows.ts';
import { wholeRow } from '../support/rows.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const stocks = sotTables.acoes;

/** A typed row of a stock, read at an hour of the day, in São Paulo unless said otherwise. */
const typed = (ticker: string, price: number, hour: string, offset = '-03:00'): Row =>
  wholeRow(stocks, {
    nome_papel: ticker,
    vlr_cot: price,
    [READ_AT_COLUMN]: `2026-11-20T${hour}:00.000${offset}`,
  });

const quote = (ticker: string, price: number): Row =>
  wholeRow(specTable, { codigo_ticker_ativo: ticker, vlr_cot: price, tipo_ativo: 'Ação' });

/** Writes the rows of files, one after the other. */
async function fill(lake: Lake, table: Table, files: Record<string, readonly Row[]>) {
  for (const [name, rows] of Object.entries(files)) {
    await lake.write({ table, partition: someDay, name }, rows);
    // The clock of the file system ticks every few milliseconds: let it tell the files apart.
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

const names = async (lake: Lake, table: Table) =>
  (await lake.files(table, someDay)).map(({ name }) => name);

const prices = (lake: Lake, table: Table) => columnByTicker(lake, table, someDay, 'vlr_cot');

describe('typed rows', () => {
  test('one row a ticker stays, the one whose page was read last, in one file', async () => {
    const lake = createLocalLake(await newFolder());
    await fill(lake, stocks, {
      b: [typed('TUCA3', 3, '19:00'), typed('JABU4', 1, '18:00')],
      a: [typed('TUCA3', 2, '18:30'), typed('JABU4', 2, '18:01'), typed('ARAF4', 9, '18:00')],
    });
    const done = await deduplicatePartition(lake, assets.acoes.dataset, 'sot', someDay);
    expect(done).toMatchObject({ table: stocks.name, rowsBefore: 5, rowsAfter: 3 });
    expect(done.bytes).toBeGreaterThan(0);
    expect(await prices(lake, stocks)).toEqual({ ARAF4: 9, JABU4: 2, TUCA3: 3 });
    expect(await names(lake, stocks)).toEqual(['dedup']);
  });

  test('the time decides, not its text: an offset is understood', async () => {
    const lake = createLocalLake(await newFolder());
    await fill(lake, stocks, {
      a: [typed('TUCA3', 2, '20:00', '+00:00'), typed('TUCA3', 1, '18:00', '-03:00')],
    });
    await deduplicatePartition(lake, assets.acoes.dataset, 'sot', someDay);
    expect(await prices(lake, stocks)).toEqual({ TUCA3: 1 });
  });

  test('between rows of the same time, or of none, the newer file decides', async () => {
    const lake = createLocalLake(await newFolder());
    const timeless = { ...typed('JABU4', 1, '18:00'), [READ_AT_COLUMN]: null };
    await fill(lake, stocks, {
      z: [typed('TUCA3', 1, '18:00'), timeless],
      a: [typed('TUCA3', 2, '18:00'), { ...timeless, vlr_cot: 2 }],
    });
    await deduplicatePartition(lake, assets.acoes.dataset, 'sot', someDay);
    expect(await prices(lake, stocks)).toEqual({ JABU4: 2, TUCA3: 2 });
  });

  test('a second time changes nothing on the disk', async () => {
    const root = await newFolder();
    const lake = createLocalLake(root);
    await fill(lake, stocks, { a: [typed('TUCA3', 1, '18:00')], b: [typed('TUCA3', 2, '19:00')] });
    await deduplicatePartition(lake, assets.acoes.dataset, 'sot', someDay);
    const before = await contentsBelow(root);
    const again = await deduplicatePartition(lake, assets.acoes.dataset, 'sot', someDay);
    expect(again).toMatchObject({ rowsBefore: 1, rowsAfter: 1, bytes: 0 });
    expect(await contentsBelow(root)).toEqual(before);
  });

  test('a day without rows stays a day without rows', async () => {
    const root = await newFolder();
    const done = await deduplicateTypedLayers(createLocalLake(root), someDay);
    expect(done.map(({ rowsAfter, file }) => [rowsAfter, file])).toEqual([
      [0, undefined],
      [0, undefined],
      [0, undefined],
    ]);
    expect(await contentsBelow(root)).toEqual({});
  });

  test('the new file is written before an old one is removed: no ticker is ever missing', async () => {
    const lake = createLocalLake(await newFolder());
    await fill(lake, stocks, {
      a: [typed('TUCA3', 1, '18:00')],
      b: [typed('JABU4', 1, '18:00')],
      dedup: [typed('ARAF4', 1, '17:00'), typed('TUCA3', 0, '17:00')],
    });
    const seen: string[][] = [];
    const look = async () => seen.push([...new Set(await tickersIn(lake, stocks, someDay))]);
    const watched: Lake = {
      ...lake,
      async write(file, rows) {
        await look();
        const bytes = await lake.write(file, rows);
        await look();
        return bytes;
      },
      async remove(files) {
        for (const file of files) {
          await lake.remove([file]);
          await look();
        }
      },
    };
    await deduplicatePartition(watched, assets.acoes.dataset, 'sot', someDay);
    expect(seen).toHaveLength(4);
    for (const tickers of seen) expect(tickers).toEqual(['ARAF4', 'JABU4', 'TUCA3']);
  });

  test('raw text is deduplicated in the same way', async () => {
    const lake = createLocalLake(await newFolder());
    const raw = (price: string, hour: string) =>
      wholeRow(sorTables.acoes, {
        nome_papel: 'TUCA3',
        vlr_cot: price,
        [READ_AT_COLUMN]: `2026-11-20T${hour}:00.000-03:00`,
      });
    await fill(lake, sorTables.acoes, { a: [raw('9,00', '19:00')], b: [raw('8,00', '18:00')] });
    await deduplicatePartition(lake, assets.acoes.dataset, 'sor', someDay);
    expect(await prices(lake, sorTables.acoes)).toEqual({ TUCA3: '9,00' });
  });
});

describe('quotes', () => {
  test('follow the newest typed row, whichever quote is in the newest file', async () => {
    const lake = createLocalLake(await newFolder());
    await fill(lake, stocks, { a: [typed('TUCA3', 3, '19:00')], b: [typed('TUCA3', 2, '18:00')] });
    await fill(lake, specTable, { x: [quote('TUCA3', 3)], y: [quote('TUCA3', 2)] });
    const done = await deduplicatePartition(lake, quotes, 'spec', someDay);
    expect(done).toMatchObject({ rowsBefore: 2, rowsAfter: 1 });
    expect(await prices(lake, specTable)).toEqual({ TUCA3: 3 });
  });

  test('are made for a typed row that has none yet', async () => {
    const lake = createLocalLake(await newFolder());
    await fill(lake, stocks, { a: [typed('TUCA3', 3, '19:00')] });
    await fill(lake, sotTables.fiis, {
      a: [wholeRow(sotTables.fiis, { fii: 'DEMO11', vlr_cot: 100 })],
    });
    await deduplicatePartition(lake, quotes, 'spec', someDay);
    expect(await prices(lake, specTable)).toEqual({ DEMO11: 100, TUCA3: 3 });
    const kinds = await columnByTicker(lake, specTable, someDay, 'tipo_ativo');
    expect(kinds).toEqual({ DEMO11: 'Fundo Imobiliário', TUCA3: 'Ação' });
  });

  test('of a ticker that the typed tables lack stay, the one of the newest file', async () => {
    const lake = createLocalLake(await newFolder());
    await fill(lake, stocks, { a: [typed('TUCA3', 3, '19:00')] });
    await fill(lake, specTable, {
      z: [quote('VELH3', 1)],
      a: [quote('VELH3', 2), quote('TUCA3', 1)],
    });
    await deduplicatePartition(lake, quotes, 'spec', someDay);
    expect(await prices(lake, specTable)).toEqual({ TUCA3: 3, VELH3: 2 });
    expect(await rowsOf(lake, specTable, someDay)).toHaveLength(2);
    expect(await names(lake, specTable)).toEqual(['dedup']);
  });
});
