/** The tables on the page of a fund. Pure. */
import type { DemoAsset } from './asset.ts';
import {
  besideVariations,
  labelled,
  pairsTwoByTwo,
  resultPairs,
  rowsOf,
  valuesOf,
} from './layout.ts';
import { dataTable, heading, openRow, pair, row } from './markup.ts';

const HEAD = [
  ['FII', 'Cotação'],
  ['Nome', 'Data últ cot'],
  ['Mandato', 'Min 52 sem'],
  ['Segmento', 'Max 52 sem'],
  ['Gestão', 'Vol $ méd (2m)'],
];
const SIZE = [
  ['Valor de mercado', 'Nro. Cotas'],
  ['Relatório', 'Últ Info Trimestral'],
];
const INDICATORS = [
  ['FFO Yield', 'FFO/Cota'],
  ['Div. Yield', 'Dividendo/cota'],
  ['P/VP', 'VP/Cota'],
];
/** The last row ends in an empty pair. */
const PROPERTIES = [
  ['Qtd imóveis', 'Área (m2)', 'Cap Rate'],
  ['Qtd Unidades', 'Aluguel/m2', 'Vacância Média'],
  ['Imóveis/PL do FII', 'Preço do m2', ''],
];
const RESULTS = heading(1, 4, 'Resultado');

/** One table holds the indicators, the results and the balance: the variations run down its left. */
export function fundTables(asset: DemoAsset, year: number): string[] {
  const values = valuesOf(asset);
  const right = [
    ...INDICATORS.map((labels) => labelled(values, labels).map(pair).join('\n')),
    RESULTS,
    `${heading(2, 2, 'Últimos 12 meses')}\n${heading(2, 2, 'Últimos 3 meses')}`,
    ...resultPairs(asset),
    heading(1, 4, 'Balanço Patrimonial'),
    ...pairsTwoByTwo(asset.balance),
  ];
  return [
    dataTable(...rowsOf(values, HEAD)),
    dataTable(...rowsOf(values, SIZE)),
    dataTable(
      row(heading(1, 2, 'Oscilações'), heading(1, 4, 'Indicadores')),
      ...besideVariations(asset, year, right).map((cells) =>
        cells.endsWith(RESULTS) ? openRow(cells) : row(cells),
      ),
    ),
    dataTable(
      row(heading(1, 6, 'Composição dos Ativos')),
      row('<td id="chartComposicaoAtivos"></td>'),
    ),
    dataTable(row(heading(1, 6, 'Imóveis')), ...rowsOf(values, PROPERTIES)),
  ];
}
