/** The data set of real-estate funds (fiis): its columns in the order of the tables, with their labels on the page. */
import type { IndicatorColumn } from '../column.ts';
import {
  defineIndicators,
  oscillationColumns,
  priceColumns,
  tradedVolumeColumn,
} from './shared-indicators.ts';

const LAST_12_MONTHS = 'Últimos 12 meses';
const LAST_3_MONTHS = 'Últimos 3 meses';

export const fiisColumns: readonly IndicatorColumn[] = [
  {
    name: 'fii',
    type: 'string',
    label: 'FII',
    description: 'Código de negociação do fundo imobiliário, como HGLG11 (texto)',
  },
  {
    name: 'nome_fii',
    type: 'string',
    label: 'Nome',
    description: 'Nome do fundo imobiliário (texto)',
  },
  {
    name: 'tipo_mandato',
    type: 'string',
    label: 'Mandato',
    description: 'Mandato do fundo, como renda, híbrido ou títulos e valores mobiliários (texto)',
  },
  {
    name: 'segmento',
    type: 'string',
    label: 'Segmento',
    description: 'Segmento dos imóveis do fundo (texto)',
  },
  {
    name: 'tipo_gestao',
    type: 'string',
    label: 'Gestão',
    description: 'Tipo de gestão do fundo, ativa ou passiva (texto)',
  },
  ...priceColumns,
  tradedVolumeColumn,
  {
    name: 'vlr_mercado',
    type: 'double',
    label: 'Valor de mercado',
    description: 'Valor de mercado do fundo: cotação vezes o número total de cotas, em reais (R$)',
  },
  {
    name: 'num_cotas',
    type: 'bigint',
    label: 'Nro. Cotas',
    description: 'Número total de cotas do fundo, em unidades',
  },
  {
    name: 'dt_ult_relat_ger',
    type: 'date',
    label: 'Relatório',
    description: 'Data do último relatório gerencial do fundo (data)',
  },
  {
    name: 'dt_ult_informe_trim',
    type: 'date',
    label: 'Últ Info Trimestral',
    description: 'Data do último informe trimestral processado pelo site (data)',
  },
  ...oscillationColumns,
  {
    name: 'vlr_ffo_yield',
    type: 'double',
    fraction: true,
    label: 'FFO Yield',
    description:
      'FFO dos últimos 12 meses sobre o valor de mercado do fundo, em fração (0,0647 = 6,47%)',
  },
  {
    name: 'vlr_ffo_sobre_cota',
    type: 'double',
    label: 'FFO/Cota',
    description: 'FFO dos últimos 12 meses por cota, em reais (R$) por cota',
  },
  {
    name: 'vlr_div_yield',
    type: 'double',
    fraction: true,
    label: 'Div. Yield',
    description:
      'Dividend yield: rendimentos distribuídos sobre o preço da cota, em fração (0,087 = 8,7%)',
  },
  {
    name: 'vlr_dividendo_sobre_cota',
    type: 'double',
    label: 'Dividendo/cota',
    description: 'Rendimentos distribuídos por cota nos últimos 12 meses, em reais (R$) por cota',
  },
  {
    name: 'vlr_p_sobre_vp',
    type: 'double',
    label: 'P/VP',
    description: 'Preço da cota sobre o valor patrimonial por cota (P/VP), em vezes',
  },
  {
    name: 'vlr_vp_sobre_cota',
    type: 'double',
    label: 'VP/Cota',
    description: 'Valor patrimonial por cota, em reais (R$) por cota',
  },
  {
    name: 'vlr_rec_bruta_ult_12m',
    type: 'double',
    label: 'Receita',
    section: LAST_12_MONTHS,
    description:
      'Receita bruta (aluguéis, rendimentos de FIIs e juros) nos últimos 12 meses, em reais (R$)',
  },
  {
    name: 'vlr_vend_ativ_ult_12m',
    type: 'double',
    label: 'Venda de ativos',
    section: LAST_12_MONTHS,
    description:
      'Receita com a venda de imóveis, FIIs e aplicações nos últimos 12 meses, em reais (R$)',
  },
  {
    name: 'vlr_ffo_ult_12m',
    type: 'double',
    label: 'FFO',
    section: LAST_12_MONTHS,
    description:
      'FFO (lucro líquido ajustado, sem reavaliações e vendas) nos últimos 12 meses, em reais (R$)',
  },
  {
    name: 'vlr_rendim_distr_ult_12m',
    type: 'double',
    label: 'Rend. Distribuído',
    section: LAST_12_MONTHS,
    description: 'Rendimentos distribuídos aos cotistas nos últimos 12 meses, em reais (R$)',
  },
  {
    name: 'vlr_rec_bruta_ult_3m',
    type: 'double',
    label: 'Receita',
    section: LAST_3_MONTHS,
    description:
      'Receita bruta (aluguéis, rendimentos de FIIs e juros) nos últimos 3 meses, em reais (R$)',
  },
  {
    name: 'vlr_vend_ativ_ult_3m',
    type: 'double',
    label: 'Venda de ativos',
    section: LAST_3_MONTHS,
    description:
      'Receita com a venda de imóveis, FIIs e aplicações nos últimos 3 meses, em reais (R$)',
  },
  {
    name: 'vlr_ffo_ult_3m',
    type: 'double',
    label: 'FFO',
    section: LAST_3_MONTHS,
    description:
      'FFO (lucro líquido ajustado, sem reavaliações e vendas) nos últimos 3 meses, em reais (R$)',
  },
  {
    name: 'vlr_rendim_distr_ult_3m',
    type: 'double',
    label: 'Rend. Distribuído',
    section: LAST_3_MONTHS,
    description: 'Rendimentos distribuídos aos cotistas nos últimos 3 meses, em reais (R$)',
  },
  {
    name: 'vlr_ativos',
    type: 'double',
    label: 'Ativos',
    description: 'Ativo total do fundo, em reais (R$)',
  },
  {
    name: 'vlr_patrim_liq',
    type: 'double',
    label: 'Patrim Líquido',
    description: 'Patrimônio líquido do fundo: ativos menos passivos, em reais (R$)',
  },
  {
    name: 'qtd_imoveis',
    type: 'bigint',
    label: 'Qtd imóveis',
    description: 'Quantidade de imóveis do fundo, em unidades',
  },
  {
    name: 'qtd_unidades',
    type: 'bigint',
    label: 'Qtd Unidades',
    description: 'Quantidade total de unidades dos imóveis do fundo, em unidades',
  },
  {
    name: 'vlr_imoveis_sobre_pl',
    type: 'double',
    fraction: true,
    label: 'Imóveis/PL do FII',
    description:
      'Parte do patrimônio líquido do fundo em imóveis físicos, em fração (0,946 = 94,6%)',
  },
  {
    name: 'total_area_m2',
    type: 'double',
    label: 'Área (m2)',
    description: 'Área somada de todos os imóveis do fundo, em metros quadrados (m²)',
  },
  {
    name: 'vlr_aluguel_por_m2',
    type: 'double',
    label: 'Aluguel/m2',
    description: 'Aluguel anual por metro quadrado, em reais (R$) por m²',
  },
  {
    name: 'vlr_do_m2',
    type: 'double',
    label: 'Preço do m2',
    description: 'Valor de mercado da parte em imóveis sobre a área total, em reais (R$) por m²',
  },
  {
    name: 'vlr_cap_rate',
    type: 'double',
    fraction: true,
    label: 'Cap Rate',
    description:
      'Cap rate: aluguel anual sobre o valor de mercado em imóveis, em fração (0,076 = 7,6%)',
  },
  {
    name: 'vlr_vacancia_media',
    type: 'double',
    fraction: true,
    label: 'Vacância Média',
    description: 'Vacância média dos imóveis, com peso pela área, em fração (0,032 = 3,2%)',
  },
];

export const funds = defineIndicators({
  id: 'fiis',
  subject: 'fundos imobiliários (FIIs)',
  tickerColumn: 'fii',
  columns: fiisColumns,
});
