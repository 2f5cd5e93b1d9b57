/** The main numbers of an asset, each with its source: price, return, and the income of twelve months. Pure. */
import type { AssetProfile } from '../analysis/profile.ts';
import { getMeasure } from '../catalog/measure.ts';
import { formatDay, formatNumber } from '../presentation/notation.ts';
import type { IncomeHistory } from './income-history.ts';
import type { ReportAsset } from './read-report.ts';
import {
  type Figure,
  formatIncomeProof,
  formatProfileSource,
  formatProof,
  HISTORY,
  LOCALE,
} from './sourced-values.ts';

interface HeadlineItem extends Figure {
  readonly label: string;
  readonly unit?: string;
  readonly note?: string;
}

export function listHeadline({ prices, returns, income, profile }: ReportAsset): HeadlineItem[] {
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
