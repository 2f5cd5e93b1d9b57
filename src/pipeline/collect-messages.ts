/** A batch of messages, each asking for one ticker's page of one day, to files of raw text. */

import type { AssetKind, AssetPage } from '../catalog/asset.ts';
import type { Partition } from '../catalog/partition.ts';
import { sorTables } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { LakeError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import type { Site } from '../sources/fundamentus/site.ts';
import { type DriftReport, findDrift } from '../transform/drift.ts';
import { collect, type FailedTicker } from './collect.ts';
import type { TickerMessage } from './ticker-message.ts';
import { findStoredTickers } from './tickers.ts';

/** A message, and when it was sent (in milliseconds), where that is known. */
export interface ReceivedMessage extends TickerMessage {
  readonly sentAt: number | undefined;
}

interface CollectMessagesRequest {
  readonly site: Site;
  readonly lake: Lake;
  readonly messages: readonly ReceivedMessage[];
  readonly concurrency: number;
  /** When it is aborted, what has come is written and the rest is given back as not asked. */
  readonly deadline: AbortSignal;
  readonly now: () => Date;
}

/** What came of the messages of one day. */
export interface CollectedDay {
  readonly partition: Partition;
  readonly stored: ReadonlySet<string>;
  /** Read after their message was sent, and held by the lake: the message came twice. */
  readonly storedBefore: ReadonlySet<string>;
  readonly failed: ReadonlyMap<string, FailedTicker>;
  readonly drift: DriftReport;
  readonly bytes: number;
}

/**
 * Collects the tickers of each day that the messages name, the oldest first. Queues deliver a message
 * more than once: where the lake holds a page that was read after the message was sent, that message
 * has been served, and the site is not asked again.
 *
 * @throws LakeError where the lake cannot be read or written; the whole batch is to come again then. The
 *   other days of the batch are collected all the same: dead letters of an old day must not keep today's
 *   pages from being stored as long as they can be had.
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
  { site, lake, concurrency, deadline, now }: CollectMessagesRequest,
  partition: Partition,
  messages: readonly ReceivedMessage[],
): Promise<CollectedDay> {
  const storedBefore = new Set<Ticker>();
  const wanted = new Set<Ticker>();
  const held = createStoredLookup(lake, partition);
  for (const message of messages) {
    const { ticker, tipo } = message;
    (isAlreadyStored(message, await held(tipo)) ? storedBefore : wanted).add(ticker);
  }
  /**
   * A page may be of another kind than its message says, and is stored as what it is. That it cannot be told
   * whether it is there is no reason to lose it: a second row is merged away later.
   */
  const isHeld = async ({ ticker, kind }: AssetPage): Promise<boolean> => {
    const asking = messages.filter((message) => message.ticker === ticker);
    if (asking.every(({ tipo }) => tipo === kind)) return false;
    const there = await held(kind).catch((error: unknown) => {
      if (error instanceof LakeError) return new Map<string, number>();
      throw error;
    });
    if (!asking.every((message) => isAlreadyStored(message, there))) return false;
    storedBefore.add(ticker);
    return true;
  };
  const { stored, failed, bytes } = await collect({
    site,
    lake,
    partition,
    tickers: [...wanted],
    concurrency,
    signal: new AbortController().signal,
    deadline,
    now,
    isStored: isHeld,
  });
  return {
    partition,
    stored: new Set(stored.map(({ ticker }) => ticker)),
    storedBefore,
    failed: new Map(failed.map((failure) => [failure.ticker, failure])),
    drift: findDrift(stored, partition),
    bytes,
  };
}

/** Whether the lake holds a page that was read after the message was sent. */
function isAlreadyStored(
  { ticker, sentAt }: ReceivedMessage,
  held: ReadonlyMap<string, number>,
): boolean {
  const readAt = held.get(ticker);
  return sentAt !== undefined && readAt !== undefined && readAt >= sentAt;
}

/**
 * What the lake holds of the day, looked up once a kind, when it is first asked for. A file whose writer
 * died before the catalog knew of its day does not count: writing its rows again completes that.
 */
function createStoredLookup(
  lake: Lake,
  partition: Partition,
): (kind: AssetKind) => Promise<ReadonlyMap<string, number>> {
  const held = new Map<AssetKind, Promise<ReadonlyMap<string, number>>>();
  const lookUp = async (kind: AssetKind): Promise<ReadonlyMap<string, number>> => {
    const known = await lake.partitions(sorTables[kind]);
    return known.includes(partition) ? findStoredTickers(lake, kind, partition) : new Map();
  };
  return (kind) => {
    const found = held.get(kind) ?? lookUp(kind);
    held.set(kind, found);
    return found;
  };
}
