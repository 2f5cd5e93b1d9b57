/**
 * What the charts of a page are drawn from: JSON inside the page, written by the command and read in the browser. Pure.
 */
import type { PackedSeries } from './packed-series.ts';

export interface PageAsset {
  readonly ticker: string;
  /** Closes adjusted for splits; without days of its own those of the calendar, from the place `start` on. */
  readonly prices?: PackedSeries;
  readonly start?: number;
  readonly band?: { readonly from: string; readonly low: number; readonly high: number };
  /** The last day whose price rests on an adjustment that is not proved. */
  readonly unprovedUntil?: string;
  /** On the days of the prices. */
  readonly returns?: PackedSeries;
  /** The first day of the return, by which CDI begins; absent where CDI does not reach. */
  readonly cdiFrom?: string;
  readonly events: PageEvents;
}

/** Events by their days: in each list one for each. */
export interface PageEvents {
  /** Packed: the last days with the right. */
  readonly d: string;
  /** Packed: places in `types`. */
  readonly t: string;
  /** Reais for one unit of today, or what units are multiplied by. */
  readonly a: readonly (number | null)[];
}

export interface PageData {
  readonly assets: readonly PageAsset[];
  /** Packed: the days that the charts show. */
  readonly calendar: string;
  /** The types of events; those that change the number of units end with `×`. */
  readonly types: readonly string[];
  /** CDI of each day, in per cent. */
  readonly cdi: PackedSeries;
}

export const DATA_ID = 'dados';
