/** The prices of an asset as a report shows them: adjusted for splits, with the band of the last 52 weeks. */
import { getDayBefore, getPartition, type Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import type { OutputRow, QueryEngine } from '../query/engine.ts';
import { buildHistorySelect } from '../query/history.ts';
import { readAll } from '../query/read-rows.ts';
import type { SeriesPoint } from './packed-series.ts';

interface Band {
  readonly low: SeriesPoint;
  readonly high: SeriesPoint;
  /** The first day of the 52 weeks. */
  readonly from: string;
}

export interface PriceHistory {
  /** Closes of one unit of today, adjusted for splits alone. */
  readonly points: readonly SeriesPoint[];
  readonly last: SeriesPoint;
  readonly band: Band;
  /** Prices up to this day rest on an adjustment that is not proved; undefined if all are proved. */
  readonly unprovedUntil: string | undefined;
}

export interface PriceRequest {
  readonly from: Partition | undefined;
  readonly to: Partition | undefined;
  /** Whether the adjustments are those of the prices: otherwise none is proved. */
  readonly isDerived: boolean;
}

/** The prices of all assets, adjusted for splits, by asset and day: of the 52 weeks of the band at least. */
export function readSessions(
  engine: QueryEngine,
  tickers: readonly Ticker[],
  { from, to, isDerived }: PriceRequest,
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
export function createPrices(rows: readonly OutputRow[], first = ''): PriceHistory | undefined {
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
