import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { assets } from '../../src/catalog/asset.ts';
import { toTicker } from '../../src/catalog/ticker.ts';
import { UsageError } from '../../src/errors.ts';
import { indicatorResultColumns } from '../../src/query/columns.ts';
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import type { OutputValue } from '../../src/query/engine.ts';
import {
  type IndicatorsOptions,
  readIndicators,
  streamIndicators,
} from '../../src/query/indicators.ts';
import { parseSort } from '../../src/query/refinements.ts';
import type { DayRange } from '../../src/query/select.ts';
import { parseWhere } from '../../src/query/where/parser.ts';
import { openOnce } from '../support/engines.ts';
import { newFolder } from '../support/folders.ts';
import { day, typed, writeRowsTo } from '../support/made-up-lake.ts';
import { sotTables } from '../support/tables.ts';

const today = day('2026-11-30');

let root: string;
beforeAll(async () => {
  root = await newFolder();
  const stock = (ticker: string, price: number) => typed('acoes', ticker, { vlr_cot: price });
  const fund = (ticker: string, price: number) =>
    typed('fiis', ticker, { vlr_cot: price, segmento: 'Logística' });
  const { acoes, fiis } = sotTables;
  await writeRowsTo(root, acoes, '2026-11-18', [stock('PETR4', 1), stock('OLDD3', 9)]);
  await writeRowsTo(root, acoes, '2026-11-19', [stock('PETR4', 2), stock('OLDD3', 8)]);
  await writeRowsTo(root, acoes, '2026-11-20', [stock('PETR4', 3), stock('VALE3', 4)]);
  await writeRowsTo(root, fiis, '2026-11-18', [fund('HGLG11', 5)]);
  await writeRowsTo(root, fiis, '2026-11-19', [fund('HGLG11', 6)]);
});

async function indicators(
  names: readonly string[],
  columns?: readonly string[],
  days: DayRange = {},
  form: IndicatorsOptions = {},
) {
  const tickers = names.flatMap((name) => toTicker(name) ?? []);
  return readIndicators(await openOnce(root), tickers, columns, days, form);
}

