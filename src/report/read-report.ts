/** Reads what a report shows of each asset: the answers of the queries, each with what it rests on. */
import {
  type AssetSeries,
  type CurrencyChange,
  findTickersOfAssets,
  readAssetSeries,
  readLedger,
} from '../analysis/asset-history.ts';
import {
  type AuditedPayment,
  type IncomeProof,
  type IncomeSources,
  listUnprovedDays,
  type PeriodIncome,
  readIncomeProof,
  readNewestPrices,
  selectIncome,
  sumIncomeByPeriod,
  sumLastYear,
  type YearlyIncome,
} from '../analysis/income.ts';
import { getIndicatorTable } from '../analysis/market-day.ts';
import { type AssetProfile, readProfile } from '../analysis/profile.ts';
import { readRanking } from '../analysis/ranking.ts';
import { type Reason, reasons } from '../analysis/reasons.ts';
import { type Screen, screens } from '../analysis/screens.ts';
import { assetKinds } from '../catalog/asset.ts';
import {
  formatIsoDate,
  getDayBefore,
  getPartition,
  type Partition,
  toPartition,
} from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { findLastTradingDay } from '../catalog/trading-days.ts';
import { eventsTable } from '../query/dividends.ts';
import type { OutputRow, OutputValue, QueryEngine } from '../query/engine.ts';
import { buildHistorySelect, historyTable } from '../query/history.ts';
import { findPresentTickers, readAll } from '../query/read-rows.ts';
import {
  compoundDaily,
  type RatePoint,
  type ReturnSummary,
  summarizeReturns,
} from '../transform/returns.ts';
import type { SeriesPoint } from './packed-series.ts';

interface Band {
  readonly low: SeriesPoint;
  readonly high: SeriesPoint;
  /** The first day of the 52 weeks. */
  readonly from: string;
}

interface PriceHistory {
  /** Closes of one unit of today, adjusted for splits alone. */
  readonly points: readonly SeriesPoint[];
  readonly last: SeriesPoint;
  readonly band: Band;
  /** Prices up to this day rest on an adjustment that is not proved; undefined if all are proved. */
  readonly unprovedUntil: string | undefined;
}

interface ReturnHistory {
  /** What 100 reais became, dividends reinvested. */
  readonly points: readonly SeriesPoint[];
  readonly summary: ReturnSummary;
  readonly isProved: boolean;
  /** Of CDI on the same days; undefined where the lake lacks it. */
  readonly cdiReturn: number | undefined;
}

/** A row of the ledger. */
export interface LedgerEvent {
  /** The last day with the right, YYYY-MM-DD. */
  readonly day: string;
  readonly ticker: string;
  readonly type: string;
  readonly amount: number | undefined;
  /** For one unit of today. */
  readonly adjustedAmount: number | undefined;
  readonly multiplier: number | undefined;
  readonly paidOn: string | undefined;
  readonly sources: string;
  readonly status: string;
}

export interface IncomeHistory {
  readonly lastYear: YearlyIncome;
  readonly years: readonly PeriodIncome[];
  /** The years in which a payment is not proved, or may be missing. */
  readonly unprovedYears: ReadonlySet<string>;
  readonly events: readonly LedgerEvent[];
}

export interface ReportAsset {
  readonly ticker: Ticker;
  readonly profile: AssetProfile | undefined;
  readonly prices: PriceHistory | undefined;
  readonly returns: ReturnHistory | undefined;
  /** Why there is no return: the prices of these days are in two currencies. */
  readonly currencyChange: CurrencyChange | undefined;
  readonly income: IncomeHistory | undefined;
}

/** What a named screen says of the assets. */
export interface ScreenPositions {
  readonly screen: Pick<Screen, 'name' | 'portuguese'>;
  readonly day: Partition;
  /** How many assets have a position. */
  readonly ranked: number;
  /** By ticker. */
  readonly positions: ReadonlyMap<string, RankedPosition>;
  /** By ticker, why it has none. */
  readonly reasons: ReadonlyMap<string, Reason>;
}

export interface RankedPosition {
  readonly position: number;
  /** What it rests on, by the names of columns. */
  readonly figures: Readonly<Record<string, OutputValue>>;
}

export interface Report {
  readonly rankings: readonly ScreenPositions[];
  readonly assets: readonly ReportAsset[];
  /** CDI of each day, the oldest first. */
  readonly rates: readonly RatePoint[];
  /** When it was made, ISO 8601. */
  readonly madeAt: string;
}

interface ReportRequest {
  readonly tickers: readonly Ticker[];
  readonly from: Partition | undefined;
  /** Whether a person asked for that day: years before the first payment are then shown, too. */
  readonly isFromAsked: boolean;
  readonly to: Partition | undefined;
  /** Whether the adjustments are those of the prices: otherwise none is proved. */
  readonly isDerived: boolean;
  readonly madeAt: string;
  /** When the events of an asset were read last, YYYY-MM-DD; undefined where nothing says it. */
  readonly findReading: (tickers: readonly Ticker[]) => string | undefined;
  /** The values of CDI between two days. */
  readonly readRates: (first: string, last: string) => Promise<readonly RatePoint[]>;
}

