/**
 * The history of assets under all tickers that they had: closes, the cash that was paid, and the ledger of their events.
 */
import type { Table } from '../catalog/dataset.ts';
import {
  formatIsoDate,
  getDayBefore,
  getPartition,
  getYear,
  getYearsBefore,
  type Partition,
} from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { groupBy } from '../collections.ts';
import { quotesTable } from '../query/columns.ts';
import {
  buildLedgerSelect,
  buildNewestClosesSelect,
  buildQuotesOfDaySelect,
  CAPITAL_TYPES,
} from '../query/dividends.ts';
import type { OutputRow, QueryEngine, Statement } from '../query/engine.ts';
import {
  type AssetTickers,
  adjustmentsTable,
  buildAssetTickersSelect,
  buildCashSelect,
  buildClosesSelect,
  historyTable,
} from '../query/history.ts';
import { readAll } from '../query/read-rows.ts';
import { removeRepeatedEvents } from '../transform/lineage.ts';
import type { CashPayment, PricePoint } from '../transform/returns.ts';
import { findNewestDay } from './market-day.ts';

/** The tickers of the assets that these belong to, old ones included. */
export async function findAssetTickers(
  engine: QueryEngine,
  tickers: readonly Ticker[],
): Promise<AssetTickers[]> {
  if (tickers.length === 0 || (await engine.newestPartition(adjustmentsTable)) === undefined) {
    return [];
  }
  const found: AssetTickers[] = [];
  const { rows } = await engine.query(
    buildAssetTickersSelect(tickers, (table) => engine.nameOf(table)),
  );
  for await (const [code, ticker, until] of rows) {
    found.push({ code: String(code), ticker: String(ticker), until: String(until) });
  }
  // The newest ticker has rows only if something was detached under it.
  const codes = new Set(found.map(({ code }) => code));
  const newest = [...codes].map((code) => ({ code, ticker: code, until: undefined }));
  return [...found.filter(({ code, ticker }) => code !== ticker), ...newest];
}

/** All tickers of the asset of each ticker, the newest last. */
export async function findTickersOfAssets(
  engine: QueryEngine,
  tickers: readonly Ticker[],
): Promise<Map<Ticker, Ticker[]>> {
  const known = await findAssetTickers(engine, tickers);
  return new Map(
    tickers.map((ticker) => {
      const code = known.find((asset) => asset.ticker === ticker)?.code ?? ticker;
      const own = known.filter((asset) => asset.code === code).map((asset) => asset.ticker);
      return [ticker, [...new Set([...own, ticker])] as Ticker[]];
    }),
  );
}

/** The sessions of an asset, and the cash that its adjustments rest on. */
export interface AssetSeries {
  /** Adjusted for splits and all cash, the oldest first. */
  readonly points: readonly PricePoint[];
  /** What a price of the first day is multiplied by for later changes of units. */
  readonly splitFactor: number;
  readonly isProved: boolean;
  readonly payments: readonly CashPayment[];
}

interface SeriesRange {
  readonly from: Partition | undefined;
  /**
   * Whether the first point is the close of the last session up to `from`, and not of the first one from it on: what changes
   * in twelve months changes from the price that their first day begins with.
   */
  readonly beginsWithCloseBefore?: boolean;
  readonly to: Partition | undefined;
  /** Whether the factors are those of the prices: otherwise no adjustment is proved. */
  readonly isDerived: boolean;
}

/** Over carnival and a weekend an exchange rests for some days. */
const LONGEST_PAUSE = 7;

/** The points from the last one up to a day on; all where none is so old. */
export function startWithCloseBefore<Point>(
  points: readonly Point[],
  from: Partition,
  getDay: (point: Point) => string,
): readonly Point[] {
  const day = formatIsoDate(from);
  return points.slice(
    Math.max(
      0,
      points.findLastIndex((point) => getDay(point) <= day),
    ),
  );
}

/** From when on rows are read, so that the last session up to a day is among them. */
export function getReadingStart(from: Partition): Partition {
  return getDayBefore(from, LONGEST_PAUSE);
}

/** The last twelve months, as every answer without days of its own means them. */
export function getLastYear(
  day: Partition,
): Pick<SeriesRange, 'from' | 'to' | 'beginsWithCloseBefore'> {
  return { from: getYearsBefore(day), to: day, beginsWithCloseBefore: true };
}

