/**
 * The demo's sites: the pages of a made-up market, set in the layout of fundamentus, what B3 and the central bank
 * publish of it, and a server that shows them.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AssetKind } from '../catalog/asset.ts';
import { getYear, type Partition } from '../catalog/partition.ts';
import { isWeekday } from '../catalog/trading-days.ts';
import { createIssuerAnswer, createPriceArchive, formatDay } from './b3.ts';
import type { DemoListing } from './exchange.ts';
import type { DemoAsset } from './market.ts';
import {
  escapeLatin1,
  escapeLatin1Attribute,
  formatRows,
  getValues,
  pickLabels,
  renderBesideVariations,
  renderDataTable,
  renderHeading,
  renderIndicatorPair,
  renderOpenRow,
  renderPage,
  renderPair,
  renderPairsTwoByTwo,
  renderResultPairs,
  renderRow,
} from './markup.ts';
import { formatPrinted } from './site-numbers.ts';

interface DemoSite {
  /** The base URL, without a slash at its end. */
  readonly url: string;
  /** Stops the site at once, and closes the connections that a client keeps open. */
  close(): Promise<void>;
}

interface DemoSiteOptions {
  /** The year that the yearly variations count back from. */
  readonly year: number;
  /** Whose prices, dividends and events are served; without it, none are. */
  readonly listings?: readonly DemoListing[];
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
}

function createPage(html: string, status = 200): Answer {
  // Like the real site, it leaves the character set to the page.
  return { status, type: 'text/html', body: Buffer.from(html, 'latin1') };
}

