/**
 * The small market of `pynvest demo`, by what the pages of its assets print: no name and no ticker in it exists on B3.
 */

import type { AssetKind } from '../catalog/asset.ts';
import market from './market.json' with { type: 'json' };

/** Printed text by label, in the site's notation: `1.234,5`, `-0,66%`, `19/11/2026`, `-`, or nothing. */
export type PrintedValues = Readonly<Record<string, string>>;

/**
 * What the page of one asset says. A label with the text `''` is printed without a value; in place of
 * a label that is left out, the page has an empty pair, as the site does where it has nothing to say.
 */
export interface DemoAsset {
  readonly kind: AssetKind;
  /** Printed beside `Papel` or `FII`, unless `values` has another text for that label. */
  readonly ticker: string;
  /** What its page shows that others do not; for the reader of the data alone. */
  readonly note?: string;
  /** Every label that occurs once: the head of the page, the price's variations, the indicators. */
  readonly values: PrintedValues;
  /** The variation of each year, newest first, beginning with the page's own year. */
  readonly years: readonly string[];
  readonly balance: PrintedValues;
  readonly last12Months: PrintedValues;
  readonly last3Months: PrintedValues;
  /** Labels that the site does not have, in a table of their own at the end of the page. */
  readonly extra?: PrintedValues;
}

/** The ratios follow from the figures. */
export const demoMarket = market as readonly DemoAsset[];
