/**
 * The names that people use for columns: the labels of the site and the usual short ones, without regard to accents,
 * case and punctuation. A name that stocks and funds have in common is of a shared column, which is each kind's own.
 * Pure.
 */

import type { AssetKind } from '../catalog/asset.ts';
import type { ColumnType, IndicatorColumn } from '../catalog/column.ts';
import { acoesColumns } from '../catalog/datasets/acoes.ts';
import { fiisColumns } from '../catalog/datasets/fiis.ts';
import { findMisspelt } from '../suggest.ts';
import { removeAccents } from '../text.ts';

interface SharedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
  /** The column of each kind of asset. */
  readonly own: Readonly<Record<AssetKind, string>>;
}

/** What stocks and funds both have, under names of their own. Text has the name that the quotes have for it. */
export const sharedColumns: readonly SharedColumn[] = [
  {
    name: 'nome_ativo',
    type: 'string',
    description: 'Nome da empresa ou do fundo',
    own: { acoes: 'nome_empresa', fiis: 'nome_fii' },
  },
  {
    name: 'nome_setor_segmento',
    type: 'string',
    description: 'Setor da empresa ou segmento do fundo',
    own: { acoes: 'nome_setor', fiis: 'segmento' },
  },
  {
    name: 'dy',
    type: 'double',
    description: 'Dividend yield da ação ou do fundo, em fração (0,047 = 4,7%)',
    own: { acoes: 'vlr_ind_div_yield', fiis: 'vlr_div_yield' },
  },
  {
    name: 'p_vp',
    type: 'double',
    description: 'Preço sobre o valor patrimonial por ação ou por cota (P/VP), em vezes',
    own: { acoes: 'vlr_ind_p_sobre_vp', fiis: 'vlr_p_sobre_vp' },
  },
];

/** The shared column that is each of these in its kind. */
export function findSharedColumn(names: readonly string[]): SharedColumn | undefined {
  return sharedColumns.find(({ own }) => {
    const all = Object.values(own);
    return all.every((name) => names.includes(name));
  });
}

/**
 * The usual short names, and those of other sites, beside the labels; the first column of a query that has one is
 * meant.
 */
const SHORT_NAMES: Readonly<Record<string, readonly string[]>> = {
  papel: ['codigo_ticker_ativo'],
  ticker: ['codigo_ticker_ativo'],
  codigo: ['codigo_ticker_ativo'],
  coleta: ['anomesdia_exec'],
  data: ['anomesdia_exec'],
  nome: ['nome_ativo', 'nome_empresa', 'nome_fii'],
  setor: ['nome_setor_segmento', 'nome_setor', 'segmento'],
  tipo: ['tipo_ativo', 'tipo_papel'],
  preco: ['vlr_cot', 'vlr_fechamento'],
  cotacao: ['vlr_cot'],
  min52: ['vlr_min_52_sem'],
  max52: ['vlr_max_52_sem'],
  variacao: ['pct_var_dia'],
  '30d': ['pct_var_30d'],
  '12m': ['pct_var_12m'],
  ano: ['pct_var_ano_a0'],
  dy: ['vlr_ind_div_yield', 'vlr_div_yield'],
  yield: ['vlr_ind_div_yield', 'vlr_div_yield'],
  dividendyield: ['vlr_ind_div_yield', 'vlr_div_yield'],
  ev: ['vlr_firma'],
  marketcap: ['vlr_mercado'],
  liquidez: ['vol_med_neg_2m'],
  volume: ['vol_med_neg_2m', 'vlr_volume'],
  abertura: ['vlr_abertura'],
  fechamento: ['vlr_fechamento'],
  maxima: ['vlr_max'],
  minima: ['vlr_min'],
  titulos: ['qtd_titulos'],
  liquidezcorrente: ['vlr_liquidez_corr'],
  margembruta: ['vlr_ind_margem_bruta'],
  margemebit: ['vlr_ind_margem_ebit'],
  margemliquida: ['vlr_ind_margem_liq'],
  crescimento: ['pct_cresc_rec_liq_ult_5a'],
  dividabruta: ['vlr_divida_bruta'],
  dividaliquida: ['vlr_divida_liq'],
  divliqpatrimonio: ['vlr_ind_divida_liq_sobre_patrim'],
  patrimonio: ['vlr_patrim_liq'],
  patrimonioliquido: ['vlr_patrim_liq'],
  pl: ['vlr_ind_p_sobre_l'],
  receita: ['vlr_receita_liq_ult_12m', 'vlr_rec_bruta_ult_12m'],
  lucro: ['vlr_lucro_liq_ult_12m'],
  vpcota: ['vlr_vp_sobre_cota'],
  vacancia: ['vlr_vacancia_media'],
  imoveis: ['qtd_imoveis'],
  area: ['total_area_m2'],
};

const SECTION_SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  // Of two results with one label that of the year is meant.
  'Últimos 12 meses': ['', '12m'],
  'Últimos 3 meses': ['3m'],
};

/** Letters and digits alone: `P/VP`, `p_vp` and `pvp` are one name. */
function simplify(name: string): string {
  return removeAccents(name).replaceAll(/[^a-z0-9]/g, '');
}

const namesByAlias: ReadonlyMap<string, readonly string[]> = createAliases();

function createAliases(): Map<string, readonly string[]> {
  const aliases = new Map<string, readonly string[]>(Object.entries(SHORT_NAMES));
  const add = (alias: string, name: string): void => {
    if (alias in SHORT_NAMES) return;
    aliases.set(alias, [...new Set([...(aliases.get(alias) ?? []), name])]);
  };
  for (const column of [...acoesColumns, ...fiisColumns]) {
    for (const label of listLabels(column)) add(simplify(label), column.name);
  }
  for (const { name, own } of sharedColumns) {
    const all = Object.values(own);
    if (!aliases.has(simplify(name))) aliases.set(simplify(name), all);
  }
  return aliases;
}

function listLabels({ label, section }: IndicatorColumn): readonly string[] {
  if (typeof label !== 'string') return [];
  return (SECTION_SUFFIXES[section ?? ''] ?? ['']).map((suffix) => `${label} ${suffix}`);
}

/** The columns that a person may mean by a name that is none of a column; none where it is no alias either. */
export function findByAlias(name: string): readonly string[] {
  return namesByAlias.get(simplify(name)) ?? [];
}

/**
 * The short names and labels that a word may be a misspelling of.
 * @param known the names of the columns that are meant
 */
export function findNearAliases(typed: string, known: readonly string[]): readonly string[] {
  const aliases = [...namesByAlias.keys()].filter((alias) =>
    findByAlias(alias).some((name) => known.includes(name)),
  );
  return findMisspelt(simplify(typed), aliases);
}

/** The short names of a column, for the list of columns. */
export function listShortNames(name: string): readonly string[] {
  return Object.entries(SHORT_NAMES).flatMap(([alias, names]) =>
    names.includes(name) ? [alias] : [],
  );
}
