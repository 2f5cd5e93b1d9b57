/**
 * The named screens: which figures rank assets, the formula and its author. A screen is a value. For an asset that
 * it cannot rank it gives the reason in a few words. Pure.
 */
import type { AssetKind } from '../catalog/asset.ts';
import { UsageError } from '../errors.ts';
import { findClosest } from '../suggest.ts';
import { removeAccents } from '../text.ts';
import { type Criterion, type Figures, parseColumnsCriterion } from './criterion.ts';
import { type AssetRow, getNumber, getText } from './market-day.ts';
import {
  createAbsence,
  createAbsenceYearBefore,
  createNotPositive,
  type FigureName,
  PRICE,
  type Reason,
  reasons,
} from './reasons.ts';
import { INCOME_YEARS } from './screen-facts.ts';

export interface Screen extends Criterion {
  readonly name: string;
  readonly title: string;
  readonly formula: string;
  /** Which assets have no place. */
  readonly notRanked: string;
  readonly source: string;
  /** For a report, which is in that language. */
  readonly portuguese: { readonly formula: string; readonly source: string };
}

/** A number of the row that must be there, and be above zero. */
function findFault(row: AssetRow, name: FigureName, column: string): Reason | undefined {
  const value = getNumber(row, column);
  if (value === undefined) return createAbsence(name);
  return value > 0 ? undefined : createNotPositive(name);
}

function findFirstFault(
  row: AssetRow,
  columns: readonly (readonly [name: FigureName, column: string])[],
): Reason | undefined {
  return columns.map(([name, column]) => findFault(row, name, column)).find(Boolean);
}

function pick(row: AssetRow, columns: readonly string[]): Figures {
  return Object.fromEntries(columns.map((column) => [column, row.values[column] ?? null]));
}

/**
 * Sectors, as the site names them, whose debt is their raw material or whose returns a regulator sets: Greenblatt
 * leaves them out.
 */
const FINANCIALS_AND_UTILITIES: ReadonlySet<string> = new Set(
  [
    ...['Intermediários Financeiros', 'Previdência e Seguros', 'Serviços Financeiros Diversos'],
    ...['Securitizadoras de Recebíveis', 'Energia Elétrica', 'Água e Saneamento', 'Gás'],
  ].map(removeAccents),
);

const magic: Screen = {
  name: 'magic',
  title: 'Magic formula',
  kinds: ['acoes'],
  formula:
    'position by EV/EBIT (lowest first) + position by ROIC (highest first); the lowest sum is first, of equal sums the lower EV/EBIT',
  notRanked:
    'financial companies and utilities (by nome_setor); EBIT, EV/EBIT or ROIC that is absent or not positive',
  source:
    'Joel Greenblatt, The Little Book That Beats the Market (2005). ROIC is as the site computes it',
  portuguese: {
    formula:
      'posição por EV/EBIT (o menor primeiro) + posição por ROIC (o maior primeiro); a menor soma vem primeiro, e entre somas iguais o menor EV/EBIT',
    source:
      'Joel Greenblatt, The Little Book That Beats the Market (2005). O ROIC é o que o site calcula',
  },
  inputs: ['nome_setor', 'vlr_ind_ev_sobre_ebit', 'vlr_ind_roic', 'vlr_ebit_ult_12m'],
  figures: { vlr_ind_ev_sobre_ebit: 'double', vlr_ind_roic: 'double' },
  order: [
    {
      terms: [
        { figure: 'vlr_ind_ev_sobre_ebit', descending: false },
        { figure: 'vlr_ind_roic', descending: true },
      ],
    },
    { terms: [{ figure: 'vlr_ind_ev_sobre_ebit', descending: false }] },
  ],
  compute(row) {
    if (FINANCIALS_AND_UTILITIES.has(removeAccents(getText(row, 'nome_setor') ?? ''))) {
      return { reason: reasons.financial };
    }
    const fault = findFirstFault(row, [
      ['EBIT', 'vlr_ebit_ult_12m'],
      ['EV/EBIT', 'vlr_ind_ev_sobre_ebit'],
      ['ROIC', 'vlr_ind_roic'],
    ]);
    if (fault !== undefined) return { reason: fault };
    return { figures: pick(row, ['vlr_ind_ev_sobre_ebit', 'vlr_ind_roic']) };
  },
};

/** 15 times the earnings by 1.5 times the book value. */
const GRAHAM_PRODUCT = 22.5;

