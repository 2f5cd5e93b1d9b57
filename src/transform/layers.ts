/**
 * From layer to layer: a row of raw text (SoR) to typed values (SoT), and those to a quote (Spec). Pure.
 */

import { type AssetKind, assets } from '../catalog/asset.ts';
import type { Cell, Row } from '../catalog/column.ts';
import { quoteColumns } from '../catalog/cotacoes.ts';
import { OTHERS_COLUMN, READ_AT_COLUMN } from '../catalog/tables.ts';
import { parseIndicator } from './values.ts';

/** Text that did not parse as its column's type, and so is null from SoT on. */
export interface UnparsedValue {
  readonly ticker: string;
  readonly column: string;
  readonly text: string;
}

interface PreparedRow {
  readonly row: Row;
  readonly unparsed: readonly UnparsedValue[];
}

/** Types every value of a row. Never throws: text that does not parse is null, and is named. */
export function prepare(raw: Row, kind: AssetKind): PreparedRow {
  const { columns, tickerColumn } = assets[kind];
  const ticker = textOrNull(raw[tickerColumn]) ?? '';
  const row: Record<string, Cell> = {};
  const unparsed: UnparsedValue[] = [];
  for (const column of columns) {
    const { name } = column;
    const parsed = parseIndicator(textOrNull(raw[name]), column);
    row[name] = parsed.ok ? parsed.value : null;
    if (!parsed.ok) unparsed.push({ ticker, column: name, text: parsed.text });
  }
  row[READ_AT_COLUMN] = textOrNull(raw[READ_AT_COLUMN]);
  row[OTHERS_COLUMN] = textOrNull(raw[OTHERS_COLUMN]);
  return { row, unparsed };
}

/** A column that an older file lacks reads as absent. */
function textOrNull(cell: Cell | undefined): string | null {
  return cell === undefined || cell === null ? null : String(cell).trim();
}

export function specialize(typed: Row, kind: AssetKind): Row {
  const row: Record<string, Cell> = {};
  for (const { name, from } of quoteColumns) {
    if (from === undefined) row[name] = assets[kind].tipoAtivo;
    else row[name] = typed[typeof from === 'string' ? from : from[kind]] ?? null;
  }
  return row;
}
