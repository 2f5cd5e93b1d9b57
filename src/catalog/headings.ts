/**
 * The headings of tables that people read, by the name of the column: the label that the site prints or, for what is on
 * no page, a short one in its language. Pure.
 */

import type { IndicatorColumn } from './column.ts';
import { acoesColumns } from './datasets/acoes.ts';
import { fiisColumns } from './datasets/fiis.ts';
import { EARLIER_SUFFIX } from './measure.ts';

/** Of two results with one label the section tells which. */
const SECTIONS: Readonly<Record<string, string>> = {
  'Últimos 12 meses': ' (12m)',
  'Últimos 3 meses': ' (3m)',
};

/** Those of the sources without a page of indicators, and of what commands compute. */
const OWN_HEADINGS: Readonly<Record<string, string>> = {
  anomesdia_exec: 'Coleta',
  ano: 'Ano',
  datetime_exec: 'Lido em',
  outros_indicadores: 'Outros',
  codigo_ticker_ativo: 'Papel',
  ticker: 'Papel',
  tipo: 'Tipo',
  tipo_ativo: 'Tipo',
  nome_ativo: 'Nome',
  nome_setor_segmento: 'Setor',
  origem: 'Origem',
  dy: 'Div. Yield',
  p_vp: 'P/VP',
  // Prices of B3.
  dt_pregao: 'Pregão',
  codigo_ativo: 'Código atual',
  codigo_mercado: 'Mercado',
  prazo_termo: 'Prazo',
  codigo_bdi: 'BDI',
  nome_resumido: 'Nome',
  especificacao_papel: 'Espécie',
  moeda: 'Moeda',
  vlr_abertura: 'Abertura',
  vlr_max: 'Máxima',
  vlr_min: 'Mínima',
  vlr_medio: 'Média',
  vlr_fechamento: 'Fechamento',
  vlr_melhor_compra: 'Compra',
  vlr_melhor_venda: 'Venda',
  qtd_negocios: 'Negócios',
  qtd_titulos: 'Títulos',
  vlr_volume: 'Volume',
  vlr_exercicio: 'Exercício',
  codigo_correcao: 'Correção',
  dt_vencimento: 'Vencimento',
  fator_cotacao: 'Fator da cotação',
  vlr_exercicio_pontos: 'Exercício (pontos)',
  codigo_isin: 'ISIN',
  num_distribuicao: 'Distribuição',
  // Events, and the factors that follow from them.
  codigo_evento: 'Evento',
  tipo_evento: 'Evento',
  dt_com: 'Data com',
  dt_aprovacao: 'Aprovação',
  dt_pagamento: 'Pagamento',
  vlr_provento: 'Valor',
  vlr_provento_ajustado: 'Valor ajustado',
  vlr_fator: 'Fator',
  vlr_multiplicador: 'Multiplicador',
  fontes: 'Fontes',
  situacao: 'Situação',
  divergencia: 'Divergência',
  valor_divergente: 'Valor divergente',
  tipo_pagina: 'Página',
  codigo_emissor: 'Emissor',
  categoria: 'Lista',
  codigo_isin_emitido: 'ISIN emitido',
  outros_campos: 'Outros',
  num_ocorrencia: 'Ocorrência',
  dt_inicio: 'Desde',
  fator_desdobramento: 'Fator de desdobramentos',
  fator_proventos: 'Fator de proventos',
  fator_desdobramento_acumulado: 'Desdobramentos acumulados',
  fator_total_acumulado: 'Total acumulado',
  qtd_direitos: 'Direitos',
  motivo: 'Motivo',
  provado: 'Provado',
  provado_acumulado: 'Provado até hoje',
  ajuste_provado: 'Provado',
  // Rates.
  codigo_serie: 'Série',
  dt_valor: 'Dia',
  vlr_percentual: 'Valor (%)',
  // Returns, and the income of twelve months.
  dt_fim: 'Até',
  qtd_pregoes: 'Pregões',
  pct_retorno_total: 'Retorno',
  pct_retorno_anual: 'Retorno a.a.',
  pct_volatilidade_anual: 'Volatilidade a.a.',
  pct_maior_queda: 'Maior queda',
  dt_maximo_anterior: 'Máximo em',
  dt_fundo: 'Fundo em',
  dt_recuperacao: 'Recuperado em',
  qtd_dias_queda: 'Dias em queda',
  qtd_proventos: 'Pagamentos',
  vlr_proventos: 'Proventos',
  dt_fechamento: 'Preço de',
  pct_yield: 'Yield 12m',
  pct_cdi: 'CDI',
  pct_ipca: 'IPCA',
  // Rankings.
  posicao: 'Posição',
  soma_posicoes: 'Soma',
  soma_posicoes_2: 'Soma 2',
  vlr_graham: 'Valor de Graham',
  vlr_preco_teto: 'Preço-teto',
  pct_margem_seguranca: 'Margem',
  vlr_provento_medio: 'Provento médio',
  num_anos_com_provento: 'Anos pagos',
  base_provento: 'Base',
  num_sinais: 'Sinais',
  sinal_lucro: 'Lucro',
  sinal_roa: 'ROA maior',
  sinal_divida: 'Dívida menor',
  sinal_liquidez: 'Liquidez maior',
  sinal_acoes: 'Sem emissão',
  sinal_margem: 'Margem maior',
  sinal_giro: 'Giro maior',
  dt_balanco_anterior: 'Balanço anterior',
  pct_roa: 'ROA',
  pct_divida_sobre_ativo: 'Dív. Bruta / Ativo',
  // What `audit` finds.
  data: 'Dia',
  codigo: 'Código',
  detalhe: 'Detalhe',
};