const graham: Screen = {
  name: 'graham',
  title: 'Graham number',
  kinds: ['acoes'],
  formula:
    'vlr_graham = sqrt(22.5 × LPA × VPA); pct_margem_seguranca = vlr_graham / price − 1, the highest first',
  notRanked: 'LPA, VPA or a price that is absent or not positive',
  source:
    'Benjamin Graham, The Intelligent Investor (1973), chapter 14: P/E times P/B at most 22.5',
  portuguese: {
    formula:
      'valor de Graham = raiz de 22,5 × LPA × VPA; margem = valor de Graham / preço − 1, a maior primeiro',
    source:
      'Benjamin Graham, O Investidor Inteligente (1973), capítulo 14: P/L vezes P/VP de no máximo 22,5',
  },
  inputs: ['vlr_cot', 'vlr_ind_lpa', 'vlr_ind_vpa', 'vlr_ind_p_sobre_l', 'vlr_ind_p_sobre_vp'],
  figures: {
    vlr_cot: 'double',
    vlr_graham: 'double',
    pct_margem_seguranca: 'double',
    vlr_ind_lpa: 'double',
    vlr_ind_vpa: 'double',
    vlr_ind_p_sobre_l: 'double',
    vlr_ind_p_sobre_vp: 'double',
  },
  order: [{ terms: [{ figure: 'pct_margem_seguranca', descending: true }] }],
  compute(row) {
    const fault = findFirstFault(row, [
      ['LPA', 'vlr_ind_lpa'],
      ['VPA', 'vlr_ind_vpa'],
      [PRICE, 'vlr_cot'],
    ]);
    if (fault !== undefined) return { reason: fault };
    const [price = 0, earnings = 0, book = 0] = ['vlr_cot', 'vlr_ind_lpa', 'vlr_ind_vpa'].map(
      (column) => getNumber(row, column),
    );
    const value = Math.sqrt(GRAHAM_PRODUCT * earnings * book);
    const figures = {
      ...pick(row, ['vlr_cot', 'vlr_ind_lpa', 'vlr_ind_vpa']),
      ...pick(row, ['vlr_ind_p_sobre_l', 'vlr_ind_p_sobre_vp']),
      vlr_graham: value,
      pct_margem_seguranca: value / price - 1,
    };
    return { figures };
  },
};

/** What Bazin asks of a stock at least. */
const REQUIRED_YIELD = 0.06;

const bazin: Screen = {
  name: 'bazin',
  title: 'Bazin ceiling price',
  kinds: ['acoes'],
  formula:
    'vlr_preco_teto = average yearly dividend / 6%; pct_margem_seguranca = vlr_preco_teto / price − 1, the highest first. The ' +
    `average is of ${INCOME_YEARS} years of the imported events (base_provento = eventos: gross, by the last day with the right, of one unit of ` +
    'the day, a year without a payment counts as zero); of a stock without any, Div. Yield × price (base_provento = div_yield)',
  notRanked:
    'no price; no dividend, or no Div. Yield where there are no events; dividends of the time before the prices in the lake, since when the splits are not known',
  source:
    'Décio Bazin, Faça Fortuna com Ações, Antes que Seja Tarde (1992): a yield of 6% at least',
  portuguese: {
    formula: `preço-teto = provento anual médio / 6%; margem = preço-teto / preço − 1, a maior primeiro. A média é de ${INCOME_YEARS} anos dos eventos importados: bruta, pela data com, por unidade do dia, e um ano sem pagamento conta como zero; de uma ação sem nenhum evento, Div. Yield × preço`,
    source:
      'Décio Bazin, Faça Fortuna com Ações, Antes que Seja Tarde (1992): um yield de 6% no mínimo',
  },
  inputs: ['vlr_cot', 'vlr_ind_div_yield'],
  figures: {
    vlr_cot: 'double',
    vlr_preco_teto: 'double',
    pct_margem_seguranca: 'double',
    vlr_provento_medio: 'double',
    num_anos_com_provento: 'bigint',
    base_provento: 'string',
    vlr_ind_div_yield: 'double',
  },
  order: [{ terms: [{ figure: 'pct_margem_seguranca', descending: true }] }],
  needs: 'income',
  compute(row, { income }) {
    const fault = findFault(row, PRICE, 'vlr_cot');
    if (fault !== undefined) return { reason: fault };
    const price = getNumber(row, 'vlr_cot') ?? 0;
    const own = income?.get(row.ticker);
    const share = getNumber(row, 'vlr_ind_div_yield');
    if (own === undefined && share === undefined) return { reason: reasons.noYieldAndNoEvent };
    const mean = own === undefined ? (share ?? 0) * price : own.mean;
    if (mean === undefined) return { reason: reasons.unknownSplitsOfDividends };
    if (mean <= 0) return { reason: reasons.noDividend };
    const ceiling = mean / REQUIRED_YIELD;
    const figures = {
      vlr_cot: price,
      vlr_preco_teto: ceiling,
      pct_margem_seguranca: ceiling / price - 1,
      vlr_provento_medio: mean,
      num_anos_com_provento: own?.years.filter((amount = 0) => amount > 0).length ?? null,
      base_provento: own === undefined ? 'div_yield' : 'eventos',
      vlr_ind_div_yield: share ?? null,
    };
    return { figures };
  },
};

