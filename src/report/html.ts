/**
 * A report as one HTML file that asks nothing of any network: text, tables and the data of its charts, with the page's own
 * script and styles inside it. Names and texts of the lake are escaped wherever they stand.
 */
import { createHash } from 'node:crypto';
import type { AssetProfile, ProfileItem } from '../analysis/profile.ts';
import { getHeadings } from '../catalog/headings.ts';
import { getMeasure, type Measure } from '../catalog/measure.ts';
import { formatIsoDate, getPartition } from '../catalog/partition.ts';
import {
  choosePriceDecimals,
  formatDay,
  formatMeasure,
  formatNumber,
  formatPeriod,
  type Locale,
} from '../presentation/notation.ts';
import type { OutputValue } from '../query/engine.ts';
import { escapeControls } from '../text.ts';
import { packDays, packNumbers, packSeries, packValues, thinSeries } from './packed-series.ts';
import { DATA_ID, type PageAsset, type PageData, type PageEvents } from './page-data.ts';
import type {
  IncomeHistory,
  LedgerEvent,
  RankedPosition,
  Report,
  ReportAsset,
  ScreenPositions,
} from './read-report.ts';

/** What the build makes of `src/report/page`. */
export interface PageCode {
  readonly script: string;
  readonly styles: string;
}

const LOCALE: Locale = 'pt-BR';

/** The indicators that a report compares with the sector's median, in the order of the profile. */
const KEY_COLUMNS: ReadonlySet<string> = new Set([
  ...[
    'vlr_ind_p_sobre_l',
    'vlr_ind_p_sobre_vp',
    'vlr_ind_ev_sobre_ebitda',
    'vlr_ind_ev_sobre_ebit',
  ],
  ...['vlr_ind_psr', 'vlr_ind_div_yield', 'vlr_ind_roe', 'vlr_ind_roic', 'vlr_ind_margem_ebit'],
  ...['vlr_ind_margem_liq', 'vlr_liquidez_corr', 'vlr_ind_divida_liq_sobre_patrim'],
  ...['pct_cresc_rec_liq_ult_5a', 'vlr_receita_liq_ult_12m', 'vlr_lucro_liq_ult_12m'],
  ...['vlr_depositos', 'vlr_cart_credito', 'vlr_result_int_financ_ult_12m', 'vlr_patrim_liq'],
  ...['vlr_mercado', 'vol_med_neg_2m', 'vlr_div_yield', 'vlr_ffo_yield', 'vlr_p_sobre_vp'],
  ...['vlr_vacancia_media', 'vlr_cap_rate', 'qtd_imoveis', 'vlr_imoveis_sobre_pl'],
]);

