import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import { BrokenFileError } from '../../../src/errors.ts';
import { decodeRows } from '../../../src/lake/parquet/decode.ts';
import { encodeRows } from '../../../src/lake/parquet/encode.ts';
import { duckdb } from '../../support/duckdb.ts';
import { newFolder } from '../../support/folders.ts';
import { sampleRow, wholeRow } from '../../support/rows.ts';
import { sotTables, specTable } from '../../support/tables.ts';

const stocks = sotTables.acoes;

/** The bytes that DuckDB writes for a SELECT. */
async function writtenByDuckDb(select: string, options = ''): Promise<Uint8Array> {
  const path = join(await newFolder(), 'other.parquet');
  await duckdb(`COPY (${select}) TO '${path}' (FORMAT parquet${options})`);
  return readFile(path);
}

/** What a file of DuckDB's reads as. */
async function readAsStocks(select: string, options?: string): Promise<Row[]> {
  return decodeRows(stocks, await writtenByDuckDb(select, options), '/lake/other.parquet');
}

describe('a file that DuckDB wrote', () => {
  test.each(['snappy', 'zstd', 'gzip', 'brotli', 'lz4_raw', 'uncompressed'])(
    'is read where it is compressed with %s',
    async (codec) => {
      const path = join(await newFolder(), 'ours.parquet');
      const rows = Array.from({ length: 300 }, (_, at) =>
        sampleRow(stocks, { nome_papel: `AAAA${at}`, vlr_cot: at / 8, num_acoes: at ** 4 }),
      );
      await writeFile(path, encodeRows(stocks, rows));
      const select = `SELECT * FROM read_parquet('${path}')`;
      expect(await readAsStocks(select, `, COMPRESSION ${codec}`)).toEqual(rows);
    },
  );

  test('is read by the names of its columns, in whatever order, with more of them or fewer', async () => {
    const rows = await readAsStocks(
      `SELECT 'anything' AS coluna_nova, 38.72::DOUBLE AS vlr_cot, DATE '2026-11-20' AS dt_ult_cot,
              'TUCA3' AS nome_papel, 820400000 AS num_acoes, [1, 2] AS lista`,
    );
    const known = { nome_papel: 'TUCA3', vlr_cot: 38.72, dt_ult_cot: '2026-11-20' };
    expect(rows).toEqual([wholeRow(stocks, { ...known, num_acoes: 820_400_000 })]);
  });

  test.each([
    ['a column of 32-bit integers for 64-bit ones', 'num_acoes', '7::INTEGER', 7],
    ['a column of 8-bit integers for 64-bit ones', 'num_acoes', '-7::TINYINT', -7],
    ['whole doubles for integers', 'num_acoes', '7::DOUBLE', 7],
    ['integers for doubles', 'vlr_cot', '7::BIGINT', 7],
    ['single precision for doubles', 'vlr_cot', '0.5::FLOAT', 0.5],
    ['decimals for doubles', 'vlr_cot', '38.72::DECIMAL(10, 2)', 38.72],
    ['decimals of four bytes', 'vlr_cot', '46.48::DECIMAL(9, 2)', 46.48],
    ['decimals of eight bytes', 'vlr_cot', '46.48::DECIMAL(18, 2)', 46.48],
    ['decimals of sixteen bytes', 'vlr_cot', '-46.48::DECIMAL(38, 18)', -46.48],
    [
      'decimals of many digits',
      'vlr_cot',
      '12345678901234567.89::DECIMAL(38, 2)',
      Number('12345678901234567.89'),
    ],
    ['decimals below one', 'vlr_cot', '0.07::DECIMAL(18, 2)', 0.07],
    ['decimals without a fraction', 'vlr_cot', '1e20::DECIMAL(38, 0)', 1e20],
    ['whole decimals for integers', 'num_acoes', '7::DECIMAL(18, 2)', 7],
    ['"no number" for an absent double', 'vlr_cot', "'NaN'::DOUBLE", null],
    ['"no number" for an absent integer', 'num_acoes', "'NaN'::DOUBLE", null],
    ['a midnight for a date', 'dt_ult_cot', "TIMESTAMP '2026-11-20 00:00:00'", '2026-11-20'],
    ['a day before 1970', 'dt_ult_cot', "DATE '1900-02-28'", '1900-02-28'],
    ['an absent date', 'dt_ult_cot', 'NULL::DATE', null],
  ])('is read where it has %s', async (_, column, value, expected) => {
    const [row] = await readAsStocks(`SELECT 'TUCA3' AS nome_papel, ${value} AS ${column}`);
    expect(row?.[column]).toBe(expected);
  });

  test.each([
    ['text for doubles', 'vlr_cot', "'38,72'"],
    ['text with a fraction for integers', 'num_acoes', "'7.5'"],
    ['text of another notation for dates', 'dt_ult_cot', "'11/20/2026'"],
    ['integers for dates', 'dt_ult_cot', '20261120'],
    ['integers for text', 'nome_empresa', '7'],
    ['doubles for text', 'nome_empresa', '7.5::DOUBLE'],
    ['a date for text', 'nome_empresa', "DATE '2026-11-20'"],
    ['fractions for integers', 'num_acoes', '7.5::DOUBLE'],
    ['decimals with a fraction for integers', 'num_acoes', '46.48::DECIMAL(18, 2)'],
    ['decimals for text', 'nome_empresa', '46.48::DECIMAL(18, 2)'],
    ['an integer above 2^53', 'num_acoes', '9007199254740993'],
    ['an integer above 2^53 for a double', 'vlr_cot', '9007199254740993::BIGINT'],
    ['an infinite double', 'vlr_cot', "'Infinity'::DOUBLE"],
    ['no ticker in a row', 'nome_papel', 'NULL::VARCHAR'],
    ['a day that four digits of a year cannot hold', 'dt_ult_cot', "DATE '10000-01-01'"],
  ])('is broken where it has %s', async (_, column, value) => {
    const ticker = column === 'nome_papel' ? '' : "'TUCA3' AS nome_papel, ";
    const reading = readAsStocks(`SELECT ${ticker}${value} AS ${column}`);
    await expect(reading).rejects.toThrow(BrokenFileError);
    await expect(reading).rejects.toThrow(column);
    await expect(reading).rejects.toThrow('/lake/other.parquet');
  });

  test('of no rows reads as no rows', async () => {
    expect(await readAsStocks("SELECT 'TUCA3' AS nome_papel WHERE false")).toEqual([]);
  });

  test('in several row groups is read in its order', async () => {
    const rows = await readAsStocks(
      `SELECT 'T' || i AS nome_papel, i::DOUBLE AS vlr_cot FROM range(9000) t(i) ORDER BY i`,
      ', ROW_GROUP_SIZE 2048',
    );
    expect(rows.map((row) => row['vlr_cot'])).toEqual(Array.from({ length: 9_000 }, (_, i) => i));
  });

  test('of another table is broken: it has none of the columns', async () => {
    const bytes = await writtenByDuckDb('SELECT 1 AS um, 2 AS dois');
    await expect(decodeRows(specTable, bytes, '/lake/x.parquet')).rejects.toThrow(
      /^\/lake\/x\.parquet cannot be read as tbspec_\w+: it has none of the columns of its table$/,
    );
  });
});

