/** The collection of a day: from a source's listings to one row a key in all tables that follow. */
import type { Dataset } from '../catalog/dataset.ts';
import { dailyDatasets } from '../catalog/datasets.ts';
import type { Partition } from '../catalog/partition.ts';
import { formatErrorWithHint, SiteError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { findDrift } from '../transform/drift.ts';
import { type Collection, collect, type FailedTicker, type TickerOutcome } from './collect.ts';
import type { DataSource } from './data-source.ts';
import {
  isKnownAsMissing,
  isLeftOut,
  type MissingTicker,
  updateMissingTickers,
} from './missing-tickers.ts';
import { completeUnfinishedDays, tryRebuild } from './rebuild.ts';
import { createReport, type ReportFacts, type RunReport } from './report.ts';
import { describeShortListings, findStoredTickers, type ListingSize } from './tickers.ts';

/** What to collect: the whole listings of these data sets, or these tickers. */
type Selection =
  | { readonly datasets: readonly Dataset[] }
  | { readonly tickers: readonly string[] };

export interface RunRequest {
  readonly source: DataSource;
  readonly lake: Lake;
  /** The data sets of days that are made to follow; those that pynvest knows unless others are given. */
  readonly datasets?: readonly Dataset[];
  /** Fixed here, once; no later step reads the clock for it. */
  readonly partition: Partition;
  readonly selection: Selection;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** What earlier runs know of tickers that are listed and have no page: `parseMissingTickers`. */
  readonly missing?: readonly MissingTicker[];
  /** Stores the report, also of a run that is interrupted or has no listing. */
  readonly writeReport?: (report: RunReport) => Promise<void>;
  readonly events?: RunEvents;
}

/** What a run reports while it is under way. */
interface RunEvents {
  onListed?(tickers: readonly string[]): void;
  onTicker?(outcome: TickerOutcome): void;
  onCollected?(): void;
  /** A day that an earlier run had left unfinished is complete now. */
  onCompleted?(day: Partition): void;
}

/**
 * Collects and makes all layers follow. Nothing of the day is removed but what a newer row of the same ticker
 * replaces: a ticker that fails this time keeps its earlier row. Days that earlier runs left unfinished are completed
 * last, once the report of this one is written: no fault of an old day may keep today's pages from being collected.
 *
 * @throws SiteError where no listing can be read; the tables are untouched then
 */
export async function run(request: RunRequest): Promise<RunReport> {
  const recorder = new RunRecorder(request);
  const selected = await selectTickers(request, recorder);
  request.events?.onListed?.(selected.tickers);
  const collection = await collectTickers(request, selected, recorder);
  request.events?.onCollected?.();
  const rebuilt = await tryRebuild(request.lake, request.partition, request.datasets);
  const report = recorder.createReport({
    ...describeSelection(selected),
    ...describeCollection(request, selected, collection),
    rows: rebuilt.rows,
    unparsed: rebuilt.unparsed,
    bytes: collection.bytes + rebuilt.bytes,
    ...('error' in rebuilt ? { error: rebuilt.error } : {}),
  });
  await request.writeReport?.(report);
  return completeEarlierDays(request, report);
}

/** The reports of one run: what is known of it from its start, and what each of them adds. */
class RunRecorder {
  readonly #request: RunRequest;
  readonly #startedAt: Date;

  constructor(request: RunRequest) {
    this.#request = request;
    this.#startedAt = request.now();
  }

  createReport(facts: Partial<ReportFacts>): RunReport {
    const { partition, now, missing = [] } = this.#request;
    return createReport({
      command: 'run',
      missing,
      partition,
      startedAt: this.#startedAt,
      endedAt: now(),
      rows: {},
      unparsed: [],
      bytes: 0,
      ...facts,
    });
  }

  /** Stores a report of a run that fails. That it cannot be stored must not hide why the run failed. */
  async tryWrite(facts: Partial<ReportFacts>): Promise<void> {
    await this.#request.writeReport?.(this.createReport(facts)).catch(() => undefined);
  }
}

interface SelectedTickers {
  readonly tickers: readonly string[];
  readonly rejected: readonly string[];
  /** Which listings could not be read, or are too short, in words. */
  readonly listingFaults: readonly string[];
}

/** @throws SiteError where no listing can be read */
async function selectTickers(request: RunRequest, recorder: RunRecorder): Promise<SelectedTickers> {
  const { source, lake, partition, selection, missing = [] } = request;
  if ('tickers' in selection) {
    return { tickers: selection.tickers, rejected: [], listingFaults: [] };
  }
  const datasets = source.datasets.filter((each) => selection.datasets.includes(each));
  const { listings, failures } = await readListings(source, datasets);
  const [failure] = failures;
  if (listings.length === 0 && failure !== undefined) {
    await recorder.tryWrite({ error: formatErrorWithHint(failure) });
    throw failure;
  }
  const sizes = listings.map(
    ({ dataset, keys }): ListingSize => ({ dataset, tickers: keys.length }),
  );
  const leftOut = new Set(
    missing.filter((each) => isLeftOut(each, partition)).map(({ ticker }) => ticker),
  );
  return {
    tickers: [...new Set(listings.flatMap(({ keys }) => keys))].filter((key) => !leftOut.has(key)),
    rejected: listings.flatMap(({ rejected }) => rejected),
    listingFaults: [
      ...failures.map(formatErrorWithHint),
      ...(await describeShortListings(lake, partition, sizes)),
    ],
  };
}

interface DatasetListing extends Awaited<ReturnType<DataSource['list']>> {
  readonly dataset: Dataset;
}

/** The listings of some data sets. One that cannot be read does not keep the others from being collected. */
async function readListings(
  source: DataSource,
  datasets: readonly Dataset[],
): Promise<{ readonly listings: readonly DatasetListing[]; readonly failures: SiteError[] }> {
  const failures: SiteError[] = [];
  const answers = await Promise.all(
    datasets.map(async (dataset): Promise<DatasetListing[]> => {
      try {
        return [{ dataset, ...(await source.list(dataset)) }];
      } catch (error) {
        if (!(error instanceof SiteError)) throw error;
        failures.push(error);
        return [];
      }
    }),
  );
  return { listings: answers.flat(), failures };
}

/** Collects the tickers; where the run is interrupted, a report says how far it was. */
async function collectTickers(
  request: RunRequest,
  selected: SelectedTickers,
  recorder: RunRecorder,
): Promise<Collection> {
  const outcomes: TickerOutcome[] = [];
  try {
    return await collect({
      ...request,
      keys: await sortMissingFirst(request, selected.tickers),
      onTicker(outcome) {
        outcomes.push(outcome);
        request.events?.onTicker?.(outcome);
      },
    });
  } catch (error) {
    // Any other error is of the lake: how much of what was read is stored is not known then.
    if (request.signal.aborted && error === request.signal.reason) {
      await recorder.tryWrite({
        ...describeSelection(selected),
        stored: outcomes.filter(({ ok }) => ok).length,
        failed: outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.failure])),
        interrupted: true,
      });
    }
    throw error;
  }
}

