/**
 * The query for quotes. Pure.
 */

import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { specTable } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { getColumn } from './columns.ts';
import type { Refinements } from './refinements.ts';
import { buildSelect, type DayRange, type SelectStatement } from './select.ts';
import type { Condition } from './where/condition.ts';

/** What a person looks for first, for a screen that cannot show every column. */
export const PREFERRED_COLUMNS: readonly string[] = [
  'vlr_cot',
  'pct_var_dia',
  'pct_var_mes',
  'pct_var_12m',
  'dt_ult_cot',
];

interface QuotesOptions extends Refinements {
  /** The columns behind the day and the ticker; without them all, in the table's order. */
  readonly columns?: readonly string[] | undefined;
  readonly from?: string;
}

/** What quotes of these kinds alone fulfil; undefined where that is all of them. */
export function createKindCondition(kinds: readonly AssetKind[]): Condition | undefined {
  if (assetKinds.every((kind) => kinds.includes(kind))) return undefined;
  const column = getColumn('tipo_ativo', specTable.columns);
  const values = kinds.map((kind) => ({ type: 'string', text: assets[kind].tipoAtivo }) as const);
  return { kind: 'in', column, values };
}

/** The quotes of `tickers` (of every asset where there are none), the days in order. */
export function buildQuotesSelect(
  tickers: readonly Ticker[],
  days: DayRange,
  { columns, from, ...refinements }: QuotesOptions = {},
): SelectStatement {
  const names = specTable.columns.map((column) => column.name);
  const chosen = new Set([PARTITION_COLUMN, specTable.tickerColumn, ...(columns ?? names)]);
  return buildSelect(specTable, [...chosen], tickers, days, { from, ...refinements });
}
