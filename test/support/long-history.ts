/**
 * Years of sessions, dividends, a split, an unexplained right, and rates, computed by rule: the same in every run, and
 * of any length. For charts and reports.
 */

import type { Row } from '../../src/catalog/column.ts';
import { getTable, type Table } from '../../src/catalog/dataset.ts';
import { events, history } from '../../src/catalog/datasets/b3.ts';
import { rateSeries, series } from '../../src/catalog/datasets/bcb.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { groupBy } from '../../src/collections.ts';
import type { ColumnarLake } from '../../src/lake/lake.ts';
import { DEDUP_NAME } from '../../src/lake/names.ts';
import { computeLakeAdjustments, storeAdjustments } from '../../src/pipeline/derive-adjustments.ts';
import { readMarketHistory } from '../../src/pipeline/market-history.ts';
import { wholeRow } from './rows.ts';

const DAY_MS = 86_400_000;

export interface LongHistory {
  readonly tickers: readonly string[];
  /** YYYY-MM-DD */
  readonly from: string;
  readonly to: string;
  /** Whether it has rates; by default it has. */
  readonly hasRates?: boolean;
}

/** Weekdays; B3's holidays have sessions here, too. */
export function listWeekdays(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    const date = new Date(at);
    if (date.getUTCDay() % 6 !== 0) days.push(date.toISOString().slice(0, 10));
  }
  return days;
}

/**
 * The assets pay in March and September; a ticker that ends in 11 pays each month. The first one is split in two in the
 * middle, and the second one has a right that no event explains, at a quarter of the days.
 */
export async function writeLongHistory(
  store: ColumnarLake,
  { tickers, from, to, hasRates = true }: LongHistory,
): Promise<void> {
  const days = listWeekdays(from, to);
  const sessions: Row[] = [];
  const paid: Row[] = [];
  for (const [index, ticker] of tickers.entries()) {
    let distribution = 1;
    let units = 1;
    for (const [at, day] of days.entries()) {
      const before = days[at - 1];
      const isFund = ticker.endsWith('11');
      const isSplit = index === 0 && at === Math.floor(days.length / 2);
      const isUnexplained = index === 1 && at === Math.floor(days.length / 4);
      const isNewMonth = before !== undefined && before.slice(5, 7) !== day.slice(5, 7);
      const isExDay = isNewMonth && (isFund || /-(?:03|09)-/.test(day));
      if (isSplit) units = 2;
      if (isSplit || isUnexplained || isExDay) distribution += 1;
      const level = (20 + 15 * index) * (1 + at / (1800 + 400 * index));
      const wave = 1 + 0.12 * Math.sin(at / 45 + index) + 0.02 * Math.sin(at / 4 + index * 2);
      const price = Math.round((level * wave * 100) / units) / 100;
      sessions.push(formSession(ticker, day, price, distribution));
      if (before === undefined) continue;
      if (isExDay) {
        const amount = isFund ? 0.7 + (at % 3) / 100 : 0.35 + (at % 7) / 100;
        const type = isFund ? 'RENDIMENTO' : at % 2 === 0 ? 'DIVIDENDO' : 'JRS CAP PROPRIO';
        const dt_pagamento = days[at + 10] ?? null;
        paid.push(
          formEvent(ticker, before, { tipo_evento: type, vlr_provento: amount, dt_pagamento }),
        );
      }
      if (isSplit) {
        const values = { tipo_evento: 'DESDOBRAMENTO', vlr_fator: 100, vlr_multiplicador: 2 };
        paid.push(formEvent(ticker, before, values));
      }
    }
  }
  await write(store, getTable(history, 'sot'), 'dt_pregao', sessions);
  await write(store, getTable(events, 'sot'), 'dt_com', paid);
  if (hasRates) await write(store, getTable(series, 'sot'), 'dt_valor', listRates(days));
  await storeAdjustments(
    store,
    await computeLakeAdjustments(store, await readMarketHistory(store)),
  );
}

function formSession(ticker: string, day: string, price: number, distribution: number): Row {
  return wholeRow(getTable(history, 'sot'), {
    ...{ codigo_ticker_ativo: ticker, dt_pregao: day, codigo_mercado: '010', codigo_bdi: '02' },
    nome_resumido: ticker.slice(0, 4),
    ...{ especificacao_papel: 'ON  NM', moeda: 'R$', fator_cotacao: 1, codigo_isin: `BR${ticker}` },
    ...{ vlr_abertura: price, vlr_max: price + 0.5, vlr_min: price - 0.5, vlr_fechamento: price },
    ...{ qtd_titulos: 1000, vlr_volume: 1000 * price, num_distribuicao: distribution },
  });
}

function formEvent(ticker: string, day: string, values: Row): Row {
  return wholeRow(getTable(events, 'sot'), {
    ...{ codigo_ticker_ativo: ticker, dt_com: day },
    ...{ codigo_evento: `${day}-${values['tipo_evento']}`, fontes: 'b3', situacao: 'vigente' },
    ...values,
  });
}

/** About 11% a year, and 0.4% a month of inflation. */
function listRates(days: readonly string[]): Row[] {
  const daily = days.map((day) => ({
    ...{ codigo_serie: String(rateSeries.cdi.code), dt_valor: day, vlr_percentual: 0.042 },
  }));
  const months = [...new Set(days.map((day) => `${day.slice(0, 7)}-01`))];
  const monthly = months.map((day) => ({
    ...{ codigo_serie: String(rateSeries.ipca.code), dt_valor: day, vlr_percentual: 0.4 },
  }));
  return [...daily, ...monthly];
}

/** Rows into the years of their days, by ticker and day. */
async function write(
  store: ColumnarLake,
  table: Table,
  dayColumn: string,
  rows: readonly Row[],
): Promise<void> {
  const keyOf = (row: Row): string => `${row[table.tickerColumn]} ${row[dayColumn]}`;
  const years = groupBy(rows, (row) => Number(String(row[dayColumn]).slice(0, 4)) as Partition);
  for (const [partition, own] of years) {
    const sorted = own.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    await store.write({ table, partition, name: DEDUP_NAME }, sorted);
  }
}
