/** What DuckDB makes of conditions, against the logic of SQL written out by hand. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import { PARTITION_COLUMN } from '../../../src/catalog/partition.ts';
import { indicatorResultColumns, quoteResultColumns } from '../../../src/query/columns.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import type { QueryEngine } from '../../../src/query/engine.ts';
import { readIndicators } from '../../../src/query/indicators.ts';
import { parseWhere } from '../../../src/query/where/parser.ts';
import { conditions, judged } from '../../support/conditions.ts';
import { selectQuotes } from '../../support/engines.ts';
import { newFolder } from '../../support/folders.ts';
import { day, quote, typed, writeQuotes, writeRowsTo } from '../../support/made-up-lake.ts';
import { sotTables } from '../../support/tables.ts';

const DAYS = ['2026-11-19', '2026-11-20'] as const;
const today = day('2026-11-20');

/** Rows of a day: numbers, texts, days and nulls in every combination that matters. */
const rowsOf = (date: string): Row[] => [
  quote('PETR4', 10, {
    nome_ativo: 'Banco Um',
    vlr_max_52_sem: 10,
    pct_var_12m: 0.35,
    dt_ult_cot: date,
  }),
  quote('VALE3', -1.5, { nome_ativo: "D'água", vlr_max_52_sem: 3, dt_ult_cot: '1990-01-01' }),
  quote('HGLG11', null, { nome_ativo: null, tipo_ativo: 'Fundo Imobiliário', pct_var_12m: -0.1 }),
  quote('XPML11', 0, { nome_ativo: '', vlr_max_52_sem: 5e-324, pct_var_12m: 5 }),
];
const stored: Row[] = DAYS.flatMap((date) =>
  rowsOf(date).map((row) => ({ [PARTITION_COLUMN]: day(date), ...row })),
);

let engine: QueryEngine;
beforeAll(async () => {
  const root = await newFolder();
  for (const date of DAYS) await writeQuotes(root, date, rowsOf(date));
  await writeRowsTo(root, sotTables.acoes, '2026-11-20', [
    typed('acoes', 'PETR4', { vlr_ind_roe: 0.3, vlr_cot: 5 }),
    typed('acoes', 'VALE3', { vlr_ind_roe: 0.1, vlr_cot: 1 }),
  ]);
  await writeRowsTo(root, sotTables.fiis, '2026-11-20', [typed('fiis', 'HGLG11', { vlr_cot: 3 })]);
  engine = await openDuckDb(root);
});
afterAll(() => engine.close());

const keyOf = (row: Row): string => `${row[PARTITION_COLUMN]} ${row['codigo_ticker_ativo']}`;

describe('the rows for which a condition holds', () => {
  test.each([
    ['anomesdia_exec = hoje', 4],
    ['anomesdia_exec = ontem', 4],
    ['anomesdia_exec >= 1d', 8],
    ['anomesdia_exec = 2026-11', 8],
    ['anomesdia_exec != 2026', 0],
    ['anomesdia_exec < 2026-11', 0],
    ['anomesdia_exec in (19/11/2026, 2025)', 4],
    ['dt_ult_cot = 2026-11', 2],
    ['dt_ult_cot <= 1990', 2],
  ])('%s: %i', async (text, count) => {
    const where = parseWhere(text, quoteResultColumns, { today });
    const { rows } = await engine.query(
      selectQuotes([], {}, { where, columns: [], everyDay: true }),
    );
    let found = 0;
    for await (const _ of rows) found += 1;
    expect(found).toBe(count);
  });

  test('are those that the logic of SQL finds, whatever the condition', async () => {
    await fc.assert(
      fc.asyncProperty(conditions(quoteResultColumns), async (where) => {
        const { rows } = await engine.query(
          selectQuotes([], {}, { where, columns: [], everyDay: true }),
        );
        const found: string[] = [];
        for await (const [partition, ticker] of rows) found.push(`${partition} ${ticker}`);
        const wanted = stored.filter((row) => judged(where, row) === true).map(keyOf);
        expect(found.sort()).toEqual(wanted.sort());
      }),
      { numRuns: 150 },
    );
  });

  test('of a kind that lacks the column are none, and all where it is asked for nothing', async () => {
    const found = async (text: string) => {
      const where = parseWhere(text, indicatorResultColumns, { today });
      const { rows } = await readIndicators(engine, [], ['vlr_cot'], {}, { where });
      return rows.map((row) => row[1]);
    };
    expect(await found('vlr_ind_roe > 0')).toEqual(['PETR4', 'VALE3']);
    expect(await found('vlr_ind_roe <= 0.1 or vlr_cot = 3')).toEqual(['VALE3', 'HGLG11']);
    expect(await found('vlr_ind_roe is null')).toEqual(['HGLG11']);
    expect(await found("codigo_ticker_ativo in ('HGLG11', 'VALE3')")).toEqual(['VALE3', 'HGLG11']);
  });
});
