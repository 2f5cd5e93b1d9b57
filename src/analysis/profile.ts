/**
 * The profile of one asset: its indicators in groups, each beside the median of its sector on the same day.
 *
 * The median is of the companies of the sector (the funds of the segment) that are traded, the asset's own among them,
 * each counted once by its most traded paper. Prices and amounts of one unit have none: they say nothing about another
 * asset.
 */
import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import type { IndicatorColumn } from '../catalog/column.ts';
import { READ_AT_COLUMN } from '../catalog/datasets/shared-indicators.ts';
import { formatIsoDate, getYear, type Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { QueryError } from '../errors.ts';
import { partitionColumn } from '../query/columns.ts';
import type { OutputValue, QueryEngine } from '../query/engine.ts';
import { readIndicators } from '../query/indicators.ts';
import { findClosest } from '../suggest.ts';
import {
  type AssetRow,
  createNoDayHint,
  DESCRIPTION_COLUMNS,
  findMedian,
  findNewestDay,
  getIndicatorTable,
  getNumber,
  getText,
  isEqualTo,
  isTraded,
  keepOneOfCompany,
  readMarketDay,
} from './market-day.ts';

export interface ProfileItem {
  readonly column: string;
  /** As the site prints it; of a yearly variation the year. */
  readonly label: string;
  readonly value: OutputValue;
  /** Of the sector; null where the figure is not compared, or fewer than two companies have it. */
  readonly median: number | null;
  /** How many companies of the sector have the figure, the asset's own among them. */
  readonly peers: number;
}

export interface ProfileSection {
  /** In Portuguese, in the site's words. */
  readonly title: string;
  readonly items: readonly ProfileItem[];
}

export interface AssetProfile {
  readonly ticker: Ticker;
  readonly kind: AssetKind;
  readonly name: string | null;
  /** Of a fund, its segment. */
  readonly sector: string | null;
  /** The companies of the sector that are traded, the asset's own among them. */
  readonly sectorSize: number;
  /** The day of the collection. */
  readonly day: Partition;
  readonly source: string;
  /** When the page was read, ISO 8601 with offset. */
  readonly readAt: string | null;
  readonly sections: readonly ProfileSection[];
}

type SectionColumns = readonly (readonly [title: string, columns: readonly string[]])[];

const PRICE = ['vlr_cot', 'dt_ult_cot', 'vlr_min_52_sem', 'vlr_max_52_sem', 'vol_med_neg_2m'];
const VARIATIONS = [
  ...['pct_var_dia', 'pct_var_mes', 'pct_var_30d', 'pct_var_12m', 'pct_var_ano_a0'],
  ...['pct_var_ano_a1', 'pct_var_ano_a2', 'pct_var_ano_a3', 'pct_var_ano_a4', 'pct_var_ano_a5'],
];

const SECTIONS: Readonly<Record<AssetKind, SectionColumns>> = {
  acoes: [
    ['Cotação', PRICE],
    ['Oscilações', VARIATIONS],
    [
      'Valor e múltiplos',
      [
        ...['vlr_mercado', 'vlr_firma', 'num_acoes', 'vlr_ind_p_sobre_l', 'vlr_ind_p_sobre_vp'],
        ...['vlr_ind_p_sobre_ebit', 'vlr_ind_psr', 'vlr_ind_p_sobre_ativ'],
        ...['vlr_ind_p_sobre_cap_giro', 'vlr_ind_p_sobre_ativ_circ_liq'],
        ...['vlr_ind_ev_sobre_ebitda', 'vlr_ind_ev_sobre_ebit', 'vlr_ind_lpa', 'vlr_ind_vpa'],
      ],
    ],
    [
      'Rentabilidade',
      [
        ...['vlr_ind_roe', 'vlr_ind_roic', 'vlr_ind_ebit_sobre_ativo', 'vlr_ind_margem_bruta'],
        ...['vlr_ind_margem_ebit', 'vlr_ind_margem_liq', 'vlr_ind_giro_ativos'],
        'pct_cresc_rec_liq_ult_5a',
      ],
    ],
    ['Proventos', ['vlr_ind_div_yield']],
    [
      'Balanço e endividamento',
      [
        ...['dt_ult_balanco_proc', 'vlr_ativo', 'vlr_ativ_circulante', 'vlr_disponibilidades'],
        ...['vlr_depositos', 'vlr_cart_credito', 'vlr_divida_bruta', 'vlr_divida_liq'],
        ...['vlr_patrim_liq', 'vlr_liquidez_corr', 'vlr_ind_divida_liq_sobre_patrim'],
      ],
    ],
    [
      'Últimos 12 meses',
      [
        ...['vlr_receita_liq_ult_12m', 'vlr_ebit_ult_12m', 'vlr_result_int_financ_ult_12m'],
        ...['vlr_rec_servicos_ult_12m', 'vlr_lucro_liq_ult_12m'],
      ],
    ],
    [
      'Últimos 3 meses',
      [
        ...['vlr_receita_liq_ult_3m', 'vlr_ebit_ult_3m', 'vlr_result_int_financ_ult_3m'],
        ...['vlr_rec_servicos_ult_3m', 'vlr_lucro_liq_ult_3m'],
      ],
    ],
  ],
  fiis: [
    ['Cotação', PRICE],
    ['Oscilações', VARIATIONS],
    [
      'Rendimento',
      ['vlr_div_yield', 'vlr_dividendo_sobre_cota', 'vlr_ffo_yield', 'vlr_ffo_sobre_cota'],
    ],
    ['Valor', ['vlr_mercado', 'num_cotas', 'vlr_p_sobre_vp', 'vlr_vp_sobre_cota']],
    [
      'Imóveis',
      [
        ...['qtd_imoveis', 'qtd_unidades', 'vlr_vacancia_media', 'vlr_cap_rate', 'total_area_m2'],
        ...['vlr_aluguel_por_m2', 'vlr_do_m2', 'vlr_imoveis_sobre_pl'],
      ],
    ],
    [
      'Últimos 12 meses',
      [
        ...['vlr_rec_bruta_ult_12m', 'vlr_vend_ativ_ult_12m', 'vlr_ffo_ult_12m'],
        'vlr_rendim_distr_ult_12m',
      ],
    ],
    [
      'Últimos 3 meses',
      [
        ...['vlr_rec_bruta_ult_3m', 'vlr_vend_ativ_ult_3m', 'vlr_ffo_ult_3m'],
        'vlr_rendim_distr_ult_3m',
      ],
    ],
    ['Balanço', ['vlr_ativos', 'vlr_patrim_liq', 'dt_ult_informe_trim', 'dt_ult_relat_ger']],
  ],
};

/** Of one unit, or a number of units: of no use beside those of another asset. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  ...['vlr_cot', 'vlr_min_52_sem', 'vlr_max_52_sem', 'vlr_ind_lpa', 'vlr_ind_vpa', 'num_acoes'],
  ...['vlr_ffo_sobre_cota', 'vlr_dividendo_sobre_cota', 'vlr_vp_sobre_cota', 'num_cotas'],
]);

/** What the pages of banks have in place of other labels. */
const BANK_COLUMNS: ReadonlySet<string> = new Set([
  ...['vlr_depositos', 'vlr_cart_credito', 'vlr_result_int_financ_ult_12m'],
  ...['vlr_rec_servicos_ult_12m', 'vlr_result_int_financ_ult_3m', 'vlr_rec_servicos_ult_3m'],
]);

export interface ProfileOptions {
  /** Only what the lake knew on this day. */
  readonly asOf?: Partition | undefined;
}

/** @throws QueryError if the lake has no indicators of the asset */
export async function readProfile(
  engine: QueryEngine,
  ticker: Ticker,
  { asOf }: ProfileOptions = {},
): Promise<AssetProfile> {
  const found = await findNewestRow(engine, ticker, asOf);
  if (found === undefined) throw await createUnknownAssetError(engine, ticker, asOf);
  const { row, day } = found;
  const { kind } = row;
  const { name, sector } = DESCRIPTION_COLUMNS[kind];
  const ownSector = getText(row, sector);
  const sectorRows =
    ownSector === undefined
      ? []
      : await readMarketDay(engine, kind, day, { where: isEqualTo(sector, ownSector) });
  const peers = keepOneOfCompany(sectorRows.filter((each) => isTraded(each, day)));
  return {
    ...{ ticker, kind, day },
    name: getText(row, name) ?? null,
    sector: ownSector ?? null,
    sectorSize: peers.length,
    source: assets[kind].dataset.source ?? '',
    readAt: getText(row, READ_AT_COLUMN) ?? null,
    sections: createSections(row, peers, getYear(day)),
  };
}

/** The asset's newest row, and its day: most assets have one on the newest day. */
async function findNewestRow(
  engine: QueryEngine,
  ticker: Ticker,
  asOf: Partition | undefined,
): Promise<{ readonly row: AssetRow; readonly day: Partition } | undefined> {
  const newestDays = new Map<AssetKind, Partition>();
  for (const kind of assetKinds) {
    const day = await findNewestDay(engine, getIndicatorTable(kind), asOf);
    if (day !== undefined) newestDays.set(kind, day);
  }
  for (const isNewestDayOnly of [true, false]) {
    const found: { readonly row: AssetRow; readonly day: Partition }[] = [];
    for (const [kind, newest] of newestDays) {
      const days = { from: isNewestDayOnly ? newest : undefined, to: newest, last: 1 };
      const { columns, rows } = await readIndicators(engine, [ticker], undefined, days, {
        datasets: [assets[kind].dataset],
      });
      const [row] = rows;
      if (row === undefined) continue;
      const values = Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null]));
      const day = Number(values[partitionColumn.name]) as Partition;
      found.push({ row: { kind, ticker, values }, day });
    }
    const [first, second] = found;
    if (first !== undefined) return second !== undefined && second.day > first.day ? second : first;
  }
  return undefined;
}

