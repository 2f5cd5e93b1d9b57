/**
 * The request for quotes. Pure.
 */

import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { specTable } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { getColumn, getColumns, quoteResultColumns } from './columns.ts';
import type { Refinements } from './refinements.ts';
import type { DayRange, SelectRequest } from './select.ts';
import type { Condition } from './where/condition.ts';

interface QuotesOptions extends Refinements {
  /** The columns after the day and the ticker; by default all, in the table's order. */
  readonly columns?: readonly string[] | undefined;
}

/** The condition that only quotes of these kinds meet; undefined if they are all kinds. */
export function createKindCondition(kinds: readonly AssetKind[]): Condition | undefined {
  if (assetKinds.every((kind) => kinds.includes(kind))) return undefined;
  const column = getColumn('tipo_ativo', specTable.columns);
  const values = kinds.map((kind) => ({ type: 'string', text: assets[kind].tipoAtivo }) as const);
  return { kind: 'in', column, values };
}

/** The quotes of `tickers` (of all assets if there are none), by ticker and day unless sorted otherwise. */
export function createQuotesRequest(
  tickers: readonly Ticker[],
  days: DayRange,
  { columns, ...refinements }: QuotesOptions = {},
): SelectRequest {
  const chosen = columns ?? specTable.columns.map(({ name }) => name);
  const names = [...new Set([PARTITION_COLUMN, specTable.tickerColumn, ...chosen])];
  return {
    table: specTable,
    columns: getColumns(names, quoteResultColumns),
    tickers,
    days,
    ...refinements,
  };
}
