/** A value of another program's file: `query` and the lake's own reader take it for the same, or both refuse it. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { getPartitionFolder } from '../../../src/lake/local/layout.ts';
import { decodeRows } from '../../../src/lake/parquet/decode.ts';
import { duckdb } from '../../support/duckdb.ts';
import { askOne } from '../../support/engines.ts';
import { newFolder } from '../../support/folders.ts';
import { day } from '../../support/made-up-lake.ts';
import { sotTables } from '../../support/tables.ts';

const TABLE = sotTables.acoes;
const REFUSED = Symbol('refused');

/** The one file of a lake: another for each test, in its place. To open another lake would take longer than to ask. */
let root: string;
let path: string;
beforeAll(async () => {
  root = await newFolder();
  const folder = getPartitionFolder(root, TABLE, day('2026-11-20'));
  await mkdir(folder, { recursive: true });
  path = join(folder, 'other.parquet');
});

/** What the reader and a query each make of `column` in a file that holds it as `expression`. */
async function bothAnswers(column: string, expression: string): Promise<unknown[]> {
  const select = `SELECT 'FORA3' AS nome_papel, ${expression} AS ${column}`;
  await duckdb(`SET TimeZone = 'UTC'; COPY (${select}) TO '${path}' (FORMAT parquet)`);
  const read = decodeRows(TABLE, await readFile(path), path).then(([row]) => row?.[column]);
  const asked = askOne(root, `SELECT ${column} FROM ${TABLE.database}.${TABLE.name}`).then(
    ([value]) => (typeof value === 'bigint' ? Number(value) : value),
  );
  const refusal = (error: unknown) => {
    expect(error).toMatchObject({ message: expect.stringContaining(path) });
    return REFUSED;
  };
  return Promise.all([read.catch(refusal), asked.catch(refusal)]);
}

