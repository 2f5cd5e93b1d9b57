/** The tables of the three data sets under short names. */

import type { AssetKind } from '../../src/catalog/asset.ts';
import { getTable, type Table } from '../../src/catalog/dataset.ts';
import { stocks } from '../../src/catalog/datasets/acoes.ts';
import { quotes } from '../../src/catalog/datasets/cotacoes.ts';
import { funds } from '../../src/catalog/datasets/fiis.ts';

export const sorTables: Readonly<Record<AssetKind, Table>> = {
  acoes: getTable(stocks, 'sor'),
  fiis: getTable(funds, 'sor'),
};
export const sotTables: Readonly<Record<AssetKind, Table>> = {
  acoes: getTable(stocks, 'sot'),
  fiis: getTable(funds, 'sot'),
};
export const specTable: Table = getTable(quotes, 'spec');