describe('the indicators', () => {
  test('of a stock are its row of the newest day, with all columns of stocks', async () => {
    const { columns, rows, missing } = await indicators(['PETR4']);
    expect(columns.slice(0, 2)).toEqual(['anomesdia_exec', 'nome_papel']);
    expect([...columns].sort()).toEqual(
      ['anomesdia_exec', ...sotTables.acoes.columns.map(({ name }) => name)].sort(),
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.slice(0, 2)).toEqual([20261120, 'PETR4']);
    expect(rows[0]?.[columns.indexOf('vlr_cot')]).toBe(3);
    expect(missing).toEqual([]);
  });

  test('of a fund are of the funds’ own newest day, with the columns of funds', async () => {
    const { columns, rows } = await indicators(['HGLG11']);
    expect(columns.slice(0, 2)).toEqual(['anomesdia_exec', 'fii']);
    expect(columns).not.toContain('nome_papel');
    expect(rows.map((row) => row.slice(0, 2))).toEqual([[20261119, 'HGLG11']]);
  });

  test('of both together have the columns of both, null where a kind lacks one', async () => {
    const asked = ['vlr_cot', 'segmento', 'nome_setor'];
    const { columns, rows } = await indicators(['HGLG11', 'PETR4'], asked);
    expect(columns).toEqual(['anomesdia_exec', 'codigo_ticker_ativo', ...asked]);
    expect(rows).toEqual([
      [20261120, 'PETR4', 3, null, null],
      [20261119, 'HGLG11', 6, 'Logística', null],
    ]);
  });

  test('have the same heading for chosen columns, whichever kinds have rows', async () => {
    const { columns, rows } = await indicators(['HGLG11'], ['nome_setor']);
    expect(columns).toEqual(['anomesdia_exec', 'codigo_ticker_ativo', 'nome_setor']);
    expect(rows).toEqual([[20261119, 'HGLG11', null]]);
  });

  test('of both together, all columns, lead with one column for the tickers', async () => {
    const { columns, rows } = await indicators(['HGLG11', 'PETR4']);
    expect(columns.slice(0, 3)).toEqual(['anomesdia_exec', 'codigo_ticker_ativo', 'nome_papel']);
    expect(columns).toContain('fii');
    expect(rows.map((row) => row[1])).toEqual(['PETR4', 'HGLG11']);
  });

  test('of an asset that the newest day lacks are of the newest day that has it', async () => {
    const { rows, missing } = await indicators(['OLDD3', 'PETR4', 'NADA3'], ['vlr_cot']);
    expect(rows).toEqual([
      [20261120, 'PETR4', 3],
      [20261119, 'OLDD3', 8],
    ]);
    expect(missing).toEqual(['NADA3']);
  });

  test('are of the days that were asked for', async () => {
    const all = await indicators(['PETR4', 'HGLG11'], ['vlr_cot'], { from: day('2026-11-19') });
    expect(all.rows.map((row) => [row[0], row[2]])).toEqual([
      [20261119, 2],
      [20261120, 3],
      [20261119, 6],
    ]);
    const last = await indicators(['PETR4'], ['vlr_cot'], { last: 2 });
    expect(last.rows.map((row) => row[0])).toEqual([20261119, 20261120]);
    const none = await indicators(['VALE3'], ['vlr_cot'], { to: day('2026-11-19') });
    expect(none).toMatchObject({ rows: [], missing: ['VALE3'] });
  });

  test('have the columns that were asked for, each once, behind the day and the ticker', async () => {
    const asked = ['vlr_cot', 'nome_papel', 'anomesdia_exec', 'vlr_cot'];
    const { columns } = await indicators(['PETR4'], asked);
    expect(columns).toEqual(['anomesdia_exec', 'codigo_ticker_ativo', 'vlr_cot', 'nome_papel']);
  });

  test('refuse a column that neither kind has, and name the one that may be meant', async () => {
    const slip = await indicators(['PETR4'], ['vlr_cott']).catch((error: unknown) => error);
    expect(slip).toBeInstanceOf(UsageError);
    expect(slip).toMatchObject({
      message: 'there is no column "vlr_cott"',
      hint: 'Did you mean vlr_cot? `pynvest columns` lists them all.',
    });
    await expect(indicators(['PETR4'], ['roee'])).rejects.toMatchObject({
      hint: 'Did you mean roe? `pynvest columns` lists them all.',
    });
    await expect(indicators(['PETR4'], ['nonsense; DROP TABLE x'])).rejects.toMatchObject({
      name: 'UsageError',
      hint: '`pynvest columns` lists them all.',
    });
  });

  test('of a stock do not come to harm by a broken file of the funds', async () => {
    const folder = await newFolder();
    await writeRowsTo(folder, sotTables.acoes, '2026-11-20', [
      typed('acoes', 'PETR4', { vlr_cot: 3 }),
    ]);
    const fund = [typed('fiis', 'HGLG11', { vlr_cot: 5 })];
    await writeFile(await writeRowsTo(folder, sotTables.fiis, '2026-11-18', fund), 'no Parquet');
    await writeRowsTo(folder, sotTables.fiis, '2026-11-20', fund);
    const engine = await openDuckDb(folder);
    const tickers = ['PETR4'].flatMap((name) => toTicker(name) ?? []);
    const found = await readIndicators(engine, tickers, ['vlr_cot'], {});
    engine.close();
    expect(found).toMatchObject({ rows: [[20261120, 'PETR4', 3]], missing: [] });
  });

  test('of a ticker that was a stock and a fund are those of both', async () => {
    const folder = await newFolder();
    const both = [
      [sotTables.acoes, 'acoes', '2026-11-18', 1],
      [sotTables.fiis, 'fiis', '2026-11-19', 2],
      [sotTables.fiis, 'fiis', '2026-11-20', 3],
    ] as const;
    for (const [table, kind, on, price] of both) {
      await writeRowsTo(folder, table, on, [typed(kind, 'ABCD11', { vlr_cot: price })]);
    }
    const engine = await openDuckDb(folder);
    const tickers = ['ABCD11'].flatMap((name) => toTicker(name) ?? []);
    const read = (days: DayRange) => readIndicators(engine, tickers, ['vlr_cot'], days);
    const since = await read({ from: day('2026-11-18') });
    expect(since.rows.map((row) => row[2])).toEqual([1, 2, 3]);
    const last = await read({ from: day('2026-11-18'), last: 1 });
    expect(last.rows.map((row) => row[2])).toEqual([1, 3]);
    const until = await read({ to: day('2026-11-18') });
    expect(until.rows.map((row) => row[2])).toEqual([1]);
    engine.close();
  });

  test('of days with a file that cannot be read are an error, also of the table without the ticker', async () => {
    const folder = await newFolder();
    const stock = [typed('acoes', 'PETR4', { vlr_cot: 3 })];
    const fund = [typed('fiis', 'HGLG11', { vlr_cot: 5 })];
    await writeRowsTo(folder, sotTables.acoes, '2026-11-20', stock);
    await writeFile(await writeRowsTo(folder, sotTables.fiis, '2026-11-18', fund), 'no Parquet');
    await writeRowsTo(folder, sotTables.fiis, '2026-11-20', fund);
    const engine = await openDuckDb(folder);
    const tickers = ['PETR4'].flatMap((name) => toTicker(name) ?? []);
    const days = { from: day('2026-11-18') };
    const asked = readIndicators(engine, tickers, ['vlr_cot'], days);
    await expect(asked).rejects.toMatchObject({ name: 'BrokenFileError', partition: 20261118 });
    engine.close();
  });

  test('of a ticker with two rows in a day are of the page that was read last', async () => {
    const folder = await newFolder();
    const { acoes } = sotTables;
    const read = (hour: string, price: number) =>
      typed('acoes', 'PETR4', {
        vlr_cot: price,
        datetime_exec: `2026-11-20T${hour}:00:00.000-03:00`,
      });
    await writeRowsTo(folder, acoes, '2026-11-18', [typed('acoes', 'PETR4', { vlr_cot: 1 })]);
    await writeRowsTo(folder, acoes, '2026-11-19', [typed('acoes', 'PETR4', { vlr_cot: 2 })]);
    await writeRowsTo(folder, acoes, '2026-11-20', [read('19', 4)]);
    await writeRowsTo(folder, acoes, '2026-11-20', [read('10', 3)], 'acoes-1.prep');
    await writeRowsTo(folder, acoes, '2026-11-20', [read('18', 9)], 'acoes-2.prep');
    const engine = await openDuckDb(folder);
    const [petr4] = ['PETR4'].flatMap((name) => toTicker(name) ?? []);
    const prices = async (days: DayRange, form: IndicatorsOptions = {}) => {
      const of = petr4 === undefined ? [] : [petr4];
      const { rows } = await readIndicators(engine, of, ['vlr_cot'], days, form);
      return rows.map((row) => row[2]);
    };
    const below4 = { where: parseWhere('vlr_cot < 4', indicatorResultColumns, { today }) };
    expect(await prices({})).toEqual([4]);
    expect(await prices({}, below4)).toEqual([]);
    expect(await prices({ last: 2 })).toEqual([2, 4]);
    // What was read again does not count by what it was before.
    expect(await prices({ last: 2 }, below4)).toEqual([1, 2]);
    engine.close();
  });

  test('of an empty lake are none', async () => {
    const engine = await openDuckDb(await newFolder());
    const tickers = ['PETR4'].flatMap((name) => toTicker(name) ?? []);
    const found = await readIndicators(engine, tickers, undefined, {});
    engine.close();
    expect(found).toMatchObject({ rows: [], missing: ['PETR4'] });
  });
});

