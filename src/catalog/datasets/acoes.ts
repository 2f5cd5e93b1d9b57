/** The data set of stocks (acoes): its columns in the order of the tables, with their labels on the page. */
import type { IndicatorColumn } from '../column.ts';
import {
  defineIndicators,
  oscillationColumns,
  priceColumns,
  tradedVolumeColumn,
} from './shared-indicators.ts';

const LAST_12_MONTHS = 'Últimos 12 meses';
const LAST_3_MONTHS = 'Últimos 3 meses';

export const acoesColumns: readonly IndicatorColumn[] = [
  {
    name: 'nome_papel',
    type: 'string',
    label: 'Papel',
    description: 'Código de negociação da ação, como WEGE3 (texto)',
  },
  {
    name: 'tipo_papel',
    type: 'string',
    label: 'Tipo',
    description: 'Espécie da ação e segmento de listagem, como ON N1 (texto)',
  },
  {
    name: 'nome_empresa',
    type: 'string',
    label: 'Empresa',
    description: 'Nome comercial da empresa (texto)',
  },
  {
    name: 'nome_setor',
    type: 'string',
    label: 'Setor',
    description: 'Setor de atuação da empresa (texto)',
  },
  {
    name: 'nome_subsetor',
    type: 'string',
    label: 'Subsetor',
    description: 'Subsetor, ou segmento de atuação, dentro do setor da empresa (texto)',
  },
  ...priceColumns,
  tradedVolumeColumn,
  {
    name: 'vlr_mercado',
    type: 'double',
    label: 'Valor de mercado',
    description:
      'Valor de mercado da empresa: cotação vezes o número total de ações, em reais (R$)',
  },
  {
    name: 'vlr_firma',
    type: 'double',
    label: 'Valor da firma',
    description: 'Valor da firma (EV): valor de mercado mais a dívida líquida, em reais (R$)',
  },
  {
    name: 'dt_ult_balanco_proc',
    type: 'date',
    label: 'Últ balanço processado',
    description: 'Data do balanço mais recente processado pelo site, base dos indicadores (data)',
  },
  {
    name: 'num_acoes',
    type: 'bigint',
    label: 'Nro. Ações',
    description: 'Número total de ações, somadas todas as espécies, em unidades',
  },
  ...oscillationColumns,
  {
    name: 'vlr_ind_p_sobre_l',
    type: 'double',
    label: 'P/L',
    description: 'Preço da ação sobre o lucro por ação dos últimos 12 meses (P/L), em vezes',
  },
  {
    name: 'vlr_ind_p_sobre_vp',
    type: 'double',
    label: 'P/VP',
    description: 'Preço da ação sobre o valor patrimonial por ação (P/VP), em vezes',
  },
  {
    name: 'vlr_ind_p_sobre_ebit',
    type: 'double',
    label: 'P/EBIT',
    description: 'Preço da ação sobre o EBIT por ação dos últimos 12 meses (P/EBIT), em vezes',
  },
  {
    name: 'vlr_ind_psr',
    type: 'double',
    label: 'PSR',
    description:
      'Preço da ação sobre a receita líquida por ação dos últimos 12 meses (PSR), em vezes',
  },
  {
    name: 'vlr_ind_p_sobre_ativ',
    type: 'double',
    label: 'P/Ativos',
    description: 'Preço da ação sobre o ativo total por ação, em vezes',
  },
  {
    name: 'vlr_ind_p_sobre_cap_giro',
    type: 'double',
    label: 'P/Cap. Giro',
    description:
      'Preço da ação sobre o capital de giro (ativo menos passivo circulante) por ação, em vezes',
  },
  {
    name: 'vlr_ind_p_sobre_ativ_circ_liq',
    type: 'double',
    label: 'P/Ativ Circ Liq',
    description: 'Preço da ação sobre o ativo circulante líquido de dívidas por ação, em vezes',
  },
  {
    name: 'vlr_ind_div_yield',
    type: 'double',
    fraction: true,
    label: 'Div. Yield',
    description:
      'Dividend yield: dividendos pagos por ação sobre o preço da ação, em fração (0,047 = 4,7%)',
  },
  {
    name: 'vlr_ind_ev_sobre_ebitda',
    type: 'double',
    label: 'EV / EBITDA',
    description: 'Valor da firma sobre o EBITDA dos últimos 12 meses (EV/EBITDA), em vezes',
  },
  {
    name: 'vlr_ind_ev_sobre_ebit',
    type: 'double',
    label: 'EV / EBIT',
    description: 'Valor da firma sobre o EBIT dos últimos 12 meses (EV/EBIT), em vezes',
  },
  {
    name: 'pct_cresc_rec_liq_ult_5a',
    type: 'double',
    fraction: true,
    label: 'Cres. Rec (5a)',
    description: 'Crescimento da receita líquida nos últimos 5 anos, em fração (0,126 = 12,6%)',
  },
  {
    name: 'vlr_ind_lpa',
    type: 'double',
    label: 'LPA',
    description: 'Lucro por ação (LPA) nos últimos 12 meses, em reais (R$) por ação',
  },
  {
    name: 'vlr_ind_vpa',
    type: 'double',
    label: 'VPA',
    description: 'Patrimônio líquido sobre o total de ações (VPA), em reais (R$) por ação',
  },
  {
    name: 'vlr_ind_margem_bruta',
    type: 'double',
    fraction: true,
    label: 'Marg. Bruta',
    description: 'Margem bruta: lucro bruto sobre a receita líquida, em fração (0,332 = 33,2%)',
  },
  {
    name: 'vlr_ind_margem_ebit',
    type: 'double',
    fraction: true,
    label: 'Marg. EBIT',
    description: 'Margem EBIT: EBIT sobre a receita líquida, em fração (0,212 = 21,2%)',
  },
  {
    name: 'vlr_ind_margem_liq',
    type: 'double',
    fraction: true,
    label: 'Marg. Líquida',
    description: 'Margem líquida: lucro líquido sobre a receita líquida, em fração (0,167 = 16,7%)',
  },
  {
    name: 'vlr_ind_ebit_sobre_ativo',
    type: 'double',
    fraction: true,
    label: 'EBIT / Ativo',
    description: 'EBIT dos últimos 12 meses sobre o ativo total, em fração (0,196 = 19,6%)',
  },
  {
    name: 'vlr_ind_roic',
    type: 'double',
    fraction: true,
    label: 'ROIC',
    description:
      'Retorno sobre o capital investido (ROIC), com base no EBIT, em fração (0,26 = 26%)',
  },
  {
    name: 'vlr_ind_roe',
    type: 'double',
    fraction: true,
    label: 'ROE',
    description:
      'Retorno sobre o patrimônio líquido (ROE) nos últimos 12 meses, em fração (0,354 = 35,4%)',
  },
  {
    name: 'vlr_liquidez_corr',
    type: 'double',
    label: 'Liquidez Corr',
    description: 'Liquidez corrente: ativo circulante sobre o passivo circulante, em vezes',
  },
  {
    name: 'vlr_ind_divida_bruta_sobre_patrim',
    type: 'double',
    label: 'Div Br/ Patrim',
    description:
      'Dívida bruta sobre o patrimônio líquido, em vezes (indicador que o site deixou de exibir)',
    retired: true,
  },
  {
    name: 'vlr_ind_giro_ativos',
    type: 'double',
    label: 'Giro Ativos',
    description:
      'Giro dos ativos: receita líquida dos últimos 12 meses sobre o ativo total, em vezes',
  },
  {
    name: 'vlr_ativo',
    type: 'double',
    label: 'Ativo',
    description: 'Ativo total da empresa no último balanço, em reais (R$)',
  },
  {
    name: 'vlr_disponibilidades',
    type: 'double',
    label: 'Disponibilidades',
    description:
      'Disponibilidades (dinheiro em caixa e equivalentes) no último balanço, em reais (R$)',
  },
  {
    name: 'vlr_ativ_circulante',
    type: 'double',
    label: 'Ativo Circulante',
    description: 'Ativo circulante, realizável no curto prazo, no último balanço, em reais (R$)',
  },
  {
    name: 'vlr_divida_bruta',
    type: 'double',
    label: 'Dív. Bruta',
    description: 'Dívida bruta: dívidas e debêntures de curto e longo prazo, em reais (R$)',
  },
  {
    name: 'vlr_divida_liq',
    type: 'double',
    label: 'Dív. Líquida',
    description:
      'Dívida bruta menos disponibilidades (negativa se há caixa líquido), em reais (R$)',
  },
  {
    name: 'vlr_patrim_liq',
    type: 'double',
    label: 'Patrim. Líq',
    description: 'Patrimônio líquido da empresa no último balanço, em reais (R$)',
  },
  {
    name: 'vlr_receita_liq_ult_12m',
    type: 'double',
    label: 'Receita Líquida',
    section: LAST_12_MONTHS,
    description: 'Receita líquida nos últimos 12 meses, em reais (R$)',
  },
  {
    name: 'vlr_ebit_ult_12m',
    type: 'double',
    label: 'EBIT',
    section: LAST_12_MONTHS,
    description: 'EBIT (lucro antes de juros e impostos) nos últimos 12 meses, em reais (R$)',
  },
  {
    name: 'vlr_lucro_liq_ult_12m',
    type: 'double',
    label: 'Lucro Líquido',
    section: LAST_12_MONTHS,
    description: 'Lucro líquido nos últimos 12 meses, em reais (R$)',
  },
  {
    name: 'vlr_receita_liq_ult_3m',
    type: 'double',
    label: 'Receita Líquida',
    section: LAST_3_MONTHS,
    description: 'Receita líquida nos últimos 3 meses, em reais (R$)',
  },
  {
    name: 'vlr_ebit_ult_3m',
    type: 'double',
    label: 'EBIT',
    section: LAST_3_MONTHS,
    description: 'EBIT (lucro antes de juros e impostos) nos últimos 3 meses, em reais (R$)',
  },
  {
    name: 'vlr_lucro_liq_ult_3m',
    type: 'double',
    label: 'Lucro Líquido',
    section: LAST_3_MONTHS,
    description: 'Lucro líquido nos últimos 3 meses, em reais (R$)',
  },
  {
    name: 'vlr_ind_divida_liq_sobre_patrim',
    type: 'double',
    secondEdition: true,
    label: 'Dív Líq / Patrim',
    description:
      'Dívida líquida sobre o patrimônio líquido (negativa se há caixa líquido), em vezes',
  },
  {
    name: 'vlr_depositos',
    type: 'double',
    secondEdition: true,
    label: 'Depósitos',
    description: 'Depósitos captados no último balanço (bancos), em reais (R$)',
  },
  {
    name: 'vlr_cart_credito',
    type: 'double',
    secondEdition: true,
    label: 'Cart. de Crédito',
    description: 'Carteira de crédito no último balanço (bancos), em reais (R$)',
  },
  {
    name: 'vlr_result_int_financ_ult_12m',
    type: 'double',
    secondEdition: true,
    label: 'Result Int Financ',
    section: LAST_12_MONTHS,
    description:
      'Resultado da intermediação financeira (bancos) nos últimos 12 meses, em reais (R$)',
  },
  {
    name: 'vlr_rec_servicos_ult_12m',
    type: 'double',
    secondEdition: true,
    label: 'Rec Serviços',
    section: LAST_12_MONTHS,
    description: 'Receita de serviços (bancos) nos últimos 12 meses, em reais (R$)',
  },
  {
    name: 'vlr_result_int_financ_ult_3m',
    type: 'double',
    secondEdition: true,
    label: 'Result Int Financ',
    section: LAST_3_MONTHS,
    description:
      'Resultado da intermediação financeira (bancos) nos últimos 3 meses, em reais (R$)',
  },
  {
    name: 'vlr_rec_servicos_ult_3m',
    type: 'double',
    secondEdition: true,
    label: 'Rec Serviços',
    section: LAST_3_MONTHS,
    description: 'Receita de serviços (bancos) nos últimos 3 meses, em reais (R$)',
  },
];

export const stocks = defineIndicators({
  id: 'acoes',
  subject: 'ações',
  tickerColumn: 'nome_papel',
  columns: acoesColumns,
});