/** One series for each ticker, without points where the history has no price of the asset. */
export async function readAssetSeries(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  range: SeriesRange,
): Promise<ReadonlyMap<Ticker, AssetSeries>> {
  const known = await findAssetTickers(engine, tickers);
  const nameOf = (table: Table): string => engine.nameOf(table);
  const all = [...new Set([...tickers, ...known.map(({ ticker }) => ticker as Ticker)])];
  const { from, to, isDerived, beginsWithCloseBefore = false } = range;
  const readFrom = from && beginsWithCloseBefore ? getReadingStart(from) : from;
  const closes = await readAll(
    engine,
    buildClosesSelect({ tickers: all, from: readFrom, to, isDerived }, nameOf),
  );
  const cash = known.length === 0 ? [] : await readAll(engine, buildCashSelect(all, nameOf));
  const closesByAsset = groupBy(closes, ([code]) => String(code));
  const cashByAsset = groupBy(cash, ([code]) => String(code));
  const found = new Map<Ticker, AssetSeries>();
  for (const ticker of tickers) {
    const code = known.find((each) => each.ticker === ticker)?.code ?? ticker;
    const all = closesByAsset.get(code) ?? [];
    const own =
      from && beginsWithCloseBefore
        ? startWithCloseBefore(all, from, ([, day]) => String(day))
        : all;
    const [, , , , splitFactor] = own[0] ?? [];
    found.set(ticker, {
      points: own.map(([, day, price]) => ({ day: String(day), price: Number(price) })),
      splitFactor: Number(splitFactor),
      isProved: own[0]?.[3] !== false,
      payments: (cashByAsset.get(code) ?? []).map(toPayment),
    });
  }
  return found;
}

function toPayment([, ticker, type, comDay, cash, splitFactor]: OutputRow): CashPayment {
  return {
    ...{ ticker: String(ticker), type: String(type), comDay: String(comDay) },
    ...{ cash: Number(cash), splitFactor: Number(splitFactor) },
  };
}

/** All events of the ledger of some assets, with the columns `ledgerColumns`. */
export function readLedger(
  engine: QueryEngine,
  tickers: readonly Ticker[],
): Promise<readonly OutputRow[]> {
  const range = { tickers, from: undefined, to: undefined };
  return readAll(
    engine,
    buildLedgerSelect(range, (table) => engine.nameOf(table)),
  );
}

/** Cash for one unit of today. */
export interface Payment {
  /** The last day with the right, YYYY-MM-DD. */
  readonly day: string;
  /** Undefined where the changes of units since are not known. */
  readonly amount: number | undefined;
}

/**
 * The income of one asset, each payment once: cash that is in force and gives back no capital.
 * @param rows of the ledger
 * @param own all tickers of the asset
 */
export function selectIncome(rows: readonly OutputRow[], own: readonly string[]): Payment[] {
  const inForce = rows.filter(
    ([, ticker, type, , , , , , , status]) =>
      own.includes(String(ticker)) && !CAPITAL_TYPES.has(String(type)) && status === 'vigente',
  );
  return removeRepeatedEvents(inForce, ([day, ticker, type]) => ({
    ...{ day: String(day), type: String(type), ticker: String(ticker) },
  })).flatMap(([day, , , cash, amount]) =>
    typeof cash === 'number'
      ? [{ day: String(day), amount: typeof amount === 'number' ? amount : undefined }]
      : [],
  );
}

/** A sum of decimals as doubles is inexact in its last digits: 0.1 + 0.2 is not 0.3. */
const SUM_DIGITS = 12;

/** Undefined where an amount is: what is not known is neither zero, nor the amount of another unit. */
export function sumPayments(payments: readonly Pick<Payment, 'amount'>[]): number | undefined {
  let sum = 0;
  for (const { amount } of payments) {
    if (amount === undefined) return undefined;
    sum += amount;
  }
  return Number(sum.toPrecision(SUM_DIGITS));
}

export interface PeriodIncome {
  /** YYYY or YYYY-MM. */
  readonly label: string;
  /** A sum for each asset, in their order; undefined where an amount of the period is not known. */
  readonly values: readonly (number | undefined)[];
}

