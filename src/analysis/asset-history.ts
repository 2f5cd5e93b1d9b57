/**
 * The history of assets under all tickers that they had: closes, the cash that was paid, and the ledger of their
 * events.
 */
import type { Table } from '../catalog/dataset.ts';
import {
  formatIsoDate,
  getDayBefore,
  getYearsBefore,
  type Partition,
} from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { groupBy } from '../collections.ts';
import {
  buildLedgerSelect,
  CAPITAL_TYPES,
  eventsTable,
  ledgerColumns,
} from '../query/dividends.ts';
import type { OutputRow, OutputValue, QueryEngine } from '../query/engine.ts';
import {
  type AssetTickers,
  adjustmentsTable,
  buildAssetTickersSelect,
  buildCashSelect,
  buildCashWithUnitsSelect,
  buildClosesSelect,
} from '../query/history.ts';
import { readAll } from '../query/read-rows.ts';
import { type CashPayment, findNamedEvents, type PricePoint } from '../transform/returns.ts';
import { formatEvents, type RightEvent } from '../transform/right-events.ts';

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
   * Whether the first point is the close of the last session up to `from`, and not of the first one from it on: what
   * changes in twelve months changes from the price that their first day begins with.
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
 * The changes of units of one adjustment. Between two sessions of a rarely traded asset, its units may change before
 * cash is paid: the adjustment has both, and that cash is of the units after the change.
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
   * How many units one became by the changes before a last day with the right, YYYYMMDD as a number; undefined where
   * that is not known.
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
 * The rows of an answer: with whether each event is one that a proved adjustment rests on, null where no session before
 * and after it is in the lake; and with amounts that leave out the changes of units before them.
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
