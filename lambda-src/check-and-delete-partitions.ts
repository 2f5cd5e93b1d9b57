/** The first function of a day: makes room for it, where the site has shown that it can be collected. */

import type { AssetKind } from '../src/catalog/asset.ts';
import { getPartition, type Partition } from '../src/catalog/partition.ts';
import type { Ticker } from '../src/catalog/ticker.ts';
import { deletePartition } from '../src/lake/s3/lake.ts';
import { clearDay } from '../src/pipeline/clear-day.ts';
import { type DayEvent, findDay } from './day-event.ts';
import { createDeadline, createErrorFields, createHandler } from './handler.ts';
import { lake, places } from './lake.ts';
import { createEnvironmentSite } from './site.ts';

/** What the next function is given: the day, and the listings, so that the site is asked once. */
export interface DayToCollect {
  readonly partition: Partition;
  readonly tickers: Readonly<Record<AssetKind, readonly Ticker[]>>;
}

export const handler = createHandler(
  async (event: DayEvent, log, context): Promise<DayToCollect> => {
    const partition = findDay(event) ?? getPartition(new Date());
    const deadline = createDeadline(context);
    const {
      tickers,
      rejected,
      removed,
      uncheckedListings: unmeasured,
      unusableListings: unusable,
      notClearedReason: kept,
    } = await clearDay({
      site: createEnvironmentSite(deadline),
      lake: lake(),
      partition,
      deadline,
      now: () => new Date(),
      deletePartition: (table, day) => deletePartition(places(), table, day),
    });
    if (rejected.length > 0) {
      log.warn('the listings contain texts that are not tickers', { partition, rejected });
    }
    for (const { kind, before, error } of unmeasured) {
      const fields = { partition, kind, before, ...createErrorFields(error) };
      log.warn('the day before could not be read: the listing is measured without it', fields);
    }
    for (const { kind, error } of unusable) {
      log.error('a listing cannot be used: the other kind is collected', {
        ...{ partition, kind },
        ...createErrorFields(error),
      });
    }
    if (kept !== undefined && unusable.length === 0)
      log.warn('no page could be read', { partition, ...createErrorFields(kept) });
    log.info(kept === undefined ? 'the day is cleared' : 'the day is kept as it is', {
      partition,
      removed,
      acoes: tickers.acoes.length,
      fiis: tickers.fiis.length,
    });
    return { partition, tickers };
  },
);
