/**
 * The two kinds of asset that the site describes, and what a page says of one asset before it becomes a row.
 */

import type { IndicatorColumn } from './column.ts';
import type { Dataset } from './dataset.ts';
import { acoesColumns, stocks } from './datasets/acoes.ts';
import { fiisColumns, funds } from './datasets/fiis.ts';
import type { Ticker } from './ticker.ts';

/** Stocks (*ações*) and real-estate funds (*FIIs*). */
export type AssetKind = 'acoes' | 'fiis';

interface Asset {
  readonly kind: AssetKind;
  readonly dataset: Dataset<AssetKind>;
  /** The column that holds the ticker, and the label beside it: the page's way to say what it shows. */
  readonly tickerColumn: string;
  readonly tickerLabel: string;
  readonly columns: readonly IndicatorColumn[];
}

export const assets: Readonly<Record<AssetKind, Asset>> = {
  acoes: {
    kind: 'acoes',
    dataset: stocks,
    tickerColumn: 'nome_papel',
    tickerLabel: 'Papel',
    columns: acoesColumns,
  },
  fiis: {
    kind: 'fiis',
    dataset: funds,
    tickerColumn: 'fii',
    tickerLabel: 'FII',
    columns: fiisColumns,
  },
};

export const assetKinds: readonly AssetKind[] = ['acoes', 'fiis'];

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