/** A report of the assets of which the lake has anything, in their order. */
export async function readReport(engine: QueryEngine, request: ReportRequest): Promise<Report> {
  const { tickers, from, to, isDerived, madeAt } = request;
  const hasHistory = (await engine.newestPartition(historyTable)) !== undefined;
  const hasEvents = (await engine.newestPartition(eventsTable)) !== undefined;
  const tickersByAsset = await findTickersOfAssets(engine, tickers);
  const all = [...new Set([...tickersByAsset.values()].flat())];
  const series = hasHistory
    ? await readAssetSeries(engine, tickers, { from, to, isDerived })
    : new Map<Ticker, AssetSeries>();
  const sessions = hasHistory ? await readSessions(engine, all, request) : [];
  const firstShown = from === undefined ? undefined : formatIsoDate(from);
  const rates = await readSharedRates(series, request);
  const ledger = hasEvents ? await readLedger(engine, all, isDerived) : [];
  const newest = hasEvents ? await readNewestPrices(engine, all, to) : [];
  const proof = await readIncomeProof(engine, all, newest, isDerived);
  const profiled = await findProfiled(engine, request);
  const assets: ReportAsset[] = [];
  for (const ticker of tickers) {
    const own = tickersByAsset.get(ticker) ?? [ticker];
    const prices = createPrices(
      sessions.filter(([, each]) => own.some((name) => name === each)),
      firstShown,
    );
    // Income is of one unit of today, and so is the price of a past day that it is counted against.
    const last =
      to === undefined || prices === undefined
        ? newest
        : [{ ticker, day: prices.last.day, value: prices.last.value, isClose: true }];
    const sources = { ledger, prices: last, proof };
    const asset = {
      ticker,
      profile: profiled.has(ticker) ? await readProfile(engine, ticker, { asOf: to }) : undefined,
      prices,
      returns: summarizeSeries(series.get(ticker), rates),
      currencyChange: series.get(ticker)?.currencyChange,
      income: hasEvents
        ? createIncome(own, sources, sumLastYear(ticker, own, sources, to), request)
        : undefined,
    };
    if (asset.profile ?? asset.prices ?? asset.income) assets.push(asset);
  }
  return { assets, madeAt, rates, rankings: await readRankings(engine, assets, to) };
}

/** The named screens that any of the assets can have a position in. */
async function readRankings(
  engine: QueryEngine,
  assets: readonly ReportAsset[],
  asOf: Partition | undefined,
): Promise<ScreenPositions[]> {
  const kinds = new Set(assets.map(({ profile }) => profile?.kind));
  const found: ScreenPositions[] = [];
  for (const screen of screens.filter((each) => each.kinds.some((kind) => kinds.has(kind)))) {
    const ranking = await readRanking(engine, screen, { asOf });
    const at = (name: string): number => ranking.columns.indexOf(name);
    const figures = Object.keys(screen.figures);
    const positions = ranking.rows.map((row): readonly [string, RankedPosition] => {
      const values = figures.map((name) => [name, row[at(name)] ?? null]);
      const position = Number(row[at('posicao')]);
      return [
        String(row[at('codigo_ticker_ativo')]),
        { position, figures: Object.fromEntries(values) },
      ];
    });
    const [day] = [...ranking.days.values()].sort((a, b) => b - a);
    if (day === undefined) continue;
    found.push({
      ...{ screen, day, ranked: ranking.ranked },
      positions: new Map(positions),
      reasons: new Map([
        ...ranking.unranked.flatMap(({ reason, tickers }) =>
          tickers.map((ticker) => [ticker, reason] as const),
        ),
        ...ranking.otherPapers.map((ticker) => [ticker, reasons.otherPaper] as const),
      ]),
    });
  }
  return found;
}

/** Those of the tickers of which the lake has indicators. */
async function findProfiled(
  engine: QueryEngine,
  { tickers, to }: ReportRequest,
): Promise<ReadonlySet<Ticker>> {
  const found = new Set<Ticker>();
  for (const kind of assetKinds) {
    const table = getIndicatorTable(kind);
    if ((await engine.newestPartition(table)) === undefined) continue;
    for (const ticker of await findPresentTickers(engine, table, tickers, { to }))
      found.add(ticker);
  }
  return found;
}

/** The prices of all assets, adjusted for splits, by asset and day: of the 52 weeks of the band at least. */
function readSessions(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  { from, to, isDerived }: ReportRequest,
): Promise<readonly OutputRow[]> {
  const lastYear = getDayBefore(to ?? getPartition(new Date()), 53 * 7);
  const since = from !== undefined && from > lastYear ? lastYear : from;
  const select = buildHistorySelect(
    { tickers, from: since, to, isDerived, adjustment: 'desdobramentos', frequency: 'dia' },
    (table) => engine.nameOf(table),
  );
  return readAll(engine, select);
}

