/** The page of one asset, taken only where a row of the wanted day can be made of it. */
import type { AssetPage } from '../catalog/asset-page.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { LaterDayError, LayoutChangedError } from '../errors.ts';
import type { Site } from '../fundamentus/client.ts';
import { laterDayOn } from '../transform/later-day.ts';
import { whyTooPoor } from '../transform/poor-page.ts';
import { type RecordedPage, recordPage } from '../transform/record.ts';

export interface UsablePage {
  readonly page: AssetPage;
  readonly recorded: RecordedPage;
}

/**
 * Asks the site for the page of a ticker, and refuses one that no row should be made of.
 *
 * @throws SiteError where the page cannot be had, says too little, or shows a later day
 */
export async function usablePage(
  site: Site,
  ticker: Ticker,
  partition: Partition,
  now: () => Date,
): Promise<UsablePage> {
  const page = await site.details(ticker);
  const readAt = now();
  const recorded = recordPage(page, partition, readAt);
  const poverty = whyTooPoor(recorded);
  if (poverty !== undefined) throw poorPage(ticker, poverty);
  const laterDay = laterDayOn(recorded.row, partition, readAt);
  if (laterDay !== undefined) throw pageOfLaterDay(ticker, partition, laterDay);
  return { page, recorded };
}

function poorPage(ticker: Ticker, why: string): LayoutChangedError {
  return new LayoutChangedError(`${ticker}: ${why}`, {
    hint: 'The site may be in trouble, or a newer version of pynvest may know its new pages.',
  });
}

function pageOfLaterDay(ticker: Ticker, wanted: Partition, shown: Partition): LaterDayError {
  return new LaterDayError(
    `${ticker}: the page shows ${isoDate(shown)} by now, and was wanted for ${isoDate(wanted)}`,
    { hint: 'The page of a past day cannot be had again: the day stays without it.' },
  );
}
