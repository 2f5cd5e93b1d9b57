/**
 * What screens know of assets beside their newest indicators: the balance of a year before, and the income of the last
 * years. All of it ends with a day, as if nothing of the lake were newer: amounts are of one unit of that day.
 */

import { getTable, type Table } from '../catalog/dataset.ts';
import { stocks } from '../catalog/datasets/acoes.ts';
import { CASH_MARKET } from '../catalog/datasets/b3.ts';
import { READ_AT_COLUMN } from '../catalog/datasets/shared-indicators.ts';
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
import type { OutputRow, OutputValue, QueryEngine } from '../query/engine.ts';
import { adjustmentsTable, historyTable } from '../query/history.ts';
import { readAll } from '../query/read-rows.ts';
import { removeRepeatedEvents } from '../transform/lineage.ts';
import { type CombinedUnits, readCombinedUnits } from './asset-history.ts';
import { type Payment, sumPayments } from './income.ts';
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
  /** Where cash was detached between the same two sessions. */
  readonly combined: CombinedUnits | undefined;
}

/** The assets of tickers, and how their units have changed up to a day. */
export interface AssetUnits {
  /** The code of the asset of a ticker, the same for its old and its new ticker. */
  getAsset(ticker: string): string;
  /**
   * What an amount of one unit of `day`, such as a last day with the right, is multiplied by, to be of one unit of the
   * last day; undefined where that is not known, as in the ledger's own amounts (`readLedger`): before the asset's
   * first session in the lake, and where a change that the ledger has is in no session yet.
   */
  getFactor(ticker: string, day: string): number | undefined;
}

interface FactOptions {
  /**
   * Whether the day is a past one. The ledger does not record when a source stopped showing an event: as of a past day
   * all count that it has ever shown.
   */
  readonly isPast: boolean;
}

const NONE_COMBINED: ReadonlyMap<string, CombinedUnits> = new Map();

/** @param day nothing after it counts */
export async function readAssetUnits(
  engine: QueryEngine,
  day: Partition,
  { isPast }: FactOptions,
): Promise<AssetUnits> {
  const until = formatIsoDate(day);
  const { codes, changes } = await readUnitChanges(engine, until);
  const getAsset = (ticker: string): string => codes.get(ticker) ?? ticker;
  const readDays = async (
    table: Table,
    select: string,
    choose: (a: string, b: string) => string,
  ): Promise<ReadonlyMap<string, string>> => {
    const days = new Map<string, string>();
    for (const [ticker, value] of await readIfStored(engine, table, select)) {
      const asset = getAsset(String(ticker));
      days.set(asset, choose(days.get(asset) ?? String(value), String(value)));
    }
    return days;
  };
  const getEarlier = (a: string, b: string): string => (a < b ? a : b);
  const getLater = (a: string, b: string): string => (a > b ? a : b);
  const lastFactors = await readDays(
    adjustmentsTable,
    `SELECT codigo_ativo, max(dt_pregao) FROM % WHERE dt_pregao <= DATE '${until}' GROUP BY 1`,
    getLater,
  );
  const firstSessions = await readDays(
    historyTable,
    [
      `SELECT codigo_ticker_ativo, min(dt_pregao) FROM % WHERE ano <= ${getYear(day)}`,
      `AND codigo_mercado = '${CASH_MARKET}' AND dt_pregao <= DATE '${until}' GROUP BY 1`,
    ].join('\n'),
    getEarlier,
  );
  const lastChanges = await readDays(
    eventsTable,
    [
      `SELECT codigo_ticker_ativo, max(dt_com) FROM % WHERE ano <= ${getYear(day)}`,
      `AND vlr_multiplicador <> 1 AND dt_com < DATE '${until}'`,
      `${isPast ? '' : "AND situacao <> 'ausente' "}GROUP BY 1`,
    ].join('\n'),
    getLater,
  );
  return {
    getAsset,
    getFactor(ticker, from) {
      const asset = getAsset(ticker);
      if (from < (firstSessions.get(asset) ?? '')) return undefined;
      const isCovered = from < (lastFactors.get(asset) ?? '');
      if (!isCovered && from <= (lastChanges.get(asset) ?? '')) return undefined;
      return multiplyChanges(changes.get(asset) ?? [], from);
    },
  };
}

