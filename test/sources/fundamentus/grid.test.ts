/** Cells that span rows and columns stand where HTML puts them: no value lands under another's label. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelledValue } from '../../../src/catalog/asset.ts';
import { readLabelledValues } from '../../../src/sources/fundamentus/details.ts';
import { cell, pageOf, pairCells, tableOf } from '../../support/handmade-page.ts';

function pairsOf(...rows: readonly string[]): (readonly string[])[] {
  return (readLabelledValues(pageOf(tableOf(...rows))) ?? []).map(asList);
}

function asList({ label, value, section }: LabelledValue): readonly string[] {
  return section === undefined ? [label, value] : [label, value, section];
}

/** A cell that reaches down into the rows below its own. */
function tall(rows: number | string, kind: Parameters<typeof cell>[0], html: string): string {
  return cell(kind, html).replace('<td ', `<td rowspan="${rows}" `);
}

const label = (text: string): string => cell('label', text);
const data = (text: string): string => cell('data', text);
const twoSides = cell('nivel2', 'Últimos 12 meses', 2) + cell('nivel2', 'Últimos 3 meses', 2);

describe('a cell that spans rows', () => {
  it('pushes the cells of the rows below aside, so that each keeps its heading', () => {
    const rows = [
      twoSides,
      tall(2, 'label', 'Receita') + tall(2, 'data', '1') + pairCells('EBIT', '3'),
      pairCells('Lucro', '4'),
      pairCells('EBIT', '12') + pairCells('Ativos', '5'),
    ];
    expect(pairsOf(...rows)).toEqual([
      ['Receita', '1', 'Últimos 12 meses'],
      ['EBIT', '3', 'Últimos 3 meses'],
      ['Lucro', '4', 'Últimos 3 meses'],
      ['EBIT', '12', 'Últimos 12 meses'],
      ['Ativos', '5', 'Últimos 3 meses'],
    ]);
  });

  it('gives a label the values of all its rows: none goes without it or to another', () => {
    expect(pairsOf(tall(2, 'label', 'P/L') + data('1'), data('2') + data('3'))).toEqual([
      ['P/L', '1'],
      ['P/L', '2'],
      ['', '3'],
    ]);
  });

  it('gives each label right before it the one value that is beside both', () => {
    expect(pairsOf(label('P/L') + tall(2, 'data', '1'), label('P/VP') + data('2'))).toEqual([
      ['P/L', '1'],
      ['P/VP', '1'],
      ['', '2'],
    ]);
  });

  it('gives a label that does not stand right before it nothing, nor what follows', () => {
    const rows = [
      label('P/L') + data('1') + label('LPA') + tall(2, 'data', '2'),
      label('P/VP'),
      pairCells('ROE', '3'),
    ];
    expect(pairsOf(...rows)).toEqual([
      ['P/L', '1'],
      ['LPA', '2'],
      ['P/VP', ''],
      ['ROE', '3'],
    ]);
  });

  it('ends what is before it: a value behind a label from above is not that of one before', () => {
    const rows = [label('A') + tall(2, 'label', 'B') + data('1'), label('C') + data('2')];
    expect(pairsOf(...rows)).toEqual([
      ['A', ''],
      ['B', '1'],
      ['C', ''],
      ['B', '2'],
    ]);
  });

  it('may be a heading, or a cell that says nothing', () => {
    const rows = [
      tall(3, 'nivel1', 'Resultados') + twoSides,
      pairCells('EBIT', '12') + pairCells('EBIT', '3'),
      '<td></td>'.repeat(2) + pairCells('Lucro', '4'),
      cell('nivel1', 'Balanço', 5),
      `<td rowspan="2"></td>${pairCells('Ativos', '5')}`,
      pairCells('Caixa', '6'),
    ];
    expect(pairsOf(...rows)).toEqual([
      ['EBIT', '12', 'Últimos 12 meses'],
      ['EBIT', '3', 'Últimos 3 meses'],
      ['Lucro', '4', 'Últimos 3 meses'],
      ['Ativos', '5', 'Balanço'],
      ['Caixa', '6', 'Balanço'],
    ]);
  });

  it('reaches to the end of its group where it says 0, and never beyond', () => {
    const spacer = '<td rowspan="0" colspan="2"></td>';
    const html = `<table class="w728">
      <thead><tr>${twoSides}</tr><tr>${spacer}${pairCells('EBIT', '3')}</tr>
        <tr>${pairCells('Lucro', '4')}</tr></thead>
      <tbody><tr>${pairCells('EBIT', '12')}</tr></tbody></table>`;
    expect((readLabelledValues(pageOf(html)) ?? []).map(asList)).toEqual([
      ['EBIT', '3', 'Últimos 3 meses'],
      ['Lucro', '4', 'Últimos 3 meses'],
      ['EBIT', '12', 'Últimos 12 meses'],
    ]);
  });

  it.each(['1', 'x', '', '-2'])('is none where it says %j', (rows) => {
    const first = tall(rows, 'label', 'P/L') + tall(rows, 'data', '1');
    expect(pairsOf(first, pairCells('LPA', '2'))).toEqual([
      ['P/L', '1'],
      ['LPA', '2'],
    ]);
  });

  it('may claim more rows than there are', () => {
    expect(pairsOf(tall('9'.repeat(30), 'label', 'P/L') + data('1'), data('2'))).toEqual([
      ['P/L', '1'],
      ['P/L', '2'],
    ]);
  });
});

