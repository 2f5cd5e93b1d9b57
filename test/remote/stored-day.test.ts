import { expect, test } from 'vitest';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { groupByKind } from '../../src/remote/stored-day.ts';
import { newFolder } from '../support/folders.ts';
import { day } from '../support/made-up-lake.ts';
import { sampleRow } from '../support/rows.ts';
import { sorTables } from '../support/tables.ts';

const tickers = ['TAEE11', 'HGLG11', 'PETR4', 'NOVO11'].map((text) => parseTicker(text));

async function lakeWith(date: string, stocks: readonly string[], funds: readonly string[]) {
  const lake = createLocalLake(await newFolder());
  const partition = day(date);
  const { acoes, fiis } = sorTables;
  const rowsOf = (table: typeof acoes, names: readonly string[]) =>
    names.map((name) => sampleRow(table, { [table.tickerColumn]: name }));
  await lake.write({ table: acoes, partition, name: 'acoes-1.raw' }, rowsOf(acoes, stocks));
  await lake.write({ table: fiis, partition, name: 'fiis-1.raw' }, rowsOf(fiis, funds));
  return lake;
}

test('a unit that the lake has as a stock is a stock, and a ticker that it does not know is asked as one', async () => {
  const lake = await lakeWith('2026-11-19', ['TAEE11', 'PETR4'], ['HGLG11']);
  expect(await groupByKind(lake, day('2026-11-20'), tickers)).toEqual({
    acoes: ['TAEE11', 'PETR4', 'NOVO11'],
    fiis: ['HGLG11'],
  });
});

test('a fund that the site lists among the stocks too is a fund', async () => {
  const lake = await lakeWith('2026-11-20', ['HGLG11'], ['HGLG11']);
  expect((await groupByKind(lake, day('2026-11-20'), tickers)).fiis).toContain('HGLG11');
});

test('days after the one asked for do not count', async () => {
  const lake = await lakeWith('2026-11-20', ['TAEE11'], ['HGLG11']);
  expect(await groupByKind(lake, day('2026-11-19'), tickers)).toEqual({
    acoes: tickers,
    fiis: [],
  });
});