/**
 * @param rows the sessions of one asset
 * @param first the first day that is shown: sessions before it are those of the band alone
 */
function createPrices(rows: readonly OutputRow[], first = ''): PriceHistory | undefined {
  const all = rows.map(([day, , , , , close]) => ({ day: String(day), value: Number(close) }));
  const points = all.filter(({ day }) => day >= first);
  const last = points.at(-1);
  if (last === undefined) return undefined;
  const unproved = rows.findLast(([, , , , , , , , isProved]) => isProved === false);
  return {
    points,
    last,
    band: findBand(all, last),
    unprovedUntil: unproved === undefined ? undefined : String(unproved[0]),
  };
}

const WEEKS_52_MS = 52 * 7 * 86_400_000;

/** The lowest and the highest close of the 52 weeks that end with the last one. */
function findBand(points: readonly SeriesPoint[], last: SeriesPoint): Band {
  const from = new Date(Date.parse(last.day) - WEEKS_52_MS).toISOString().slice(0, 10);
  const within = points.filter(({ day }) => day >= from);
  return {
    low: within.reduce((a, b) => (b.value < a.value ? b : a), last),
    high: within.reduce((a, b) => (b.value > a.value ? b : a), last),
    from: within[0]?.day ?? last.day,
  };
}

/** CDI for all of the assets' days, asked for once. */
async function readSharedRates(
  series: ReadonlyMap<Ticker, AssetSeries>,
  { readRates }: ReportRequest,
): Promise<readonly RatePoint[]> {
  const days = [...series.values()]
    .filter(({ points }) => points.length > 1)
    .flatMap(({ points }) => [points.at(0)?.day ?? '', points.at(-1)?.day ?? ''])
    .sort();
  const [first, last] = [days.at(0), days.at(-1)];
  return first === undefined || last === undefined ? [] : readRates(first, last);
}

function summarizeSeries(
  series: AssetSeries | undefined,
  rates: readonly RatePoint[],
): ReturnHistory | undefined {
  const summary = series && summarizeReturns(series.points);
  if (series === undefined || summary === undefined) return undefined;
  const base = series.points[0]?.price ?? 1;
  return {
    points: series.points.map(({ day, price }) => ({ day, value: (price / base) * 100 })),
    summary,
    isProved: series.isProved,
    cdiReturn: compoundDaily(rates, summary.first, summary.last),
  };
}

function createIncome(
  own: readonly Ticker[],
  { ledger, proof }: IncomeSources,
  lastYear: YearlyIncome,
  { from, isFromAsked, to, madeAt, findReading }: ReportRequest,
): IncomeHistory | undefined {
  const isAsked = (day: string): boolean => {
    const number = Number(day.replaceAll('-', ''));
    return number >= (from ?? 0) && number <= (to ?? Number.POSITIVE_INFINITY);
  };
  const rows = ledger.filter(
    ([day, ticker]) => own.some((each) => each === ticker) && isAsked(String(day)),
  );
  if (rows.length === 0 && lastYear.count === 0) return undefined;
  const today = getPartition(new Date(madeAt));
  const payments = selectIncome(rows, own);
  const income = { payments, readOn: findReading(own) };
  return {
    lastYear,
    years: sumIncomeByPeriod([income], 'year', {
      from: from && formatIsoDate(from),
      ...{ isFromAsked, to: formatIsoDate(to !== undefined && to < today ? to : today) },
    }),
    unprovedYears: findUnprovedYears(payments, proof, own),
    events: rows.map(toEvent),
  };
}

/** A right of a session was detached on the trading day before it, or earlier. */
function findUnprovedYears(
  payments: readonly AuditedPayment[],
  proof: IncomeProof,
  own: readonly string[],
): ReadonlySet<string> {
  const unproved = payments.filter(({ isProved }) => isProved === false).map(({ day }) => day);
  const doubts = listUnprovedDays(proof, own).flatMap((text) => {
    const day = toPartition(text);
    const before = day && formatIsoDate(findLastTradingDay(getDayBefore(day)));
    return [text, before ?? text];
  });
  return new Set([...unproved, ...doubts].map((day) => day.slice(0, 'YYYY'.length)));
}

function toEvent([
  day,
  ticker,
  type,
  amount,
  adjusted,
  paidOn,
  ,
  multiplier,
  sources,
  status,
]: OutputRow): LedgerEvent {
  const toNumber = (value: OutputRow[number] | undefined): number | undefined =>
    typeof value === 'number' ? value : undefined;
  return {
    ...{ day: String(day), ticker: String(ticker), type: String(type) },
    amount: toNumber(amount),
    adjustedAmount: toNumber(adjusted),
    multiplier: toNumber(multiplier),
    paidOn: paidOn === null || paidOn === undefined ? undefined : String(paidOn),
    ...{ sources: String(sources), status: String(status) },
  };
}