describe('the reader and a query', () => {
  test.each([
    ['vlr_cot', '38.72::DOUBLE', 38.72],
    ['vlr_cot', '0.5::FLOAT', 0.5],
    ['vlr_cot', "'NaN'::DOUBLE", null],
    ['vlr_cot', "'NaN'::FLOAT", null],
    ['vlr_cot', '7::TINYINT', 7],
    ['vlr_cot', '7::UINTEGER', 7],
    ['vlr_cot', '38.72::DECIMAL(9, 2)', 38.72],
    ['vlr_cot', '9007199254740992::BIGINT', 2 ** 53],
    ['num_acoes', '7::SMALLINT', 7],
    ['num_acoes', '9007199254740991::BIGINT', 2 ** 53 - 1],
    ['num_acoes', '-9007199254740991::BIGINT', 1 - 2 ** 53],
    ['num_acoes', '9007199254740991::UBIGINT', 2 ** 53 - 1],
    ['num_acoes', '9007199254740991::DOUBLE', 2 ** 53 - 1],
    ['num_acoes', '7::FLOAT', 7],
    ['num_acoes', "'NaN'::FLOAT", null],
    ['num_acoes', '4197320000::DECIMAL(18, 0)', 4_197_320_000],
    ['num_acoes', '7::DECIMAL(4, 2)', 7],
    ['num_acoes', '-7::DECIMAL(38, 2)', -7],
    ['num_acoes', 'NULL::DECIMAL(18, 0)', null],
    ['nome_empresa', "'Araçá'", 'Araçá'],
    ['nome_empresa', "encode('Araçá')", 'Araçá'],
    ['nome_empresa', 'NULL::BLOB', null],
    ['nome_empresa', 'NULL::INTEGER', null],
    [
      'nome_empresa',
      "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID",
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    ],
    ['dt_ult_cot', "DATE '2026-11-20'", '2026-11-20'],
    ['dt_ult_cot', "DATE '9999-12-31'", '9999-12-31'],
    ['dt_ult_cot', "TIMESTAMP '2026-11-20 23:59:59'", '2026-11-20'],
    ['dt_ult_cot', "TIMESTAMPTZ '2026-11-20 22:00:00-03:00'", '2026-11-21'],
    ['dt_ult_cot', "TIMESTAMP_NS '2026-11-20 23:59:59'", '2026-11-20'],
    ['dt_ult_cot', 'NULL::VARCHAR', null],
    // As the Terraform module of the same name stored them.
    ['vlr_cot', '46.48::FLOAT', 46.48],
    ['vlr_cot', '36.1::FLOAT', 36.1],
    ['vlr_cot', '-0.0066::FLOAT', -0.0066],
    ['vlr_cot', '123456.7::FLOAT', 123456.7],
    ['vlr_cot', '3.4e38::FLOAT', 3.4e38],
    ['vlr_cot', '1e-40::FLOAT', 1e-40],
    ['vlr_cot', "'38.72'", 38.72],
    ['vlr_cot', "'-0.02'", -0.02],
    ['vlr_cot', "'0.0048'", 0.0048],
    ['vlr_cot', "'0.123'", 0.123],
    ['vlr_cot', "'1e-05'", 0.00001],
    ['vlr_cot', "'7'", 7],
    ['vlr_cot', "''", null],
    ['vlr_cot', "'-'", null],
    ['num_acoes', "'4197320000'", 4_197_320_000],
    ['num_acoes', "'4197320000.0'", 4_197_320_000],
    ['dt_ult_cot', "'31/08/2023'", '2023-08-31'],
    ['dt_ult_cot', "'2023-08-31'", '2023-08-31'],
    ['dt_ult_cot', "''", null],
  ])('take %s as %s for the same: %s', async (column, expression, expected) => {
    expect(await bothAnswers(column, expression)).toEqual([expected, expected]);
  });

  test.each([
    ['vlr_cot', "'Infinity'::DOUBLE"],
    ['vlr_cot', "'-Infinity'::FLOAT"],
    ['vlr_cot', '9007199254740993::BIGINT'],
    ['vlr_cot', "'38,72'"],
    ['vlr_cot', "'1.234'"],
    ['vlr_cot', "'-12.345.678'"],
    ['vlr_cot', "'1e999'"],
    ['vlr_cot', "'35%'"],
    ['vlr_cot', "' 7'"],
    ['vlr_cot', "'0x10'"],
    ['vlr_cot', "'nan'"],
    ['vlr_cot', "'Infinity'"],
    ['num_acoes', "'7.5'"],
    ['num_acoes', "'9007199254740993'"],
    ['dt_ult_cot', "'31/02/2023'"],
    ['dt_ult_cot', "'8/31/2023'"],
    ['dt_ult_cot', "'31/08/23'"],
    ['dt_ult_cot', "'2023-8-31'"],
    ['vlr_cot', 'true'],
    ['num_acoes', '9007199254740992::BIGINT'],
    ['num_acoes', '(-9223372036854775808)::BIGINT'],
    ['num_acoes', '18446744073709551615::UBIGINT'],
    ['num_acoes', '9007199254740992::DOUBLE'],
    ['num_acoes', '9007199254740992::FLOAT'],
    ['num_acoes', '9007199254740992::DECIMAL(18, 0)'],
    ['num_acoes', "'-Infinity'::DOUBLE"],
    ['num_acoes', '0.5::FLOAT'],
    ['num_acoes', '46.48::DECIMAL(18, 2)'],
    ['num_acoes', "DATE '2026-11-20'"],
    ['nome_empresa', '7'],
    ['nome_empresa', 'true'],
    ['dt_ult_cot', '20261120'],
    ['dt_ult_cot', "DATE '10000-01-01'"],
    ['dt_ult_cot', "DATE '0044-03-15 (BC)'"],
  ])('both refuse %s as %s, by the name of the file', async (column, expression) => {
    expect(await bothAnswers(column, expression)).toEqual([REFUSED, REFUSED]);
  });
});
