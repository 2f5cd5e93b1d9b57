/**
 * Quotes of days without raw text, from B3's history: it is read once, and each day is computed and written alone. A
 * process that dies leaves whole days, and a repetition makes the same ones.
 */

import type { Row } from '../catalog/column.ts';
import { getTable } from '../catalog/dataset.ts';
import { history } from '../catalog/datasets/b3.ts';
import { quotes } from '../catalog/datasets/cotacoes.ts';
import { getYear, type Partition } from '../catalog/partition.ts';
import { BrokenFileError, formatErrorWithHint } from '../errors.ts';
import type { ColumnarLake, Lake } from '../lake/lake.ts';
import {
  computeQuote,
  createQuoteSeries,
  createReferenceDays,
  type MissingDays,
  type QuoteSeries,
} from '../transform/historical-quotes.ts';
import type { Successions } from '../transform/lineage.ts';
import { createMarketDays } from '../transform/market-days.ts';
import { storeSubstitutes } from './deduplicate-partition.ts';
import {
  type AssetAdjustments,
  computeLakeAdjustments,
  type DerivedAdjustments,
  deriveFromHistory,
} from './derive-adjustments.ts';
import { type MarketHistory, readMarketHistory } from './market-history.ts';
import { createReport, type RunReport } from './report.ts';

const historyTable = getTable(history, 'sot');

/** Whether the lake has a year of B3's history that some days are in. */
export async function hasHistoryOf(lake: Lake, from: Partition, to: Partition): Promise<boolean> {
  const years = await lake.partitions(historyTable);
  return years.some((year) => getYear(from) <= year && year <= getYear(to));
}

/** The whole market, ready for the quotes of any day. */
export interface QuoteMarket {
  readonly assets: readonly QuoteSeries[];
  /** On which any paper was traded, in order. */
  readonly sessions: readonly Partition[];
  /** Sessions of the whole market that are not imported. */
  readonly missing: MissingDays;
}

export async function readQuoteMarket(
  lake: ColumnarLake,
  successions: Successions,
): Promise<QuoteMarket> {
  const market = await readMarketHistory(lake, { withPrices: true });
  return createQuoteMarket(market, await computeLakeAdjustments(lake, market, successions));
}

interface DerivedMarket {
  readonly derived: DerivedAdjustments;
  readonly quotes: QuoteMarket;
}

/** Derives the adjustments as `deriveAdjustments` does, and makes the market from the same read of the history. */
export async function deriveQuoteMarket(
  lake: ColumnarLake,
  successions: Successions,
): Promise<DerivedMarket> {
  const market = await readMarketHistory(lake, { withPrices: true });
  const { derived, adjusted } = await deriveFromHistory(lake, market, successions);
  return { derived, quotes: createQuoteMarket(market, adjusted) };
}

/** The market of a history with its prices. */
function createQuoteMarket(
  market: MarketHistory,
  assets: readonly AssetAdjustments[],
): QuoteMarket {
  const marketDays = createMarketDays([...market.prices.values()]);
  return {
    assets: assets.map(({ asset, adjustments }) => {
      const parts = asset.parts.flatMap(({ ticker }) => {
        const prices = market.prices.get(ticker);
        return prices === undefined ? [] : [{ ticker, prices }];
      });
      return createQuoteSeries(parts, adjustments);
    }),
    sessions: marketDays.days as readonly Partition[],
    missing: marketDays,
  };
}

/** Writes the quotes of a session; a file of it that cannot be read is named in the report. */
export async function fillQuotes(
  lake: Lake,
  { assets, missing }: QuoteMarket,
  partition: Partition,
  now: () => Date,
): Promise<RunReport> {
  const startedAt = now();
  const facts = { command: 'backfill', partition, startedAt, unparsed: [], origin: 'b3' } as const;
  const reference = createReferenceDays(partition);
  const rows: Row[] = [];
  for (const series of assets) {
    const row = computeQuote(series, reference, missing);
    if (row !== undefined) rows.push(row);
  }
  try {
    const { table, rowsAfter, bytes } = await storeSubstitutes(lake, quotes, partition, rows);
    return createReport({ ...facts, endedAt: now(), rows: { [table]: rowsAfter }, bytes });
  } catch (error) {
    if (!(error instanceof BrokenFileError)) throw error;
    return createReport({
      ...{ ...facts, endedAt: now(), rows: {}, bytes: 0 },
      error: formatErrorWithHint(error),
    });
  }
}
