/** The messages of the queues, each asking for one ticker's page of one day, and their pages as files of raw text. */

import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import { type Dataset, getCollectedTable } from '../catalog/dataset.ts';
import { type Partition, toPartition } from '../catalog/partition.ts';
import { type Ticker, toTicker } from '../catalog/ticker.ts';
import { LakeError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { type DriftReport, findDrift } from '../transform/drift.ts';
import { collect, type FailedTicker } from './collect.ts';
import type { DataSource } from './data-source.ts';
import { RUNS_UNTIL_KNOWN } from './missing-tickers.ts';
import { findStoredTickers, findUnstoredTickers } from './tickers.ts';

export interface TickerMessage {
  readonly ticker: Ticker;
  /** The listing that named it. What the page shows decides where its row goes. */
  readonly tipo: AssetKind;
  /** The day that the row belongs to, whenever the message is read. */
  readonly partition: Partition;
}

export type ParsedTickerMessage =
  | { readonly ok: true; readonly message: TickerMessage }
  | { readonly ok: false; readonly reason: string };

export function formatTickerMessage({ ticker, tipo, partition }: TickerMessage): string {
  return JSON.stringify({ ticker, tipo, partition });
}

/** Never throws: what is no message of ours says so, and why. */
export function parseTickerMessage(body: string): ParsedTickerMessage {
  let fields: unknown;
  try {
    fields = JSON.parse(body);
  } catch {
    return createParseFailure('it is not JSON');
  }
  if (typeof fields !== 'object' || fields === null) return createParseFailure('it is no object');
  const { ticker, tipo, partition } = fields as Readonly<Record<string, unknown>>;
  const theTicker = typeof ticker === 'string' ? toTicker(ticker) : undefined;
  if (theTicker === undefined)
    return createParseFailure(`${JSON.stringify(ticker)} is not a ticker`);
  const kind = assetKinds.find((each) => each === tipo);
  if (kind === undefined) return createParseFailure(`its tipo is ${JSON.stringify(tipo)}`);
  const day = toPartition(String(partition));
  if (day === undefined)
    return createParseFailure(`${JSON.stringify(partition)} is not a partition`);
  return { ok: true, message: { ticker: theTicker, tipo: kind, partition: day } };
}

function createParseFailure(reason: string): ParsedTickerMessage {
  return { ok: false, reason: `a malformed message: ${reason}` };
}

/** A message, and when it was sent (in milliseconds), where that is known. */
export interface ReceivedMessage extends TickerMessage {
  readonly sentAt: number | undefined;
}

interface CollectMessagesRequest {
  readonly source: DataSource;
  readonly lake: Lake;
  readonly messages: readonly ReceivedMessage[];
  readonly concurrency: number;
  /** When it is aborted, what was read is written and the rest counts as not asked. */
  readonly deadline: AbortSignal;
  readonly now: () => Date;
}

/** How the messages of one day ended. */
export interface CollectedDay {
  readonly partition: Partition;
  readonly stored: ReadonlySet<string>;
  /** Read after their message was sent, and stored by now: the message was delivered twice. */
  readonly storedBefore: ReadonlySet<string>;
  readonly failed: ReadonlyMap<string, FailedTicker>;
  /**
   * The tickers of which the site has no page, and had none on the days before either: no failures, and not asked for
   * again on this day.
   */
  readonly withoutPage: ReadonlyMap<string, FailedTicker>;
  readonly drift: DriftReport;
  readonly bytes: number;
}

/**
 * Collects the tickers of each day that the messages name, the oldest first. Queues deliver a message
 * more than once: where the lake holds a page that was read after the message was sent, that message
 * has been served, and the site is not asked again.
 *
 * @throws LakeError where the lake cannot be read or written; the whole batch is to be delivered again then. The
 *   other days of the batch are collected all the same: dead letters of an old day must not keep today's
 *   pages from being stored as long as they can be read.
 */
export async function collectMessages(request: CollectMessagesRequest): Promise<CollectedDay[]> {
  const days = new Set(request.messages.map(({ partition }) => partition));
  const collected: CollectedDay[] = [];
  const failures: LakeError[] = [];
  for (const partition of [...days].sort((a, b) => a - b)) {
    const messages = request.messages.filter((message) => message.partition === partition);
    try {
      collected.push(await collectOneDay(request, partition, messages));
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
      failures.push(error);
    }
  }
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  return collected;
}

async function collectOneDay(
  { source, lake, concurrency, deadline, now }: CollectMessagesRequest,
  partition: Partition,
  messages: readonly ReceivedMessage[],
): Promise<CollectedDay> {
  const storedBefore = new Set<string>();
  const wanted = new Set<string>();
  const findStored = createStoredLookup(lake, partition);
  for (const message of messages) {
    const stored = await findStored(assets[message.tipo].dataset);
    (isAlreadyStored(message, stored) ? storedBefore : wanted).add(message.ticker);
  }
  /**
   * A page may be of another kind than its message says, and is stored as what it is. Where it is unknown whether
   * the lake holds it, it is stored again: a second row is merged away later, a lost one cannot be read again.
   */
  const isStored = async (key: string, dataset: Dataset): Promise<boolean> => {
    const asking = messages.filter(({ ticker }) => ticker === key);
    if (asking.every(({ tipo }) => assets[tipo].dataset === dataset)) return false;
    const stored = await findStored(dataset).catch((error: unknown) => {
      if (error instanceof LakeError) return new Map<string, number>();
      throw error;
    });
    if (!asking.every((message) => isAlreadyStored(message, stored))) return false;
    storedBefore.add(key);
    return true;
  };
  const { stored, failed, bytes } = await collect({
    source,
    lake,
    partition,
    keys: [...wanted],
    concurrency,
    signal: new AbortController().signal,
    deadline,
    now,
    isStored,
  });
  const labels = stored.flatMap((each) => each.labels ?? []);
  const known = await findKnownWithoutPage(lake, partition, messages, failed);
  const toMap = (some: readonly FailedTicker[]): ReadonlyMap<string, FailedTicker> =>
    new Map(some.map((failure) => [failure.ticker, failure]));
  return {
    partition,
    stored: new Set(stored.map(({ key }) => key)),
    storedBefore,
    failed: toMap(failed.filter(({ ticker }) => !known.has(ticker))),
    withoutPage: toMap(failed.filter(({ ticker }) => known.has(ticker))),
    drift: findDrift(labels, partition),
    bytes,
  };
}

/**
 * Those of the failed tickers of which the site has no page, and of which the lake has none of the last days: a listing
 * names some for years. Where the lake cannot be read they are failures like others.
 */
async function findKnownWithoutPage(
  lake: Lake,
  partition: Partition,
  messages: readonly TickerMessage[],
  failed: readonly FailedTicker[],
): Promise<ReadonlySet<string>> {
  const notFound = new Set(
    failed.flatMap(({ ticker, kind }) => (kind === 'not-found' ? [ticker] : [])),
  );
  const known = new Set<string>();
  for (const tipo of assetKinds) {
    const tickers = messages
      .filter((message) => message.tipo === tipo && notFound.has(message.ticker))
      .map(({ ticker }) => ticker);
    if (tickers.length === 0) continue;
    const days = { partition, tickers, most: RUNS_UNTIL_KNOWN };
    try {
      const unstored = await findUnstoredTickers(lake, assets[tipo].dataset, days);
      for (const ticker of unstored) known.add(ticker);
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
    }
  }
  return known;
}

/** Whether the lake holds a page that was read after the message was sent. */
function isAlreadyStored(
  { ticker, sentAt }: ReceivedMessage,
  stored: ReadonlyMap<string, number>,
): boolean {
  const readAt = stored.get(ticker);
  return sentAt !== undefined && readAt !== undefined && readAt >= sentAt;
}

/**
 * What the lake holds of the day, looked up once a data set, when it is first asked for. A file whose writer was
 * interrupted before the catalog knew of its day does not count: writing its rows again completes that.
 */
function createStoredLookup(
  lake: Lake,
  partition: Partition,
): (dataset: Dataset) => Promise<ReadonlyMap<string, number>> {
  const lookups = new Map<Dataset, Promise<ReadonlyMap<string, number>>>();
  const lookUp = async (dataset: Dataset): Promise<ReadonlyMap<string, number>> => {
    const known = await lake.partitions(getCollectedTable(dataset));
    return known.includes(partition) ? findStoredTickers(lake, dataset, partition) : new Map();
  };
  return (dataset) => {
    const lookup = lookups.get(dataset) ?? lookUp(dataset);
    lookups.set(dataset, lookup);
    return lookup;
  };
}
