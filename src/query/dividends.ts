/**
 * The SELECTs over the ledger of events: dividends and splits with amounts of one unit of today, and the prices that a
 * yield is counted against. Pure.
 */

import type { Column } from '../catalog/column.ts';
import { getTable, type Table } from '../catalog/dataset.ts';
import { CASH_MARKET, events } from '../catalog/datasets/b3.ts';
import { formatIsoDate, getYear, type Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { quotesTable } from './columns.ts';
import type { Statement } from './engine.ts';
import { adjustmentsTable, historyTable } from './history.ts';

export const eventsTable = getTable(events, 'sot');

const ADJUSTED_AMOUNT: Column = {
  name: 'vlr_provento_ajustado',
  type: 'double',
  description: 'Valor bruto por unidade de hoje, depois dos desdobramentos, em reais (R$)',
};

/** The columns of an answer, in order. */
export const ledgerColumns: readonly string[] = [
  ...['dt_com', 'codigo_ticker_ativo', 'tipo_evento', 'vlr_provento', ADJUSTED_AMOUNT.name],
  ...['dt_pagamento', 'vlr_fator', 'vlr_multiplicador', 'fontes', 'situacao', 'divergencia'],
  'provado',
];

/** What the proof of an event is read from, after the columns of an answer but for the last one. */
const PROOF_COLUMNS =
  'et.codigo_ativo, f.dt_pregao AS dt_sem_direito, f.motivo, f.provado AS fator_provado, e.valor_divergente, s.dt_primeiro, s.dt_ultimo';

/** Cash that gives back capital, and is no income. */
export const CAPITAL_TYPES: ReadonlySet<string> = new Set(['AMORTIZACAO', 'REST CAP DIN']);

interface LedgerRange {
  /** All tickers of the assets, old ones included. */
  readonly tickers: readonly Ticker[];
  readonly from: Partition | undefined;
  readonly to: Partition | undefined;
}

type TableNamer = (table: Table) => string;

/**
 * The events of some assets by their last day with the right. An amount is for one unit of its day: units of today are
 * more or fewer by the changes of units since, that day's own included. It is null where these are not known: before
 * the asset's first session in the lake, and where a change that the ledger has is in no session yet. The columns are
 * those of an answer but for the last, and then what the proof of the event is read from.
 */
export function buildLedgerSelect(
  { tickers, from, to }: LedgerRange,
  nameOf: TableNamer,
): Statement {
  const [factors, ledger] = [nameOf(adjustmentsTable), nameOf(eventsTable)];
  const places = formatPlaces(tickers);
  // The asset of each ticker; one that nothing was detached from, and that no other continues, is its own.
  const assets =
    `(SELECT codigo_ticker_ativo, codigo_ativo FROM ${factors} ` +
    `UNION SELECT codigo_ativo, codigo_ativo FROM ${factors})`;
  const joinAssets = (alias: string): string =>
    `LEFT JOIN ${assets} ${alias}t ON ${alias}t.codigo_ticker_ativo = ${alias}.codigo_ticker_ativo`;
  const assetOf = (alias: string): string =>
    `coalesce(${alias}t.codigo_ativo, ${alias}.codigo_ticker_ativo)`;
  const conditions = [
    `e.codigo_ticker_ativo IN (${places})`,
    ...(from === undefined
      ? []
      : [`e.ano >= ${getYear(from)}`, `e.dt_com >= DATE '${formatIsoDate(from)}'`]),
    ...(to === undefined
      ? []
      : [`e.ano <= ${getYear(to)}`, `e.dt_com <= DATE '${formatIsoDate(to)}'`]),
  ];
  return {
    sql: [
      'SELECT e.dt_com, e.codigo_ticker_ativo, e.tipo_evento, e.vlr_provento,',
      'CASE WHEN e.dt_com < s.dt_primeiro THEN NULL',
      'WHEN f.dt_pregao IS NULL AND e.dt_com <= m.dt_ultimo THEN NULL',
      `ELSE e.vlr_provento * coalesce(f.fator_desdobramento_acumulado, 1) END AS ${ADJUSTED_AMOUNT.name},`,
      'e.dt_pagamento, e.vlr_fator, e.vlr_multiplicador, e.fontes, e.situacao, e.divergencia,',
      PROOF_COLUMNS,
      `FROM ${ledger} e ${joinAssets('e')}`,
      `LEFT JOIN ${factors} f ON f.codigo_ativo = et.codigo_ativo AND e.dt_com >= f.dt_inicio AND e.dt_com < f.dt_pregao`,
      `LEFT JOIN (SELECT ${assetOf('h')} AS codigo_ativo, min(h.dt_pregao) AS dt_primeiro, max(h.dt_pregao) AS dt_ultimo`,
      `FROM ${nameOf(historyTable)} h ${joinAssets('h')}`,
      `WHERE h.codigo_mercado = '${CASH_MARKET}' AND h.vlr_fechamento > 0 AND h.codigo_ticker_ativo IN (${places}) GROUP BY 1) s`,
      `ON s.codigo_ativo = ${assetOf('e')}`,
      `LEFT JOIN (SELECT ${assetOf('c')} AS codigo_ativo, max(c.dt_com) AS dt_ultimo FROM ${ledger} c ${joinAssets('c')}`,
      `WHERE c.vlr_multiplicador <> 1 AND c.situacao <> 'ausente' AND c.codigo_ticker_ativo IN (${places}) GROUP BY 1) m`,
      `ON m.codigo_ativo = ${assetOf('e')}`,
      `WHERE ${conditions.join(' AND ')}`,
      'ORDER BY e.dt_com, e.codigo_ticker_ativo, e.codigo_evento',
    ].join('\n'),
    parameters: [...tickers, ...tickers, ...tickers],
  };
}

/** The sessions of some assets over which nothing proves what was detached: code of the asset, day. */
export function buildUnprovedDaysSelect(codes: readonly Ticker[], nameOf: TableNamer): Statement {
  return {
    sql: [
      `SELECT codigo_ativo, dt_pregao FROM ${nameOf(adjustmentsTable)}`,
      `WHERE codigo_ativo IN (${formatPlaces(codes)}) AND NOT provado ORDER BY codigo_ativo, dt_pregao`,
    ].join('\n'),
    parameters: codes,
  };
}

/**
 * The newest close of each ticker in a year of the history and the one before it, not after `to`: ticker, day, price of
 * one unit.
 */
export function buildNewestClosesSelect(
  tickers: readonly Ticker[],
  newestYear: Partition,
  nameOf: TableNamer,
  to?: Partition,
): Statement {
  return {
    sql: [
      'SELECT codigo_ticker_ativo, max(dt_pregao) AS dt_pregao,',
      'max_by(round(vlr_fechamento * 100) / (fator_cotacao * 100), dt_pregao) AS vlr_fechamento',
      `FROM ${nameOf(historyTable)}`,
      `WHERE ano >= ${newestYear - 1}${to === undefined ? '' : ` AND ano <= ${newestYear} AND dt_pregao <= DATE '${formatIsoDate(to)}'`} AND codigo_mercado = '${CASH_MARKET}' AND vlr_fechamento > 0`,
      `AND codigo_ticker_ativo IN (${formatPlaces(tickers)}) GROUP BY codigo_ticker_ativo`,
    ].join('\n'),
    parameters: tickers,
  };
}

/** The quotes of a day: ticker, day of the quote, price. */
export function buildQuotesOfDaySelect(
  tickers: readonly Ticker[],
  day: Partition,
  nameOf: TableNamer,
): Statement {
  return {
    sql: [
      `SELECT codigo_ticker_ativo, dt_ult_cot, vlr_cot FROM ${nameOf(quotesTable)}`,
      `WHERE ${quotesTable.partition.column} = ${day}`,
      `AND codigo_ticker_ativo IN (${formatPlaces(tickers)}) AND vlr_cot > 0 AND dt_ult_cot IS NOT NULL`,
    ].join('\n'),
    parameters: tickers,
  };
}

function formatPlaces(tickers: readonly Ticker[]): string {
  return tickers.map(() => '?').join(', ');
}
