/**
 * Collection: from keys, such as tickers, to files of raw text (SoR), batch by batch. A key that fails, fails alone.
 */

import pMap from 'p-map';
import type { Row } from '../catalog/column.ts';
import { type Dataset, getCollectedTable } from '../catalog/dataset.ts';
import type { Partition } from '../catalog/partition.ts';
import {
  SiteBlockedError,
  SiteError,
  type SiteFailureKind,
  TransientSiteError,
} from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { formatRawName } from '../lake/names.ts';
import { isRetryAfterTooLong } from '../sources/http/retry.ts';
import { findEventYear } from '../transform/layers.ts';
import type { CollectedRows, DataSource } from './data-source.ts';

export interface FailedTicker {
  readonly ticker: string;
  /** `unexpected` is a bug of ours, which this page alone shows. */
  readonly kind: SiteFailureKind | 'not-asked' | 'unexpected';
  readonly reason: string;
}

/** How one ticker ended. */
export type TickerOutcome =
  | { readonly ticker: string; readonly ok: true }
  | { readonly ticker: string; readonly ok: false; readonly failure: FailedTicker };

/** A key whose rows were stored. */
interface StoredKey extends Pick<CollectedRows, 'dataset' | 'labels'> {
  readonly key: string;
}

export interface Collection {
  readonly stored: readonly StoredKey[];
  readonly failed: readonly FailedTicker[];
  readonly bytes: number;
}

export interface CollectRequest {
  readonly source: DataSource;
  readonly lake: Lake;
  readonly partition: Partition;
  readonly keys: readonly string[];
  /** Keys read at once; the source's client has a bound of its own. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /**
   * When it is aborted no further key is asked for: what was read is written, and the other keys count as not
   * asked. The source's own client should be bound to it too.
   */
  readonly deadline?: AbortSignal;
  readonly now: () => Date;
  /**
   * Asked of a key whose rows were read: whether the lake has some as good, so that these are not stored. Such a
   * key is neither stored nor failed.
   */
  readonly isStored?: (key: string, dataset: Dataset) => Promise<boolean>;
  readonly onTicker?: (outcome: TickerOutcome) => void;
}

/** After so many refusals without one answer between them, the source is asked no more. */
const MAX_CONSECUTIVE_REFUSALS = 20;

/**
 * The same of refusals that ask for a longer wait than a run can afford: several mean the site, one may mean a single
 * page.
 */
const MAX_CONSECUTIVE_LONG_WAITS = 3;

/**
 * Reads each key and writes the rows as files of raw text. When `signal` is aborted, what was read is written before
 * this rejects.
 *
 * @throws LakeError where the lake cannot be written
 */
export async function collect(request: CollectRequest): Promise<Collection> {
  const collector = new Collector(request);
  // No task rejects: each one that has begun ends before this continues, so that nothing is still being written when
  // the caller releases the lake.
  await pMap(request.keys, (key) => collector.collectOne(key), {
    concurrency: request.concurrency,
  });
  return collector.finish();
}

class Collector {
  readonly #request: CollectRequest;
  readonly #batches: Batches;
  readonly #stored: StoredKey[] = [];
  readonly #failed: FailedTicker[] = [];
  #refusals = 0;
  #longWaits = 0;
  /** Of those failures in a row: whether the site refused one, and did not merely fail or give no answer. */
  #isRefused = false;
  /** What ends the whole collection: a lake that cannot be written. */
  #fault: { readonly error: unknown } | undefined;

  constructor(request: CollectRequest) {
    this.#request = request;
    this.#batches = new Batches(request.lake);
  }

