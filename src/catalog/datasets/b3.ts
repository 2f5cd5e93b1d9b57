/**
 * The data sets of B3's history: the prices of its files, the ledger of corporate events, and the factors that adjust
 * the prices by them.
 */
import type { Column } from '../column.ts';
import { defineDataset } from '../dataset.ts';
import { byYear, byYearOfEvent } from '../partition.ts';

const text = (name: string, description: string): Column => ({ name, type: 'string', description });
const number = (name: string, description: string): Column => ({
  name,
  type: 'double',
  description,
});
const whole = (name: string, description: string): Column => ({
  name,
  type: 'bigint',
  description,
});
const day = (name: string, description: string): Column => ({ name, type: 'date', description });

/** The market of stocks, funds, units and receipts, without options and terms: `codigo_mercado`. */
export const CASH_MARKET = '010';

const ticker = text('codigo_ticker_ativo', 'Código de negociação do ativo na B3, como era no dia');
const tradingDay = day('dt_pregao', 'Dia do pregão (data)');

/**
 * One row a session of each paper, as the records of the files COTAHIST have it: prices for `fator_cotacao` units, in
 * the currency of the day. Source of the fields: B3, "Layout do arquivo – cotações históricas".
 */
export const history = defineDataset({
  id: 'historico',
  source: 'b3',
  keyColumns: ['codigo_ticker_ativo', 'dt_pregao', 'codigo_mercado', 'prazo_termo'],
  partition: byYear,
  tables: {
    sot: {
      name: 'tbsot_b3_cotacoes_historicas',
      description: 'Cotações históricas da B3 (COTAHIST), uma linha por papel e pregão',
      columns: [
        ticker,
        tradingDay,
        text('codigo_mercado', 'Tipo de mercado: 010 é o mercado à vista'),
        whole('prazo_termo', 'Prazo do mercado a termo, em dias'),
        text('codigo_bdi', 'Código BDI do papel no boletim diário'),
        text('nome_resumido', 'Nome resumido da empresa ou do fundo'),
        text('especificacao_papel', 'Especificação do papel, como "ON  ED  NM"'),
        text('moeda', 'Moeda de referência dos preços, como "R$"'),
        number(
          'vlr_abertura',
          'Preço de abertura, de fator_cotacao unidades (R$ ou a moeda do dia)',
        ),
        number('vlr_max', 'Preço máximo, de fator_cotacao unidades (R$ ou a moeda do dia)'),
        number('vlr_min', 'Preço mínimo, de fator_cotacao unidades (R$ ou a moeda do dia)'),
        number('vlr_medio', 'Preço médio, de fator_cotacao unidades (R$ ou a moeda do dia)'),
        number(
          'vlr_fechamento',
          'Preço do último negócio, de fator_cotacao unidades (R$ ou a moeda do dia)',
        ),
        number(
          'vlr_melhor_compra',
          'Melhor oferta de compra, de fator_cotacao unidades (R$ ou a moeda do dia)',
        ),
        number(
          'vlr_melhor_venda',
          'Melhor oferta de venda, de fator_cotacao unidades (R$ ou a moeda do dia)',
        ),
        whole('qtd_negocios', 'Número de negócios, em unidades'),
        whole('qtd_titulos', 'Quantidade de títulos negociados, em unidades'),
        number('vlr_volume', 'Volume negociado (R$ ou a moeda do dia)'),
        number('vlr_exercicio', 'Preço de exercício de opções, ou valor do termo (R$)'),
        text('codigo_correcao', 'Indicador de correção do preço de exercício'),
        day('dt_vencimento', 'Vencimento de opções e termos (data)'),
        whole('fator_cotacao', 'Quantidade a que os preços se referem, em unidades'),
        number(
          'vlr_exercicio_pontos',
          'Preço de exercício de opções referidas ao dólar (R$ em pontos)',
        ),
        text('codigo_isin', 'Código ISIN do papel'),
        whole(
          'num_distribuicao',
          'Número de distribuição, em unidades: mais um a cada dia de direitos',
        ),
      ],
    },
  },
});

