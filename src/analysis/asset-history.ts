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
  toPartition,
} from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { getTradingDays } from '../catalog/trading-days.ts';
import { groupBy } from '../collections.ts';
import { quotesTable } from '../query/columns.ts';
import {
  buildLedgerSelect,
  buildNewestClosesSelect,
  buildQuotesOfDaySelect,
  buildUnprovedDaysSelect,
  CAPITAL_TYPES,
  eventsTable,
  ledgerColumns,
} from '../query/dividends.ts';
import type { OutputRow, OutputValue, QueryEngine, Statement } from '../query/engine.ts';
import {
  type AssetTickers,
  adjustmentsTable,
  buildAssetTickersSelect,
  buildCashSelect,
  buildCashWithUnitsSelect,
  buildClosesSelect,
  buildOldestSessionSelect,
  historyTable,
} from '../query/history.ts';
import { readAll } from '../query/read-rows.ts';
import { removeRepeatedEvents } from '../transform/lineage.ts';
import { type CashPayment, findNamedEvents, type PricePoint } from '../transform/returns.ts';
import { formatEvents, type RightEvent } from '../transform/right-events.ts';
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
  for await (const [code, ticker, until, isProved] of rows) {
    found.push({
      ...{ code: String(code), ticker: String(ticker), until: String(until) },
      isProved: isProved !== false,
    });
  }
  // The newest ticker has rows only if something was detached under it.
  const codes = new Set(found.map(({ code }) => code));
  const newest = [...codes].map((code) => ({
    ...{ code, ticker: code, until: undefined, isProved: true },
  }));
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

export interface CurrencyChange {
  readonly from: string;
  readonly to: string;
  /** The first session in the new currency, YYYY-MM-DD. */
  readonly day: string;
}

/** The sessions of an asset, and the cash that its adjustments rest on. */
export interface AssetSeries {
  /** Adjusted for splits and all cash, the oldest first. None over a change of currency: it is no return. */
  readonly points: readonly PricePoint[];
  readonly currencyChange: CurrencyChange | undefined;
  /** What a price of the first day is multiplied by for later changes of units. */
  readonly splitFactor: number;
  readonly isProved: boolean;
  /** Income: what gives back capital is none. */
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
    const currencyChange = findCurrencyChange(own);
    const compared = currencyChange === undefined ? own : [];
    found.set(ticker, {
      points: compared.map(([, day, price]) => ({ day: String(day), price: Number(price) })),
      currencyChange,
      splitFactor: Number(splitFactor),
      isProved: own[0]?.[3] !== false,
      payments: listPayments(cashByAsset.get(code) ?? []),
    });
  }
  return found;
}

/** The change of currency within some sessions, in their order. */
function findCurrencyChange(rows: readonly OutputRow[]): CurrencyChange | undefined {
  for (const [at, row] of rows.entries()) {
    const [from, to] = [rows[at - 1]?.[5], row[5]];
    if (typeof from === 'string' && typeof to === 'string' && from !== to) {
      return { from, to, day: String(row[1]) };
    }
  }
  return undefined;
}

/** The income that the adjustments of one asset rest on. @param rows of `buildCashSelect` */
function listPayments(rows: readonly OutputRow[]): CashPayment[] {
  return [...groupBy(rows, ([, day]) => String(day))].flatMap(([exDay, own]): CashPayment[] => {
    const [, , reason, factor] = own[0] ?? [];
    const named = findNamedEvents(String(reason), listCashEvents(own));
    if (named === undefined) return [{ exDay, cash: undefined, splitFactor: Number(factor) }];
    const { applied, unpriced } = named;
    const income = applied.filter(
      (event) => !CAPITAL_TYPES.has(event.type) && !unpriced.includes(event),
    );
    const units = new CombinedUnits(applied, true);
    return income.map(({ comDay, cash = 0 }) => ({
      ...{ exDay, cash, splitFactor: Number(factor) * (units.countBefore(comDay) ?? 1) },
    }));
  });
}