  async collectOne(key: string): Promise<void> {
    if (this.#request.signal.aborted || this.#fault !== undefined) return;
    const reason = this.#findReasonNotToAsk();
    if (reason !== undefined) {
      this.#failed.push(createNotAskedFailure(key, reason));
      return;
    }
    const collected = await this.#read(key);
    if (collected === undefined) return;
    try {
      await this.#store(key, collected);
    } catch (error) {
      this.#fault ??= { error };
    }
  }

  async finish(): Promise<Collection> {
    const { signal } = this.#request;
    if (this.#fault !== undefined && !signal.aborted) throw this.#fault.error;
    await this.#batches.flush();
    signal.throwIfAborted();
    return { stored: this.#stored, failed: this.#failed, bytes: this.#batches.bytes };
  }

  #findReasonNotToAsk(): string | undefined {
    if (this.#request.deadline?.aborted) return 'no time was left';
    if (
      this.#refusals >= MAX_CONSECUTIVE_REFUSALS ||
      this.#longWaits >= MAX_CONSECUTIVE_LONG_WAITS
    ) {
      return this.#isRefused ? 'the site refused those before' : 'the requests before failed';
    }
    return undefined;
  }

  /** What the source has of a key; undefined where it failed, which is recorded then. */
  async #read(key: string): Promise<CollectedRows | undefined> {
    const { source, partition, now, signal, deadline } = this.#request;
    try {
      const collected = await source.read(key, partition, now);
      this.#refusals = 0;
      this.#longWaits = 0;
      this.#isRefused = false;
      return collected;
    } catch (error) {
      if (deadline !== undefined && isAbortBy(deadline, error)) {
        this.#failed.push(createNotAskedFailure(key, 'no time was left'));
      } else if (!signal.aborted) {
        this.#fail(key, error);
      }
      return undefined;
    }
  }

  #fail(ticker: string, error: unknown): void {
    const isRefusal = error instanceof TransientSiteError;
    this.#refusals = isRefusal ? this.#refusals + 1 : 0;
    this.#isRefused = isRefusal && (this.#isRefused || error instanceof SiteBlockedError);
    if (!isRefusal) this.#longWaits = 0;
    else if (isRetryAfterTooLong(error)) this.#longWaits += 1;
    const kind = error instanceof SiteError ? error.kind : 'unexpected';
    const reason = error instanceof Error ? error.message : String(error);
    const failure: FailedTicker = { ticker, kind, reason };
    this.#failed.push(failure);
    this.#request.onTicker?.({ ticker, ok: false, failure });
  }

  async #store(key: string, { dataset, rows, labels }: CollectedRows): Promise<void> {
    if (await this.#request.isStored?.(key, dataset)) return;
    this.#stored.push({ key, dataset, ...(labels && { labels }) });
    this.#request.onTicker?.({ ticker: key, ok: true });
    await this.#batches.add(key, dataset, rows, this.#request.partition);
  }
}

/** Rows are written when so many of a partition were read: a crash loses at most these. */
const BATCH_SIZE = 100;

interface Batch {
  readonly dataset: Dataset;
  readonly partition: Partition;
  readonly keys: string[];
  readonly rows: Row[];
}

/** The rows that were read and are not written yet, by data set and partition. */
class Batches {
  readonly #lake: Lake;
  #waiting: Batch[] = [];
  bytes = 0;

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  /** @param asked the partition of the rows that do not tell their own */
  async add(key: string, dataset: Dataset, rows: readonly Row[], asked: Partition): Promise<void> {
    const changed = new Set<Batch>();
    for (const row of rows) {
      const batch = this.#getBatch(dataset, findEventYear(row, dataset) ?? asked);
      if (batch.keys.at(-1) !== key) batch.keys.push(key);
      batch.rows.push(row);
      changed.add(batch);
    }
    for (const batch of changed) if (batch.rows.length >= BATCH_SIZE) await this.#write(batch);
  }

  async flush(): Promise<void> {
    for (const batch of [...this.#waiting]) await this.#write(batch);
  }

  #getBatch(dataset: Dataset, partition: Partition): Batch {
    const found = this.#waiting.find(
      (batch) => batch.dataset === dataset && batch.partition === partition,
    );
    if (found !== undefined) return found;
    const batch: Batch = { dataset, partition, keys: [], rows: [] };
    this.#waiting.push(batch);
    return batch;
  }

  async #write(batch: Batch): Promise<void> {
    const { dataset, partition, keys, rows } = batch;
    this.#waiting = this.#waiting.filter((each) => each !== batch);
    const file = {
      table: getCollectedTable(dataset),
      partition,
      name: formatRawName(dataset.id, keys),
    };
    this.bytes += await this.#lake.write(file, rows);
  }
}

function createNotAskedFailure(ticker: string, reason: string): FailedTicker {
  return { ticker, kind: 'not-asked', reason: `not asked: ${reason}` };
}

/** A call that was under way when the signal came rejects with its reason, a wait with an AbortError. */
function isAbortBy(signal: AbortSignal, error: unknown): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}
