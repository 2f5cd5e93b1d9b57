/** Files that other programs wrote answer by the same rules as in the lake's own reader. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { QueryError } from '../../../src/errors.ts';
import { getPartitionFolder } from '../../../src/lake/local/layout.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import { duckdb } from '../../support/duckdb.ts';
import { ask } from '../../support/engines.ts';
import { newFolder } from '../../support/folders.ts';
import { day, typed, writeRowsTo } from '../../support/made-up-lake.ts';
import { sotTables } from '../../support/tables.ts';

const TABLE = 'db_pynvest_sot.tbsot_fundamentus_indicadores_acoes_prep';

/** Writes a file as another program does, which holds nothing but tickers and `column`. */
async function writeForeign(
  root: string,
  date: string,
  column: string,
  expressions: readonly string[],
): Promise<string> {
  const folder = getPartitionFolder(root, sotTables.acoes, day(date));
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'other.parquet');
  const selects = expressions.map(
    (expression, at) => `SELECT 'FORA${at + 3}' AS nome_papel, ${expression} AS ${column}`,
  );
  await duckdb(`COPY (${selects.join(' UNION ALL ')}) TO '${path}' (FORMAT parquet)`);
  return path;
}

/** What `column` answers where the only file holds it as `expression`. */
async function answersOf(column: string, expression: string): Promise<unknown[]> {
  const root = await newFolder();
  await writeForeign(root, '2026-11-20', column, [expression]);
  return valuesOf(root, column);
}

async function valuesOf(root: string, column: string, condition = 'true'): Promise<unknown[]> {
  const sql = `SELECT ${column} FROM ${TABLE} WHERE ${condition} ORDER BY anomesdia_exec, nome_papel`;
  return (await ask(root, sql)).rows.map(([value]) => value);
}

