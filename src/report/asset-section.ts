/** The section of one asset: its main numbers, its charts with their captions, its income and its indicators. Pure. */
import type { AssetProfile, ProfileItem } from '../analysis/profile.ts';
import { getHeadings } from '../catalog/headings.ts';
import { getMeasure } from '../catalog/measure.ts';
import { formatIsoDate } from '../catalog/partition.ts';
import { formatDay, formatNumber, formatPeriod } from '../presentation/notation.ts';
import type { OutputValue } from '../query/engine.ts';
import { listHeadline } from './headline.ts';
import type { LedgerEvent } from './income-history.ts';
import { findDailyStart } from './packed-series.ts';
import type { ReportAsset } from './read-report.ts';
import {
  escapeHtml,
  type Figure,
  formatAttributes,
  formatFigure,
  formatIncomeProof,
  formatProfileSource,
  LOCALE,
  SITES,
  Sources,
} from './sourced-values.ts';

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

export function formatAsset(asset: ReportAsset): string {
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

/** Says below a figure which sessions its line leaves out. */
function formatThinning(first: string, last: string): string {
  const daily = findDailyStart(last);
  return first >= daily
    ? ''
    : ` Todos os pregões desde ${formatDay(daily, LOCALE)}; antes, um por semana.`;
}

function formatPriceFigure({ ticker, prices }: ReportAsset): string {
  if (prices === undefined) {
    return '<p class="note">O data lake não tem preços deste ativo nos dias desta página: <code>pynvest import cotahist</code> importa o histórico.</p>';
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
      `<span class="key first">fechamento ajustado por desdobramentos</span>; faixa: menor e maior fechamento desde ${formatDay(band.from, LOCALE)}; <span class="event">▲ data com de provento</span>; <span class="split">┆ mudança do número de unidades</span>.${formatThinning(first.day, last.day)}${unproved} Setas do teclado percorrem os pregões.`,
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
      `O que 100 reais de ${formatDay(summary.first, LOCALE)} viraram: <span class="key first">${ticker}, proventos reinvestidos</span>${beside}.${formatThinning(summary.first, summary.last)}${without}`,
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
