/**
 * Collection: from tickers to files of raw text (SoR), page by page. A page is taken only where a row of the wanted day
 * can be made of it.
 */

import pMap from 'p-map';
import type { AssetKind, AssetPage } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import { sorTables } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import {
  LaterDayError,
  LayoutChangedError,
  SiteError,
  type SiteFailureKind,
  TransientSiteError,
} from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { rawName } from '../lake/names.ts';
import type { Site } from '../sources/fundamentus/site.ts';
import { isRetryAfterTooLong } from '../sources/http/retry.ts';
import type { PageLabels } from '../transform/drift.ts';
import { type ExtractedRow, extractRow } from '../transform/extract.ts';
import { findLaterDay, incompleteReason } from '../transform/page-quality.ts';

export interface FailedTicker {
  readonly ticker: Ticker;
  /** `unexpected` is a bug of ours, which this page alone shows. */
  readonly kind: SiteFailureKind | 'not-asked' | 'unexpected';
  readonly reason: string;
}

/** What came of one ticker. */
export type TickerOutcome =
  | { readonly ticker: Ticker; readonly ok: true }
  | { readonly ticker: Ticker; readonly ok: false; readonly failure: FailedTicker };

interface Collection {
  readonly stored: readonly PageLabels[];
  readonly failed: readonly FailedTicker[];
  readonly bytes: number;
}

export interface CollectRequest {
  readonly site: Site;
  readonly lake: Lake;
  readonly partition: Partition;
  readonly tickers: readonly Ticker[];
  /** Pages read at once; the site's client has a bound of its own. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /**
   * When it is aborted no further page is asked for: what has come is written, and the other tickers
   * count as not asked. The site's own client should be bound to it too.
   */
  readonly deadline?: AbortSignal;
  readonly now: () => Date;
  /**
   * Asked of a page that has come: whether the lake has one as good, so that this one is not stored. Such
   * a ticker is neither stored nor failed.
   */
  readonly isStored?: (page: AssetPage) => Promise<boolean>;
  readonly onTicker?: (outcome: TickerOutcome) => void;
}

/** Rows are written when so many of a kind have come: whoever dies loses at most these. */
const BATCH_SIZE = 100;

/** After so many refusals without one page between them, the site is left alone. */
const MAX_CONSECUTIVE_REFUSALS = 20;

/**
 * Reads the page of each ticker and writes the rows, batch by batch, as files of raw text. A ticker
 * that fails, fails alone. When `signal` is aborted, what has come is written before this rejects.
 */
export async function collect(request: CollectRequest): Promise<Collection> {
  const { site, lake, partition, tickers, signal, deadline, now } = request;
  const stored: PageLabels[] = [];
  const failed: FailedTicker[] = [];
  const waiting: Record<AssetKind, { ticker: Ticker; row: Row }[]> = { acoes: [], fiis: [] };
  let bytes = 0;
  let refusals = 0;

  const flush = async (kind: AssetKind): Promise<void> => {
    const batch = waiting[kind];
    waiting[kind] = [];
    const name = rawName(
      kind,
      batch.map(({ ticker }) => ticker),
    );
    const rows = batch.map(({ row }) => row);
    bytes += await lake.write({ table: sorTables[kind], partition, name }, rows);
  };

  /** What ends the whole collection: a lake that cannot be written. */
  let end: { readonly error: unknown } | undefined;

  const fail = (ticker: Ticker, error: unknown): void => {
    const kind = error instanceof SiteError ? error.kind : 'unexpected';
    const reason = error instanceof Error ? error.message : String(error);
    refusals = error instanceof TransientSiteError ? refusals + 1 : 0;
    if (error instanceof TransientSiteError && isRetryAfterTooLong(error))
      refusals = MAX_CONSECUTIVE_REFUSALS;
    const failure: FailedTicker = { ticker, kind, reason };
    failed.push(failure);
    request.onTicker?.({ ticker, ok: false, failure });
  };

  const collectOne = async (ticker: Ticker): Promise<void> => {
    if (signal.aborted || end !== undefined) return;
    if (deadline?.aborted) {
      failed.push(createNotAskedFailure(ticker, 'no time was left'));
      return;
    }
    if (refusals >= MAX_CONSECUTIVE_REFUSALS) {
      failed.push(createNotAskedFailure(ticker, 'the site refused those before'));
      return;
    }
    let read: UsablePage;
    try {
      read = await readUsablePage(site, ticker, partition, now);
    } catch (error) {
      if (deadline !== undefined && isAbortBy(deadline, error)) {
        failed.push(createNotAskedFailure(ticker, 'no time was left'));
      } else if (!signal.aborted) {
        fail(ticker, error);
      }
      return;
    }
    refusals = 0;
    const { page, extracted: recorded } = read;
    const { row, ...labels } = recorded;
    try {
      if (await request.isStored?.(page)) return;
    } catch (error) {
      end ??= { error };
      return;
    }
    stored.push({ ticker, kind: page.kind, ...labels });
    waiting[page.kind].push({ ticker, row });
    request.onTicker?.({ ticker, ok: true });
    try {
      if (waiting[page.kind].length >= BATCH_SIZE) await flush(page.kind);
    } catch (error) {
      end ??= { error };
    }
  };

  // No task rejects: each that has begun comes to its end before this goes on, so that nothing is
  // still being written when the caller lets the lake go.
  await pMap(tickers, collectOne, { concurrency: request.concurrency });
  if (end !== undefined && !signal.aborted) throw end.error;
  await flush('acoes');
  await flush('fiis');
  signal.throwIfAborted();
  return { stored, failed, bytes };
}

function createNotAskedFailure(ticker: Ticker, why: string): FailedTicker {
  return { ticker, kind: 'not-asked', reason: `not asked: ${why}` };
}

/** A call that was under way when the signal came rejects with its reason, a wait with an AbortError. */
function isAbortBy(signal: AbortSignal, error: unknown): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

interface UsablePage {
  readonly page: AssetPage;
  readonly extracted: ExtractedRow;
}

/**
 * Asks the site for the page of a ticker, and refuses one that no row should be made of.
 *
 * @throws SiteError where the page cannot be had, says too little, or shows a later day
 */
export async function readUsablePage(
  site: Site,
  ticker: Ticker,
  partition: Partition,
  now: () => Date,
): Promise<UsablePage> {
  const page = await site.details(ticker);
  const readAt = now();
  const recorded = extractRow(page, partition, readAt);
  const poverty = incompleteReason(recorded);
  if (poverty !== undefined) throw createIncompletePageError(ticker, poverty);
  const laterDay = findLaterDay(recorded.row, partition, readAt);
  if (laterDay !== undefined) throw createLaterDayError(ticker, partition, laterDay);
  return { page, extracted: recorded };
}

function createIncompletePageError(ticker: Ticker, why: string): LayoutChangedError {
  return new LayoutChangedError(`${ticker}: ${why}`, {
    hint: 'The site may be in trouble, or a newer version of pynvest may know its new pages.',
  });
}

function createLaterDayError(ticker: Ticker, wanted: Partition, shown: Partition): LaterDayError {
  return new LaterDayError(
    `${ticker}: the page shows ${isoDate(shown)} by now, and was wanted for ${isoDate(wanted)}`,
    { hint: 'The page of a past day cannot be had again: the day stays without it.' },
  );
}