describe('a file of another program', () => {
  it.each([
    ['vlr_cot', "'NaN'::DOUBLE", null],
    ['vlr_cot', '7::INTEGER', 7],
    ['vlr_cot', '7.25::DECIMAL(9,2)', 7.25],
    ['num_acoes', '7::DOUBLE', 7n],
    ['num_acoes', "'NaN'::DOUBLE", null],
    ['nome_empresa', 'NULL::INTEGER', null],
    ['vlr_cot', '9007199254740992::BIGINT', 9007199254740992],
    ['dt_ult_cot', "TIMESTAMP '2026-11-20 00:00:00'", '2026-11-20'],
  ])('with %s as %s answers %s', async (column, expression, expected) => {
    expect(await answersOf(column, expression)).toEqual([expected]);
  });

  it.each([
    ['vlr_cot', "'1.234'"],
    ['num_acoes', '2.5::DOUBLE'],
    ['dt_ult_cot', "'31/11/2026'"],
    ['nome_empresa', '7'],
    ['vlr_cot', '9007199254740993::BIGINT'],
    ['vlr_cot', 'true'],
    ['num_acoes', "'46.48'"],
    ['num_acoes', '46.48::DECIMAL(9,2)'],
  ])('with %s as %s is refused, not guessed', async (column, expression) => {
    const answer = answersOf(column, expression);
    await expect(answer).rejects.toThrow(column);
    await expect(answer).rejects.not.toThrow('bug');
  });

  it.each([
    ['num_acoes', ['1.5::DOUBLE', '2.5::DOUBLE', '3.49::DOUBLE']],
    ['num_acoes', ['46.48::DECIMAL(18,2)']],
    ['num_acoes', ["'46.48'"]],
    ['vlr_cot', ["'1.234'"]],
    ['pct_var_dia', ['true']],
  ])(
    'behind a day of ours with %s as %s is refused by its name, and our day answers',
    async (column, expressions) => {
      const root = await newFolder();
      const own = typed('acoes', 'PETR4', {
        num_acoes: 4_197_320_000,
        vlr_cot: 38.72,
        pct_var_dia: 0.5,
      });
      await writeRowsTo(root, sotTables.acoes, '2026-11-20', [own]);
      const path = await writeForeign(root, '2026-11-23', column, expressions);
      const refused = await valuesOf(root, column).catch((error: unknown) => error);
      expect(refused).toMatchObject({
        name: 'BrokenFileError',
        message: expect.stringContaining(`${path}: the column ${column} holds `),
        hint: expect.stringContaining('pynvest doctor'),
      });
      const days = { from: day('2026-11-23') };
      const alone = ask(root, { sql: `SELECT ${column} FROM ${TABLE}`, days });
      await expect(alone).rejects.toThrow(path);
      const [value] = [own[column]].map((each) =>
        column === 'num_acoes' ? BigInt(Number(each)) : each,
      );
      expect(await valuesOf(root, column, 'anomesdia_exec = 20261120')).toEqual([value]);
      // Nobody asks for what it holds.
      expect(await valuesOf(root, 'nome_papel')).toHaveLength(1 + expressions.length);
    },
  );

  it('behind a day of ours is read by its own types, not by those of the first', async () => {
    const root = await newFolder();
    await writeRowsTo(root, sotTables.acoes, '2026-11-20', [
      typed('acoes', 'PETR4', { num_acoes: 1 }),
    ]);
    await writeForeign(root, '2026-11-23', 'num_acoes', ["'NaN'::DOUBLE", '5::DOUBLE']);
    expect(await valuesOf(root, 'num_acoes')).toEqual([1n, null, 5n]);
  });

  it.each([
    ['num_acoes', '4197320000::FLOAT', 4_197_320_000, [4197320000n, 4197319936n]],
    ['vlr_cot', '46.48::FLOAT', 46.48, [46.48, 46.48]],
    ['vlr_cot', '46.5::DECIMAL(9,1)', 46.48, [46.48, 46.5]],
    ['vlr_cot', '46::BIGINT', 46.48, [46.48, 46]],
  ])(
    'with %s as %s does not change what our own rows hold',
    async (column, expression, own, expected) => {
      for (const [ours, theirs] of [
        ['2026-11-20', '2026-11-23'],
        ['2026-11-23', '2026-11-20'],
      ] as const) {
        const root = await newFolder();
        await writeRowsTo(root, sotTables.acoes, ours, [
          typed('acoes', 'PETR4', { [column]: own }),
        ]);
        await writeForeign(root, theirs, column, [expression]);
        const values = await valuesOf(root, column);
        expect(ours < theirs ? values : values.reverse()).toEqual(expected);
      }
    },
  );

  it('does no harm to a question about other days, even where it is broken', async () => {
    const root = await newFolder();
    await writeRowsTo(root, sotTables.acoes, '2026-11-20', [
      typed('acoes', 'PETR4', { vlr_cot: 1 }),
    ]);
    await writeFile(await writeForeign(root, '2026-11-23', 'vlr_cot', ['2']), 'no Parquet');
    const sql = `SELECT vlr_cot FROM ${TABLE} WHERE anomesdia_exec <= 20261120`;
    const days = { to: day('2026-11-20') };
    expect((await ask(root, { sql, days })).rows).toEqual([[1]]);
  });

  it.each([
    [`SELECT date_format(now(), '%U') FROM ${TABLE}`, 'Athena does not know %U'],
    [`SELECT date_add('fortnight', 1, now()) FROM ${TABLE}`, 'no unit fortnight'],
    [`SELECT date_add('constructor', 1, now()) FROM ${TABLE}`, 'no unit constructor'],
    [`SELECT strftime(now(), '%Q') FROM ${TABLE}`, 'Failed to parse format specifier'],
    ["SELECT error('too far')", 'too far'],
  ])('is not blamed for what the text of the query gets wrong: %s', async (sql, message) => {
    const root = await newFolder();
    await writeForeign(root, '2026-11-20', 'vlr_cot', ["'R$ 2'"]);
    const dialect = /date_/.test(sql) ? 'athena' : undefined;
    const refused = await ask(root, { sql, dialect }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      name: 'QueryError',
      message: expect.stringContaining(message),
    });
  });

  it('of integers divides as Athena does: the year of a partition is whole', async () => {
    const engine = await openDuckDb(await newFolder());
    try {
      for await (const row of (await engine.query({ sql: 'SELECT 20261120 / 10000, 7 / 2' }))
        .rows) {
        expect(row).toEqual([2026, 3]);
      }
      await expect(engine.query({ sql: 'SELECT 1 / ' })).rejects.toThrow(QueryError);
    } finally {
      engine.close();
    }
  });
});
