import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { quoteResultColumns } from '../../src/query/columns.ts';
import { createRowComparator, parseSort } from '../../src/query/refinements.ts';

const parse = (list: string) =>
  parseSort(list, quoteResultColumns).map(({ column, descending }) => [column.name, descending]);

describe('an order', () => {
  test('is a list of columns, each upwards unless it says otherwise', () => {
    expect(parse('vlr_cot:desc, codigo_ticker_ativo ,Pct_Var_Dia:ASC')).toEqual([
      ['vlr_cot', true],
      ['codigo_ticker_ativo', false],
      ['pct_var_dia', false],
    ]);
    expect(parse('vlr_cot desc; pct_var_dia  asc ; dt_ult_cot')).toEqual([
      ['vlr_cot', true],
      ['pct_var_dia', false],
      ['dt_ult_cot', false],
    ]);
  });

  test.each([
    ['', '--sort names no column', undefined],
    ['vlr_cott:desc', 'there is no column "vlr_cott"', 'Did you mean vlr_cot?'],
    ['vlr_cot:down', '"vlr_cot:down" names no direction', 'Write vlr_cot:asc or vlr_cot:desc;'],
    ['vlr_cot:desc:asc', 'names no direction', 'Write vlr_cot:asc'],
    ['vlr_cot pct_var_dia', 'names no direction', 'a comma parts columns'],
    ['vlr_cot:', 'names no direction', 'Write vlr_cot:asc'],
    ['-vlr_cot', 'there is no column "-vlr_cot"', 'Did you mean vlr_cot?'],
    ['prezo,vlr_cott:desc', 'there are no columns "prezo", "vlr_cott"', 'Did you mean vlr_cot?'],
    [':desc', '--sort names no column', 'Such as vlr_cot:desc.'],
  ])('is refused where it is %j', (list, message, hint) => {
    expect(() => parse(list)).toThrow(UsageError);
    try {
      parse(list);
    } catch (error) {
      expect(error).toMatchObject({ message: expect.stringContaining(message) });
      if (hint) expect(error).toMatchObject({ hint: expect.stringContaining(hint) });
    }
  });

  test('has nulls last in both directions, and leaves equal rows as they stand', () => {
    const rows = [
      [null, 'a'],
      [2, 'b'],
      ['10', 'c'],
      [2n, 'd'],
      [null, 'e'],
    ] as const;
    const sorted = (list: string) =>
      [...rows]
        .sort(createRowComparator(parseSort(list, quoteResultColumns)))
        .map(([, name]) => name)
        .join('');
    expect(sorted('vlr_cot')).toBe('bdcae');
    expect(sorted('vlr_cot:desc')).toBe('cbdae');
  });

  test('compares texts as texts and goes on to the next column', () => {
    const rows = [
      ['B', 1],
      ['A', 9],
      ['A', 10],
    ] as const;
    const keys = parseSort('tipo_ativo,vlr_cot:desc', quoteResultColumns);
    expect([...rows].sort(createRowComparator(keys))).toEqual([
      ['A', 10],
      ['A', 9],
      ['B', 1],
    ]);
  });
});