describe('the indicators of a screen', () => {
  const where = (text: string) => parseWhere(text, indicatorResultColumns, { today });
  const sort = (list: string) => parseSort(list, indicatorResultColumns);

  test('are of all assets on the newest day of their kind', async () => {
    const { rows, missing } = await indicators([], ['vlr_cot']);
    expect(rows).toEqual([
      [20261120, 'PETR4', 3],
      [20261120, 'VALE3', 4],
      [20261119, 'HGLG11', 6],
    ]);
    expect(missing).toEqual([]);
    const funds = await indicators([], ['vlr_cot'], {}, { datasets: [assets.fiis.dataset] });
    expect(funds.rows).toEqual([[20261119, 'HGLG11', 6]]);
  });

  test('are in one order over both kinds, by columns that need not be shown', async () => {
    const form = { sort: sort('segmento:desc,vlr_cot:desc') };
    const { columns, rows } = await indicators([], [], {}, form);
    expect(columns).toEqual(['anomesdia_exec', 'codigo_ticker_ativo']);
    expect(rows.map((row) => row[1])).toEqual(['HGLG11', 'VALE3', 'PETR4']);
    const upwards = await indicators([], ['vlr_cot'], {}, { sort: sort('vlr_cot'), limit: 2 });
    expect(upwards.rows.map((row) => row[2])).toEqual([3, 4]);
    const byTicker = await indicators([], [], {}, { sort: sort('codigo_ticker_ativo'), limit: 1 });
    expect(byTicker.rows.map((row) => row[1])).toEqual(['HGLG11']);
  });

  test('of tickers are their newest rows where the condition holds of these', async () => {
    const low = { where: where('vlr_cot < 3') };
    const none = await indicators(['PETR4', 'NADA3'], ['vlr_cot'], {}, low);
    expect(none).toMatchObject({ rows: [], missing: ['NADA3'] });
    const old = { where: where('vlr_cot >= 8') };
    const { rows, missing } = await indicators(['OLDD3', 'PETR4'], ['vlr_cot'], {}, old);
    expect(rows).toEqual([[20261119, 'OLDD3', 8]]);
    expect(missing).toEqual([]);
  });

  test('of days that were asked for are those rows for which it holds, with the last, the newest', async () => {
    const low = { where: where('vlr_cot < 3') };
    const all = await indicators(['PETR4'], ['vlr_cot'], { from: day('2026-11-01') }, low);
    expect(all.rows.map((row) => row[2])).toEqual([1, 2]);
    const last = await indicators(['PETR4'], ['vlr_cot'], { last: 1 }, low);
    expect(last.rows.map((row) => row[2])).toEqual([2]);
  });
});