/** The site prints numbers of shares with six digits: less than this is no issue of shares. */
const SHARES_TOLERANCE = 1.001;

/** What Piotroski's signals are computed from. */
const PIOTROSKI_INPUTS = [
  ...['vlr_lucro_liq_ult_12m', 'vlr_ativo', 'vlr_divida_bruta', 'vlr_liquidez_corr'],
  ...['num_acoes', 'vlr_ind_margem_bruta', 'vlr_ind_giro_ativos'],
] as const;

const PIOTROSKI_LABELS: Readonly<Record<(typeof PIOTROSKI_INPUTS)[number], string>> = {
  vlr_lucro_liq_ult_12m: 'Lucro Líquido',
  vlr_ativo: 'Ativo',
  vlr_divida_bruta: 'Dív. Bruta',
  vlr_liquidez_corr: 'Liquidez Corr',
  num_acoes: 'Nro. Ações',
  vlr_ind_margem_bruta: 'Marg. Bruta',
  vlr_ind_giro_ativos: 'Giro Ativos',
};

type Balance = Readonly<Record<(typeof PIOTROSKI_INPUTS)[number], number>>;

/** The inputs of a balance, or the label of the first that it lacks. */
function readBalance(row: AssetRow): Balance | string {
  const missing = PIOTROSKI_INPUTS.find((column) => getNumber(row, column) === undefined);
  if (missing !== undefined) return PIOTROSKI_LABELS[missing];
  const balance = PIOTROSKI_INPUTS.map((column) => [column, getNumber(row, column)]);
  return Object.fromEntries(balance) as Balance;
}