describe('a hidden cell', () => {
  const hidden = (html: string): string => html.replace('<td ', '<td style="display:none" ');

  it('takes no column from the others', () => {
    const rows = [
      twoSides,
      hidden(label('x')) + hidden(data('9')) + pairCells('EBIT', '12') + pairCells('EBIT', '3'),
    ];
    expect(pairsOf(...rows)).toEqual([
      ['EBIT', '12', 'Últimos 12 meses'],
      ['EBIT', '3', 'Últimos 3 meses'],
    ]);
  });

  it('is not the value of the label before it', () => {
    expect(pairsOf(label('P/L') + hidden(data('99')) + data('31'))).toEqual([['P/L', '31']]);
    expect(pairsOf(label('P/L') + data('31').replace('<td ', '<td hidden '))).toEqual([
      ['P/L', ''],
    ]);
  });
});

describe('any table', () => {
  const text = fc.stringMatching(/^[a-z0-9]{1,6}$/);
  const pair = fc.record({ label: text, value: text, rows: fc.integer({ min: 1, max: 4 }) });
  /** Two columns of the page: a heading, and below it pairs that take one row or more each. */
  const block = fc.record({ heading: text, pairs: fc.array(pair, { maxLength: 5 }) });

  it('gives each pair once, under the heading of its own columns, however tall the others are', () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), (blocks) => {
        const height = Math.max(...blocks.map(({ pairs }) => rowsOf(pairs))) + 1;
        const rows = Array.from({ length: height }, (_, row) =>
          blocks.map(({ pairs }) => cellsAt(row, pairs, height)).join(''),
        );
        const headings = blocks.map(({ heading }) => cell('nivel2', heading, 2)).join('');
        const expected = blocks.flatMap(({ heading, pairs }) =>
          pairs.map(({ label: name, value }) => [name, value, heading]),
        );
        const read = pairsOf(headings, ...rows).filter(([name]) => name !== '');
        expect([...read].sort()).toEqual([...expected].sort());
      }),
    );
  });

  function rowsOf(pairs: readonly { rows: number }[]): number {
    return pairs.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** The cells of a block that begin in a row; behind its last pair, one empty pair to the end. */
  function cellsAt(
    row: number,
    pairs: readonly { label: string; value: string; rows: number }[],
    height: number,
  ): string {
    let first = 0;
    for (const { label: name, value, rows } of pairs) {
      if (first === row) return tall(rows, 'label', name) + tall(rows, 'data', value);
      first += rows;
    }
    const rest = height - first;
    return first === row ? tall(rest, 'label', '') + tall(rest, 'data', '') : '';
  }
});
