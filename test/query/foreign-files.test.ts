/** Files that other programs wrote answer by the same rules as in the lake's own reader. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sotTables } from '../../src/catalog/tables.ts';
import { QueryError } from '../../src/errors.ts';
import { partitionFolder } from '../../src/lake/local-lake.ts';
import { openDuckDb } from '../../src/query/duckdb-engine.ts';
import { duckdb } from '../support/duckdb.ts';
import { newFolder } from '../support/folders.ts';
import { day } from '../support/made-up-lake.ts';

const TABLE = 'db_pynvest_sot.tbsot_fundamentus_indicadores_acoes_prep';

/** What `column` answers where the only file holds it as `expression`, read in both ways. */
async function answersOf(column: string, expression: string): Promise<unknown[]> {
  const root = await newFolder();
  const folder = partitionFolder(root, sotTables.acoes, day('2026-11-20'));
  await mkdir(folder, { recursive: true });
  const select = `SELECT 'PETR4' AS nome_papel, ${expression} AS ${column}`;
  await duckdb(`COPY (${select}) TO '${join(folder, 'other.parquet')}' (FORMAT parquet)`);
  const engine = await openDuckDb(root);
  try {
    const answers: unknown[] = [];
    for (const ordered of [true, false]) {
      const sql = `SELECT ${column} FROM ${TABLE} ORDER BY nome_papel`;
      for await (const [value] of (await engine.query(sql, [], { ordered })).rows) {
        answers.push(value);
      }
    }
    return answers;
  } finally {
    engine.close();
  }
}

describe('a file of another program', () => {
  it.each([
    ['vlr_cot', "'NaN'::DOUBLE", null],
    ['vlr_cot', '7::INTEGER', 7],
    ['vlr_cot', '7.25::DECIMAL(9,2)', 7.25],
    ['num_acoes', '7::DOUBLE', 7n],
    ['num_acoes', "'NaN'::DOUBLE", null],
    ['dt_ult_cot', "TIMESTAMP '2026-11-20 00:00:00'", '2026-11-20'],
  ])('with %s as %s answers %s', async (column, expression, expected) => {
    expect(await answersOf(column, expression)).toEqual([expected, expected]);
  });

  it.each([
    ['vlr_cot', "'1.234'"],
    ['num_acoes', '2.5::DOUBLE'],
    ['dt_ult_cot', "'20/11/2026'"],
    ['nome_empresa', '7'],
  ])('with %s as %s is refused, not guessed', async (column, expression) => {
    const answer = answersOf(column, expression);
    await expect(answer).rejects.toThrow(column);
    await expect(answer).rejects.not.toThrow('bug');
  });

  it('of integers divides as Athena does: the year of a partition is whole', async () => {
    const engine = await openDuckDb(await newFolder());
    try {
      for await (const row of (await engine.query('SELECT 20261120 / 10000, 7 / 2')).rows) {
        expect(row).toEqual([2026, 3]);
      }
      await expect(engine.query('SELECT 1 / ')).rejects.toThrow(QueryError);
    } finally {
      engine.close();
    }
  });
});