const piotroski: Screen = {
  name: 'piotroski',
  title: "Piotroski's F-score, seven of its nine signals",
  kinds: ['acoes'],
  formula:
    'num_sinais of 7, the highest first, of equal scores the lower P/VP: return on assets (Lucro Líquido 12m / Ativo) above zero ' +
    '(sinal_lucro) and above that of a year before (sinal_roa); Dív. Bruta / Ativo lower than a year before, or none (sinal_divida); ' +
    'Liquidez Corr (sinal_liquidez), Marg. Bruta (sinal_margem) and Giro Ativos (sinal_giro) higher than a year before; no more shares than ' +
    'a year before, after splits (sinal_acoes). The two signals of operating cash flow are left out: the site has none. The year before is the ' +
    "balance of the same quarter on an earlier page of the lake (dt_balanco_anterior): it needs a year of the lake's pages",
  notRanked:
    'no balance of a year before in the lake; one of these figures is absent, as on the pages of banks',
  source:
    'Joseph D. Piotroski, Value Investing: The Use of Historical Financial Statement Information (2000); debt is gross debt instead of long-term debt',
  portuguese: {
    formula:
      'sinais positivos de 7, o maior número primeiro, e entre iguais o menor P/VP: retorno sobre o ativo (Lucro Líquido 12m / Ativo) acima de zero e acima do de um ano antes; Dív. Bruta / Ativo menor que um ano antes, ou nenhuma; Liquidez Corr, Marg. Bruta e Giro Ativos maiores que um ano antes; não mais ações que um ano antes, depois de desdobramentos. Os dois sinais do caixa operacional ficam de fora: o site não os tem',
    source:
      'Joseph D. Piotroski, Value Investing: The Use of Historical Financial Statement Information (2000); a dívida é a bruta, e não a de longo prazo',
  },
  inputs: [...PIOTROSKI_INPUTS, 'dt_ult_balanco_proc', 'vlr_ind_p_sobre_vp'],
  figures: {
    num_sinais: 'bigint',
    vlr_ind_p_sobre_vp: 'double',
    sinal_lucro: 'boolean',
    sinal_roa: 'boolean',
    sinal_divida: 'boolean',
    sinal_liquidez: 'boolean',
    sinal_acoes: 'boolean',
    sinal_margem: 'boolean',
    sinal_giro: 'boolean',
    dt_ult_balanco_proc: 'date',
    dt_balanco_anterior: 'date',
    pct_roa: 'double',
    pct_roa_anterior: 'double',
    pct_divida_sobre_ativo: 'double',
    pct_divida_sobre_ativo_anterior: 'double',
    vlr_liquidez_corr: 'double',
    vlr_liquidez_corr_anterior: 'double',
    num_acoes: 'double',
    num_acoes_anterior: 'double',
    vlr_ind_margem_bruta: 'double',
    vlr_ind_margem_bruta_anterior: 'double',
    vlr_ind_giro_ativos: 'double',
    vlr_ind_giro_ativos_anterior: 'double',
  },
  order: [
    { terms: [{ figure: 'num_sinais', descending: true }] },
    { terms: [{ figure: 'vlr_ind_p_sobre_vp', descending: false }] },
  ],
  needs: 'earlier-balances',
  compute(row, { earlier, units }) {
    const own = readBalance(row);
    if (typeof own === 'string') return { reason: createAbsence(own) };
    const before = earlier?.get(row.ticker);
    if (before === undefined) return { reason: reasons.noEarlierBalance };
    const old = readBalance(before.row);
    if (typeof old === 'string') return { reason: createAbsenceYearBefore(old) };
    if (own.vlr_ativo <= 0 || old.vlr_ativo <= 0) return { reason: createNotPositive('Ativo') };
    const [roa, oldRoa] = [own, old].map((each) => each.vlr_lucro_liq_ult_12m / each.vlr_ativo);
    const [debt, oldDebt] = [own, old].map((each) => each.vlr_divida_bruta / each.vlr_ativo);
    // An amount of one unit shrinks as units become more.
    const factor = units === undefined ? 1 : units.getFactor(row.ticker, before.day);
    if (factor === undefined) return { reason: reasons.unknownSplitsOfYear };
    const oldShares = old.num_acoes / factor;
    const signals = {
      sinal_lucro: (roa ?? 0) > 0,
      sinal_roa: (roa ?? 0) > (oldRoa ?? 0),
      sinal_divida: own.vlr_divida_bruta === 0 || (debt ?? 0) < (oldDebt ?? 0),
      sinal_liquidez: own.vlr_liquidez_corr > old.vlr_liquidez_corr,
      sinal_acoes: own.num_acoes <= oldShares * SHARES_TOLERANCE,
      sinal_margem: own.vlr_ind_margem_bruta > old.vlr_ind_margem_bruta,
      sinal_giro: own.vlr_ind_giro_ativos > old.vlr_ind_giro_ativos,
    };
    const figures = {
      num_sinais: Object.values(signals).filter(Boolean).length,
      ...pick(row, ['vlr_ind_p_sobre_vp', 'dt_ult_balanco_proc']),
      ...signals,
      dt_balanco_anterior: before.row.values['dt_ult_balanco_proc'] ?? null,
      pct_roa: roa ?? null,
      pct_roa_anterior: oldRoa ?? null,
      pct_divida_sobre_ativo: debt ?? null,
      pct_divida_sobre_ativo_anterior: oldDebt ?? null,
      vlr_liquidez_corr: own.vlr_liquidez_corr,
      vlr_liquidez_corr_anterior: old.vlr_liquidez_corr,
      num_acoes: own.num_acoes,
      num_acoes_anterior: oldShares,
      vlr_ind_margem_bruta: own.vlr_ind_margem_bruta,
      vlr_ind_margem_bruta_anterior: old.vlr_ind_margem_bruta,
      vlr_ind_giro_ativos: own.vlr_ind_giro_ativos,
      vlr_ind_giro_ativos_anterior: old.vlr_ind_giro_ativos,
    };
    return { figures };
  },
};

