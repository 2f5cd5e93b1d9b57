/** Reads what a report shows of each asset: the answers of the queries, each with what it rests on. */
import {
  type AssetSeries,
  type CurrencyChange,
  findTickersOfAssets,
  readAssetSeries,
  readLedger,
} from '../analysis/asset-history.ts';
import { readIncomeProof, readNewestPrices, sumLastYear } from '../analysis/income.ts';
import { getIndicatorTable } from '../analysis/market-day.ts';
import { type AssetProfile, readProfile } from '../analysis/profile.ts';
import { assetKinds } from '../catalog/asset.ts';
import { formatIsoDate } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { eventsTable } from '../query/dividends.ts';
import type { QueryEngine } from '../query/engine.ts';
import { historyTable } from '../query/history.ts';
import { findPresentTickers } from '../query/read-rows.ts';
import {
  compoundDaily,
  type RatePoint,
  type ReturnSummary,
  summarizeReturns,
} from '../transform/returns.ts';
import { createIncome, type IncomeHistory, type IncomeRequest } from './income-history.ts';
import type { SeriesPoint } from './packed-series.ts';
import {
  createPrices,
  type PriceHistory,
  type PriceRequest,
  readSessions,
} from './price-history.ts';
import { readRankings, type ScreenPositions } from './screen-positions.ts';

interface ReturnHistory {
  /** What 100 reais became, dividends reinvested. */
  readonly points: readonly SeriesPoint[];
  readonly summary: ReturnSummary;
  readonly isProved: boolean;
  /** Of CDI on the same days; undefined where the lake lacks it. */
  readonly cdiReturn: number | undefined;
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

export interface Report {
  readonly rankings: readonly ScreenPositions[];
  readonly assets: readonly ReportAsset[];
  /** CDI of each day, the oldest first. */
  readonly rates: readonly RatePoint[];
  /** When it was made, ISO 8601. */
  readonly madeAt: string;
}

interface ReportRequest extends PriceRequest, IncomeRequest {
  readonly tickers: readonly Ticker[];
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
  const kinds = new Set(assets.flatMap(({ profile }) => profile?.kind ?? []));
  return { assets, madeAt, rates, rankings: await readRankings(engine, kinds, to) };
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
