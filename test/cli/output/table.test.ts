import { describe, expect, test } from 'vitest';
import { formatTable as formatColumns, type TablePaint } from '../../../src/cli/output/table.ts';

/** Columns headed by their names; those of digits alone are numbers. */
function formatTable(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  essential?: readonly string[],
  paint?: TablePaint,
) {
  const columns = names.map((name, at) => ({
    ...{ name, heading: name, isSigned: name.startsWith('pct_') },
    isNumeric: rows.every((row) => /^[-+]?[\d.,]*%?$/.test(row[at] ?? '')),
  }));
  return formatColumns(columns, rows, width, essential, paint);
}

const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n');
const widest = (text: string): number => Math.max(...linesOf(text).map((line) => line.length));
const texts = (count: number, text: string): string[] => Array.from({ length: count }, () => text);

describe('a table', () => {
  test('that fits has its headings above its rows, numbers to the right', () => {
    const { text, hidden } = formatTable(
      ['ticker', 'vlr_cot', 'nota'],
      [
        ['PETR4', '38.72', 'x'],
        ['HGLG11', '-5', ''],
      ],
      80,
    );
    expect(linesOf(text).map((line) => line.trimEnd())).toEqual([
      'ticker  vlr_cot  nota',
      'PETR4     38.72  x',
      'HGLG11       -5',
    ]);
    expect(hidden).toEqual([]);
    expect(text.endsWith('\n')).toBe(true);
  });

  test('of exactly the width is not changed', () => {
    const rows = Array.from({ length: 10 }, () => ['12345', '678']);
    expect(formatTable(['a', 'b'], rows, 10).hidden).toEqual([]);
    expect(formatTable(['a', 'b'], rows, 9).hidden).toEqual(['b']);
    // A column that is too wide is in the way of none behind it.
    const wide = rows.map(([a = '']) => [a, 'x'.repeat(20), '7.5']);
    const { text, hidden } = formatTable(['a', 'name', 'vlr'], wide, 12);
    expect(hidden).toEqual(['name']);
    expect(text.split('\n')[0]).toMatch(/^ *a +vlr$/);
  });

  test('of few rows that is too wide is turned on its side, and loses nothing', () => {
    const columns = Array.from({ length: 30 }, (_, index) => `column_${index}`);
    const row = columns.map((_, index) => `value-${index}`);
    const one = formatTable(columns, [row], 80);
    expect(linesOf(one.text)).toHaveLength(30);
    expect(one.text).toContain('column_29');
    expect(one.text).toContain('value-29');
    const three = formatTable(columns, [row, row, row], 80);
    expect(linesOf(three.text)).toHaveLength(30);
    expect(linesOf(three.text)[0]).toMatch(/^column_0 +value-0 +value-0 +value-0$/);
    for (const { text, hidden } of [one, three]) {
      expect(hidden).toEqual([]);
      expect(widest(text)).toBeLessThanOrEqual(80);
    }
  });

  test.each([40, 60])('of one row has a line for each column at a width of %i', (width) => {
    const columns = ['anomesdia_exec', 'nome_papel', 'vlr_result_int_financ_ult_12m', 'descricao'];
    const row = ['20261119', 'WEGE3', '-12.5', `${'uma palavra '.repeat(9)}${'x'.repeat(70)}`];
    const { text, hidden } = formatTable(columns, [row], width);
    expect(hidden).toEqual([]);
    expect(widest(text)).toBeLessThanOrEqual(width);
    expect(linesOf(text)[2]).toMatch(/^vlr_result_int_financ_ult_12m {2}-12.5$/);
    expect(text.replaceAll(/\s/g, '')).toBe(
      columns.map((column, at) => `${column}${row[at]}`.replaceAll(' ', '')).join(''),
    );
  });

  test('of few rows cuts texts that would be in the way of the values', () => {
    const columns = Array.from({ length: 30 }, (_, index) => `column_${index}`);
    const row = columns.map((_, index) => (index === 1 ? 'a name '.repeat(20) : `value-${index}`));
    const { text, hidden } = formatTable(columns, [row, row], 60);
    expect(hidden).toEqual([]);
    expect(widest(text)).toBeLessThanOrEqual(60);
    expect(text).toContain('value-29');
    expect(text).toContain('…');
  });

  test('of many rows leaves out the rightmost columns, and names them', () => {
    const columns = ['um', 'dois', 'três', 'quatro'];
    const rows = Array.from({ length: 7 }, () => texts(4, 'x'.repeat(10)));
    const { text, hidden } = formatTable(columns, rows, 25);
    expect(hidden).toEqual(['três', 'quatro']);
    expect(text).not.toContain('quatro');
    expect(linesOf(text)).toHaveLength(8);
    expect(widest(text)).toBeLessThanOrEqual(25);
  });

  test('of many rows has long texts cut where it does not fit otherwise', () => {
    const long = 'FII DE NOME TÃO COMPRIDO QUE NÃO CABE EM TELA ALGUMA';
    const rows = Array.from({ length: 8 }, () => ['HGLG11', long]);
    const { text, hidden } = formatTable(['ticker', 'nome'], rows, 42);
    expect(hidden).toEqual([]);
    expect(text).toContain('FII DE NOME TÃO COMPRIDO QUE…\n');
    expect(text).not.toContain(long);
    expect(formatTable(['ticker', 'nome'], rows, 80).text).toContain(long);
  });

  test('has the essential columns first where one of them would not fit', () => {
    const rows = Array.from({ length: 8 }, () => ['20261120', 'PETR4', 'Petrobras', '38.72']);
    const columns = ['anomesdia_exec', 'codigo_ticker_ativo', 'nome', 'vlr_cot'];
    const shownAt = (width: number) =>
      linesOf(formatTable(columns, rows, width, ['codigo_ticker_ativo', 'vlr_cot']).text)[0];
    expect(shownAt(80)).toBe('anomesdia_exec  codigo_ticker_ativo  nome       vlr_cot');
    expect(shownAt(44)).toBe('anomesdia_exec  codigo_ticker_ativo  vlr_cot');
    expect(shownAt(43)).toBe('codigo_ticker_ativo  vlr_cot  nome');
    expect(shownAt(30)).toBe('codigo_ticker_ativo  vlr_cot');
  });

  test('always shows its first column', () => {
    const rows = Array.from({ length: 8 }, () => ['x'.repeat(30), 'y']);
    expect(formatTable(['a', 'b'], rows, 5)).toMatchObject({ hidden: ['b'] });
  });

  test('without a bound shows everything', () => {
    const columns = Array.from({ length: 90 }, (_, index) => `column_${index}`);
    const { text, hidden } = formatTable(columns, [columns, columns], 0);
    expect(hidden).toEqual([]);
    expect(linesOf(text)).toHaveLength(3);
  });

  test('without rows is its headings', () => {
    expect(formatTable(['a', 'b'], [], 80)).toEqual({ text: 'a  b\n', hidden: [] });
  });

  test('is painted by the sign of what rises and falls, and stays aligned', () => {
    const paint = {
      heading: (text: string) => `<${text}>`,
      rise: (text: string) => `[${text}]`,
      fall: (text: string) => `(${text})`,
    };
    const rows = [
      ['PETR4', '+1,41%', '-1'],
      ['VALE3', '-10,66%', '-2'],
      ['ITUB4', '0,00%', '3'],
    ];
    expect(formatTable(['papel', 'pct_var', 'n'], rows, 80, [], paint).text).toBe(
      '<papel>  <pct_var>   <n>\n' +
        'PETR4   [+1,41%]  -1\n' +
        'VALE3  (-10,66%)  -2\n' +
        'ITUB4    0,00%   3\n',
    );
  });

  test('has no escape codes', () => {
    const { text } = formatTable(['a', 'b'], [['1', 'x']], 80);
    expect(text).not.toContain('\u001b');
  });

  test('may have very many rows', () => {
    const rows = Array.from({ length: 130_000 }, (_, index) => [String(index)]);
    expect(linesOf(formatTable(['n'], rows, 80).text)).toHaveLength(130_001);
  });
});