/** The page with its code. */
export function formatReport(report: Report, { script, styles }: PageCode): string {
  const hash = (text: string): string =>
    `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(styles)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const tickers = report.assets.map(({ ticker }) => ticker).join(', ');
  return [
    '<!doctype html>',
    '<html lang="pt-BR">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="generator" content="pynvest">',
    // Without it, a browser asks a server for one.
    '<link rel="icon" href="data:,">',
    `<title>${escapeHtml(tickers)} – relatório</title>`,
    `<style>${styles}</style>`,
    '</head>',
    '<body>',
    formatHead(report),
    '<main id="ativos">',
    ...report.assets.map(formatAsset),
    formatRankings(report),
    '</main>',
    formatFoot(),
    `<script type="application/json" id="${DATA_ID}">${formatJson(createPageData(report))}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** Text of the lake as text of a page: no tag, no attribute, no control character. */
function escapeHtml(text: string): string {
  return escapeControls(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** JSON inside a script element: nothing in it ends the element. */
function formatJson(data: PageData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

/** Numbers with where they come from: sources are listed once for each asset, and named by their places. */
class Sources {
  readonly #section: string;
  readonly #texts: string[] = [];

  /** @param section the id of what the sources are of */
  constructor(section: string) {
    this.#section = section;
  }

  /** The id of a source's element. */
  getId(text: string): string {
    const known = this.#texts.indexOf(text);
    const at = known === -1 ? this.#texts.push(text) - 1 : known;
    return `${this.#section}-f${at + 1}`;
  }

  format(title: string): string {
    const items = this.#texts.map(
      (text) => `<li id="${this.getId(text)}">${escapeHtml(text)}</li>`,
    );
    if (items.length === 0) return '';
    return `<h3>${title}</h3>\n<ol class="sources">${items.join('')}</ol>`;
  }
}

interface Figure {
  /** The column of a query that answers the same number, or what it is. */
  readonly of: string;
  readonly value: number;
  readonly measure: Measure;
  readonly source: string;
}

/** The attributes of an element that shows a number: its exact value, and its source. */
function formatAttributes({ of, value, source }: Figure, sources: Sources): string {
  return `data-of="${escapeHtml(of)}" data-value="${value}" aria-describedby="${sources.getId(source)}"`;
}

function formatFigure({ value, measure }: Figure): string {
  return formatMeasure(value, measure, LOCALE);
}

function formatHead({ assets, rankings, madeAt }: Report): string {
  const links = assets.map(
    ({ ticker, profile }) =>
      `<li><a href="#${ticker}">${ticker}${profile?.name ? ` – ${escapeHtml(profile.name)}` : ''}</a></li>`,
  );
  const ranked =
    rankings.length === 0 ? '' : '<li><a href="#rankings">Posições nos rankings</a></li>';
  // The day in São Paulo: by UTC it is tomorrow from nine in the evening on.
  const day = formatDay(formatIsoDate(getPartition(new Date(madeAt))), LOCALE);
  return [
    '<a class="skip" href="#ativos">Ir para os ativos</a>',
    '<header>',
    `<h1>Relatório de ${assets.map(({ ticker }) => ticker).join(', ')}</h1>`,
    `<p class="sub">Feito em <time datetime="${escapeHtml(madeAt)}">${day}</time> pelo pynvest, com o que o data lake tem.</p>`,
    ...(assets.length > 1
      ? [`<nav aria-label="Ativos"><ul>${links.join('')}${ranked}</ul></nav>`]
      : []),
    '</header>',
  ].join('\n');
}

function formatFoot(): string {
  return `<footer>
<p>Cada número mostra a sua fonte com o ponteiro ou o foco. Nos textos e tabelas fora dos gráficos, o atributo data-value tem o valor exato; os dados dos gráficos são arredondados como se mostram.</p>
<p>Os gráficos têm todos os pregões dos dois últimos anos e, antes deles, o último de cada semana, além do primeiro, do mais alto
e do mais baixo. Nenhum número mostrado é média ou estimativa de outros.</p>
<p>Indicadores e preços do passado não dizem o que vem. Isto não é recomendação de investimento.</p>
</footer>`;
}

function formatAsset(asset: ReportAsset): string {
  const { ticker, profile } = asset;
  const sources = new Sources(ticker);
  const title = profile?.name ? ` <small>${escapeHtml(profile.name)}</small>` : '';
  const sector = profile?.sector ? `<p class="sub">${escapeHtml(profile.sector)}</p>` : '';
  return [
    `<section class="asset" id="${ticker}" aria-labelledby="${ticker}-nome">`,
    `<h2 id="${ticker}-nome">${ticker}${title}</h2>`,
    sector,
    formatHeadline(asset, sources),
    formatPriceFigure(asset),
    formatReturnFigure(asset),
    formatIncome(asset, sources),
    formatIndicators(profile, sources),
    sources.format(`Fontes de ${ticker}`),
    '</section>',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

interface HeadlineItem extends Figure {
  readonly label: string;
  readonly unit?: string;
  readonly note?: string;
}

const HISTORY = 'B3, cotações históricas';

function formatProof(isProved: boolean): string {
  return isProved
    ? 'ajustes provados pelo número de distribuição da B3'
    : 'há ajuste que o número de distribuição da B3 não prova';
}

function formatIncomeProof(isProved: boolean | undefined): string {
  if (isProved === undefined) return 'sem os preços de todos estes dias, que os provariam';
  return isProved
    ? 'provados pelo número de distribuição da B3'
    : 'o número de distribuição da B3 não prova todos, ou mostra direito sem evento';
}

function listHeadline({ prices, returns, income, profile }: ReportAsset): HeadlineItem[] {
  const items: HeadlineItem[] = [];
  if (prices !== undefined) {
    const { last, band, unprovedUntil } = prices;
    const proved = (from: string): string =>
      formatProof(unprovedUntil === undefined || unprovedUntil < from);
    const at = (
      label: string,
      of: string,
      { day, value }: typeof last,
      from: string,
    ): HeadlineItem => ({
      ...{ label, of, value, measure: 'price', unit: 'R$ ', note: formatDay(day, LOCALE) },
      source: `${HISTORY}, pregão de ${formatDay(day, LOCALE)}; ajustado por desdobramentos; ${proved(from)}`,
    });
    items.push(
      at('Fechamento', 'historico.fechamento', last, last.day),
      at('Menor fechamento de 52 semanas', 'historico.minima', band.low, band.from),
      at('Maior fechamento de 52 semanas', 'historico.maxima', band.high, band.from),
    );
  } else if (profile !== undefined) {
    items.push(...listQuote(profile));
  }
  if (returns !== undefined) {
    const { summary, cdiReturn, isProved } = returns;
    const days = `${formatDay(summary.first, LOCALE)} a ${formatDay(summary.last, LOCALE)}`;
    const source = `${HISTORY}, ${days}; proventos reinvestidos; ${formatProof(isProved)}`;
    const add = (label: string, of: string, value: number | undefined, note = ''): void => {
      if (value === undefined) return;
      items.push({ label, of: `retorno.${of}`, value, measure: getMeasure(of), source, note });
    };
    add(
      'Retorno total',
      'pct_retorno_total',
      summary.totalReturn,
      `desde ${formatDay(summary.first, LOCALE)}`,
    );
    add('Retorno ao ano', 'pct_retorno_anual', summary.annualReturn);
    if (cdiReturn !== undefined) {
      items.push({
        ...{ label: 'CDI', of: 'retorno.pct_cdi', value: cdiReturn, measure: 'variation' },
        source: `Banco Central do Brasil, série 12 (CDI), ${days}`,
        note: 'nos mesmos dias',
      });
    }
    add('Volatilidade ao ano', 'pct_volatilidade_anual', summary.volatility);
    const fall = summary.drawdown;
    add(
      'Maior queda',
      'pct_maior_queda',
      fall?.depth,
      fall && `${formatDay(fall.start, LOCALE)} a ${formatDay(fall.lowest, LOCALE)}`,
    );
  }
  if (income !== undefined) items.push(...listLastYear(income));
  return items;
}

function listQuote(profile: AssetProfile): HeadlineItem[] {
  const labels = {
    vlr_cot: 'Cotação',
    vlr_min_52_sem: 'Mínima de 52 semanas',
    vlr_max_52_sem: 'Máxima de 52 semanas',
  };
  const items = profile.sections.flatMap((section) => section.items);
  return Object.entries(labels).flatMap(([column, label]): HeadlineItem[] => {
    const value = items.find((item) => item.column === column)?.value;
    if (typeof value !== 'number') return [];
    const source = formatProfileSource(profile);
    return [{ label, of: `indicadores.${column}`, value, measure: 'price', unit: 'R$ ', source }];
  });
}

function listLastYear({ lastYear }: IncomeHistory): HeadlineItem[] {
  const { start, end, sum, price, priceDay } = lastYear;
  // Without the splits since, there is no sum of one unit of today.
  if (sum === undefined) return [];
  const days = `${formatDay(start, LOCALE)} a ${formatDay(end, LOCALE)}`;
  const source = `Eventos corporativos do data lake, datas com de ${days}; bruto, por unidade de hoje, sem amortização; ${formatIncomeProof(lastYear.isProved)}`;
  const items: HeadlineItem[] = [
    {
      ...{ label: 'Proventos de 12 meses', of: 'proventos.vlr_proventos', value: sum },
      ...{ measure: 'payment', unit: 'R$ ', source, note: `até ${formatDay(end, LOCALE)}` },
    },
  ];
  if (lastYear.yield !== undefined && price !== undefined && priceDay !== undefined) {
    items.push({
      ...{ label: 'Yield de 12 meses', of: 'proventos.pct_yield', value: lastYear.yield },
      measure: 'fraction',
      source: `${source}; sobre R$ ${formatNumber(price, LOCALE)} de ${formatDay(priceDay, LOCALE)}`,
    });
  }
  return items;
}

function formatHeadline(asset: ReportAsset, sources: Sources): string {
  const items = listHeadline(asset).map((item) => {
    const note = item.note ? `<small>${item.note}</small>` : '';
    const value = `<span ${formatAttributes(item, sources)}>${item.unit ?? ''}${formatFigure(item)}</span>`;
    return `<div><dt>${item.label}</dt><dd>${value}${note}</dd></div>`;
  });
  return items.length === 0 ? '' : `<dl>${items.join('')}</dl>`;
}

/** The plot is drawn by the script; the caption and the table say the same without it. */
function formatPlot(
  id: string,
  label: string,
  caption: string,
  columns: readonly string[],
): string {
  const headings = ['Pregão', ...columns].map((text) => `<th scope="col">${text}</th>`).join('');
  return `<figure id="${id}">
<div class="plot" role="img" tabindex="0" aria-label="${escapeHtml(label)}"></div>
<output class="readout"></output>
<figcaption>${caption}</figcaption>
</figure>
<details id="${id}-dados"><summary>Dados do gráfico</summary>
<div class="wide" tabindex="0" role="region" aria-label="${escapeHtml(`Dados: ${label}`)}"><table><thead><tr>${headings}</tr></thead><tbody></tbody></table></div></details>`;
}

function formatPriceFigure({ ticker, prices }: ReportAsset): string {
  if (prices === undefined) {
    return '<p class="note">O data lake não tem o histórico de preços deste ativo: <code>pynvest import cotahist</code> o importa.</p>';
  }
  const { points, last, band, unprovedUntil } = prices;
  const first = points[0] ?? last;
  const span = `${formatDay(first.day, LOCALE)} a ${formatDay(last.day, LOCALE)}`;
  const unproved =
    unprovedUntil === undefined
      ? ''
      : ` Até ${formatDay(unprovedUntil, LOCALE)} há ajuste que não é provado.`;
  const label = `Preço de ${ticker}, ${span}: de R$ ${formatNumber(first.value, LOCALE)} a R$ ${formatNumber(last.value, LOCALE)}`;
  return [
    '<h3>Preço</h3>',
    formatPlot(
      `${ticker}-preco`,
      label,
      `<span class="key first">fechamento ajustado por desdobramentos</span>; faixa: menor e maior fechamento desde ${formatDay(band.from, LOCALE)}; <span class="event">▲ data com de provento</span>; <span class="split">┆ mudança do número de unidades</span>.${unproved} Setas do teclado percorrem os pregões.`,
      ['Fechamento (R$)'],
    ),
  ].join('\n');
}

function formatReturnFigure({ ticker, returns, currencyChange }: ReportAsset): string {
  if (returns === undefined) return formatCurrencyChange(currencyChange);
  const { summary, cdiReturn } = returns;
  const span = `${formatDay(summary.first, LOCALE)} a ${formatDay(summary.last, LOCALE)}`;
  const beside = cdiReturn === undefined ? '' : '; <span class="key second">CDI, tracejado</span>';
  const without = cdiReturn === undefined ? ' O data lake não tem o CDI destes dias.' : '';
  return [
    '<h3>Retorno total</h3>',
    formatPlot(
      `${ticker}-retorno`,
      `Retorno total de ${ticker}, ${span}: 100 reais viraram ${formatNumber((1 + summary.totalReturn) * 100, LOCALE)}`,
      `O que 100 reais de ${formatDay(summary.first, LOCALE)} viraram: <span class="key first">${ticker}, proventos reinvestidos</span>${beside}.${without}`,
      [ticker, ...(cdiReturn === undefined ? [] : ['CDI'])],
    ),
  ].join('\n');
}

function formatCurrencyChange(change: ReportAsset['currencyChange']): string {
  if (change === undefined) return '';
  const { from, to, day } = change;
  return `<h3>Retorno total</h3>
<p class="note">Sem retorno: os preços são em ${escapeHtml(from)} antes de ${formatDay(day, LOCALE)}, e depois em ${escapeHtml(to)}. Com <code>--from ${day}</code> há o retorno desde então.</p>`;
}

function formatIncome({ ticker, income }: ReportAsset, sources: Sources): string {
  if (income === undefined) return '';
  const { years, events, unprovedYears } = income;
  const highest = Math.max(...years.map(({ values }) => values[0] ?? 0));
  const origins = [...new Set(events.flatMap((event) => event.sources.split(',')))]
    .sort()
    .join(', ');
  const rows = years.map((year) => {
    const { label, values } = year;
    const value = values[0];
    const shown = formatPeriod(year, LOCALE, { since: 'desde', until: 'até' });
    const heading = `<th scope="row">${escapeHtml(shown)}</th>`;
    if (value === undefined) return `<tr>${heading}<td></td><td>não conhecido</td></tr>`;
    const figure: Figure = {
      ...{ of: `proventos.${label}`, value, measure: 'payment' },
      source: `Eventos corporativos do data lake (${origins}), datas com do ano; bruto, por unidade de hoje, sem amortização${unprovedYears.has(label) ? `; ${formatIncomeProof(false)}` : ''}`,
    };
    const width = highest === 0 ? 0 : Number(((value / highest) * 100).toFixed(2));
    const bar = `<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="10"/></svg>`;
    return `<tr>${heading}<td class="bar">${bar}</td><td ${formatAttributes(figure, sources)}>${formatFigure(figure)}</td></tr>`;
  });
  const isPartial = years.some(({ since, until }) => since !== undefined || until !== undefined);
  const partial = isPartial ? '; de um ano com «desde» ou «até» contam só esses dias' : '';
  const table =
    rows.length === 0
      ? ''
      : `<table><caption>Por ano da data com, em reais por unidade de hoje${partial}</caption><thead><tr><th scope="col">Ano</th><th scope="col" class="text">Proporção</th><th scope="col">R$</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  const all = `<details id="${ticker}-eventos"><summary>Todos os eventos</summary>
<div class="wide" tabindex="0" role="region" aria-label="Eventos de ${ticker}"><table><thead><tr><th scope="col">Data com</th><th scope="col">Evento</th><th scope="col">R$ por unidade de hoje, ou vezes</th></tr></thead><tbody></tbody></table></div></details>`;
  return ['<h3>Proventos</h3>', table, formatUnknownAmounts(events), all]
    .filter((part) => part !== '')
    .join('\n');
}

/** Payments that no sum has: what they are for one unit of today is not known. */
function formatUnknownAmounts(events: readonly LedgerEvent[]): string {
  const unknown = events.filter(
    ({ amount, adjustedAmount }) => amount !== undefined && adjustedAmount === undefined,
  );
  const newest = unknown.at(-1);
  if (newest === undefined) return '';
  const count = unknown.length === 1 ? '1 provento fica' : `${unknown.length} proventos ficam`;
  return `<p class="note">${count} fora das somas, até ${formatDay(newest.day, LOCALE)}: o data lake não tem os preços da época, e os desdobramentos desde então não são conhecidos.</p>`;
}

const SITES: Readonly<Record<string, string>> = { fundamentus: 'fundamentus.com.br' };

function formatProfileSource({ source, day, readAt }: AssetProfile): string {
  const when = readAt === null ? '' : `, página lida em ${formatReadAt(readAt)}`;
  return `${SITES[source] ?? source}, coleta de ${formatDay(formatIsoDate(day), LOCALE)}${when}`;
}

/** ISO 8601 as a day and a time: the offset is São Paulo's. */
function formatReadAt(text: string): string {
  const [, day = text, time = ''] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(text) ?? [];
  return `${formatDay(day, LOCALE)} ${time}`.trim();
}

function formatIndicators(profile: AssetProfile | undefined, sources: Sources): string {
  if (profile === undefined) return '';
  const { ticker, kind, day } = profile;
  const items = profile.sections
    .flatMap((section) => section.items)
    .filter(({ column, value }) => KEY_COLUMNS.has(column) && isNumber(value));
  if (items.length === 0) return '';
  const group = kind === 'acoes' ? 'do setor' : 'do segmento';
  const rows = items.map((item) => formatIndicator(item, profile, sources));
  const collected = `Coleta de ${formatDay(formatIsoDate(day), LOCALE)}`;
  const caption = `${collected}${describePeers(profile)}`;
  return `<h3>Indicadores</h3>
<table><caption>${caption}</caption><thead><tr><th scope="col">Indicador</th><th scope="col">${ticker}</th><th scope="col">Mediana ${group}</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** The positions of the assets in each named screen, with the figures that each rests on as its source. */
function formatRankings({ assets, rankings }: Report): string {
  const ranked = assets.filter(({ profile }) => profile !== undefined);
  if (rankings.length === 0 || ranked.length === 0) return '';
  const sources = new Sources('rankings');
  const headings = rankings.map(({ screen }) => `<th scope="col">${escapeHtml(screen.name)}</th>`);
  const rows = ranked.map(({ ticker, profile }) => {
    const cells = rankings.map((ranking) => formatPosition(ranking, ticker, sources));
    const link = `<a href="#${ticker}">${ticker}</a>`;
    const name = profile?.name ? ` ${escapeHtml(profile.name)}` : '';
    return `<tr><th scope="row">${link}<span class="sub">${name}</span></th>${cells.join('')}</tr>`;
  });
  const screens = rankings.map(
    ({ screen }) =>
      `<li><strong>${escapeHtml(screen.name)}</strong>: ${escapeHtml(screen.portuguese.formula)}. ${escapeHtml(screen.portuguese.source)}.</li>`,
  );
  return `<section class="asset" id="rankings" aria-labelledby="rankings-nome">
<h2 id="rankings-nome">Posições nos rankings</h2>
<div class="wide" tabindex="0" role="region" aria-label="Posições nos rankings"><table><caption>Entre todos os ativos coletados no dia que cada ranking classifica; o foco mostra em que a posição se baseia</caption><thead><tr><th scope="col">Ativo</th>${headings.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>
<ul class="sources">${screens.join('')}</ul>
${sources.format('Em que as posições se baseiam')}
</section>`;
}

function formatPosition(
  { screen, day, ranked, positions, reasons }: ScreenPositions,
  ticker: string,
  sources: Sources,
): string {
  const found = positions.get(ticker);
  const when = `${screen.name}, coleta de ${formatDay(formatIsoDate(day), LOCALE)}`;
  if (found === undefined) {
    const reason = reasons.get(ticker);
    if (reason === undefined) return '<td>–</td>';
    const id = sources.getId(`${when}: ${reason.pt}`);
    return `<td aria-describedby="${id}">fora</td>`;
  }
  const names = Object.keys(found.figures);
  const figures = getHeadings(names).map(
    (heading, at) => `${heading} ${formatRankFigure(names[at] ?? '', found.figures)}`,
  );
  const figure: Figure = {
    ...{ of: `rank.${screen.name}`, value: found.position, measure: 'count' },
    source: `${when}, ${ticker}: ${figures.join(', ')}`,
  };
  return `<td><span ${formatAttributes(figure, sources)}>${formatFigure(figure)}</span> de ${ranked}</td>`;
}

function formatRankFigure(name: string, figures: RankedPosition['figures']): string {
  const value = figures[name] ?? null;
  if (typeof value === 'number') return formatMeasure(value, getMeasure(name), LOCALE);
  if (typeof value === 'boolean') return value ? 'sim' : 'não';
  return value === null ? '–' : formatDay(String(value), LOCALE);
}

/** Whose median it is. */
function describePeers({ kind, sector, sectorSize }: AssetProfile): string {
  if (sector === null) return '';
  const name = escapeHtml(sector);
  if (sectorSize < 2) return `; não há outro ativo negociado de ${name} com que comparar`;
  const peers = kind === 'acoes' ? 'empresas negociadas' : 'fundos negociados';
  return `; mediana de ${sectorSize} ${peers} de ${name}`;
}

function formatIndicator(item: ProfileItem, profile: AssetProfile, sources: Sources): string {
  const { column, label, value, median, peers } = item;
  const measure = getMeasure(column);
  const own: Figure = {
    ...{ of: `indicadores.${column}`, value: Number(value), measure },
    source: formatProfileSource(profile),
  };
  const compared: Figure | undefined =
    median === null
      ? undefined
      : {
          ...{ of: `mediana.${column}`, value: median, measure },
          source: `${SITES[profile.source] ?? profile.source}, coleta de ${formatDay(formatIsoDate(profile.day), LOCALE)}: mediana de ${peers}`,
        };
  const cell = (figure: Figure | undefined): string =>
    figure === undefined
      ? '<td>–</td>'
      : `<td ${formatAttributes(figure, sources)}>${formatFigure(figure)}</td>`;
  return `<tr><th scope="row">${escapeHtml(getHeadings([column])[0] ?? label)}</th>${cell(own)}${cell(compared)}</tr>`;
}

/** Whole numbers are bigints. */
function isNumber(value: OutputValue): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Of the prices of a chart: cents; where some are below a real, two digits more than such a price is printed with. */
function chooseChartDecimals(lowest: number): number {
  return lowest >= 1 ? 2 : choosePriceDecimals(lowest) + 2;
}

function createPageData({ assets, rates }: Report): PageData {
  const types: string[] = [];
  const placeOf = (type: string): number => {
    const known = types.indexOf(type);
    return known === -1 ? types.push(type) - 1 : known;
  };
  // The days that one chart keeps are shown of every asset, so that all have the same.
  const kept = new Set(
    assets.flatMap(({ prices }) => thinSeries(prices?.points ?? []).map(({ day }) => day)),
  );
  const calendar = [...kept].sort();
  return {
    assets: assets.map((asset) => createPageAsset(asset, calendar, placeOf)),
    calendar: packDays(calendar),
    types,
    cdi: packSeries(
      rates.map(({ day, percent }) => ({ day, value: percent })),
      RATE_DECIMALS,
    ),
  };
}

/** The central bank prints six. */
const RATE_DECIMALS = 8;

function createPageAsset(
  { ticker, prices, returns, income }: ReportAsset,
  calendar: readonly string[],
  placeOf: (type: string) => number,
): PageAsset {
  const events = packEvents(income?.events ?? [], placeOf);
  if (prices === undefined) return { ticker, events };
  const { points, band, unprovedUntil, last } = prices;
  const shown = new Set(calendar);
  const kept = points.filter(({ day }) => shown.has(day));
  const start = calendar.indexOf(points[0]?.day ?? '');
  const isWhole = kept.length === calendar.indexOf(last.day) - start + 1;
  const decimals = chooseChartDecimals(Math.min(...points.map(({ value }) => value)));
  return {
    ticker,
    prices: isWhole ? packValues(kept, decimals) : packSeries(kept, decimals),
    ...(isWhole && { start }),
    band: { from: band.from, low: band.low.value, high: band.high.value },
    ...(unprovedUntil !== undefined && { unprovedUntil }),
    ...(returns !== undefined && {
      returns: packValues(
        returns.points.filter(({ day }) => shown.has(day)),
        2,
      ),
    }),
    ...(returns?.cdiReturn !== undefined && { cdiFrom: returns.summary.first }),
    events,
  };
}

function packEvents(events: readonly LedgerEvent[], placeOf: (type: string) => number): PageEvents {
  const inForce = events.filter(({ status }) => status === 'vigente');
  return {
    d: packDays(inForce.map(({ day }) => day)),
    t: packNumbers(
      inForce.map(({ type, multiplier }) => placeOf(multiplier === undefined ? type : `${type} ×`)),
    ),
    a: inForce.map(({ adjustedAmount, multiplier }) => adjustedAmount ?? multiplier ?? null),
  };
}
