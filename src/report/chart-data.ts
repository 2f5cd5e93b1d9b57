/** What the charts of a page are drawn from, as JSON inside the page. Pure. */
import { choosePriceDecimals } from '../presentation/notation.ts';
import type { LedgerEvent } from './income-history.ts';
import { packDays, packNumbers, packSeries, packValues, thinSeries } from './packed-series.ts';
import type { PageAsset, PageData, PageEvents } from './page-data.ts';
import type { Report, ReportAsset } from './read-report.ts';

/** Of the prices of a chart: cents; where some are below a real, two digits more than such a price is printed with. */
function chooseChartDecimals(lowest: number): number {
  return lowest >= 1 ? 2 : choosePriceDecimals(lowest) + 2;
}

export function createPageData({ assets, rates }: Report): PageData {
  const types: string[] = [];
  const placeOf = (type: string): number => {
    const known = types.indexOf(type);
    return known === -1 ? types.push(type) - 1 : known;
  };
  // The days that one chart keeps are shown of every asset, so that all have the same.
  const kept = new Set(
    assets.flatMap(({ prices }) => thinSeries(prices?.points ?? []).map(({ day }) => day)),
  );
  const calendar = [...kept].sort();
  return {
    assets: assets.map((asset) => createPageAsset(asset, calendar, placeOf)),
    calendar: packDays(calendar),
    types,
    cdi: packSeries(
      rates.map(({ day, percent }) => ({ day, value: percent })),
      RATE_DECIMALS,
    ),
  };
}

/** The central bank prints six. */
const RATE_DECIMALS = 8;

function createPageAsset(
  { ticker, prices, returns, income }: ReportAsset,
  calendar: readonly string[],
  placeOf: (type: string) => number,
): PageAsset {
  const events = packEvents(income?.events ?? [], placeOf);
  if (prices === undefined) return { ticker, events };
  const { points, band, unprovedUntil, last } = prices;
  const shown = new Set(calendar);
  const kept = points.filter(({ day }) => shown.has(day));
  const start = calendar.indexOf(points[0]?.day ?? '');
  const isWhole = kept.length === calendar.indexOf(last.day) - start + 1;
  const decimals = chooseChartDecimals(Math.min(...points.map(({ value }) => value)));
  return {
    ticker,
    prices: isWhole ? packValues(kept, decimals) : packSeries(kept, decimals),
    ...(isWhole && { start }),
    band: { from: band.from, low: band.low.value, high: band.high.value },
    ...(unprovedUntil !== undefined && { unprovedUntil }),
    ...(returns !== undefined && {
      returns: packValues(
        returns.points.filter(({ day }) => shown.has(day)),
        2,
      ),
    }),
    ...(returns?.cdiReturn !== undefined && { cdiFrom: returns.summary.first }),
    events,
  };
}

function packEvents(events: readonly LedgerEvent[], placeOf: (type: string) => number): PageEvents {
  const inForce = events.filter(({ status }) => status === 'vigente');
  return {
    d: packDays(inForce.map(({ day }) => day)),
    t: packNumbers(
      inForce.map(({ type, multiplier }) => placeOf(multiplier === undefined ? type : `${type} ×`)),
    ),
    a: inForce.map(({ adjustedAmount, multiplier }) => adjustedAmount ?? multiplier ?? null),
  };
}
