/** The columns that stocks, funds and quotes share: what an asset costs, and how that moved. */
import type { IndicatorColumn } from './column.ts';

export const priceColumns: readonly IndicatorColumn[] = [
  {
    name: 'vlr_cot',
    type: 'double',
    label: 'Cotação',
    description: 'Cotação de fechamento no último pregão, em reais (R$)',
  },
  {
    name: 'dt_ult_cot',
    type: 'date',
    label: 'Data últ cot',
    description: 'Data do último pregão com negócios do ativo (data)',
  },
  {
    name: 'vlr_min_52_sem',
    type: 'double',
    label: 'Min 52 sem',
    description: 'Menor cotação das últimas 52 semanas, em reais (R$)',
  },
  {
    name: 'vlr_max_52_sem',
    type: 'double',
    label: 'Max 52 sem',
    description: 'Maior cotação das últimas 52 semanas, em reais (R$)',
  },
];

const YEARS = [
  'no ano da partição',
  'no ano anterior ao da partição',
  'no ano dois anos antes do da partição',
  'no ano três anos antes do da partição',
  'no ano quatro anos antes do da partição',
  'no ano cinco anos antes do da partição',
];

export const oscillationColumns: readonly IndicatorColumn[] = [
  {
    name: 'pct_var_dia',
    type: 'double',
    fraction: true,
    label: 'Dia',
    description: 'Variação da cotação no dia do último pregão, em fração',
  },
  {
    name: 'pct_var_mes',
    type: 'double',
    fraction: true,
    label: 'Mês',
    description: 'Variação da cotação no mês corrente, em fração',
  },
  {
    name: 'pct_var_30d',
    type: 'double',
    fraction: true,
    label: '30 dias',
    description: 'Variação da cotação nos últimos 30 dias, em fração',
  },
  {
    name: 'pct_var_12m',
    type: 'double',
    fraction: true,
    label: '12 meses',
    description: 'Variação da cotação nos últimos 12 meses, em fração',
  },
  ...YEARS.map(
    (year, yearsBack): IndicatorColumn => ({
      name: `pct_var_ano_a${yearsBack}`,
      type: 'double',
      fraction: true,
      label: { yearsBack },
      description: `Variação da cotação ${year} (a${yearsBack}), em fração`,
    }),
  ),
];
