import { beforeAll, describe, expect, test } from 'vitest';
import { toTicker } from '../../src/catalog/ticker.ts';
import { quoteResultColumns } from '../../src/query/columns.ts';
import { parseSort } from '../../src/query/refinements.ts';
import type { DayRange } from '../../src/query/select.ts';
import { parseWhere } from '../../src/query/where/parser.ts';
import { ask, selectQuotes } from '../support/engines.ts';
import { newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';
import { day, quote, writeQuotes, writeRowsTo } from '../support/made-up-lake.ts';
import { specTable } from '../support/tables.ts';

const today = day('2026-11-30');

const tickers = (...names: string[]) => names.flatMap((name) => toTicker(name) ?? []);

describe('the question for quotes', () => {
  test('gives the tickers as parameters and the days as numbers in the text', () => {
    const { sql, parameters } = selectQuotes(tickers('PETR4', 'VALE3'), {
      from: day('2026-11-01'),
      to: day('2026-11-20'),
    });
    expect(parameters).toEqual(['PETR4', 'VALE3']);
    expect(sql).toContain('WHERE codigo_ticker_ativo IN (?, ?) AND anomesdia_exec >= 20261101');
    expect(sql).toContain('AND anomesdia_exec <= 20261120');
    expect(sql).not.toContain('PETR4');
    expect(sql).not.toContain('QUALIFY');
  });

  test('of every day has no condition where nothing is asked for, and ends in its order', () => {
    const { sql, parameters } = selectQuotes([], {}, { everyDay: true });
    expect(parameters).toEqual([]);
    expect(sql).not.toContain('WHERE');
    expect(sql).toMatch(/ORDER BY codigo_ticker_ativo, anomesdia_exec$/);
  });

  test('puts the day and the ticker first, then the columns of the table', () => {
    const { sql } = selectQuotes([], {});
    expect(sql).toMatch(/ORDER BY codigo_ticker_ativo, anomesdia_exec$/);
    const columns = /SELECT (.*)/.exec(sql)?.[1]?.replaceAll('"', '').split(', ');
    expect(columns?.slice(0, 4)).toEqual([
      'anomesdia_exec',
      'codigo_ticker_ativo',
      'tipo_ativo',
      'nome_ativo',
    ]);
  });
});

describe('the quotes of a lake', () => {
  let root: string;
  beforeAll(async () => {
    root = await newFolder();
    await writeQuotes(root, '2026-11-20', [quote('VALE3', 23), quote('PETR4', 13)]);
    await writeQuotes(root, '2026-11-18', [quote('PETR4', 11), quote('VALE3', 21)]);
    await writeQuotes(root, '2026-11-19', [quote('PETR4', 12), quote('HGLG11', 32)]);
  });

  async function prices(names: readonly string[], days: DayRange): Promise<unknown[]> {
    const { columns, rows } = await ask(root, selectQuotes(tickers(...names), days));
    return rows.map((row) => row[columns.indexOf('vlr_cot')]);
  }

  test('come by ticker and then by day, whatever the order in which they are asked for', async () => {
    expect(await prices(['VALE3', 'PETR4'], {})).toEqual([11, 12, 13, 21, 23]);
    expect(await prices([], {})).toEqual([32, 11, 12, 13, 21, 23]);
  });

  test('are of the days from the first to the last, both included', async () => {
    const [first, second, third] = ['2026-11-18', '2026-11-19', '2026-11-20'].map(day);
    expect(await prices(['PETR4'], { from: second })).toEqual([12, 13]);
    expect(await prices(['PETR4'], { to: second })).toEqual([11, 12]);
    expect(await prices(['PETR4'], { from: second, to: second })).toEqual([12]);
    expect(await prices(['PETR4'], { from: first, to: third })).toEqual([11, 12, 13]);
    expect(await prices(['PETR4'], { from: day('2027-01-01') })).toEqual([]);
  });

  test('are of each asset’s own newest days where only the last are wanted', async () => {
    expect(await prices([], { last: 1 })).toEqual([32, 13, 23]);
    expect(await prices(['PETR4', 'VALE3'], { last: 2 })).toEqual([12, 13, 21, 23]);
    expect(await prices(['VALE3'], { last: 1, to: day('2026-11-19') })).toEqual([21]);
  });

  test('of a day that is not merged yet are its rows, and count as one of the last days', async () => {
    const lake = await newFolder();
    for (const [date, price] of [17, 18, 19, 20].entries()) {
      await writeQuotes(lake, `2026-11-${17 + date}`, [quote('PETR4', price)]);
    }
    await writeRowsTo(lake, specTable, '2026-11-20', [quote('PETR4', 20.5)], 'acoes-1.cotacao');
    const { columns, rows } = await ask(lake, selectQuotes(tickers('PETR4'), { last: 3 }));
    const found = rows.map((row) => row[columns.indexOf('vlr_cot')]);
    expect(found.slice(0, 2)).toEqual([18, 19]);
    expect(found.slice(2).sort()).toEqual([20, 20.5]);
  });

  test('of a condition are, with the last days, the newest rows for which it holds', async () => {
    const where = parseWhere('vlr_cot < 13', quoteResultColumns, { today });
    const rows = async (days: DayRange) => {
      const { columns, rows } = await ask(root, selectQuotes(tickers('PETR4'), days, { where }));
      return rows.map((row) => row[columns.indexOf('vlr_cot')]);
    };
    expect(await rows({})).toEqual([11, 12]);
    expect(await rows({ last: 1 })).toEqual([12]);
  });

  test('come in the order and in the number that were asked for, with the columns chosen', async () => {
    const sort = parseSort('pct_var_dia,vlr_cot:desc', quoteResultColumns);
    const form = { sort, limit: 3, columns: ['vlr_cot'] };
    const { columns, rows } = await ask(root, selectQuotes([], { last: 2 }, form));
    expect(columns).toEqual(['anomesdia_exec', 'codigo_ticker_ativo', 'vlr_cot']);
    expect(rows.map((row) => row[2])).toEqual([32, 23, 21]);
  });

  test('are none for a ticker that the lake does not have', async () => {
    expect(await prices(['ABCD3'], {})).toEqual([]);
  });
});

describe('the quotes of a lake that is collected every day', () => {
  let root: string;
  beforeAll(async () => {
    root = await newFolder();
    // A Thursday to a Monday; HGLG11 was traded on Thursday last, and a day of VALE3 has no date.
    const days: readonly (readonly [string, string, number])[] = [
      ['2026-11-19', '2026-11-19', 1],
      ['2026-11-20', '2026-11-20', 2],
      ['2026-11-21', '2026-11-20', 3],
      ['2026-11-22', '2026-11-20', 4],
      ['2026-11-23', '2026-11-23', 5],
    ];
    for (const [date, session, price] of days) {
      await writeQuotes(root, date, [
        quote('PETR4', price, { dt_ult_cot: session }),
        quote('HGLG11', price + 10, { dt_ult_cot: '2026-11-19' }),
        quote('VALE3', price + 20, { dt_ult_cot: date === '2026-11-22' ? null : session }),
      ]);
    }
  });

  async function prices(name: string, days: DayRange, everyDay = false, condition?: string) {
    const where =
      condition === undefined ? undefined : parseWhere(condition, quoteResultColumns, { today });
    const request = selectQuotes(tickers(name), days, { everyDay, where });
    const { columns, rows } = await ask(root, request);
    return rows.map((row) => row[columns.indexOf('vlr_cot')]);
  }

  test('are one a session, the newest of it', async () => {
    expect(await prices('PETR4', {})).toEqual([1, 4, 5]);
    expect(await prices('PETR4', { last: 2 })).toEqual([4, 5]);
    expect(await prices('PETR4', { last: 2, to: day('2026-11-22') })).toEqual([1, 4]);
    expect(await prices('PETR4', { to: day('2026-11-21') })).toEqual([1, 3]);
    expect(await prices('HGLG11', {})).toEqual([15]);
    expect(await prices('HGLG11', { last: 3 })).toEqual([15]);
  });

  test('without a date count for their own day', async () => {
    expect(await prices('VALE3', {})).toEqual([21, 23, 24, 25]);
    expect(await prices('VALE3', { last: 2 })).toEqual([24, 25]);
  });

  test('are those of the sessions that meet a condition, and no reading that was replaced', async () => {
    expect(await prices('PETR4', {}, false, 'vlr_cot < 4')).toEqual([1]);
    expect(await prices('PETR4', {}, false, 'vlr_cot between 2 and 3')).toEqual([]);
    expect(await prices('PETR4', { last: 1 }, false, 'vlr_cot < 4')).toEqual([1]);
    expect(await prices('PETR4', { last: 2 }, false, 'vlr_cot < 5')).toEqual([1, 4]);
    expect(await prices('PETR4', { last: 2 }, true, 'vlr_cot < 4')).toEqual([2, 3]);
  });

  test('of a condition on the days are the newest of each session among those days', async () => {
    expect(await prices('PETR4', {}, false, 'anomesdia_exec = 20261120')).toEqual([2]);
    expect(await prices('PETR4', {}, false, 'anomesdia_exec >= 20261101 and vlr_cot < 4')).toEqual([
      1,
    ]);
    expect(await prices('PETR4', {}, false, 'vlr_cot < 4 or anomesdia_exec < 20200101')).toEqual([
      1,
    ]);
    const condition = 'anomesdia_exec <= 20261121 and vlr_cot < 4';
    expect(await prices('PETR4', {}, false, condition)).toEqual([1, 3]);
    expect(await prices('PETR4', { last: 1 }, false, condition)).toEqual([3]);
  });

  test('are of every day where that is asked for', async () => {
    expect(await prices('PETR4', {}, true)).toEqual([1, 2, 3, 4, 5]);
    expect(await prices('PETR4', { last: 2 }, true)).toEqual([4, 5]);
  });

  test('are counted by the command in the same way', async () => {
    const ofCommand = async (...args: string[]) => {
      const { stdout } = await pynvest([
        ...['query', 'cotacoes', '--ticker', 'PETR4', '--format', 'json', '--lake', root],
        ...args,
      ]);
      return (JSON.parse(stdout) as { vlr_cot: number }[]).map(({ vlr_cot: price }) => price);
    };
    expect(await ofCommand()).toEqual([1, 4, 5]);
    expect(await ofCommand('--last', '2')).toEqual([4, 5]);
    expect(await ofCommand('--last', '3', '--every-day')).toEqual([3, 4, 5]);
  });
});