const renda: Screen = {
  name: 'renda',
  title: 'Income of funds',
  kinds: ['fiis'],
  formula:
    'position by Div. Yield (highest first) + position by P/VP (lowest first); the lowest sum is first, of equal sums the higher yield',
  notRanked: 'Div. Yield or P/VP that is absent or not positive',
  source: "pynvest's own, after the magic formula; nothing is published about it",
  portuguese: {
    formula:
      'posição por Div. Yield (o maior primeiro) + posição por P/VP (o menor primeiro); a menor soma vem primeiro, e entre somas iguais o maior yield',
    source: 'do próprio pynvest, como a magic formula; nada foi publicado sobre ele',
  },
  inputs: ['vlr_div_yield', 'vlr_p_sobre_vp', 'vlr_vacancia_media', 'vlr_ffo_yield'],
  figures: {
    vlr_div_yield: 'double',
    vlr_p_sobre_vp: 'double',
    vlr_ffo_yield: 'double',
    vlr_vacancia_media: 'double',
  },
  order: [
    {
      terms: [
        { figure: 'vlr_div_yield', descending: true },
        { figure: 'vlr_p_sobre_vp', descending: false },
      ],
    },
    { terms: [{ figure: 'vlr_div_yield', descending: true }] },
  ],
  compute(row) {
    const fault = findFirstFault(row, [
      ['Div. Yield', 'vlr_div_yield'],
      ['P/VP', 'vlr_p_sobre_vp'],
    ]);
    const all = ['vlr_div_yield', 'vlr_p_sobre_vp', 'vlr_ffo_yield', 'vlr_vacancia_media'];
    return fault === undefined ? { figures: pick(row, all) } : { reason: fault };
  },
};

const tijolo: Screen = {
  name: 'tijolo',
  title: 'Funds with properties',
  kinds: ['fiis'],
  formula:
    'position by FFO Yield (highest first) + position by P/VP (lowest first) + position by Vacância Média (lowest first); the lowest sum ' +
    'is first, of equal sums the higher FFO Yield',
  notRanked:
    'funds without properties (Qtd imóveis); FFO Yield or P/VP that is absent or not positive; no Vacância Média',
  source: "pynvest's own, after the magic formula; nothing is published about it",
  portuguese: {
    formula:
      'posição por FFO Yield (o maior primeiro) + posição por P/VP (o menor primeiro) + posição por Vacância Média (a menor primeiro); a menor soma vem primeiro, e entre somas iguais o maior FFO Yield',
    source: 'do próprio pynvest, como a magic formula; nada foi publicado sobre ele',
  },
  inputs: [
    ...['qtd_imoveis', 'vlr_ffo_yield', 'vlr_p_sobre_vp', 'vlr_vacancia_media'],
    ...['vlr_cap_rate', 'vlr_div_yield'],
  ],
  figures: {
    vlr_ffo_yield: 'double',
    vlr_p_sobre_vp: 'double',
    vlr_vacancia_media: 'double',
    qtd_imoveis: 'bigint',
    vlr_cap_rate: 'double',
    vlr_div_yield: 'double',
  },
  order: [
    {
      terms: [
        { figure: 'vlr_ffo_yield', descending: true },
        { figure: 'vlr_p_sobre_vp', descending: false },
        { figure: 'vlr_vacancia_media', descending: false },
      ],
    },
    { terms: [{ figure: 'vlr_ffo_yield', descending: true }] },
  ],
  compute(row) {
    if ((getNumber(row, 'qtd_imoveis') ?? 0) <= 0) return { reason: reasons.noProperties };
    const fault = findFirstFault(row, [
      ['FFO Yield', 'vlr_ffo_yield'],
      ['P/VP', 'vlr_p_sobre_vp'],
    ]);
    if (fault !== undefined) return { reason: fault };
    if (getNumber(row, 'vlr_vacancia_media') === undefined) {
      return { reason: createAbsence('Vacância Média') };
    }
    const ranked = ['vlr_ffo_yield', 'vlr_p_sobre_vp', 'vlr_vacancia_media'];
    return { figures: pick(row, [...ranked, 'qtd_imoveis', 'vlr_cap_rate', 'vlr_div_yield']) };
  },
};

export const screens: readonly Screen[] = [magic, graham, bazin, piotroski, renda, tijolo];

/**
 * The named screen, or the columns that assets are ranked by.
 * @param kinds the kinds of asset that were asked for; undefined for all that have the columns
 * @throws UsageError
 */
export function parseCriterion(text: string, kinds?: readonly AssetKind[]): Criterion | Screen {
  const word = removeAccents(text.trim());
  const screen = screens.find(({ name }) => name === word);
  if (screen === undefined) {
    const similar = /^[a-z]+$/.test(word) ? findClosest(word, NAMES) : undefined;
    return parseColumnsCriterion(text, kinds, similar);
  }
  const other = kinds?.find((kind) => !screen.kinds.includes(kind));
  if (other === undefined || kinds?.some((kind) => screen.kinds.includes(kind))) return screen;
  throw new UsageError(`${screen.name} ranks ${screen.kinds.join()}, and no ${other}`, {
    hint: `For ${other} there are: ${screens
      .filter((each) => each.kinds.includes(other))
      .map(({ name }) => name)
      .join(', ')}.`,
  });
}

const NAMES: readonly string[] = screens.map(({ name }) => name);
