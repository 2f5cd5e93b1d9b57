/** The three kinds of page that the site answers with, in its markup. Pure. */
import type { AssetKind } from '../catalog/asset.ts';
import type { DemoAsset } from './asset.ts';
import { fundTables } from './fund-page.ts';
import { pairsTwoByTwo } from './layout.ts';
import { attribute, dataTable, escaped, htmlPage, row } from './markup.ts';
import { stockTables } from './stock-page.ts';

/** The page of one asset as it looks in `year`, from which its yearly variations count back. */
export function detailsPage(asset: DemoAsset, year: number): string {
  const tables = asset.kind === 'acoes' ? stockTables(asset, year) : fundTables(asset, year);
  if (asset.extra) {
    tables.push(dataTable(...pairsTwoByTwo(asset.extra).map((cells) => row(cells))));
  }
  return htmlPage(`Mercado fictício - ${asset.ticker}`, tables.join('\n'));
}

/** What a listing shows of an asset beside its ticker: the heading, and the label of the value. */
type ListedColumn = readonly [heading: string, label: string];

const LISTINGS: Readonly<
  Record<AssetKind, { id: string; name: string; columns: readonly ListedColumn[] }>
> = {
  acoes: {
    id: 'resultado',
    name: 'Empresa',
    columns: [
      ['Cotação', 'Cotação'],
      ['P/L', 'P/L'],
      ['P/VP', 'P/VP'],
      ['Div.Yield', 'Div. Yield'],
      ['ROE', 'ROE'],
      ['Liq.2meses', 'Vol $ méd (2m)'],
    ],
  },
  fiis: {
    id: 'tabelaResultado',
    name: 'Nome',
    columns: [
      ['Segmento', 'Segmento'],
      ['Cotação', 'Cotação'],
      ['FFO Yield', 'FFO Yield'],
      ['Dividend Yield', 'Div. Yield'],
      ['P/VP', 'P/VP'],
      ['Liquidez', 'Vol $ méd (2m)'],
    ],
  },
};

/** The listing of those of the assets that are of this kind, in the order given. */
export function listingPage(kind: AssetKind, assets: readonly DemoAsset[]): string {
  const { id, name, columns } = LISTINGS[kind];
  const headings = ['Papel', ...columns.map(([text]) => text)]
    .map((text) => `<th><a href="#">${escaped(text)}</a></th>`)
    .join('\n');
  const rows = assets
    .filter((asset) => asset.kind === kind)
    .map(({ ticker, values }) => {
      const link = `<a href="detalhes.php?papel=${attribute(ticker)}">${escaped(ticker)}</a>`;
      const tips = `<span class="tips" title="${attribute(values[name] ?? '')}">${link}</span>`;
      const cells = columns.map(([, label]) => `<td>${escaped(values[label] ?? '')}</td>`);
      return row(`<td class="res_papel">${tips}</td>`, ...cells);
    });
  return htmlPage(
    'Mercado fictício',
    `<table id="${id}" class="resultado rowstyle-par colstyle-col no-arrow">
<thead>
${row(headings)}
</thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`,
  );
}

/** What the site says, with status 200, of a ticker that it does not know. */
export function notFoundPage(): string {
  return htmlPage('Mercado fictício', '<h1>Nenhum papel encontrado</h1>');
}
