/** The tables by layer and kind of asset. */

import type { AssetKind } from './asset.ts';
import { type ByLayer, getTable, type Layer, type Table } from './dataset.ts';
import { funds, quotes, stocks, tables, tickerColumns } from './datasets.ts';
import { OTHERS_COLUMN, READ_AT_COLUMN } from './indicators.ts';

export {
  type ByLayer,
  type Layer,
  OTHERS_COLUMN,
  READ_AT_COLUMN,
  type Table,
  tables,
  tickerColumns,
};

export const sorTables: Readonly<Record<AssetKind, Table>> = {
  acoes: getTable(stocks, 'sor'),
  fiis: getTable(funds, 'sor'),
};
export const sotTables: Readonly<Record<AssetKind, Table>> = {
  acoes: getTable(stocks, 'sot'),
  fiis: getTable(funds, 'sot'),
};

export const specTable: Table = getTable(quotes, 'spec');
