/** A message a ticker into the queue of its kind. */

import { setTimeout as sleep } from 'node:timers/promises';
import { sendMessages } from '../src/aws/queues.ts';
import { type AssetKind, assetKinds } from '../src/catalog/asset.ts';
import type { Partition } from '../src/catalog/partition.ts';
import { type Ticker, toTicker } from '../src/catalog/ticker.ts';
import { SiteError, TransientSiteError } from '../src/errors.ts';
import { formatTickerMessage } from '../src/pipeline/collect-messages.ts';
import { dedupeTickers } from '../src/pipeline/tickers.ts';
import { parseDay } from './day-event.ts';
import { createDeadline, createErrorFields, createHandler, type Log } from './handler.ts';
import { getTickerQueue } from './queues.ts';
import { createEnvironmentSite } from './site.ts';

/** The day, and its tickers where the caller has them already. */
interface DayFields {
  readonly partition?: number | string;
  readonly tickers?: Readonly<Partial<Record<AssetKind, readonly unknown[]>>>;
}

/** From the function before as its destination sends it, or by hand. */
interface GetTickersEvent extends DayFields {
  readonly responsePayload?: DayFields;
}

interface SentTickers extends Readonly<Record<AssetKind, number>> {
  readonly partition: Partition;
}

/** Before a listing that could not be read is asked for again, while the tickers of the other kind are collected. */
const WAITS_MS: readonly number[] = [60_000, 120_000, 240_000];

/** Asking for a listing, with its retries, takes no longer. */
const ASKING_MS = 180_000;

/** @param waitsMs before each further time that a listing is asked for */
export const createGetTickers = (waitsMs: readonly number[]) =>
  createHandler(async (event: GetTickersEvent, log, context): Promise<SentTickers> => {
    const day = event.responsePayload ?? event;
    const partition = parseDay(day.partition);
    const deadline = createDeadline(context);
    const tickers = new Map<AssetKind, readonly Ticker[]>();
    const sent: Record<AssetKind, number> = { acoes: 0, fiis: 0 };
    const send = async (kinds: readonly AssetKind[]): Promise<void> => {
      const distinct = dedupeTickers({
        acoes: tickers.get('acoes') ?? [],
        fiis: tickers.get('fiis') ?? [],
      });
      for (const tipo of kinds) {
        const bodies = distinct[tipo].map((ticker) =>
          formatTickerMessage({ ticker, tipo, partition }),
        );
        await sendMessages(getTickerQueue(tipo), bodies, deadline);
        sent[tipo] = bodies.length;
      }
    };
    for (const kind of assetKinds) {
      const known = parseTickerList(day.tickers?.[kind]);
      if (known !== undefined) tickers.set(kind, known);
    }
    await send([...tickers.keys()]);

    // A failure of the function would start it again, and send the tickers of the other kind twice.
    let missing: readonly AssetKind[] = assetKinds.filter((kind) => !tickers.has(kind));
    for (const wait of [0, ...waitsMs]) {
      if (missing.length === 0) break;
      if (wait > 0 && context.getRemainingTimeInMillis() < wait + ASKING_MS) break;
      await sleep(wait, undefined, { signal: deadline });
      const listings = await readListings(missing, deadline, log);
      for (const [kind, listing] of listings.read) tickers.set(kind, listing);
      await send([...listings.read.keys()]);
      if (tickers.size === 0 && listings.failure !== undefined) throw listings.failure;
      missing = listings.toAskAgain;
    }
    log.info('sent', { partition, ...sent });
    return { partition, ...sent };
  });

export const handler = createGetTickers(WAITS_MS);

interface ReadListings {
  readonly read: ReadonlyMap<AssetKind, readonly Ticker[]>;
  /** The kinds whose listing may be read later. */
  readonly toAskAgain: readonly AssetKind[];
  readonly failure: SiteError | undefined;
}

/** One listing that cannot be read keeps no ticker of the other kind from being collected. */
async function readListings(
  kinds: readonly AssetKind[],
  deadline: AbortSignal,
  log: Log,
): Promise<ReadListings> {
  const site = createEnvironmentSite(deadline);
  const read = new Map<AssetKind, readonly Ticker[]>();
  const toAskAgain: AssetKind[] = [];
  let failure: SiteError | undefined;
  for (const kind of kinds) {
    try {
      read.set(kind, (await site.listing(kind)).tickers);
    } catch (error) {
      if (!(error instanceof SiteError)) throw error;
      log.error('a listing cannot be read', { kind, ...createErrorFields(error) });
      if (error instanceof TransientSiteError) toAskAgain.push(kind);
      failure = error;
    }
  }
  return { read, toAskAgain, failure };
}

/** The tickers of a list; undefined where there are none, so that the site is asked. */
function parseTickerList(list: readonly unknown[] | undefined): Ticker[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const tickers = list.flatMap((each) => toTicker(String(each)) ?? []);
  return tickers.length > 0 ? tickers : undefined;
}
