/** A day taken out of the lake so that it can be collected anew. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import type { Partition } from '../catalog/partition.ts';
import { type Table, tables } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { PynvestError, type SiteError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { eachOnce } from './each-once.ts';
import {
  measureListing,
  nothingRemoved,
  type ProofRequest,
  type UnmeasuredListing,
  whyNoPageComes,
} from './site-proof.ts';

export interface ClearDayRequest extends ProofRequest {
  /** When it is aborted before the site has shown enough, nothing is removed. The site is bound to it too. */
  readonly deadline: AbortSignal;
  /** Removes a table's partition, its files and its entry in the catalog; answers how many files. */
  readonly deletePartition: (table: Table, partition: Partition) => Promise<number>;
}

export interface ClearedDay extends ProvenDay {
  /** How many files were removed, by the table's name. */
  readonly removed: Readonly<Record<string, number>>;
}

interface ProvenDay {
  /** What there is to collect: the listings that allowed the clearing, each ticker once. */
  readonly tickers: Readonly<Record<AssetKind, readonly Ticker[]>>;
  readonly rejected: readonly string[];
  /** The listings that could not be measured by the day before as well, and why. */
  readonly unmeasured: readonly UnmeasuredListing[];
  /** Why nothing may be removed: the listings came, and no page of a kind. */
  readonly kept?: SiteError | undefined;
}

/**
 * Removes a day from all five tables, but only after the site has answered with plausible listings of
 * both kinds and, where the day holds anything, with a page of each: what cannot be collected again is not
 * taken away. Where no page comes the day keeps its rows and is collected all the same: pages that come in
 * the next hours replace them one by one. Raw text goes first, so that no event about it brings typed rows back; the quotes, which
 * people read, go last.
 *
 * @throws SiteError where a listing cannot be had, or is not plausible, or where the pages are those of a
 * later day; the lake is untouched then
 */
export async function clearDay(request: ClearDayRequest): Promise<ClearedDay> {
  const { partition, deadline, deletePartition } = request;
  const day = await provenDay(request).catch((error: unknown) => {
    if (!deadline.aborted || error instanceof PynvestError) throw error;
    throw nothingRemoved('no time was left to hear from the site', { cause: error });
  });
  const removed: Record<string, number> = {};
  if (day.kept !== undefined) return { ...day, removed };
  for (const table of tables) removed[table.name] = await deletePartition(table, partition);
  return { ...day, removed };
}

/** Asks the site, until it has shown that the day can be collected again. */
async function provenDay(request: ClearDayRequest): Promise<ProvenDay> {
  const { site, lake, partition, deadline } = request;
  const [acoes, fiis] = await Promise.all([site.listing('acoes'), site.listing('fiis')]);
  const measured = {
    acoes: await measureListing(request, 'acoes', acoes),
    fiis: await measureListing(request, 'fiis', fiis),
  };
  const tickers = { acoes: acoes.tickers, fiis: fiis.tickers };
  let kept: SiteError | undefined;
  if (await holdsAnything(lake, partition)) {
    for (const kind of assetKinds) {
      kept ??= await whyNoPageComes(request, kind, tickers[kind], measured[kind].held);
    }
  }
  deadline.throwIfAborted();
  return {
    tickers: eachOnce(tickers),
    rejected: [...acoes.rejected, ...fiis.rejected],
    unmeasured: assetKinds.flatMap((kind) => measured[kind].unmeasured ?? []),
    kept,
  };
}

async function holdsAnything(lake: Lake, partition: Partition): Promise<boolean> {
  for (const table of tables) {
    if ((await lake.files(table, partition)).length > 0) return true;
  }
  return false;
}