function createSections(
  row: AssetRow,
  peers: readonly AssetRow[],
  year: number,
): readonly ProfileSection[] {
  const isBank = [...BANK_COLUMNS].some((column) => getNumber(row, column) !== undefined);
  const { columns } = assets[row.kind];
  const isShown = (name: string): boolean => {
    if (isBank) return BANK_COLUMNS.has(name) || (row.values[name] ?? null) !== null;
    return !BANK_COLUMNS.has(name);
  };
  return SECTIONS[row.kind].flatMap(([title, names]) => {
    const items = names.filter(isShown).flatMap((name) => {
      const column = columns.find((each) => each.name === name);
      return column === undefined ? [] : createItem(row, peers, column, year);
    });
    return items.length === 0 ? [] : [{ title, items }];
  });
}

function createItem(
  row: AssetRow,
  peers: readonly AssetRow[],
  { name, type, label }: IndicatorColumn,
  year: number,
): ProfileItem {
  const isCompared = !NOT_COMPARED.has(name) && type !== 'date' && type !== 'string';
  const figures = isCompared ? peers.flatMap((peer) => getNumber(peer, name) ?? []) : [];
  return {
    column: name,
    label: typeof label === 'string' ? label : String(year - label.yearsBack),
    value: row.values[name] ?? null,
    median: figures.length < 2 ? null : (findMedian(figures) ?? null),
    peers: figures.length,
  };
}

async function createUnknownAssetError(
  engine: QueryEngine,
  ticker: Ticker,
  asOf: Partition | undefined,
): Promise<QueryError> {
  const known: string[] = [];
  let newest: Partition | undefined;
  for (const kind of assetKinds) {
    const day = await findNewestDay(engine, getIndicatorTable(kind), asOf);
    if (day === undefined) continue;
    newest = newest === undefined || day > newest ? day : newest;
    const rows = await readMarketDay(engine, kind, day, { columns: [assets[kind].tickerColumn] });
    known.push(...rows.map((row) => row.ticker));
  }
  if (newest === undefined) {
    const until = asOf === undefined ? '' : ` up to ${formatIsoDate(asOf)}`;
    return new QueryError(`${ticker}: the lake has no indicators${until}`, {
      hint: await createNoDayHint(engine, assetKinds, asOf),
    });
  }
  const similar = findClosest(ticker, known);
  const until = asOf === undefined ? '' : `, nor any day up to ${formatIsoDate(asOf)}`;
  return new QueryError(`${ticker}: no day of the lake has its indicators${until}`, {
    hint:
      similar === undefined || similar === ticker
        ? '`pynvest tickers` lists those of the site.'
        : `Did you mean ${similar}?`,
  });
}