/**
 * Those of what a command reports of its own work; rows of a person's question may have columns of these names, too.
 */
const REPORT_HEADINGS: Readonly<Record<string, string>> = {
  table: 'Tabela',
  rows: 'Linhas',
  rows_before: 'Antes',
  rows_after: 'Depois',
  year: 'Ano',
  added: 'Novas',
  changed: 'Alteradas',
  file: 'Arquivo',
  source: 'Fonte',
  bytes: 'Bytes',
  records: 'Registros',
  read: 'Lidos',
  skipped: 'Lidos antes',
  vanished: 'Retirados',
  failed: 'Falhas',
  requests: 'Pedidos',
  estimated_bytes: 'Bytes (estimados)',
  estimated_rows: 'Linhas (estimadas)',
  estimated_files: 'Arquivos (estimados)',
  rule: 'Agendamento',
  state: 'Estado',
  day: 'Dia',
  standing: 'Situação',
  kind: 'Causa',
  reason: 'Motivo',
  queue: 'Fila',
  sent: 'Enviada em',
};

/** The headings of a command's report. */
export function getReportHeadings(names: readonly string[]): string[] {
  return getHeadings(names).map((heading) => REPORT_HEADINGS[heading] ?? heading);
}

/** The years that the headings of yearly variations count back from; undefined where rows are of several. */
type Year = number | undefined;

function formatLabel({ label, section }: IndicatorColumn, year: Year): string {
  if (typeof label === 'string') return `${label}${SECTIONS[section ?? ''] ?? ''}`;
  const { yearsBack } = label;
  if (year !== undefined) return String(year - yearsBack);
  return yearsBack === 0 ? 'Ano' : `Ano -${yearsBack}`;
}

/** The beginning of the name of a position by one figure, before what the name of its column says of the figure. */
export const POSITION_PREFIX = 'pos_';

/** A figure of a year before, or a position by a figure: its words, and the figure's column. */
function findDerived(name: string): { readonly format: string; readonly of: string } | undefined {
  if (name.endsWith(EARLIER_SUFFIX)) {
    return { format: '% (antes)', of: name.slice(0, -EARLIER_SUFFIX.length) };
  }
  if (!name.startsWith(POSITION_PREFIX)) return undefined;
  const figure = name.slice(POSITION_PREFIX.length);
  const of = ['vlr_ind_', 'vlr_', 'pct_', ''].map((prefix) => `${prefix}${figure}`);
  return { format: 'Pos. %', of: of.find(isKnownColumn) ?? '' };
}

/** Whether a column of this name is one that pynvest itself makes. */
export function isKnownColumn(name: string): boolean {
  if (name in OWN_HEADINGS || findIndicator(name, acoesColumns, fiisColumns) !== undefined) {
    return true;
  }
  const derived = findDerived(name);
  return derived !== undefined && isKnownColumn(derived.of);
}

function findIndicator(
  name: string,
  ...kinds: readonly (readonly IndicatorColumn[])[]
): IndicatorColumn | undefined {
  return kinds.flat().find((column) => column.name === name);
}

/**
 * The headings of these columns, each different from the others. A name that is a person's own is its own heading.
 * @param year of the rows, if it is one: yearly variations are headed by their year
 */
export function getHeadings(names: readonly string[], year?: Year): string[] {
  const isOfFunds = names.some((name) => name === 'fii' || name === 'nome_fii');
  const isOfStocks = names.some((name) => name === 'nome_papel' || name === 'nome_empresa');
  const kinds =
    isOfFunds && !isOfStocks ? [fiisColumns, acoesColumns] : [acoesColumns, fiisColumns];
  const findHeading = (name: string): string => {
    const indicator = findIndicator(name, ...kinds);
    if (indicator !== undefined) return formatLabel(indicator, year);
    if (OWN_HEADINGS[name] !== undefined) return OWN_HEADINGS[name];
    const derived = findDerived(name);
    return derived !== undefined && isKnownColumn(derived.of)
      ? derived.format.replace('%', findHeading(derived.of))
      : name;
  };
  const headings = names.map(findHeading);
  const isRepeated = (heading: string, all: readonly string[]): boolean =>
    all.filter((each) => each === heading).length > 1;
  // Stocks and funds have labels in common: beside those of stocks, the others are marked.
  const marked = headings.map((heading, at) =>
    isRepeated(heading, headings) && findIndicator(names[at] ?? '', acoesColumns) === undefined
      ? `${heading}${findIndicator(names[at] ?? '', fiisColumns) ? ' (FII)' : ''}`
      : heading,
  );
  return marked.map((heading, at) => (isRepeated(heading, marked) ? (names[at] ?? '') : heading));
}
