import { describe, expect, test } from 'vitest';
import { parseRefinements } from '../../../../src/cli/commands/query/asset-query.ts';
import { UsageError } from '../../../../src/errors.ts';
import { parseWhere } from '../../../../src/query/where/parser.ts';
import { day } from '../../../support/made-up-lake.ts';
import { specTable } from '../../../support/tables.ts';

describe('several conditions', () => {
  const known = specTable.columns;
  const conditions = ['vlr_cot > 10 or vlr_cot is null', 'pct_var_dia < 0'];

  const where = (each: readonly string[]) =>
    parseRefinements({ where: each }, known).refinements.where;

  test('must all hold, each as a whole', () => {
    const parts = conditions.map((condition) =>
      parseWhere(condition, known, { today: day('2026-11-30') }),
    );
    expect(where(conditions)).toEqual({ kind: 'and', parts });
    expect(where(conditions.slice(0, 1))).toEqual(parts[0]);
    expect(parseRefinements({}, known).refinements.where).toBeUndefined();
  });

  test('are read one by one: two halves make no whole', () => {
    const halves = { where: ['(vlr_cot > 10', 'vlr_cot < 11)'] };
    expect(() => parseRefinements(halves, known)).toThrow(UsageError);
  });
});