/** @param select with `%` in place of the table; no rows where the lake has nothing of that */
async function readIfStored(
  engine: QueryEngine,
  table: Table,
  select: string,
): Promise<readonly OutputRow[]> {
  if ((await engine.newestPartition(table)) === undefined) return [];
  return readAll(engine, { sql: select.replace('%', engine.nameOf(table)) });
}

/** The asset of each ticker that is not its own, and by asset the changes of its units up to a day, YYYY-MM-DD. */
async function readUnitChanges(engine: QueryEngine, until: string) {
  const codes = new Map<string, string>();
  const changes = new Map<string, UnitChange[]>();
  const factors = await readIfStored(
    engine,
    adjustmentsTable,
    [
      'SELECT codigo_ticker_ativo, codigo_ativo, dt_pregao, fator_desdobramento, fator_proventos FROM %',
      `WHERE (fator_desdobramento <> 1 OR codigo_ticker_ativo <> codigo_ativo) AND dt_pregao <= DATE '${until}'`,
      'ORDER BY codigo_ativo, dt_pregao, codigo_ticker_ativo',
    ].join('\n'),
  );
  const areCombined = factors.some(([, , , units, cash]) => units !== 1 && cash !== 1);
  const combinedUnits = areCombined ? await readCombinedUnits(engine) : NONE_COMBINED;
  for (const [ticker, code, first, factor] of factors) {
    const asset = String(code);
    codes.set(String(ticker), asset);
    const own = changes.get(asset) ?? [];
    const combined = combinedUnits.get(`${asset} ${first}`);
    changes.set(asset, [...own, { day: String(first), factor: Number(factor), combined }]);
  }
  return { codes, changes };
}

/** What units of a day, YYYY-MM-DD, are multiplied by since; undefined where that is not known. */
function multiplyChanges(changes: readonly UnitChange[], from: string): number | undefined {
  const comDay = Number(from.replaceAll('-', ''));
  let product = 1;
  for (const { factor, combined } of changes.filter(({ day }) => from < day)) {
    const units = combined === undefined ? 1 : combined.countBefore(comDay);
    if (units === undefined) return undefined;
    product *= factor * units;
  }
  return product;
}

/** The years of dividends that an average is of. */
export const INCOME_YEARS = 5;

interface IncomeOfYears {
  /**
   * Gross income of one unit in each of the last years, the newest first; a year without a payment has 0. Undefined
   * where the changes of units since a payment are not known.
   */
  readonly years: readonly (number | undefined)[];
  /** The mean of the years; undefined where one is. */
  readonly mean: number | undefined;
}

export interface IncomeFacts {
  /** Undefined of an asset without an event. */
  get(ticker: string): IncomeOfYears | undefined;
  /** The newest day of any event that the lake has; undefined if it has none. */
  readonly newest: string | undefined;
}

/**
 * The income of the years that end with a day, by the last day with the right: by then it was announced. Amortization
 * gives back capital, and is no income; what no source shows any more does not count, unless the day is a past one.
 */
export async function readIncome(
  engine: QueryEngine,
  day: Partition,
  units: AssetUnits,
  { isPast }: FactOptions,
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
      `AND vlr_provento IS NOT NULL${isPast ? '' : " AND situacao = 'vigente'"}`,
      'ORDER BY codigo_ticker_ativo, dt_com, codigo_evento',
    ].join('\n'),
  });
  const events = rows
    .map(([ticker, comDay, type, amount]) => ({
      ...{ ticker: String(ticker), day: String(comDay), type: String(type) },
      cash: Number(amount),
    }))
    .filter(({ type }) => !CAPITAL_TYPES.has(type));
  const incomes = new Map<string, IncomeOfYears>();
  for (const [asset, own] of groupBy(events, ({ ticker }) => units.getAsset(ticker))) {
    const payments = removeRepeatedEvents(own, (event) => event).map((event): Payment => {
      const factor = units.getFactor(event.ticker, event.day);
      return { day: event.day, amount: factor === undefined ? undefined : event.cash * factor };
    });
    const years = starts
      .slice(1)
      .map((start, at) =>
        sumPayments(
          payments.filter((payment) => payment.day > start && payment.day <= (starts[at] ?? '')),
        ),
      );
    const sum = sumPayments(years.map((amount) => ({ day: until, amount })));
    incomes.set(asset, { years, mean: sum === undefined ? undefined : sum / INCOME_YEARS });
  }
  return {
    newest: events.reduce<string | undefined>(
      (newest, event) => (newest !== undefined && newest >= event.day ? newest : event.day),
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
