/**
 * What screens know of assets beside their newest indicators: the balance of a year before, and the income of the last
 * years. All of it ends with a day, as if nothing of the lake were newer: amounts are of one unit of that day.
 */
import { stocks } from '../catalog/acoes.ts';
import { getTable } from '../catalog/dataset.ts';
import { READ_AT_COLUMN } from '../catalog/indicators.ts';
import {
  formatIsoDate,
  getYear,
  getYearsBefore,
  PARTITION_COLUMN,
  type Partition,
  toPartition,
} from '../catalog/partition.ts';
import { groupBy } from '../collections.ts';
import { CAPITAL_TYPES, eventsTable } from '../query/dividends.ts';
import type { OutputValue, QueryEngine } from '../query/engine.ts';
import { adjustmentsTable } from '../query/history.ts';
import { readAll } from '../query/read-rows.ts';
import { removeRepeatedEvents } from '../transform/lineage.ts';
import { type AssetRow, getText } from './market-day.ts';

const stocksTable = getTable(stocks, 'sot');
const DAY_MS = 86_400_000;

function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
}

/** A change of the number of units: splits, bonuses and reverse splits. */
interface UnitChange {
  /** The first session with the new units. */
  readonly day: string;
  /** What amounts of one unit before are multiplied by. */
  readonly factor: number;
}

/** The assets of tickers, and how their units have changed. */
export interface AssetUnits {
  /** The code of the asset of a ticker, the same for its old and its new ticker. */
  getAsset(ticker: string): string;
  /** What an amount of one unit of `day` is multiplied by, to be of one unit of `until`. */
  getFactor(ticker: string, day: string, until: string): number;
}

/** No factor is needed of a lake without imported events. */
export async function readAssetUnits(engine: QueryEngine): Promise<AssetUnits> {
  const codes = new Map<string, string>();
  const changes = new Map<string, UnitChange[]>();
  if ((await engine.newestPartition(adjustmentsTable)) !== undefined) {
    const sql = [
      'SELECT codigo_ticker_ativo, codigo_ativo, dt_pregao, fator_desdobramento',
      `FROM ${engine.nameOf(adjustmentsTable)}`,
      'WHERE fator_desdobramento <> 1 OR codigo_ticker_ativo <> codigo_ativo',
      'ORDER BY codigo_ativo, dt_pregao, codigo_ticker_ativo',
    ].join('\n');
    for (const [ticker, code, day, factor] of await readAll(engine, { sql })) {
      const asset = String(code);
      codes.set(String(ticker), asset);
      const own = changes.get(asset) ?? [];
      changes.set(asset, [...own, { day: String(day), factor: Number(factor) }]);
    }
  }
  const getAsset = (ticker: string): string => codes.get(ticker) ?? ticker;
  return {
    getAsset,
    getFactor(ticker, day, until) {
      const own = changes.get(getAsset(ticker)) ?? [];
      return own
        .filter((change) => day < change.day && change.day <= until)
        .reduce((product, { factor }) => product * factor, 1);
    },
  };
}

/** The years of dividends that an average is of. */
export const INCOME_YEARS = 5;

export interface Income {
  /** Gross income of one unit in each of the last years, the newest first; a year without a payment has 0. */
  readonly years: readonly number[];
  /** The newest last day with a right, YYYY-MM-DD. */
  readonly newest: string;
}

export interface IncomeFacts {
  /** Undefined of an asset without an event. */
  get(ticker: string): Income | undefined;
  /** The newest day of any event that the lake has; undefined if it has none. */
  readonly newest: string | undefined;
}

/**
 * The income of the years that end with a day, by the last day with the right: by then it was announced. Amortization gives
 * back capital, and is no income; what no source shows any more does not count.
 */
