import { describe, expect, it } from 'vitest';
import { renderDetailsPage } from '../../../src/demo/site.ts';
import { readLabelledValues } from '../../../src/sources/fundamentus/details.ts';
import { demoAsset } from '../../support/demo-assets.ts';
import { cell, pageOf, pairCells, tableOf } from '../../support/handmade-page.ts';

/** The pairs of a page with one table of these rows, as `[label, value]` or `[label, value, section]`. */
function pairsOf(...rows: readonly string[]): (readonly string[])[] {
  return pairsOfPage(pageOf(tableOf(...rows)));
}

function pairsOfPage(html: string): (readonly string[])[] {
  const pairs = readLabelledValues(html);
  if (!pairs) throw new Error('the page has no data tables');
  return pairs.map(({ label, value, section }) =>
    section === undefined ? [label, value] : [label, value, section],
  );
}

describe('labels and values', () => {
  it('are paired within a row, in the order of the page', () => {
    const left = pairsOf(
      pairCells('P/L', '31,03') + pairCells('LPA', '1,50'),
      pairCells('ROE', '-'),
    );
    expect(left).toEqual([
      ['P/L', '31,03'],
      ['LPA', '1,50'],
      ['ROE', '-'],
    ]);
  });

  it('leave the help mark out, on either side of the label', () => {
    const help = '<span class="tips help" title="a > b">?</span>';
    const text = '<span class="txt">P/L</span>';
    expect(pairsOf(cell('label', help + text) + cell('data', '1'))).toEqual([['P/L', '1']]);
    expect(pairsOf(cell('label', text + help) + cell('data', '1'))).toEqual([['P/L', '1']]);
  });

  it('are called by their own text, whatever else stands in the cell', () => {
    const own = '<span class="txt">LPA</span>';
    for (const mark of ['<small>novo</small>', '<span class="hint">?</span>', ' *']) {
      expect(pairsOf(cell('label', mark + own) + cell('data', '1'))).toEqual([['LPA', '1']]);
      expect(pairsOf(cell('label', own + mark) + cell('data', '1'))).toEqual([['LPA', '1']]);
    }
    expect(pairsOf(cell('label', own + own) + cell('data', '1'))).toEqual([['LPALPA', '1']]);
  });

  it('keep a question mark that is part of the label', () => {
    expect(pairsOf(pairCells('Paga JCP?', 'Sim'))).toEqual([['Paga JCP?', 'Sim']]);
  });

  it('do not shift where a row begins with an empty pair', () => {
    const empty = cell('label') + cell('data');
    expect(pairsOf(empty + pairCells('Ativos', '8') + pairCells('Patrim Líquido', '7'))).toEqual([
      ['', ''],
      ['Ativos', '8'],
      ['Patrim Líquido', '7'],
    ]);
  });

  it('do not lend a label that has no value the value of the next', () => {
    const lonely = cell('label', '<span class="txt">P/L</span>');
    expect(pairsOf(lonely + pairCells('LPA', '1,50'), lonely)).toEqual([
      ['P/L', ''],
      ['LPA', '1,50'],
      ['P/L', ''],
    ]);
  });

  it('keep a value that has no label, under none', () => {
    expect(pairsOf(cell('data', '7') + pairCells('LPA', '1') + cell('data', '8'))).toEqual([
      ['', '7'],
      ['LPA', '1'],
      ['', '8'],
    ]);
  });

  it('show text as a browser does: nested, with entities, in one line', () => {
    const value =
      '<a href="x"><b>M&aacute;quinas</b>\n\t &amp;&nbsp;Equip&#97;mentos</a> &lt;1&gt;';
    expect(pairsOf(pairCells('Vol&nbsp;$\n   m&#233;d  (2m)', value))).toEqual([
      ['Vol $ méd (2m)', 'Máquinas & Equipamentos <1>'],
    ]);
  });

  it('resolve a reference once, not twice', () => {
    expect(pairsOf(pairCells('Nome', 'A &amp;lt; B'))).toEqual([['Nome', 'A &lt; B']]);
  });

  it('skip comments and pay no heed to other cells', () => {
    const note = '<td>nota</td>';
    expect(
      pairsOf(note + cell('label', 'P/L<!-- 99 -->') + note + cell('data', '<!-- 99 -->1')),
    ).toEqual([['P/L', '1']]);
  });

  it('keep a value coloured by its sign whole', () => {
    const text = '<span class="oscil">\n   <font color="#F75D59">-0,66%</font></span>';
    expect(pairsOf(cell('label', 'Mês') + cell('data', text))).toEqual([['Mês', '-0,66%']]);
  });
});