describe('bytes that are no Parquet file are broken, and the error names the path', () => {
  const whole = encodeRows(stocks, [sampleRow(stocks)]);

  test.each([
    ['nothing', new Uint8Array()],
    ['one byte', new Uint8Array(1)],
    ['zeros', new Uint8Array(5_000)],
    ['text', Buffer.from('{"nome_papel": "TUCA3"}\n'.repeat(50))],
    ['only the mark of the format', Buffer.from('PAR1PAR1')],
    ['the mark around garbage', Buffer.from(`PAR1${'\xff\x00\x7f'.repeat(40)}PAR1`, 'latin1')],
    ['a footer longer than the file', Buffer.from('PAR1\xff\xff\xff\x7fPAR1', 'latin1')],
  ])('%s', async (_, bytes) => {
    const reading = decodeRows(stocks, bytes, '/lake/a.parquet');
    await expect(reading).rejects.toThrow(BrokenFileError);
    await expect(reading).rejects.toThrow(/^\/lake\/a\.parquet cannot be read as tbsot_/);
  });

  test('a file cut short, wherever it is cut', async () => {
    const lengths = fc.integer({ min: 0, max: whole.byteLength - 1 });
    await fc.assert(
      fc.asyncProperty(lengths, async (length) => {
        const reading = decodeRows(stocks, whole.subarray(0, length), '/lake/a.parquet');
        await expect(reading).rejects.toThrow(BrokenFileError);
      }),
    );
  });

  test('the error says how to repair it', async () => {
    const error = await decodeRows(stocks, new Uint8Array(), '/lake/a.parquet').catch((e) => e);
    expect(error.hint).toMatch(/doctor --fix/);
  });

  test('a view into a longer buffer is read as what it shows', async () => {
    const around = new Uint8Array(whole.byteLength + 64).fill(0xff);
    around.set(whole, 32);
    const view = around.subarray(32, 32 + whole.byteLength);
    expect(await decodeRows(stocks, view, 'a view')).toEqual([sampleRow(stocks)]);
  });
});