export async function readIncome(
  engine: QueryEngine,
  day: Partition,
  units: AssetUnits,
): Promise<IncomeFacts> {
  if ((await engine.newestPartition(eventsTable)) === undefined) {
    return { newest: undefined, get: () => undefined };
  }
  const until = formatIsoDate(day);
  const starts = Array.from({ length: INCOME_YEARS + 1 }, (_, years) =>
    formatIsoDate(getYearsBefore(day, years)),
  );
  const oldest = starts.at(-1) ?? until;
  const rows = await readAll(engine, {
    sql: [
      'SELECT codigo_ticker_ativo, dt_com, tipo_evento, vlr_provento',
      `FROM ${engine.nameOf(eventsTable)}`,
      `WHERE ano >= ${oldest.slice(0, 4)} AND ano <= ${getYear(day)}`,
      `AND dt_com > DATE '${oldest}' AND dt_com <= DATE '${until}'`,
      "AND vlr_provento IS NOT NULL AND situacao = 'vigente'",
      'ORDER BY codigo_ticker_ativo, dt_com, codigo_evento',
    ].join('\n'),
  });
  const payments = rows
    .map(([ticker, comDay, type, amount]) => ({
      ...{ ticker: String(ticker), day: String(comDay), type: String(type) },
      amount: Number(amount),
    }))
    .filter(({ type }) => !CAPITAL_TYPES.has(type));
  const incomes = new Map<string, Income>();
  for (const [asset, own] of groupBy(payments, ({ ticker }) => units.getAsset(ticker))) {
    const years = Array.from({ length: INCOME_YEARS }, () => 0);
    let newest = '';
    for (const payment of removeRepeatedEvents(own, (event) => event)) {
      // The first start that is before it is that of the year after its own.
      const at = starts.findIndex((start) => payment.day > start) - 1;
      const amount = payment.amount * units.getFactor(payment.ticker, payment.day, until);
      years[at] = (years[at] ?? 0) + amount;
      if (payment.day > newest) newest = payment.day;
    }
    incomes.set(asset, { years, newest });
  }
  return {
    newest: payments.reduce<string | undefined>(
      (newest, payment) => (newest !== undefined && newest >= payment.day ? newest : payment.day),
      undefined,
    ),
    get: (ticker) => incomes.get(units.getAsset(ticker)),
  };
}

/** A balance of a year before is of the same quarter: so many days before, give or take a month. */
const FEWEST_DAYS_BETWEEN = 335;
const MOST_DAYS_BETWEEN = 396;

/** What the lake has of an asset's balance of a year before, as the newest page with that balance printed it. */
export interface EarlierBalance {
  readonly row: AssetRow;
  /** The day of the page, YYYY-MM-DD. */
  readonly day: string;
}

/** The balances of a year before those of these stocks, by ticker, from pages of the days up to `day`. */
export async function readEarlierBalances(
  engine: QueryEngine,
  day: Partition,
  rows: readonly AssetRow[],
  columns: readonly string[],
): Promise<ReadonlyMap<string, EarlierBalance>> {
  const balances = rows.flatMap((row) => getText(row, BALANCE_DAY) ?? []).sort();
  const [first, last] = [balances.at(0), balances.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  const oldest = addDays(first, -MOST_DAYS_BETWEEN);
  const from = toPartition(oldest) ?? day;
  const { tickerColumn } = stocksTable;
  const list = [...new Set([PARTITION_COLUMN, tickerColumn, BALANCE_DAY, ...columns])];
  const newestFirst = `PARTITION BY ${tickerColumn}, ${BALANCE_DAY} ORDER BY ${PARTITION_COLUMN} DESC, ${READ_AT_COLUMN} DESC NULLS LAST`;
  const found = await readAll(engine, {
    sql: [
      `SELECT ${list.join(', ')} FROM (`,
      `SELECT *, row_number() OVER (${newestFirst}) AS reading FROM ${engine.nameOf(stocksTable)}`,
      `WHERE ${PARTITION_COLUMN} >= ${from} AND ${PARTITION_COLUMN} <= ${day}`,
      `AND ${BALANCE_DAY} >= DATE '${oldest}'`,
      `AND ${BALANCE_DAY} <= DATE '${addDays(last, -FEWEST_DAYS_BETWEEN)}'`,
      `) r WHERE reading = 1 ORDER BY ${tickerColumn}, ${BALANCE_DAY}`,
    ].join('\n'),
    days: { from, to: day },
  });
  const byTicker = groupBy(
    found.map((row): AssetRow => {
      const values: Record<string, OutputValue> = {};
      for (const [at, name] of list.entries()) values[name] = row[at] ?? null;
      return { kind: 'acoes', ticker: String(values[tickerColumn]), values };
    }),
    ({ ticker }) => ticker,
  );
  const earlier = new Map<string, EarlierBalance>();
  for (const row of rows) {
    const own = getText(row, BALANCE_DAY);
    const fitting = (byTicker.get(row.ticker) ?? []).filter((each) => {
      const age = (Date.parse(own ?? '') - Date.parse(getText(each, BALANCE_DAY) ?? '')) / DAY_MS;
      return age >= FEWEST_DAYS_BETWEEN && age <= MOST_DAYS_BETWEEN;
    });
    const newest = fitting.at(-1);
    if (newest === undefined) continue;
    const pageDay = formatIsoDate(Number(newest.values[PARTITION_COLUMN]) as Partition);
    earlier.set(row.ticker, { row: newest, day: pageDay });
  }
  return earlier;
}

const BALANCE_DAY = 'dt_ult_balanco_proc';
