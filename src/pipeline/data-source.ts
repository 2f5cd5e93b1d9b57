/** What the pipeline asks of a source of data, and the site as such a source. */

import { assets } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import type { Dataset } from '../catalog/dataset.ts';
import { indicators } from '../catalog/datasets.ts';
import { formatIsoDate, type Partition } from '../catalog/partition.ts';
import { parseTicker } from '../catalog/ticker.ts';
import { LaterDayError, LayoutChangedError } from '../errors.ts';
import type { Site } from '../sources/fundamentus/site.ts';
import type { PageLabels } from '../transform/drift.ts';
import {
  type ExtractedRow,
  extractRow,
  findIncompleteReason,
  findLaterDay,
} from '../transform/extract.ts';

export interface DataSource {
  /** The data sets that it collects, each with a listing of its own. */
  readonly datasets: readonly Dataset[];
  /** The keys, such as tickers, of which a data set has rows. @throws SiteError */
  list(dataset: Dataset): Promise<KeyListing>;
  /**
   * The rows of a key for a partition.
   * @throws SiteError where they cannot be read, or are not good enough to be stored
   */
  read(key: string, partition: Partition, now: () => Date): Promise<CollectedRows>;
}

interface KeyListing {
  readonly keys: readonly string[];
  /** What is in the listing where a key must be and is none, as printed. */
  readonly rejected: readonly string[];
}

export interface CollectedRows {
  /** What the answer shows decides it, not the listing that named the key. */
  readonly dataset: Dataset;
  readonly rows: readonly Row[];
  /** The labels of a page, by which changes of its layout are noticed. */
  readonly labels?: PageLabels;
}

/** The site as the source of stocks and funds: one page a ticker, one row a page. */
export function createFundamentusSource(site: Site): DataSource {
  return {
    datasets: indicators,

    async list(dataset) {
      const kind = indicators.find((each) => each === dataset)?.id;
      if (kind === undefined) throw new Error(`the site has no listing of ${dataset.id}`);
      const { tickers, rejected } = await site.listing(kind);
      return { keys: tickers, rejected };
    },

    async read(key, partition, now) {
      const page = await site.details(parseTicker(key));
      const readAt = now();
      const extracted = extractRow(page, partition, readAt);
      assertCompletePage(key, extracted);
      const laterDay = findLaterDay(extracted.row, partition, readAt);
      if (laterDay !== undefined) throw createLaterDayError(key, partition, laterDay);
      const { row, ...labels } = extracted;
      const { ticker, kind } = page;
      return { dataset: assets[kind].dataset, rows: [row], labels: { ticker, kind, ...labels } };
    },
  };
}

/** @throws LayoutChangedError where a page shows next to nothing of its asset */
export function assertCompletePage(ticker: string, extracted: ExtractedRow): void {
  const reason = findIncompleteReason(extracted);
  if (reason === undefined) return;
  throw new LayoutChangedError(`${ticker}: ${reason}`, {
    hint: 'The site may be in trouble, or a newer version of pynvest may know its new pages.',
  });
}

function createLaterDayError(ticker: string, wanted: Partition, shown: Partition): LaterDayError {
  return new LaterDayError(
    `${ticker}: the page shows ${formatIsoDate(shown)} by now, and was wanted for ${formatIsoDate(wanted)}`,
    { hint: 'The page of a past day cannot be read again: the day stays without it.' },
  );
}