describe('sections', () => {
  const twoSides = cell('nivel2', 'Últimos 12 meses', 2) + cell('nivel2', 'Últimos 3 meses', 2);

  it('tell a label on the left from the same on the right', () => {
    const rows = [
      cell('nivel1', 'Resultados', 4),
      twoSides,
      pairCells('EBIT', '12') + pairCells('EBIT', '3'),
    ];
    expect(pairsOf(...rows)).toEqual([
      ['EBIT', '12', 'Últimos 12 meses'],
      ['EBIT', '3', 'Últimos 3 meses'],
    ]);
  });

  it('belong to columns: swapped headings swap the sections', () => {
    const swapped = cell('nivel2', 'Últimos 3 meses', 2) + cell('nivel2', 'Últimos 12 meses', 2);
    expect(pairsOf(swapped, pairCells('EBIT', '3') + pairCells('EBIT', '12'))).toEqual([
      ['EBIT', '3', 'Últimos 3 meses'],
      ['EBIT', '12', 'Últimos 12 meses'],
    ]);
  });

  it('hold on the left while they change on the right, as on the page of a fund', () => {
    const rows = [
      cell('nivel1', 'Oscilações', 2) + cell('nivel1', 'Indicadores', 4),
      pairCells('Dia', '1') + pairCells('P/VP', '2') + pairCells('VP/Cota', '3'),
      pairCells('2026', '4') + twoSides,
      pairCells('2025', '5') + pairCells('FFO', '6') + pairCells('FFO', '7'),
      pairCells('2024', '8') + cell('nivel1', 'Balanço', 4),
      cell('label') + cell('data') + pairCells('Ativos', '9') + pairCells('Patrim Líquido', '10'),
    ];
    expect(pairsOf(...rows)).toEqual([
      ['Dia', '1', 'Oscilações'],
      ['P/VP', '2', 'Indicadores'],
      ['VP/Cota', '3', 'Indicadores'],
      ['2026', '4', 'Oscilações'],
      ['2025', '5', 'Oscilações'],
      ['FFO', '6', 'Últimos 12 meses'],
      ['FFO', '7', 'Últimos 3 meses'],
      ['2024', '8', 'Oscilações'],
      ['', '', 'Oscilações'],
      ['Ativos', '9', 'Balanço'],
      ['Patrim Líquido', '10', 'Balanço'],
    ]);
  });

  it('end with their table', () => {
    const html = pageOf(tableOf(twoSides, pairCells('EBIT', '1')), tableOf(pairCells('Nome', 'x')));
    expect(pairsOfPage(html)).toEqual([
      ['EBIT', '1', 'Últimos 12 meses'],
      ['Nome', 'x'],
    ]);
  });

  it.each(['0', 'x', '', '-1', '1.5', '99999999999'])(
    'survive a heading of a width that is none (%j)',
    (width) => {
      const heading = `<td class="nivel1" colspan="${width}">Título</td>`;
      expect(pairsOf(heading, pairCells('P/L', '1'))).toEqual([['P/L', '1', 'Título']]);
    },
  );
});