/** The income of each year or month from the first to the last that any asset has, 0 where nothing was paid. */
export function sumIncomeByPeriod(
  incomes: readonly (readonly Payment[])[],
  period: 'year' | 'month',
): PeriodIncome[] {
  const length = period === 'year' ? 'YYYY'.length : 'YYYY-MM'.length;
  const byPeriod = incomes.map((income) => groupBy(income, ({ day }) => day.slice(0, length)));
  const labels = byPeriod.flatMap((own) => [...own.keys()]).sort();
  const [first, last] = [labels.at(0), labels.at(-1)];
  if (first === undefined || last === undefined) return [];
  return listPeriods(first, last).map((label) => ({
    label,
    values: byPeriod.map((own) => sumPayments(own.get(label) ?? [])),
  }));
}

function listPeriods(first: string, last: string): string[] {
  const isMonth = first.length > 'YYYY'.length;
  const found: string[] = [];
  let [year = 0, month = 1] = first.split('-').map(Number);
  for (;;) {
    const label = isMonth ? `${year}-${String(month).padStart(2, '0')}` : String(year);
    found.push(label);
    if (label >= last) return found;
    month = isMonth && month < 12 ? month + 1 : 1;
    if (month === 1) year += 1;
  }
}

/** The price of one unit. */
export interface NewestPrice {
  readonly ticker: string;
  readonly day: string;
  readonly value: number;
}

/** The newest closes of the history up to a day; of tickers without one, the quotes of the newest collected day. */
export async function readNewestPrices(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  to?: Partition,
): Promise<NewestPrice[]> {
  const nameOf = (table: Table): string => engine.nameOf(table);
  const read = async (statement: Statement): Promise<NewestPrice[]> =>
    (await readAll(engine, statement)).map(([ticker, day, value]) => ({
      ...{ ticker: String(ticker), day: String(day), value: Number(value) },
    }));
  const newest = await engine.newestPartition(historyTable);
  const asked = to === undefined ? undefined : (getYear(to) as Partition);
  const year = newest !== undefined && asked !== undefined && asked < newest ? asked : newest;
  const closes =
    year === undefined ? [] : await read(buildNewestClosesSelect(tickers, year, nameOf, to));
  const others = tickers.filter((ticker) => !closes.some((close) => close.ticker === ticker));
  const day = others.length === 0 ? undefined : await findNewestDay(engine, quotesTable, to);
  const quotes = day === undefined ? [] : await read(buildQuotesOfDaySelect(others, day, nameOf));
  return [...closes, ...quotes];
}

export interface YearlyIncome {
  readonly ticker: Ticker;
  /** The first and the last day of the twelve months. */
  readonly start: string;
  readonly end: string;
  readonly count: number;
  /** Undefined where some amount is not known for one unit of today. */
  readonly sum: number | undefined;
  readonly price: number | undefined;
  readonly priceDay: string | undefined;
  readonly yield: number | undefined;
}

/** The income of the twelve months that end with the newest price, or else with `to`, of one unit of today. */
export function sumLastYear(
  ticker: Ticker,
  own: readonly Ticker[],
  rows: readonly OutputRow[],
  prices: readonly NewestPrice[],
  to: Partition = getPartition(new Date()),
): YearlyIncome {
  const newest = prices
    .filter((price) => own.some((name) => name === price.ticker))
    .reduce<NewestPrice | undefined>(
      (a, b) => (a !== undefined && a.day >= b.day ? a : b),
      undefined,
    );
  const end = newest?.day ?? formatIsoDate(to);
  const start = findFirstDay(end);
  const payments = selectIncome(rows, own).filter(({ day }) => day >= start && day <= end);
  const sum = sumPayments(payments);
  return {
    ...{ ticker, start, end, sum },
    count: payments.length,
    price: newest?.value,
    priceDay: newest?.day,
    yield: newest === undefined || sum === undefined ? undefined : sum / newest.value,
  };
}

/** The first of the twelve months that end with a day, YYYY-MM-DD: the day after the same one of the year before. */
function findFirstDay(end: string): string {
  const before = getYearsBefore(Number(end.replaceAll('-', '')) as Partition);
  return formatIsoDate(getDayBefore(before, -1));
}