/** @param rows of `buildCashSelect`, of one adjustment */
function listCashEvents(rows: readonly OutputRow[]): RightEvent[] {
  return rows.flatMap(([, , , , ticker, type, comDay, cash, multiplier, other]) =>
    ticker === null ? [] : [toRightEvent({ ticker, type, comDay, cash, multiplier, other })],
  );
}

/**
 * The changes of units of one adjustment. Between two sessions of a rarely traded asset, its units may change before cash is
 * paid: the adjustment has both, and that cash is of the units after the change.
 */
export class CombinedUnits {
  readonly #events: readonly RightEvent[];
  readonly #isKnown: boolean;

  /** @param isKnown whether the adjustment rests on these events: the ledger may have changed since */
  constructor(events: readonly RightEvent[], isKnown: boolean) {
    this.#events = events.filter(({ multiplier = 1 }) => multiplier !== 1);
    this.#isKnown = isKnown;
  }

  /**
   * How many units one became by the changes before a last day with the right, YYYYMMDD as a number; undefined where that is
   * not known.
   */
  countBefore(comDay: number): number | undefined {
    const earlier = this.#events.filter((event) => event.comDay < comDay);
    if (earlier.length > 0 && !this.#isKnown) return undefined;
    return earlier.reduce((product, { multiplier = 1 }) => product * multiplier, 1);
  }
}

/** Of the adjustments for both cash and units, by asset and first session without the right: `RARO3 2024-03-08`. */
export async function readCombinedUnits(
  engine: QueryEngine,
): Promise<ReadonlyMap<string, CombinedUnits>> {
  for (const table of [adjustmentsTable, eventsTable]) {
    if ((await engine.newestPartition(table)) === undefined) return new Map();
  }
  const rows = await readAll(
    engine,
    buildCashWithUnitsSelect((table) => engine.nameOf(table)),
  );
  const byAdjustment = groupBy(rows, ([code, day]) => `${code} ${day}`);
  return new Map(
    [...byAdjustment].map(([key, own]) => {
      const events = listCashEvents(own);
      const applied = findNamedEvents(String(own[0]?.[2]), events)?.applied;
      return [key, new CombinedUnits(applied ?? events, applied !== undefined)];
    }),
  );
}

interface EventCells {
  readonly ticker: OutputValue | undefined;
  readonly type: OutputValue | undefined;
  readonly comDay: OutputValue | undefined;
  readonly cash: OutputValue | undefined;
  readonly multiplier: OutputValue | undefined;
  /** What another source contradicts; null or undefined where none does. */
  readonly other: OutputValue | undefined;
}

/** An event as the reason of an adjustment was formatted from it. */
function toRightEvent({ ticker, type, comDay, cash, multiplier, other }: EventCells): RightEvent {
  return {
    ...{ ticker: String(ticker), type: String(type), sourceCount: 1, isShown: true },
    comDay: Number(String(comDay).replaceAll('-', '')),
    cash: typeof cash === 'number' && cash !== 0 ? cash : undefined,
    multiplier: typeof multiplier === 'number' ? multiplier : undefined,
    contradiction: typeof other === 'string' ? other : undefined,
  };
}

/**
 * All events of the ledger of some assets, with the columns `ledgerColumns`.
 * @param isDerived whether the factors are those of the prices: otherwise no event is proved
 */
export async function readLedger(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  isDerived = true,
): Promise<readonly OutputRow[]> {
  const range = { tickers, from: undefined, to: undefined };
  const rows = await readAll(
    engine,
    buildLedgerSelect(range, (table) => engine.nameOf(table)),
  );
  return finishLedger(rows, isDerived);
}

/** How many columns of a row are shown; those of its proof follow. */
const SHOWN_COLUMNS = ledgerColumns.length - 1;

/** @param row of `buildLedgerSelect` */
function toLedgerEvent(row: OutputRow): RightEvent {
  const [comDay, ticker, type, cash, , , , multiplier, , , divergence] = row;
  const other = row[SHOWN_COLUMNS + 4] === true ? divergence : null;
  return toRightEvent({ ticker, type, comDay, cash, multiplier, other });
}

/** Without its ticker: the page of an old one may show the same event, which is as proved. */
function nameEvent(adjustment: string, event: RightEvent): string {
  return [adjustment, event.comDay, formatEvents([event])].join(' ');
}

/** Where a row has what its cash is for one unit of today. */
const ADJUSTED_AMOUNT_AT = ledgerColumns.indexOf('vlr_provento_ajustado');

/**
 * The rows of an answer: with whether each event is one that a proved adjustment rests on, null where no session before and
 * after it is in the lake; and with amounts that leave out the changes of units before them.
 * @param rows of `buildLedgerSelect`
 */
function finishLedger(rows: readonly OutputRow[], isDerived: boolean): OutputRow[] {
  const withFactor = rows.filter((row) => row[SHOWN_COLUMNS + 1] !== null);
  const keyOf = (row: OutputRow): string => row.slice(SHOWN_COLUMNS, SHOWN_COLUMNS + 2).join(' ');
  const named = new Set<string>();
  const combined = new Map<string, CombinedUnits>();
  for (const [key, own] of groupBy(withFactor, keyOf)) {
    const [, , reason, isProved] = own[0]?.slice(SHOWN_COLUMNS) ?? [];
    const events = own.map(toLedgerEvent);
    const applied = findNamedEvents(String(reason), events)?.applied;
    combined.set(key, new CombinedUnits(applied ?? events, applied !== undefined));
    if (isProved !== true) continue;
    for (const event of applied ?? []) named.add(nameEvent(key, event));
  }
  return rows.map((row) => {
    const [, exDay, , , , firstDay, lastDay] = row.slice(SHOWN_COLUMNS);
    const comDay = String(row[0]);
    const isPriced =
      exDay !== null ||
      (typeof firstDay === 'string' && comDay >= firstDay && comDay < String(lastDay));
    const event = toLedgerEvent(row);
    const isProved = isPriced ? isDerived && named.has(nameEvent(keyOf(row), event)) : null;
    const shown = row.slice(0, SHOWN_COLUMNS);
    const amount = shown[ADJUSTED_AMOUNT_AT];
    const units = combined.get(keyOf(row))?.countBefore(event.comDay);
    if (exDay !== null && typeof amount === 'number') {
      shown[ADJUSTED_AMOUNT_AT] = units === undefined ? null : amount * units;
    }
    return [...shown, isProved];
  });
}

/** Cash for one unit of today. */
export interface Payment {
  /** The last day with the right, YYYY-MM-DD. */
  readonly day: string;
  /** Undefined where the changes of units since are not known. */
  readonly amount: number | undefined;
}

export interface AuditedPayment extends Payment {
  /** Whether a proved adjustment rests on it; undefined where the lake has no prices of its time. */
  readonly isProved: boolean | undefined;
}

/**
 * The income of one asset, each payment once: cash that is in force and gives back no capital.
 * @param rows of the ledger
 * @param own all tickers of the asset
 */
export function selectIncome(rows: readonly OutputRow[], own: readonly string[]): AuditedPayment[] {
  const inForce = rows.filter(
    ([, ticker, type, , , , , , , status]) =>
      own.includes(String(ticker)) && !CAPITAL_TYPES.has(String(type)) && status === 'vigente',
  );
  return removeRepeatedEvents(inForce, ([day, ticker, type]) => ({
    ...{ day: String(day), type: String(type), ticker: String(ticker) },
  })).flatMap((row) => {
    const [day, , , cash, amount] = row;
    const isProved = row.at(-1);
    if (typeof cash !== 'number') return [];
    return {
      day: String(day),
      amount: typeof amount === 'number' ? amount : undefined,
      isProved: typeof isProved === 'boolean' ? isProved : undefined,
    };
  });
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
  /** The first day that counts, YYYY-MM-DD, where that is not the period's own. */
  readonly since?: string;
  /** The last day that counts, where that is not the period's own. */
  readonly until?: string;
}

/** The income of one asset, and how far it is known. */
export interface KnownIncome {
  readonly payments: readonly Payment[];
  /** When its events were read last, YYYY-MM-DD; undefined where nothing says it. */
  readonly readOn: string | undefined;
}

/** The days that sums are asked of, YYYY-MM-DD. */
export interface IncomeSpan {
  /** Undefined for all. */
  readonly from: string | undefined;
  /** Whether the periods before the first payment count, too: with 0. */
  readonly isFromAsked: boolean;
  /** Not after today. */
  readonly to: string;
}

/**
 * The income of each year or month of a span, 0 where nothing was paid; none where nothing was paid at all. A period of which
 * the span has a part has the days of that part; what is after an asset's last reading is not known.
 */
export function sumIncomeByPeriod(
  incomes: readonly KnownIncome[],
  period: 'year' | 'month',
  { from, isFromAsked, to }: IncomeSpan,
): PeriodIncome[] {
  const length = period === 'year' ? 'YYYY'.length : 'YYYY-MM'.length;
  const toLabel = (day: string): string => day.slice(0, length);
  const days = incomes.flatMap(({ payments }) => payments.map(({ day }) => day)).sort();
  const [firstPaid, lastPaid] = [days.at(0), days.at(-1)];
  if (firstPaid === undefined || lastPaid === undefined) return [];
  const byPeriod = incomes.map(({ payments }) => groupBy(payments, ({ day }) => toLabel(day)));
  // A payment may be announced for a day to come.
  const end = lastPaid > to ? lastPaid : to;
  const knownUntil = incomes.map(
    ({ payments, readOn = end }) =>
      [readOn, ...payments.map(({ day }) => day)].sort().at(-1) ?? end,
  );
  const [until = end] = [end, ...knownUntil].sort();
  const first = toLabel(from !== undefined && isFromAsked ? from : firstPaid);
  return listPeriods(first, toLabel(end)).map((label): PeriodIncome => {
    const [start, last] = getPeriodBounds(label);
    return {
      label,
      values: byPeriod.map((own, at) =>
        (knownUntil[at] ?? end) < start ? undefined : sumPayments(own.get(label) ?? []),
      ),
      ...(from !== undefined && toLabel(from) === label && from > start && { since: from }),
      ...(toLabel(until) === label && until < last && { until }),
    };
  });
}

/** The first and the last day of a year or a month, YYYY-MM-DD. */
function getPeriodBounds(label: string): readonly [first: string, last: string] {
  const [year = 0, month] = label.split('-').map(Number);
  // The day before the first one of what follows.
  const last = new Date(Date.UTC(year, month ?? 12, 0)).toISOString().slice(0, 10);
  return [month === undefined ? `${label}-01-01` : `${label}-01`, last];
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
  /** Whether it is a close of the history, and not a collected quote. */
  readonly isClose: boolean;
}

/** The newest closes of the history up to a day; of tickers without one, the quotes of the newest collected day. */
export async function readNewestPrices(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  to?: Partition,
): Promise<NewestPrice[]> {
  const nameOf = (table: Table): string => engine.nameOf(table);
  const read = async (statement: Statement, isClose: boolean): Promise<NewestPrice[]> =>
    (await readAll(engine, statement)).map(([ticker, day, value]) => ({
      ...{ ticker: String(ticker), day: String(day), value: Number(value), isClose },
    }));
  const newest = await engine.newestPartition(historyTable);
  const asked = to === undefined ? undefined : (getYear(to) as Partition);
  const year = newest !== undefined && asked !== undefined && asked < newest ? asked : newest;
  const closes =
    year === undefined ? [] : await read(buildNewestClosesSelect(tickers, year, nameOf, to), true);
  const others = tickers.filter((ticker) => !closes.some((close) => close.ticker === ticker));
  const day = others.length === 0 ? undefined : await findNewestDay(engine, quotesTable, to);
  const quotes =
    day === undefined ? [] : await read(buildQuotesOfDaySelect(others, day, nameOf), false);
  return [...closes, ...quotes];
}

/** What shows whether the ledger has all income of some months. */
export interface IncomeProof {
  /** Whether the factors are those of the prices: otherwise nothing is proved. */
  readonly isDerived: boolean;
  /** By asset, the sessions over which the distribution number and the events disagree, or nothing is known. */
  readonly unprovedDays: ReadonlyMap<string, readonly string[]>;
  /** The first session of the history from the first day of the months on, by that day; absent where it has none. */
  readonly firstSessions: ReadonlyMap<string, string>;
}

/**
 * @param codes the assets, or all of their tickers
 * @param prices with which the months end
 */
export async function readIncomeProof(
  engine: QueryEngine,
  codes: readonly Ticker[],
  prices: readonly NewestPrice[],
  isDerived: boolean,
): Promise<IncomeProof> {
  const nameOf = (table: Table): string => engine.nameOf(table);
  const hasFactors = (await engine.newestPartition(adjustmentsTable)) !== undefined;
  const rows = hasFactors ? await readAll(engine, buildUnprovedDaysSelect(codes, nameOf)) : [];
  const days = [...groupBy(rows, ([code]) => String(code))];
  const ends = new Set(prices.filter(({ isClose }) => isClose).map(({ day }) => day));
  const firstSessions = new Map<string, string>();
  for (const end of ends) {
    const start = findFirstDay(end);
    const from = toPartition(start);
    if (from === undefined) continue;
    const statement = buildOldestSessionSelect(nameOf, from, Number(end.slice(0, 'YYYY'.length)));
    const [oldest] = await readAll(engine, statement);
    if (typeof oldest?.[0] === 'string') firstSessions.set(start, oldest[0]);
  }
  return {
    isDerived,
    unprovedDays: new Map(days.map(([code, own]) => [code, own.map(([, day]) => String(day))])),
    firstSessions,
  };
}

/** The unproved sessions of one asset. @param own all its tickers */
export function listUnprovedDays(
  { unprovedDays }: IncomeProof,
  own: readonly string[],
): readonly string[] {
  return own.flatMap((ticker) => unprovedDays.get(ticker) ?? []);
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
  /** How many of the payments rest on no proved adjustment. */
  readonly unproved: number;
  /** Whether a payment of these months may be missing: the number shows a right that the events do not explain, or is not known. */
  readonly mayLackPayments: boolean;
  /**
   * Whether all payments are proved, and none can be missing; undefined where the lake has no prices of the time of some, or
   * not those of all the months.
   */
  readonly isProved: boolean | undefined;
}

/** The ledger, and what a sum of it is held against. */
export interface IncomeSources {
  /** The rows of `readLedger`. */
  readonly ledger: readonly OutputRow[];
  readonly prices: readonly NewestPrice[];
  readonly proof: IncomeProof;
}

/** The income of the twelve months that end with the newest price, or else with `to`, of one unit of today. */
export function sumLastYear(
  ticker: Ticker,
  own: readonly Ticker[],
  { ledger, prices, proof }: IncomeSources,
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
  const payments = selectIncome(ledger, own).filter(({ day }) => day >= start && day <= end);
  const unproved = payments.filter(({ isProved }) => isProved === false).length;
  // The right of a session was detached on a day before it.
  const doubts = listUnprovedDays(proof, own).filter((day) => day > start && day <= end);
  const isContradicted = unproved > 0 || doubts.length > 0 || !proof.isDerived;
  const isUnknown =
    newest?.isClose !== true ||
    !isCovered(proof, start) ||
    payments.some(({ isProved }) => isProved === undefined);
  const sum = sumPayments(payments);
  return {
    ...{ ticker, start, end, sum, unproved },
    mayLackPayments: doubts.length > 0,
    isProved: isContradicted ? false : isUnknown ? undefined : true,
    count: payments.length,
    price: newest?.value,
    priceDay: newest?.day,
    yield: newest === undefined || sum === undefined ? undefined : sum / newest.value,
  };
}

/** Whether the history has sessions from the first trading day of some months on. */
function isCovered({ firstSessions }: IncomeProof, start: string): boolean {
  const [from, first] = [start, firstSessions.get(start) ?? ''].map((day) => toPartition(day));
  if (from === undefined || first === undefined) return false;
  return first <= from || getTradingDays(from, getDayBefore(first)).length === 0;
}

/** The first of the twelve months that end with a day, YYYY-MM-DD: the day after the same one of the year before. */
function findFirstDay(end: string): string {
  const before = getYearsBefore(Number(end.replaceAll('-', '')) as Partition);
  return formatIsoDate(getDayBefore(before, -1));
}