describe('tables', () => {
  it('of another class are not read; without one of ours there are no pairs at all', () => {
    const other = `<table class="menu"><tr>${pairCells('P/L', '1')}</tr></table>`;
    expect(readLabelledValues(pageOf(other))).toBeUndefined();
    expect(readLabelledValues('')).toBeUndefined();
    expect(pairsOfPage(pageOf(other, tableOf()))).toEqual([]);
  });

  it('are read with further classes, a tbody, and rows that are never closed', () => {
    const html = `<table class="x w728"><tbody><tr>${pairCells('P/L', '1')}
      <tr>${pairCells('LPA', '2')}</tbody></table>`;
    expect(pairsOfPage(html)).toEqual([
      ['P/L', '1'],
      ['LPA', '2'],
    ]);
  });

  it.each(['<table>', '<table class="w728">', '<div><table class="x">'])(
    'inside a cell (%s) give their pairs, once, under the heading of that cell',
    (open) => {
      const inner = (...rows: readonly string[]): string =>
        `<td colspan="2">${open}${rows.map((cells) => `<tr>${cells}</tr>`).join('')}</table></td>`;
      const html = pageOf(
        tableOf(
          cell('nivel2', 'Últimos 12 meses', 2) + cell('nivel2', 'Últimos 3 meses', 2),
          inner(pairCells('EBIT', '12'), pairCells('Lucro', '11')) + inner(pairCells('EBIT', '3')),
          inner(cell('nivel2', 'Outros', 2), pairCells('Caixa', '5')),
          pairCells('Ativos', '7'),
        ),
      );
      expect(pairsOfPage(html)).toEqual([
        ['EBIT', '12', 'Últimos 12 meses'],
        ['Lucro', '11', 'Últimos 12 meses'],
        ['EBIT', '3', 'Últimos 3 meses'],
        ['Caixa', '5', 'Outros'],
        ['Ativos', '7', 'Últimos 12 meses'],
      ]);
    },
  );

  it('inside a value, or inside each other, lose nothing', () => {
    const deep = `<td><table><tr><td><table><tr>${pairCells('ROE', '2')}</tr></table></td></tr></table></td>`;
    const value = `<table><tr>${pairCells('Mínimo', '1')}</tr></table>`;
    expect(pairsOf(deep + pairCells('Cotação', value))).toEqual([
      ['Cotação', 'Mínimo 1'],
      ['ROE', '2'],
      ['Mínimo', '1'],
    ]);
  });

  it('of the layout of 2014 give the labels that stand there, in their own order', () => {
    const html = pageOf(
      tableOf(pairCells('Cotação', '11,50') + pairCells('Papel', 'WEGE3')),
      tableOf(
        cell('nivel1', 'Indicadores', 4) + cell('nivel1', 'Oscilações', 2),
        pairCells('LPA', '1,1') + pairCells('P/L', '24,9') + pairCells('2014', '-3,1%'),
        pairCells('Div Br/ Patrim', '0,72') + pairCells('Giro Ativos', '0,6') + cell('label'),
      ),
    );
    expect(pairsOfPage(html)).toEqual([
      ['Cotação', '11,50'],
      ['Papel', 'WEGE3'],
      ['LPA', '1,1', 'Indicadores'],
      ['P/L', '24,9', 'Indicadores'],
      ['2014', '-3,1%', 'Oscilações'],
      ['Div Br/ Patrim', '0,72', 'Indicadores'],
      ['Giro Ativos', '0,6', 'Indicadores'],
      ['', '', 'Oscilações'],
    ]);
  });

  it.each(['TUCA3', 'BSAB4', 'DEMO11'])('of %s hold every text that the page prints', (ticker) => {
    const asset = demoAsset(ticker);
    const printed = [asset.values, asset.balance, asset.last12Months, asset.last3Months].flatMap(
      (values) => Object.entries(values),
    );
    const read = pairsOfPage(renderDetailsPage(asset, 2026)).map(([label, value]) => [
      label,
      value,
    ]);
    expect(read).toEqual(expect.arrayContaining(printed));
  });
});
