import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { toTicker } from '../../../src/catalog/ticker.ts';
import { BrokenFileError } from '../../../src/errors.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import { readIndicators } from '../../../src/query/indicators.ts';
import { ask, selectQuotes } from '../../support/engines.ts';
import { newFolder } from '../../support/folders.ts';
import {
  olderEdition,
  quote,
  typed,
  writeQuotes,
  writeRowsTo,
} from '../../support/made-up-lake.ts';
import { sotTables, specTable } from '../../support/tables.ts';

let root: string;
beforeEach(async () => {
  root = await newFolder();
});

const { sql: everyQuote } = selectQuotes([], {});

/** The day, the price and the last column of every quote. */
async function quotesIn(lake: string): Promise<unknown[][]> {
  const { columns, rows } = await ask(lake, everyQuote);
  const positions = ['anomesdia_exec', 'vlr_cot', 'pct_var_ano_a5'].map((name) =>
    columns.indexOf(name),
  );
  return rows.map((row) => positions.map((position) => row[position]));
}

describe('files of an older edition', () => {
  const older = olderEdition(specTable, 3);

  test.each([
    ['the older days', ['2026-11-18', '2026-11-20'], '2026-11-18'],
    ['the newer days', ['2026-11-18', '2026-11-20'], '2026-11-20'],
  ])('read as null in the columns that they lack, in %s', async (_, [first, last], olderDay) => {
    for (const date of [first, last]) {
      const table = date === olderDay ? older : specTable;
      const row = quote('PETR4', 38.72, { pct_var_ano_a5: -0.1 });
      await writeRowsTo(root, table, date ?? '', [row]);
    }
    const expected = [20261118, 20261120].map((date) => [
      date,
      38.72,
      String(date) === olderDay.replaceAll('-', '') ? null : -0.1,
    ]);
    expect(await quotesIn(root)).toEqual(expected);
  });

  test('read as null also where no file has the columns', async () => {
    await writeRowsTo(root, older, '2026-11-20', [quote('PETR4', 38.72)]);
    expect(await quotesIn(root)).toEqual([[20261120, 38.72, null]]);
  });

  test('answer the question for indicators', async () => {
    const table = sotTables.acoes;
    const row = typed('acoes', 'PETR4', { vlr_cot: 1, outros_indicadores: '{}' });
    await writeRowsTo(root, olderEdition(table, 4), '2026-11-19', [row]);
    await writeRowsTo(root, table, '2026-11-20', [row]);
    const engine = await openDuckDb(root);
    const tickers = ['PETR4'].flatMap((name) => toTicker(name) ?? []);
    const asked = ['vlr_cot', 'outros_indicadores'];
    const { rows } = await readIndicators(engine, tickers, asked, { last: 5 });
    engine.close();
    expect(rows).toEqual([
      [20261119, 'PETR4', 1, null],
      [20261120, 'PETR4', 1, '{}'],
    ]);
  });

  test('with a column that no edition knows are read without it', async () => {
    const newer = {
      ...specTable,
      columns: [...specTable.columns, { name: 'novo', type: 'string', description: '' } as const],
    };
    await writeRowsTo(root, newer, '2026-11-18', [quote('PETR4', 1, { novo: 'x' })]);
    await writeQuotes(root, '2026-11-20', [quote('PETR4', 2)]);
    const expected = [
      [20261118, 1, null],
      [20261120, 2, null],
    ];
    expect(await quotesIn(root)).toEqual(expected);
  });
});

describe('files that another program wrote', () => {
  test('with whole numbers where the catalog has decimals do not round the other files', async () => {
    const columns = specTable.columns.map((column) =>
      column.name === 'vlr_cot' ? { ...column, type: 'bigint' as const } : column,
    );
    const whole = quote('PETR4', 38, { pct_var_ano_a5: 0.5 });
    await writeRowsTo(root, { ...specTable, columns }, '2026-11-18', [whole]);
    await writeQuotes(root, '2026-11-20', [quote('PETR4', 38.72)]);
    const expected = [
      [20261118, 38, 0.5],
      [20261120, 38.72, null],
    ];
    expect(await quotesIn(root)).toEqual(expected);
  });
});

describe('a broken Parquet file', () => {
  test.each([
    ['text', (whole: Buffer) => Buffer.from(`no Parquet ${whole.length}`)],
    ['an empty file', () => Buffer.alloc(0)],
    ['a file cut short', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ['a file without its head', (whole: Buffer) => whole.subarray(100)],
  ])('that is %s is named, on its own and among whole ones', async (_, broken) => {
    const path = await writeQuotes(root, '2026-11-20', [quote('PETR4', 38.72)]);
    await writeFile(path, broken(await readFile(path)));
    for (const whole of [false, true]) {
      if (whole) await writeQuotes(root, '2026-11-18', [quote('PETR4', 38.72)]);
      const error = await ask(root, everyQuote).catch((each: unknown) => each);
      expect(error).toBeInstanceOf(BrokenFileError);
      expect(error).toMatchObject({
        message: expect.stringContaining(path),
        hint: expect.stringContaining('pynvest doctor --fix'),
      });
    }
  });

  test('is named in full where its folder has a quote in its name', async () => {
    const lake = join(root, "O'Brien's lake");
    const path = await writeQuotes(lake, '2026-11-20', [quote('PETR4', 38.72)]);
    await writeFile(path, 'no Parquet');
    await expect(ask(lake, everyQuote)).rejects.toMatchObject({
      name: 'BrokenFileError',
      message: expect.stringContaining(`${path} cannot be read`),
    });
  });

  test('is no matter where its name does not end in .parquet', async () => {
    const path = await writeQuotes(root, '2026-11-20', [quote('PETR4', 2)]);
    await writeFile(`${path}.crc`, 'no Parquet');
    expect((await ask(root, everyQuote)).rows).toHaveLength(1);
  });
});