/** One row an event, whichever of the sources show it. Derived whole from their raw text. */
export const events = defineDataset({
  id: 'eventos',
  keyColumns: ['codigo_ticker_ativo', 'codigo_evento'],
  partition: byYearOfEvent('dt_com'),
  tables: {
    sot: {
      name: 'tbsot_eventos_corporativos',
      description: 'Proventos, desdobramentos, bonificações e grupamentos, uma linha por evento',
      columns: [
        ticker,
        text('codigo_evento', 'Código do evento, único no ativo'),
        text('codigo_isin', 'Código ISIN do papel, onde a B3 o informa'),
        text('tipo_evento', 'Tipo do evento, como "DIVIDENDO" ou "DESDOBRAMENTO"'),
        day('dt_com', 'Último dia com o direito, a data com (data)'),
        day('dt_pagamento', 'Dia do pagamento (data)'),
        number('vlr_provento', 'Valor bruto por unidade, em reais (R$)'),
        number(
          'vlr_fator',
          'Fator como impresso: percentual adicionado, ou em vezes no grupamento',
        ),
        number('vlr_multiplicador', 'Unidades depois do evento, em vezes as de antes dele'),
        text('fontes', 'Fontes que mostram o evento, separadas por vírgula'),
        text('situacao', '"vigente", ou "ausente" se nenhuma fonte o mostra mais'),
        text(
          'divergencia',
          'O que outra fonte mostra no lugar dele, como "fundamentus: RENDIMENTO 0.5"',
        ),
        {
          name: 'valor_divergente',
          type: 'boolean',
          description: 'Se outra fonte mostra outro valor: o que depende dele não é provado',
        },
      ],
    },
  },
});

/**
 * One row for each ticker and day on which its asset first trades without a right, or under another ticker. A price of
 * the ticker on a day d is adjusted by the one row with `dt_inicio <= d < dt_pregao`; without one it is unchanged.
 */
export const adjustments = defineDataset({
  id: 'fatores',
  keyColumns: ['codigo_ticker_ativo', 'dt_pregao'],
  partition: byYearOfEvent('dt_pregao'),
  tables: {
    spec: {
      name: 'tbspec_fatores_ajuste',
      description:
        'Fatores de ajuste dos preços por proventos e desdobramentos, uma linha por dia sem direito',
      columns: [
        ticker,
        day('dt_pregao', 'Primeiro pregão sem o direito, ou com o novo código (data)'),
        text('codigo_ativo', 'Código atual do ativo, igual por todas as trocas de código'),
        day('dt_inicio', 'Primeiro dia dos preços que os fatores acumulados ajustam (data)'),
        number(
          'fator_desdobramento',
          'Fator dos preços anteriores por desdobramentos deste dia, em vezes',
        ),
        number('fator_proventos', 'Fator dos preços anteriores por proventos deste dia, em vezes'),
        number(
          'fator_desdobramento_acumulado',
          'Fator por desdobramentos deste dia e dos seguintes, em vezes',
        ),
        number(
          'fator_total_acumulado',
          'Fator por todos os eventos deste dia e dos seguintes, em vezes',
        ),
        whole('qtd_direitos', 'Aumento do número de distribuição neste dia, em unidades'),
        text('motivo', 'Em que o fator se baseia: eventos e números de distribuição'),
        {
          name: 'provado',
          type: 'boolean',
          description: 'Se os eventos deste dia explicam o número de distribuição',
        },
        {
          name: 'provado_acumulado',
          type: 'boolean',
          description: 'Se os deste dia e de todos os seguintes o explicam',
        },
      ],
    },
  },
});

/**
 * Whether the factors are those of the prices: a note that an import replaces. In AWS its folder is a table of one
 * column, so that a view knows it, too.
 */
export const adjustmentState = {
  tableName: 'tbspec_situacao_ajustes',
  description: 'Se os fatores de ajuste são os dos preços: a nota da última importação',
  column: text('situacao', 'pending desde a primeira mudança de uma importação, até que ela acabe'),
  /** Of a lake's notes. */
  folder: 'adjustment-state',
  file: 'state.txt',
  /** What the note says until the factors that follow from an import are stored. */
  pending: 'pending',
} as const;
