/** What a page says of one asset, before anything is made of it. */
import type { AssetKind } from './asset.ts';
import type { Ticker } from './ticker.ts';

export interface LabelledValue {
  /** The label's text; "" where the page leaves it empty. */
  readonly label: string;
  /** The heading above this column of the page, the innermost that applies. */
  readonly section: string | undefined;
  /** The value's text, as a browser shows it. */
  readonly value: string;
}

export interface AssetPage {
  readonly ticker: Ticker;
  readonly kind: AssetKind;
  readonly pairs: readonly LabelledValue[];
}