/**
 * The tickers that the day lacks before those that it has: a run that the site stops half-way, again
 * and again, still completes the day.
 */
async function sortMissingFirst(
  { source, lake, partition }: RunRequest,
  tickers: readonly string[],
): Promise<string[]> {
  const stored = new Set<string>();
  for (const dataset of source.datasets) {
    for (const ticker of (await findStoredTickers(lake, dataset, partition)).keys()) {
      stored.add(ticker);
    }
  }
  return [
    ...tickers.filter((ticker) => !stored.has(ticker)),
    ...tickers.filter((ticker) => stored.has(ticker)),
  ];
}

function describeSelection({
  tickers,
  rejected,
  listingFaults,
}: SelectedTickers): Pick<ReportFacts, 'asked' | 'rejected' | 'listingFaults'> {
  return { asked: tickers.length, rejected, listingFaults };
}

function describeCollection(
  { selection, partition, missing: before = [] }: RunRequest,
  { tickers }: SelectedTickers,
  { stored, failed }: Collection,
): Pick<ReportFacts, 'stored' | 'failed' | 'missing' | 'drift'> {
  const outcome = { stored: stored.map(({ key }) => key), failed };
  const missing = updateMissingTickers(before, partition, tickers, outcome);
  const known = new Set(missing.filter(isKnownAsMissing).map(({ ticker }) => ticker));
  // Who asks for a ticker by its name is to know that the site has none.
  const isFailure = ({ ticker, kind }: FailedTicker): boolean =>
    'tickers' in selection || kind !== 'not-found' || !known.has(ticker);
  const labels = stored.flatMap((each) => each.labels ?? []);
  const drift = findDrift(labels, partition);
  return {
    stored: stored.length,
    failed: failed.filter(isFailure),
    missing,
    // What a few chosen pages lack means nothing: only a bank's page has a bank's labels.
    drift: 'tickers' in selection ? { ...drift, vanishedColumns: [] } : drift,
  };
}

/** Completes the days that earlier runs left unfinished; the report names those that cannot be completed. */
async function completeEarlierDays(
  { lake, datasets = dailyDatasets, partition, signal, events, writeReport }: RunRequest,
  report: RunReport,
): Promise<RunReport> {
  const unfinished = await completeUnfinishedDays({
    lake,
    datasets,
    today: partition,
    signal,
    onCompleted: (day) => events?.onCompleted?.(day),
  });
  if (unfinished.length === 0) return report;
  const withUnfinished: RunReport = { ...report, uncompleted_days: unfinished };
  await writeReport?.(withUnfinished);
  return withUnfinished;
}
