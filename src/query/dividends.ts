/**
 * The SELECTs over the ledger of events: dividends and splits with amounts of one unit of today, and the prices that a yield
 * is counted against. Pure.
 */

import { events } from '../catalog/b3.ts';
import type { Column } from '../catalog/column.ts';
import { getTable, type Table } from '../catalog/dataset.ts';
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
  ...['dt_pagamento', 'vlr_fator', 'vlr_multiplicador', 'fontes', 'situacao'],
];

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
 * The events of some assets by their last day with the right. An amount is for one unit of its day: units of today are more
 * or fewer by the changes of units since, that day's own included.
 */
export function buildLedgerSelect(
  { tickers, from, to }: LedgerRange,
  nameOf: TableNamer,
): Statement {
  const factors = nameOf(adjustmentsTable);
  const conditions = [
    `e.codigo_ticker_ativo IN (${formatPlaces(tickers)})`,
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
      `e.vlr_provento * coalesce(f.fator_desdobramento_acumulado, 1) AS ${ADJUSTED_AMOUNT.name},`,
      'e.dt_pagamento, e.vlr_fator, e.vlr_multiplicador, e.fontes, e.situacao',
      `FROM ${nameOf(eventsTable)} e`,
      `LEFT JOIN (SELECT codigo_ticker_ativo, codigo_ativo FROM ${factors}`,
      `UNION SELECT codigo_ativo, codigo_ativo FROM ${factors}) t ON t.codigo_ticker_ativo = e.codigo_ticker_ativo`,
      `LEFT JOIN ${factors} f ON f.codigo_ativo = t.codigo_ativo AND e.dt_com >= f.dt_inicio AND e.dt_com < f.dt_pregao`,
      `WHERE ${conditions.join(' AND ')}`,
      'ORDER BY e.dt_com, e.codigo_ticker_ativo, e.codigo_evento',
    ].join('\n'),
    parameters: tickers,
  };
}

/** The newest close of each ticker in a year of the history and the one before it: ticker, day, price of one unit. */
export function buildNewestClosesSelect(
  tickers: readonly Ticker[],
  newestYear: Partition,
  nameOf: TableNamer,
): Statement {
  return {
    sql: [
      'SELECT codigo_ticker_ativo, max(dt_pregao) AS dt_pregao,',
      'max_by(round(vlr_fechamento * 100) / (fator_cotacao * 100), dt_pregao) AS vlr_fechamento',
      `FROM ${nameOf(historyTable)}`,
      `WHERE ano >= ${newestYear - 1} AND codigo_mercado = '010'`,
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
