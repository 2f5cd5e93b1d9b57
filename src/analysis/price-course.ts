/**
 * How the price of an asset has moved in the twelve months up to a day: by B3's history, or else by the collected
 * quotes.
 */
import { formatIsoDate, getYearsBefore, type Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { quotesTable } from '../query/columns.ts';
import type { QueryEngine } from '../query/engine.ts';
import { historyTable } from '../query/history.ts';
import { createQuotesRequest } from '../query/quotes.ts';
import { readRows } from '../query/read-rows.ts';
import type { PricePoint } from '../transform/returns.ts';
import {
  getLastYear,
  getReadingStart,
  readAssetSeries,
  startWithCloseBefore,
} from './asset-history.ts';

export interface PriceCourse {
  /** The oldest first; two at least. */
  readonly points: readonly PricePoint[];
  /**
   * `b3`: closes adjusted for splits and cash, comparable with one another; `fundamentus`: prices as they were
   * collected.
   */
  readonly source: 'b3' | 'fundamentus';
}

/** Undefined where the lake has no two prices of these months. */
export async function readPriceCourse(
  engine: QueryEngine,
  ticker: Ticker,
  day: Partition,
): Promise<PriceCourse | undefined> {
  const start = getYearsBefore(day);
  if ((await engine.newestPartition(historyTable)) !== undefined) {
    const series = await readAssetSeries(engine, [ticker], {
      ...getLastYear(day),
      isDerived: true,
    });
    const points = series.get(ticker)?.points ?? [];
    if (points.length > 1) return { points, source: 'b3' };
  }
  if ((await engine.newestPartition(quotesTable)) === undefined) return undefined;
  const columns = ['dt_ult_cot', 'vlr_cot'];
  const rows = await readRows(
    engine,
    createQuotesRequest([ticker], { from: getReadingStart(start), to: day }, { columns }),
  );
  const quotes = rows.flatMap(([partition, , session, price]): PricePoint[] =>
    typeof price === 'number'
      ? [{ day: String(session ?? formatIsoDate(Number(partition) as Partition)), price }]
      : [],
  );
  const points = startWithCloseBefore(quotes, start, (point) => point.day);
  return points.length > 1 ? { points, source: 'fundamentus' } : undefined;
}
