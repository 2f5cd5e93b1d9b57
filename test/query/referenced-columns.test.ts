import { expect, test } from 'vitest';
import { quoteResultColumns } from '../../src/query/columns.ts';
import { getReferencedColumns, parseSort } from '../../src/query/refinements.ts';
import { parseWhere } from '../../src/query/where/parser.ts';
import { day } from '../support/made-up-lake.ts';

const today = day('2026-11-30');

test('a question speaks of the columns of its order and of its condition, each once', () => {
  const sort = parseSort('pct_var_12m:desc,vlr_cot', quoteResultColumns);
  const where = parseWhere(
    `(vlr_cot > 1 or not pct_var_dia between pct_var_mes and 1) and nome_ativo like 'x'
      and tipo_ativo in ('y') and dt_ult_cot is null and vlr_min_52_sem = vlr_max_52_sem`,
    quoteResultColumns,
    { today },
  );
  expect(getReferencedColumns({ sort, where })).toEqual([
    ...['pct_var_12m', 'vlr_cot', 'pct_var_dia', 'pct_var_mes', 'nome_ativo', 'tipo_ativo'],
    ...['dt_ult_cot', 'vlr_min_52_sem', 'vlr_max_52_sem'],
  ]);
  expect(getReferencedColumns({})).toEqual([]);
});