/** Serves the assets on a free port of 127.0.0.1. */
export async function startDemoSite(
  assets: readonly DemoAsset[],
  { year, listings = [] }: DemoSiteOptions,
): Promise<DemoSite> {
  const server = createServer((request, response) => {
    const { status, type, body } = createAnswer(request, assets, year, listings);
    response.writeHead(status, { 'content-type': type, 'content-length': body.length });
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The address of a server that listens on a port is never a string.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function createAnswer(
  request: IncomingMessage,
  assets: readonly DemoAsset[],
  year: number,
  listings: readonly DemoListing[],
): Answer {
  // The real site refuses clients that do not look like a browser.
  if (!request.headers['user-agent']?.includes('Mozilla/')) {
    return createPage('Access denied', 403);
  }
  const [path = '', query] = (request.url ?? '').split('?');
  const ticker = new URLSearchParams(query).get('papel')?.toUpperCase();
  switch (path) {
    case '/resultado.php':
      return createPage(renderListingPage('acoes', assets));
    case '/fii_resultado.php':
      return createPage(renderListingPage('fiis', assets));
    case '/detalhes.php': {
      const asset = assets.find((each) => each.ticker === ticker);
      return createPage(asset ? renderDetailsPage(asset, year) : renderNotFoundPage());
    }
    case '/proventos.php':
    case '/fii_proventos.php': {
      const listing = listings.find(({ asset }) => asset.ticker === ticker);
      return createPage(listing ? renderDividendsPage(listing) : renderNotFoundPage());
    }
    case '/dados/serie/bcdata.sgs.12/dados':
      return createJson(createDailyRates(listings, new URLSearchParams(query)));
    default:
      return createB3Answer(path, listings) ?? createPage('Not Found', 404);
  }
}

/** What the paths of B3 answer: files of prices, and the events of an issuer. */
function createB3Answer(path: string, listings: readonly DemoListing[]): Answer | undefined {
  const year = /\/COTAHIST_A(\d{4})\.ZIP$/.exec(path)?.[1];
  if (year !== undefined) {
    const body = createPriceArchive(listings, Number(year));
    return body && { status: 200, type: 'application/zip', body };
  }
  const question = /\/GetListedSupplementCompany\/([^/]+)$/.exec(path)?.[1];
  if (question === undefined) return undefined;
  const { issuingCompany } = JSON.parse(
    Buffer.from(decodeURIComponent(question), 'base64').toString(),
  ) as { readonly issuingCompany: string };
  return createJson(createIssuerAnswer(listings, issuingCompany));
}

/** The central bank's answer about the CDI: a made-up rate that differs by the year, in per cent a day. */
function createDailyRates(listings: readonly DemoListing[], query: URLSearchParams) {
  const toYear = (name: string): number => Number(query.get(name)?.slice(-4));
  const [from, to] = [toYear('dataInicial'), toYear('dataFinal')];
  const daysAt = (at: number): number[] =>
    listings.flatMap(({ sessions }) => sessions.at(at)?.day ?? []);
  const [first, last] = [Math.min(...daysAt(0)), Math.max(...daysAt(-1))];
  // Banks work at the end of December, too: every weekday has a rate, also one without a session.
  return getDays(from, to)
    .filter((day) => day >= first && day <= last && isWeekday(day))
    .map((day) => ({ data: formatDay(day), valor: (0.03 + (getYear(day) % 5) / 200).toFixed(6) }));
}

/** All days of some years. */
function getDays(firstYear: number, lastYear: number): Partition[] {
  const days: Partition[] = [];
  const end = new Date(Date.UTC(lastYear + 1, 0, 1));
  for (
    const day = new Date(Date.UTC(firstYear, 0, 1));
    day < end;
    day.setUTCDate(day.getUTCDate() + 1)
  ) {
    days.push(Number(day.toISOString().slice(0, 10).replaceAll('-', '')) as Partition);
  }
  return days;
}

function createJson(value: unknown): Answer {
  return { status: 200, type: 'application/json', body: Buffer.from(JSON.stringify(value)) };
}

/** The page of one asset as it looks in `year`, from which its yearly variations count back. */
export function renderDetailsPage(asset: DemoAsset, year: number): string {
  const tables =
    asset.kind === 'acoes' ? renderStockTables(asset, year) : renderFundTables(asset, year);
  if (asset.extra) {
    tables.push(
      renderDataTable(...renderPairsTwoByTwo(asset.extra).map((cells) => renderRow(cells))),
    );
  }
  return renderPage(`Mercado fictício - ${asset.ticker}`, tables.join('\n'));
}

/** A column of a listing beside the ticker: its heading, and the label of the value. */
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

/** The listing of the assets of this kind, in the order given. */
export function renderListingPage(kind: AssetKind, assets: readonly DemoAsset[]): string {
  const { id, name, columns } = LISTINGS[kind];
  const headings = ['Papel', ...columns.map(([text]) => text)]
    .map((text) => `<th><a href="#">${escapeLatin1(text)}</a></th>`)
    .join('\n');
  const rows = assets
    .filter((asset) => asset.kind === kind)
    .map(({ ticker, values }) => {
      const link = `<a href="detalhes.php?papel=${escapeLatin1Attribute(ticker)}">${escapeLatin1(ticker)}</a>`;
      const tips = `<span class="tips" title="${escapeLatin1Attribute(values[name] ?? '')}">${link}</span>`;
      const cells = columns.map(([, label]) => `<td>${escapeLatin1(values[label] ?? '')}</td>`);
      return renderRow(`<td class="res_papel">${tips}</td>`, ...cells);
    });
  return renderPage(
    'Mercado fictício',
    `<table id="${id}" class="resultado rowstyle-par colstyle-col no-arrow">
<thead>
${renderRow(headings)}
</thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`,
  );
}

/** The cash dividends of an asset, the newest first. The columns of funds are others. */
function renderDividendsPage({ asset, events }: DemoListing): string {
  const cash = events.flatMap(({ amount, type, comDay, paymentDay }) => {
    const days = [formatDay(comDay), formatDay(paymentDay)] as const;
    return amount === undefined ? [] : [{ amount, type, days }];
  });
  const isFund = asset.kind === 'fiis';
  const headings = isFund
    ? ['Última Data Com', 'Tipo', 'Data de Pagamento', 'Valor']
    : ['Data', 'Valor', 'Tipo', 'Data de Pagamento', 'Por quantas ações'];
  const rows = cash
    .reverse()
    .map(({ amount, type, days: [comDay, paymentDay] }) =>
      isFund
        ? [comDay, 'Rendimento', paymentDay, formatPrinted(amount, 2)]
        : [comDay, formatPrinted(amount, 4), type, paymentDay, '1'],
    );
  const render = (tag: string, cells: readonly string[]): string =>
    renderRow(...cells.map((cell) => `<${tag}>${escapeLatin1(cell)}</${tag}>`));
  return renderPage(
    'Mercado fictício',
    `<h1>Proventos:</h1>
<table id="resultado" class="resultado">
<thead>
${render('th', headings)}
</thead>
<tbody>
${rows.map((row) => render('td', row)).join('\n')}
</tbody>
</table>`,
  );
}

/** The site's answer for an unknown ticker, sent with status 200. */
export function renderNotFoundPage(): string {
  return renderPage('Mercado fictício', '<h1>Nenhum papel encontrado</h1>');
}

const STOCK_HEAD = [
  ['Papel', 'Cotação'],
  ['Tipo', 'Data últ cot'],
  ['Empresa', 'Min 52 sem'],
  ['Setor', 'Max 52 sem'],
  ['Subsetor', 'Vol $ méd (2m)'],
];
const STOCK_COMPANY = [
  ['Valor de mercado', 'Últ balanço processado'],
  ['Valor da firma', 'Nro. Ações'],
];
const STOCK_INDICATORS = [
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

function renderStockTables(asset: DemoAsset, year: number): string[] {
  const values = getValues(asset);
  const indicators = STOCK_INDICATORS.map((labels) =>
    pickLabels(values, labels).map(renderIndicatorPair).join('\n'),
  );
  const asRow = (cells: string): string => renderRow(cells);
  return [
    renderDataTable(...formatRows(values, STOCK_HEAD)),
    renderDataTable(...formatRows(values, STOCK_COMPANY)),
    renderDataTable(
      renderRow(
        renderHeading(1, 2, 'Oscilações'),
        renderHeading(1, 4, 'Indicadores fundamentalistas'),
      ),
      ...renderBesideVariations(asset, year, indicators).map(asRow),
    ),
    renderDataTable(
      renderRow(renderHeading(1, 4, 'Dados Balanço Patrimonial')),
      ...renderPairsTwoByTwo(asset.balance).map(asRow),
    ),
    renderDataTable(
      renderRow(renderHeading(1, 4, 'Dados demonstrativos de resultados')),
      renderRow(renderHeading(2, 2, 'Últimos 12 meses'), renderHeading(2, 2, 'Últimos 3 meses')),
      ...renderResultPairs(asset).map(asRow),
    ),
  ];
}

const FUND_HEAD = [
  ['FII', 'Cotação'],
  ['Nome', 'Data últ cot'],
  ['Mandato', 'Min 52 sem'],
  ['Segmento', 'Max 52 sem'],
  ['Gestão', 'Vol $ méd (2m)'],
];
const FUND_SIZE = [
  ['Valor de mercado', 'Nro. Cotas'],
  ['Relatório', 'Últ Info Trimestral'],
];
const FUND_INDICATORS = [
  ['FFO Yield', 'FFO/Cota'],
  ['Div. Yield', 'Dividendo/cota'],
  ['P/VP', 'VP/Cota'],
];
/** The last row ends in an empty pair. */
const FUND_PROPERTIES = [
  ['Qtd imóveis', 'Área (m2)', 'Cap Rate'],
  ['Qtd Unidades', 'Aluguel/m2', 'Vacância Média'],
  ['Imóveis/PL do FII', 'Preço do m2', ''],
];
const FUND_RESULTS_HEADING = renderHeading(1, 4, 'Resultado');

/** One table holds the indicators, the results and the balance: the variations run down its left. */
function renderFundTables(asset: DemoAsset, year: number): string[] {
  const values = getValues(asset);
  const right = [
    ...FUND_INDICATORS.map((labels) => pickLabels(values, labels).map(renderPair).join('\n')),
    FUND_RESULTS_HEADING,
    `${renderHeading(2, 2, 'Últimos 12 meses')}\n${renderHeading(2, 2, 'Últimos 3 meses')}`,
    ...renderResultPairs(asset),
    renderHeading(1, 4, 'Balanço Patrimonial'),
    ...renderPairsTwoByTwo(asset.balance),
  ];
  return [
    renderDataTable(...formatRows(values, FUND_HEAD)),
    renderDataTable(...formatRows(values, FUND_SIZE)),
    renderDataTable(
      renderRow(renderHeading(1, 2, 'Oscilações'), renderHeading(1, 4, 'Indicadores')),
      ...renderBesideVariations(asset, year, right).map((cells) =>
        cells.endsWith(FUND_RESULTS_HEADING) ? renderOpenRow(cells) : renderRow(cells),
      ),
    ),
    renderDataTable(
      renderRow(renderHeading(1, 6, 'Composição dos Ativos')),
      renderRow('<td id="chartComposicaoAtivos"></td>'),
    ),
    renderDataTable(
      renderRow(renderHeading(1, 6, 'Imóveis')),
      ...formatRows(values, FUND_PROPERTIES),
    ),
  ];
}
