/**
 * The columns of the table of quotes, which joins stocks and funds, and where each one comes from.
 */
import type { AssetKind } from './asset.ts';
import type { Column } from './column.ts';

/** A column of the quotes and the column of each kind's typed table that feeds it. */
export interface QuoteColumn extends Column {
  /** A column with one name for both kinds, or a name a kind; absent for `tipo_ativo`. */
  readonly from?: string | Readonly<Record<AssetKind, string>>;
}

export const quoteColumns: readonly QuoteColumn[] = [
  {
    name: 'codigo_ticker_ativo',
    type: 'string',
    description: 'Código de negociação do ativo na B3',
    from: { acoes: 'nome_papel', fiis: 'fii' },
  },
  {
    name: 'tipo_ativo',
    type: 'string',
    description: 'Tipo do ativo: "Ação" ou "Fundo Imobiliário"',
  },
  {
    name: 'nome_ativo',
    type: 'string',
    description: 'Nome da empresa ou do fundo',
    from: { acoes: 'nome_empresa', fiis: 'nome_fii' },
  },
  {
    name: 'nome_setor_segmento',
    type: 'string',
    description: 'Setor da empresa ou segmento do fundo',
    from: { acoes: 'nome_setor', fiis: 'segmento' },
  },
  quote('vlr_cot', 'Cotação de fechamento no último pregão, em reais (R$)'),
  {
    name: 'dt_ult_cot',
    type: 'date',
    description: 'Data do último pregão em que o ativo foi negociado',
    from: 'dt_ult_cot',
  },
  quote('vlr_min_52_sem', 'Menor cotação das últimas 52 semanas, em reais (R$)'),
  quote('vlr_max_52_sem', 'Maior cotação das últimas 52 semanas, em reais (R$)'),
  quote('pct_var_dia', 'Variação da cotação no dia, em fração (-0,0066 = -0,66%)'),
  quote('pct_var_mes', 'Variação da cotação no mês, em fração'),
  quote('pct_var_30d', 'Variação da cotação nos últimos 30 dias, em fração'),
  quote('pct_var_12m', 'Variação da cotação nos últimos 12 meses, em fração'),
  quote('pct_var_ano_a0', 'Variação da cotação no ano da partição, em fração'),
  quote('pct_var_ano_a1', 'Variação da cotação um ano antes do da partição, em fração'),
  quote('pct_var_ano_a2', 'Variação da cotação dois anos antes do da partição, em fração'),
  quote('pct_var_ano_a3', 'Variação da cotação três anos antes do da partição, em fração'),
  quote('pct_var_ano_a4', 'Variação da cotação quatro anos antes do da partição, em fração'),
  quote('pct_var_ano_a5', 'Variação da cotação cinco anos antes do da partição, em fração'),
];

function quote(name: string, description: string): QuoteColumn {
  return { name, type: 'double', description, from: name };
}
