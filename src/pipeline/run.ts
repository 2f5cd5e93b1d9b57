/** Today's collection: from the site's listings to one row a ticker in all five tables. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import type { Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { formatErrorWithHint, SiteError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import type { Site } from '../sources/fundamentus/site.ts';
import { findDrift } from '../transform/drift.ts';
import { collect, type TickerOutcome } from './collect.ts';
import { completeUnfinishedDays, tryRebuild } from './rebuild.ts';
import { createReport, type ReportFacts, type RunReport } from './report.ts';
import { describeShortListings, findStoredTickers, type ListingSize } from './tickers.ts';

/** What to collect: all of a kind's listing, or these tickers. */
export type Selection =
  | { readonly kinds: readonly AssetKind[] }
  | { readonly tickers: readonly Ticker[] };

export interface RunRequest {
  readonly site: Site;
  readonly lake: Lake;
  /** Fixed here, once; no later step reads the clock for it. */
  readonly partition: Partition;
  readonly selection: Selection;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Keeps the report, also of a run that is interrupted or has no listing. */
  readonly writeReport?: (report: RunReport) => Promise<void>;
  readonly events?: RunEvents;
}

/** How a run tells whoever started it where it is. */
interface RunEvents {
  onListed?(tickers: readonly Ticker[]): void;
  onTicker?(outcome: TickerOutcome): void;
  onCollected?(): void;
  /** A day that an earlier run had left unfinished is whole now. */
  onCompleted?(day: Partition): void;
}

/**
 * Collects and makes all layers follow. Nothing of the day is removed but what a newer row of the same
 * ticker replaces: a ticker that fails this time keeps its earlier row. Days that earlier runs left
 * unfinished come last: no fault of an old day stands between the site and today.
 *
 * @throws SiteError where a listing cannot be had; the tables are untouched then
 */
export async function run(request: RunRequest): Promise<RunReport> {
  const { site, lake, partition, selection, events, now, signal } = request;
  const startedAt = now();
  const report = (facts: Partial<ReportFacts>): RunReport =>
    createReport({
      command: 'run',
      partition,
      startedAt,
      endedAt: now(),
      rows: {},
      unparsed: [],
      bytes: 0,
      ...facts,
    });
  /** What stops a run is the news, not that its report cannot be kept. */
  const keepAnyway = async (facts: Partial<ReportFacts>): Promise<void> =>
    request.writeReport?.(report(facts)).catch(() => undefined);

  const { tickers, rejected, listed, absent } = await selectTickers(site, selection).catch(
    async (error: unknown) => {
      if (error instanceof SiteError) await keepAnyway({ error: formatErrorWithHint(error) });
      throw error;
    },
  );
  events?.onListed?.(tickers);
  const faults = [...absent, ...(await describeShortListings(lake, partition, listed))];
  const outcomes: TickerOutcome[] = [];
  const collection = await collect({
    ...request,
    tickers: await sortMissingFirst(lake, partition, tickers),
    onTicker(outcome) {
      outcomes.push(outcome);
      events?.onTicker?.(outcome);
    },
  }).catch(async (error: unknown) => {
    // Any other error is of the lake: how much of what came is stored is not known then.
    if (signal.aborted && error === signal.reason) {
      await keepAnyway({
        asked: tickers.length,
        stored: outcomes.filter(({ ok }) => ok).length,
        failed: outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.failure])),
        rejected,
        listingFaults: faults,
        interrupted: true,
      });
    }
    throw error;
  });
  events?.onCollected?.();
  const rebuilt = await tryRebuild(lake, partition);
  const drift = findDrift(collection.stored, partition);
  // What a few chosen pages lack says nothing: only a bank's page has a bank's labels.
  const whole = report({
    asked: tickers.length,
    stored: collection.stored.length,
    failed: collection.failed,
    rejected,
    listingFaults: faults,
    rows: rebuilt.rows,
    unparsed: rebuilt.unparsed,
    drift: 'tickers' in selection ? { ...drift, vanishedColumns: [] } : drift,
    bytes: collection.bytes + rebuilt.bytes,
    ...('error' in rebuilt ? { error: rebuilt.error } : {}),
  });
  // Kept at once: whatever lies in wait in other days, this one is collected.
  await request.writeReport?.(whole);
  const unfinished = await completeUnfinishedDays({
    lake,
    today: partition,
    signal,
    onCompleted: (day) => events?.onCompleted?.(day),
  });
  if (unfinished.length === 0) return whole;
  const withUnfinished: RunReport = { ...whole, uncompleted_days: unfinished };
  await request.writeReport?.(withUnfinished);
  return withUnfinished;
}

/**
 * The tickers that the day lacks before those that it has: a run that the site stops half-way, again
 * and again, still completes the day.
 */
async function sortMissingFirst(
  lake: Lake,
  partition: Partition,
  tickers: readonly Ticker[],
): Promise<Ticker[]> {
  const stored = new Set<string>();
  for (const kind of assetKinds) {
    for (const ticker of (await findStoredTickers(lake, kind, partition)).keys())
      stored.add(ticker);
  }
  return [
    ...tickers.filter((ticker) => !stored.has(ticker)),
    ...tickers.filter((ticker) => stored.has(ticker)),
  ];
}

interface SelectedTickers {
  readonly tickers: readonly Ticker[];
  readonly rejected: readonly string[];
  readonly listed: readonly ListingSize[];
  /** Which listing did not come, and why; the other kind is collected all the same. */
  readonly absent: readonly string[];
}

/** @throws SiteError where no listing comes */
async function selectTickers(site: Site, selection: Selection): Promise<SelectedTickers> {
  if ('tickers' in selection) {
    return { tickers: selection.tickers, rejected: [], listed: [], absent: [] };
  }
  const kinds = assetKinds.filter((kind) => selection.kinds.includes(kind));
  const absent: SiteError[] = [];
  const answers = await Promise.all(
    kinds.map(async (kind) => {
      try {
        return [{ kind, ...(await site.listing(kind)) }];
      } catch (error) {
        if (!(error instanceof SiteError)) throw error;
        absent.push(error);
        return [];
      }
    }),
  );
  const listings = answers.flat();
  const [first] = absent;
  if (listings.length === 0 && first !== undefined) throw first;
  return {
    tickers: [...new Set(listings.flatMap(({ tickers }) => tickers))],
    rejected: listings.flatMap(({ rejected }) => rejected),
    listed: listings.map(({ kind, tickers }) => ({ kind, tickers: tickers.length })),
    absent: absent.map(formatErrorWithHint),
  };
}
