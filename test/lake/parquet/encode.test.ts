import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import type { Cell } from '../../../src/catalog/column.ts';
import { tables } from '../../../src/catalog/datasets.ts';
import { UnstorableValueError } from '../../../src/errors.ts';
import { decodeRows } from '../../../src/lake/parquet/decode.ts';
import { encodeRows } from '../../../src/lake/parquet/encode.ts';
import { duckdb } from '../../support/duckdb.ts';
import { newFolder } from '../../support/folders.ts';
import { anyRows, sampleRow, wholeRow } from '../../support/rows.ts';
import { sorTables, sotTables, specTable } from '../../support/tables.ts';

describe.each(tables)('a file of $name', (table) => {
  test('gives back any rows that it was made of', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows(table), async (rows) => {
        expect(await decodeRows(table, encodeRows(table, rows), 'a file')).toEqual(rows);
      }),
      { numRuns: 40 },
    );
  });

  test('keeps a text that begins with a byte order mark, as it keeps any other', async () => {
    const rows = [wholeRow(table, { [table.tickerColumn]: '\uFEFFTUCA3' })];
    expect(await decodeRows(table, encodeRows(table, rows), 'a file')).toEqual(rows);
  });

  test('has every column, in the order of the catalog, also where rows leave some out', async () => {
    const ticker = { [table.tickerColumn]: 'TUCA3' };
    const bytes = encodeRows(table, [ticker]);
    const [, ...elements] = parquetMetadata(buffer(bytes)).schema;
    expect(elements.map(({ name }) => name)).toEqual(table.columns.map(({ name }) => name));
    expect(elements.every((each) => each.repetition_type === 'OPTIONAL')).toBe(true);
    expect(await decodeRows(table, bytes, 'a file')).toEqual([wholeRow(table, ticker)]);
  });

  test('is the same, byte by byte, each time it is made of the same rows', () => {
    const rows = [sampleRow(table), sampleRow(table, { [table.tickerColumn]: 'JABU4' })];
    const backwards = rows.map((row) => Object.fromEntries(Object.entries(row).reverse()));
    expect(encodeRows(table, rows)).toEqual(encodeRows(table, backwards));
  });

  test('is read by DuckDB with the types of the catalog', async () => {
    const path = join(await newFolder(), 'file.parquet');
    const rows = [sampleRow(table), { [table.tickerColumn]: 'JABU4' }];
    await writeFile(path, encodeRows(table, rows));
    const { types, rows: read } = await duckdb(`SELECT * FROM read_parquet('${path}')`);
    const names = {
      ...{ string: 'VARCHAR', double: 'DOUBLE', bigint: 'BIGINT' },
      ...{ date: 'DATE', boolean: 'BOOLEAN' },
    };
    expect(Object.entries(types)).toEqual(
      table.columns.map(({ name, type }) => [name, names[type]]),
    );
    const expected = rows.map((row) =>
      Object.fromEntries(
        table.columns.map(({ name, type }) => {
          const value = row[name] ?? null;
          return [name, type === 'bigint' && value !== null ? BigInt(value) : value];
        }),
      ),
    );
    expect(read).toEqual(expected);
  });
});

test('a file is compressed with Snappy and keeps one page a column', () => {
  const rows = Array.from({ length: 1_500 }, (_, at) =>
    sampleRow(specTable, { codigo_ticker_ativo: `T${at}`, vlr_cot: at / 7 }),
  );
  const { row_groups, created_by } = parquetMetadata(buffer(encodeRows(specTable, rows)));
  expect(row_groups).toHaveLength(1);
  const codecs = row_groups[0]?.columns.map(({ meta_data }) => meta_data?.codec);
  expect(new Set(codecs)).toEqual(new Set(['SNAPPY']));
  expect(created_by).toMatch(/^pynvest version /);
});

test('minus zero is stored as a zero', async () => {
  const bytes = encodeRows(specTable, [sampleRow(specTable, { pct_var_dia: -0 })]);
  const [row] = await decodeRows(specTable, bytes, 'a file');
  expect(Number(row?.['pct_var_dia']) === 0).toBe(true);
});

describe('a value that its column cannot hold exactly is refused', () => {
  const refusals: readonly [why: string, column: string, value: Cell][] = [
    ['text in a column of doubles', 'vlr_cot', '38,72'],
    ['digits as text in a column of doubles', 'vlr_cot', '38.72'],
    ['no number', 'vlr_cot', Number.NaN],
    ['an infinite number', 'vlr_cot', Number.POSITIVE_INFINITY],
    ['an infinite negative number', 'vlr_cot', Number.NEGATIVE_INFINITY],
    ['an integer above 2^53', 'num_acoes', 2 ** 53],
    ['an integer below -2^53', 'num_acoes', -(2 ** 53)],
    ['a fraction in a column of integers', 'num_acoes', 1.5],
    ['text in a column of integers', 'num_acoes', '15'],
    ['no number in a column of integers', 'num_acoes', Number.NaN],
    ['a number in a column of text', 'nome_empresa', 7],
    ['half of a character', 'nome_empresa', 'a\ud83c'],
    ['a day that does not exist', 'dt_ult_cot', '2026-02-30'],
    ['a month that does not exist', 'dt_ult_cot', '2026-13-01'],
    ['a date in Brazilian notation', 'dt_ult_cot', '20/11/2026'],
    ['a date with a time', 'dt_ult_cot', '2026-11-20T00:00:00Z'],
    ['an empty text for a date', 'dt_ult_cot', ''],
    ['a number for a date', 'dt_ult_cot', 20_261_120],
  ];

  test.each(refusals)('%s (%s)', (_, column, value) => {
    const table = sotTables.acoes;
    const rows = [sampleRow(table), sampleRow(table, { nome_papel: 'JABU4', [column]: value })];
    const error = errorOf(() => encodeRows(table, rows));
    expect(error).toBeInstanceOf(UnstorableValueError);
    const { message } = error as Error;
    expect(message).toContain(table.name);
    expect(message).toContain('JABU4');
    expect(message).not.toContain('TUCA3');
    expect(message).toContain(column);
    expect(message).toContain(String(JSON.stringify(value)));
  });

  test('a number in raw text', () => {
    const rows = [sampleRow(sorTables.fiis, { fii: 'DEMO11', vlr_cot: 9.5 })];
    const refused = /fiis_raw: DEMO11: 9\.5 does not fit the column vlr_cot \(string\)/;
    expect(() => encodeRows(sorTables.fiis, rows)).toThrow(refused);
  });
});

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

function buffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
