/**
 * The SELECTs over B3's history: prices of one unit, adjusted by the factors of the lake. Raw prices are never
 * rewritten: each is multiplied when it is read. Pure.
 */

import type { Column } from '../catalog/column.ts';
import { getTable, type Table } from '../catalog/dataset.ts';
import { adjustments, CASH_MARKET, events, history } from '../catalog/datasets/b3.ts';
import { formatIsoDate, getYear, type Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { Statement } from './engine.ts';

export const historyTable = getTable(history, 'sot');
export const adjustmentsTable = getTable(adjustments, 'spec');
const eventsTable = getTable(events, 'sot');

/** A session that an old import stored with a close of zero has no price: it counts as absent. */
const HAS_PRICE = 'h.vlr_fechamento > 0';

/** What prices are adjusted for: nothing, changes of units alone, or these and all cash. */
export const priceAdjustments = ['nenhum', 'desdobramentos', 'total'] as const;
export type PriceAdjustment = (typeof priceAdjustments)[number];

/** The time that a row is about: a session, or the sessions of a week from Monday on, a month, a year. */
export const frequencies = ['dia', 'semana', 'mes', 'ano'] as const;
type Frequency = (typeof frequencies)[number];

const PERIODS: Readonly<Record<Exclude<Frequency, 'dia'>, string>> = {
  semana: 'week',
  mes: 'month',
  ano: 'year',
};

/** The columns of adjusted prices, after the day and the ticker as it was. */
const priceColumns: readonly Column[] = [
  { name: 'vlr_abertura', type: 'double', description: 'Preço de abertura, por unidade' },
  { name: 'vlr_max', type: 'double', description: 'Preço máximo, por unidade' },
  { name: 'vlr_min', type: 'double', description: 'Preço mínimo, por unidade' },
  { name: 'vlr_fechamento', type: 'double', description: 'Preço do último negócio, por unidade' },
  {
    name: 'qtd_titulos',
    type: 'double',
    description: 'Quantidade de títulos, em unidades de hoje',
  },
  { name: 'vlr_volume', type: 'double', description: 'Volume negociado, na moeda do dia' },
  {
    name: 'ajuste_provado',
    type: 'boolean',
    description: 'Se tudo o que ajusta o preço é provado',
  },
];

const sessionColumns: readonly Column[] = [
  { name: 'dt_pregao', type: 'date', description: 'Dia do pregão (data)' },
  { name: 'codigo_ticker_ativo', type: 'string', description: 'Código de negociação no dia' },
];

/** The columns of an answer about the history. */
export const historyAnswerColumns: readonly Column[] = [...sessionColumns, ...priceColumns];

export const adjustedPriceColumns: readonly Column[] = [
  ...sessionColumns,
  { name: 'codigo_ativo', type: 'string', description: 'Código atual do ativo' },
  ...priceColumns,
];

/** The engine's name of a table. */
type TableNamer = (table: Table) => string;

/** What each price is multiplied by, and each quantity divided by. */
const FACTORS: Readonly<
  Record<PriceAdjustment, { readonly price: string; readonly units: string }>
> = {
  nenhum: { price: '', units: '' },
  desdobramentos: {
    price: ' * coalesce(f.fator_desdobramento_acumulado, 1)',
    units: ' / coalesce(f.fator_desdobramento_acumulado, 1)',
  },
  total: {
    price: ' * coalesce(f.fator_total_acumulado, 1)',
    units: ' / coalesce(f.fator_desdobramento_acumulado, 1)',
  },
};

/** Whether the factors are those of the prices: known, or a condition in SQL for a view that is stored. */
export type Derivation = boolean | { readonly condition: string };

/**
 * The SELECT of adjusted prices, in SQL that DuckDB and Athena read alike.
 * @param conditions on the columns of the history, by the name `h`
 * @param isDerived otherwise no adjustment is proved
 * @param others further columns of the history, by the name `h`
 */
export function formatAdjustedPrices(
  nameOf: TableNamer,
  adjustment: PriceAdjustment,
  conditions: readonly string[] = [],
  isDerived: Derivation = true,
  others: readonly string[] = [],
): string {
  const { price, units } = FACTORS[adjustment];
  const isProved = adjustment === 'nenhum' ? 'true' : formatProof(isDerived);
  // Hundredths as whole numbers: the quotient of two whole numbers is the double nearest to the price of one unit.
  const perUnit = (column: string): string =>
    `round(h.${column} * 100) / (h.fator_cotacao * 100)${price} AS ${column}`;
  return [
    'SELECT h.dt_pregao, h.codigo_ticker_ativo, coalesce(f.codigo_ativo, h.codigo_ticker_ativo) AS codigo_ativo,',
    `${['vlr_abertura', 'vlr_max', 'vlr_min', 'vlr_fechamento'].map(perUnit).join(', ')},`,
    `CAST(h.qtd_titulos AS double)${units} AS qtd_titulos, h.vlr_volume,`,
    `${isProved} AS ajuste_provado,`,
    ['coalesce(f.fator_desdobramento_acumulado, 1) AS fator_desdobramento', ...others].join(', '),
    `FROM ${nameOf(historyTable)} h LEFT JOIN ${nameOf(adjustmentsTable)} f`,
    'ON f.codigo_ticker_ativo = h.codigo_ticker_ativo AND h.dt_pregao >= f.dt_inicio AND h.dt_pregao < f.dt_pregao',
    `WHERE ${[`h.codigo_mercado = '${CASH_MARKET}'`, ...conditions, HAS_PRICE].join(' AND ')}`,
  ].join('\n');
}

function formatProof(isDerived: Derivation): string {
  if (isDerived === false) return 'false';
  const isProved = 'coalesce(f.provado_acumulado, true)';
  return isDerived === true ? isProved : `${isProved} AND ${isDerived.condition}`;
}

interface HistoryRequest {
  /** All tickers of the assets, old ones included; all assets if it is empty. */
  readonly tickers: readonly Ticker[];
  /** Days as YYYYMMDD. */
  readonly from: Partition | undefined;
  readonly to: Partition | undefined;
  readonly adjustment: PriceAdjustment;
  readonly frequency: Frequency;
  readonly isDerived?: boolean;
  /** Only so many of the newest sessions, or times of the frequency, of each asset. */
  readonly last?: number | undefined;
}

/** The prices of some assets, by asset and day. */
export function buildHistorySelect(
  { tickers, from, to, adjustment, frequency, isDerived, last }: HistoryRequest,
  nameOf: TableNamer,
): Statement {
  const prices = formatAdjustedPrices(
    nameOf,
    adjustment,
    formatRange({ tickers, from, to }),
    isDerived,
  );
  const times = frequency === 'dia' ? prices : formatPeriods(prices, PERIODS[frequency]);
  const sql = [
    `SELECT ${historyAnswerColumns.map(({ name }) => name).join(', ')} FROM (`,
    last === undefined ? times : formatNewest(times, last),
    ') p ORDER BY codigo_ativo, dt_pregao',
  ].join('\n');
  return { sql, parameters: tickers };
}

function formatNewest(times: string, last: number): string {
  return [
    'SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY codigo_ativo ORDER BY dt_pregao DESC) AS num_do_ultimo',
    `FROM (\n${times}\n) t) n WHERE num_do_ultimo <= ${last}`,
  ].join('\n');
}

type HistoryRange = Pick<HistoryRequest, 'tickers' | 'from' | 'to'>;

/** The year is the partition: the engines skip the files of the others. */
function formatRange({ tickers, from, to }: HistoryRange): string[] {
  const places = tickers.map(() => '?').join(', ');
  return [
    ...(tickers.length === 0 ? [] : [`h.codigo_ticker_ativo IN (${places})`]),
    ...(from === undefined
      ? []
      : [`h.ano >= ${getYear(from)}`, `h.dt_pregao >= DATE '${formatIsoDate(from)}'`]),
    ...(to === undefined
      ? []
      : [`h.ano <= ${getYear(to)}`, `h.dt_pregao <= DATE '${formatIsoDate(to)}'`]),
  ];
}

/** One row a period and asset, on the day of its last session. */
function formatPeriods(prices: string, period: string): string {
  return [
    'SELECT codigo_ativo, max(dt_pregao) AS dt_pregao, max_by(codigo_ticker_ativo, dt_pregao) AS codigo_ticker_ativo,',
    'min_by(vlr_abertura, dt_pregao) AS vlr_abertura, max(vlr_max) AS vlr_max, min(vlr_min) AS vlr_min,',
    'max_by(vlr_fechamento, dt_pregao) AS vlr_fechamento, sum(qtd_titulos) AS qtd_titulos,',
    'sum(vlr_volume) AS vlr_volume, bool_and(ajuste_provado) AS ajuste_provado',
    `FROM (\n${prices}\n) d`,
    `GROUP BY codigo_ativo, date_trunc('${period}', dt_pregao)`,
  ].join('\n');
}

/**
 * The closes of assets for their returns: asset, day, adjusted close, whether it is proved, the factor of its units,
 * and the currency.
 */
export function buildClosesSelect(
  range: HistoryRange & Pick<HistoryRequest, 'isDerived'>,
  nameOf: TableNamer,
): Statement {
  return {
    sql: [
      'SELECT codigo_ativo, dt_pregao, vlr_fechamento, ajuste_provado, fator_desdobramento, moeda FROM (',
      formatAdjustedPrices(nameOf, 'total', formatRange(range), range.isDerived, ['h.moeda']),
      ') p ORDER BY codigo_ativo, dt_pregao',
    ].join('\n'),
    parameters: range.tickers,
  };
}

/**
 * The adjustments for cash of some assets, each with every event of the ledger that may be one of those that it rests
 * on. The columns: asset, first session without the right, reason, factor of the units before it; then of the event,
 * empty where there is none: ticker, type, last day with the right, amount, multiplier, and what another source
 * contradicts.
 * @param tickers all tickers of the assets
 */
export function buildCashSelect(tickers: readonly Ticker[], nameOf: TableNamer): Statement {
  const places = tickers.map(() => '?').join(', ');
  return {
    sql: formatCashSelect(
      nameOf,
      `WHERE l.codigo_ticker_ativo IN (${places})`,
      `f.codigo_ativo IN (${places})`,
    ),
    parameters: [...tickers, ...tickers],
  };
}

/** The same of all assets, where an adjustment is for cash and for changes of units. */
export function buildCashWithUnitsSelect(nameOf: TableNamer): Statement {
  return { sql: formatCashSelect(nameOf, '', 'f.fator_desdobramento <> 1') };
}

function formatCashSelect(nameOf: TableNamer, whichEvents: string, whichFactors: string): string {
  const table = nameOf(adjustmentsTable);
  return [
    'SELECT f.codigo_ativo, f.dt_pregao, f.motivo, f.fator_desdobramento_acumulado,',
    'e.codigo_ticker_ativo, e.tipo_evento, e.dt_com, e.vlr_provento, e.vlr_multiplicador,',
    'CASE WHEN e.valor_divergente THEN e.divergencia END AS divergencia',
    `FROM ${table} f`,
    `LEFT JOIN (SELECT t.codigo_ativo, l.* FROM ${nameOf(eventsTable)} l`,
    `JOIN (SELECT codigo_ticker_ativo, codigo_ativo FROM ${table}`,
    `UNION SELECT codigo_ativo, codigo_ativo FROM ${table}) t ON t.codigo_ticker_ativo = l.codigo_ticker_ativo`,
    `${whichEvents}) e`,
    'ON e.codigo_ativo = f.codigo_ativo AND e.dt_com >= f.dt_inicio AND e.dt_com < f.dt_pregao',
    `WHERE ${whichFactors} AND f.fator_proventos <> 1`,
    'ORDER BY f.codigo_ativo, f.dt_pregao, e.dt_com, e.codigo_ticker_ativo, e.codigo_evento',
  ].join('\n');
}

/** An asset with the tickers that it had, and the last day before each change. */
export interface AssetTickers {
  readonly code: string;
  readonly ticker: string;
  /** The first session under the next ticker, YYYY-MM-DD; undefined for the newest. */
  readonly until: string | undefined;
  /** False where the change of that day is doubtful, or an adjustment over it is not proved. */
  readonly isProved: boolean;
}

/**
 * The tickers of the assets that some tickers belong to, one row a ticker: code, ticker, first day under the next one,
 * and whether what adjusts the prices over that change is proved.
 */
export function buildAssetTickersSelect(tickers: readonly Ticker[], nameOf: TableNamer): Statement {
  const places = tickers.map(() => '?').join(', ');
  const table = nameOf(adjustmentsTable);
  return {
    sql: [
      'SELECT codigo_ativo, codigo_ticker_ativo, max(dt_pregao) AS dt_fim, max_by(provado, dt_pregao) AS provado',
      `FROM ${table}`,
      `WHERE codigo_ativo IN (${places}) OR codigo_ativo IN (`,
      `SELECT codigo_ativo FROM ${table} WHERE codigo_ticker_ativo IN (${places}))`,
      'GROUP BY codigo_ativo, codigo_ticker_ativo ORDER BY codigo_ativo, dt_fim',
    ].join('\n'),
    parameters: [...tickers, ...tickers],
  };
}

/** The newest session of the history. */
export function buildNewestSessionSelect(nameOf: TableNamer, year: Partition): Statement {
  return {
    sql: `SELECT max(dt_pregao) AS dt_pregao FROM ${nameOf(historyTable)} WHERE ano = ${year} AND codigo_mercado = '${CASH_MARKET}'`,
  };
}

/** The sessions of the history from one day to another, in order. */
export function buildSessionsSelect(nameOf: TableNamer, from: Partition, to: Partition): Statement {
  const range = formatRange({ tickers: [], from, to }).join(' AND ');
  return {
    sql: [
      `SELECT DISTINCT h.dt_pregao FROM ${nameOf(historyTable)} h`,
      `WHERE h.codigo_mercado = '${CASH_MARKET}' AND ${range} ORDER BY 1`,
    ].join(' '),
  };
}

/** The tickers of the cash market in a year of the history. */
export function buildHistoryTickersSelect(nameOf: TableNamer, year: Partition): Statement {
  return {
    sql: `SELECT DISTINCT codigo_ticker_ativo FROM ${nameOf(historyTable)} WHERE ano = ${year} AND codigo_mercado = '${CASH_MARKET}' ORDER BY 1`,
  };
}

/** Those of some tickers that have a price in any year, each with the first and the last of its days. */
export function buildPricedTickersSelect(
  nameOf: TableNamer,
  tickers: readonly Ticker[],
): Statement {
  const places = tickers.map(() => '?').join(', ');
  return {
    sql: `SELECT codigo_ticker_ativo, MIN(dt_pregao), MAX(dt_pregao) FROM ${nameOf(historyTable)} WHERE codigo_mercado = '${CASH_MARKET}' AND codigo_ticker_ativo IN (${places}) GROUP BY 1`,
    parameters: tickers,
  };
}
