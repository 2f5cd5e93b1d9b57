/** The tables on the page of a stock. Pure. */
import type { DemoAsset } from './asset.ts';
import {
  besideVariations,
  labelled,
  pairsTwoByTwo,
  resultPairs,
  rowsOf,
  valuesOf,
} from './layout.ts';
import { dataTable, heading, indicatorPair, row } from './markup.ts';

const HEAD = [
  ['Papel', 'Cotação'],
  ['Tipo', 'Data últ cot'],
  ['Empresa', 'Min 52 sem'],
  ['Setor', 'Max 52 sem'],
  ['Subsetor', 'Vol $ méd (2m)'],
];
const FIRM = [
  ['Valor de mercado', 'Últ balanço processado'],
  ['Valor da firma', 'Nro. Ações'],
];
const INDICATORS = [
  ['P/L', 'LPA'],
  ['P/VP', 'VPA'],
  ['P/EBIT', 'Marg. Bruta'],
  ['PSR', 'Marg. EBIT'],
  ['P/Ativos', 'Marg. Líquida'],
  ['P/Cap. Giro', 'EBIT / Ativo'],
  ['P/Ativ Circ Liq', 'ROIC'],
  ['Div. Yield', 'ROE'],
  ['EV / EBITDA', 'Liquidez Corr'],
  ['EV / EBIT', 'Dív Líq / Patrim'],
  ['Cres. Rec (5a)', 'Giro Ativos'],
];

export function stockTables(asset: DemoAsset, year: number): string[] {
  const values = valuesOf(asset);
  const indicators = INDICATORS.map((labels) =>
    labelled(values, labels).map(indicatorPair).join('\n'),
  );
  const asRow = (cells: string): string => row(cells);
  return [
    dataTable(...rowsOf(values, HEAD)),
    dataTable(...rowsOf(values, FIRM)),
    dataTable(
      row(heading(1, 2, 'Oscilações'), heading(1, 4, 'Indicadores fundamentalistas')),
      ...besideVariations(asset, year, indicators).map(asRow),
    ),
    dataTable(
      row(heading(1, 4, 'Dados Balanço Patrimonial')),
      ...pairsTwoByTwo(asset.balance).map(asRow),
    ),
    dataTable(
      row(heading(1, 4, 'Dados demonstrativos de resultados')),
      row(heading(2, 2, 'Últimos 12 meses'), heading(2, 2, 'Últimos 3 meses')),
      ...resultPairs(asset).map(asRow),
    ),
  ];
}
