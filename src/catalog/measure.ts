/**
 * What the number of a column measures, by which people read it: a price, a percentage, an amount of millions. Pure.
 */
import { fractionColumns } from './datasets.ts';

/**
 *     variation   a fraction of change, which has a sign: 0.0141 is +1.41%
 *     fraction    a share of something: 0.047 is 4.7%
 *     price       reais for one unit, or points: two decimals
 *     payment     reais for one unit that may be far below a cent, as dividends are
 *     amount      reais of a company or a market, from thousands to billions
 *     count       a number of units
 *     ratio       how many times one amount is another: P/L, or a square metre's rent
 *     factor      what prices are multiplied by: every digit matters
 *     day         a day written as the number 20261119
 *     code        a number that is a name, such as a year
 */
export type Measure =
  | 'variation'
  | 'fraction'
  | 'price'
  | 'payment'
  | 'amount'
  | 'count'
  | 'ratio'
  | 'factor'
  | 'day'
  | 'code';

/** The first rule that a column's name meets says its measure; what no rule is about is a ratio. */
const RULES: readonly (readonly [RegExp, Measure])[] = [
  [/^anomesdia_exec$/, 'day'],
  [/^(?:ano|num_ocorrencia|num_distribuicao)$/, 'code'],
  [/^pct_(?:var|retorno|maior_queda|cdi|ipca|margem_seguranca)/, 'variation'],
  [/^(?:pct_|dy$)/, 'fraction'],
  [/^(?:fator_(?!cotacao)|vlr_fator$|vlr_multiplicador$|vlr_percentual$)/, 'factor'],
  [/^vlr_provento/, 'payment'],
  [/^(?:num|qtd|total|prazo|fator|pos|soma)_|^posicao$/, 'count'],
  [
    /^vlr_(?:cot|graham|preco_teto|min_52_sem|max_52_sem|abertura|max|min|medio|fechamento|melhor_compra|melhor_venda|exercicio)$/,
    'price',
  ],
  [/^vlr_ind_(?:lpa|vpa)$|_sobre_cota$|^vlr_(?:aluguel_por|do)_m2$/, 'price'],
  [/^vol_/, 'amount'],
  [
    /^vlr_(?:mercado|firma|ativos?|disponibilidades|ativ_circulante|divida_(?:bruta|liq)|patrim_liq|depositos|cart_credito|volume)$/,
    'amount',
  ],
  [/^vlr_.*_ult_(?:12|3)m$/, 'amount'],
];

/** The end of the name of a figure as it was a year before. */
export const EARLIER_SUFFIX = '_anterior';

/** What the numbers of a column measure, by its name. */
export function getMeasure(name: string): Measure {
  const column = name.endsWith(EARLIER_SUFFIX) ? name.slice(0, -EARLIER_SUFFIX.length) : name;
  if (fractionColumns.has(column) && !column.startsWith('pct_')) return 'fraction';
  return RULES.find(([pattern]) => pattern.test(column))?.[1] ?? 'ratio';
}
