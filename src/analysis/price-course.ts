/** How the price of an asset has moved in the twelve months up to a day: by B3's history, or else by the collected quotes. */
import { formatIsoDate, type Partition, toPartition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { quotesTable } from '../query/columns.ts';
import type { QueryEngine } from '../query/engine.ts';
import { historyTable } from '../query/history.ts';
import { createQuotesRequest } from '../query/quotes.ts';
import { readRows } from '../query/read-rows.ts';
import type { PricePoint } from '../transform/returns.ts';
import { readAssetSeries } from './asset-history.ts';

export interface PriceCourse {
  /** The oldest first; two at least. */
  readonly points: readonly PricePoint[];
  /** `b3`: closes adjusted for splits and cash, comparable with one another; `fundamentus`: prices as they were collected. */
  readonly source: 'b3' | 'fundamentus';
}

/** Undefined where the lake has no two prices of these months. */
export async function readPriceCourse(
  engine: QueryEngine,
  ticker: Ticker,
  day: Partition,
): Promise<PriceCourse | undefined> {
  const start = findYearBefore(day);
  // The change of twelve months is from the last session up to their start.
  const from = moveDays(start, -LONGEST_PAUSE);
  const cut = (points: readonly PricePoint[]): readonly PricePoint[] =>
    points.slice(
      Math.max(
        0,
        points.findLastIndex((point) => point.day <= formatIsoDate(start)),
      ),
    );
  if ((await engine.newestPartition(historyTable)) !== undefined) {
    const series = await readAssetSeries(engine, [ticker], { from, to: day, isDerived: true });
    const points = cut(series.get(ticker)?.points ?? []);
    if (points.length > 1) return { points, source: 'b3' };
  }
  if ((await engine.newestPartition(quotesTable)) === undefined) return undefined;
  const columns = ['dt_ult_cot', 'vlr_cot'];
  const rows = await readRows(
    engine,
    createQuotesRequest([ticker], { from, to: day }, { columns }),
  );
  const quotes = rows.flatMap(([partition, , session, price]): PricePoint[] =>
    typeof price === 'number'
      ? [{ day: String(session ?? formatIsoDate(Number(partition) as Partition)), price }]
      : [],
  );
  const points = cut(quotes);
  return points.length > 1 ? { points, source: 'fundamentus' } : undefined;
}

/** Over carnival and a weekend an exchange rests for some days. */
const LONGEST_PAUSE = 7;

function moveDays(day: Partition, count: number): Partition {
  const moved = new Date(Date.parse(formatIsoDate(day)) + count * 86_400_000);
  return toPartition(moved.toISOString().slice(0, 10)) ?? day;
}

/** Of 29 February the day before, too. */
function findYearBefore(day: Partition): Partition {
  return toPartition(String(day - 10_000)) ?? ((day - 10_001) as Partition);
}