describe('the indicators of all assets over days', () => {
  const all = async (days: DayRange, form: IndicatorsOptions = {}, asked?: readonly string[]) => {
    const engine = await openDuckDb(root);
    try {
      const { columns, rows } = await streamIndicators(engine, asked, days, form);
      const whole: (readonly OutputValue[])[] = [];
      for await (const row of rows) whole.push(row);
      return { columns, rows: whole };
    } finally {
      engine.close();
    }
  };
  const sort = parseSort('vlr_cot:desc', indicatorResultColumns);
  const prices = (rows: readonly (readonly OutputValue[])[]) => rows.map((row) => row[2]);

  test('are stocks, then funds, as many as are wanted', async () => {
    const days = { from: day('2026-11-19') };
    const { columns, rows } = await all(days, {}, ['vlr_cot', 'segmento']);
    expect(columns).toEqual(['anomesdia_exec', 'codigo_ticker_ativo', 'vlr_cot', 'segmento']);
    expect(rows).toEqual([
      [20261119, 'OLDD3', 8, null],
      [20261119, 'PETR4', 2, null],
      [20261120, 'PETR4', 3, null],
      [20261120, 'VALE3', 4, null],
      [20261119, 'HGLG11', 6, 'Logística'],
    ]);
    expect(prices((await all(days, { limit: 4 }, ['vlr_cot'])).rows)).toEqual([8, 2, 3, 4]);
    expect(prices((await all(days, { limit: 5 }, ['vlr_cot'])).rows)).toEqual([8, 2, 3, 4, 6]);
  });

  test('are in one order, of both kinds and of one', async () => {
    const both = await all({ last: 1 }, { sort, limit: 3 }, ['vlr_cot']);
    expect(prices(both.rows)).toEqual([8, 6, 4]);
    const one = await all({ last: 2 }, { sort, datasets: [assets.fiis.dataset] }, ['vlr_cot']);
    expect(prices(one.rows)).toEqual([6, 5]);
  });

  test('have the columns of the kinds asked for, and none of another', async () => {
    const one = await all({ last: 1 }, { datasets: [assets.fiis.dataset] });
    expect(one.columns.slice(0, 2)).toEqual(['anomesdia_exec', 'fii']);
    const where = parseWhere('vlr_cot < 0', indicatorResultColumns, { today });
    const none = await all({ last: 1 }, { where });
    expect(none.rows).toEqual([]);
    expect(none.columns).toContain('nome_papel');
    expect(none.columns).toContain('fii');
  });
});
