/** A typed row (SoT) to its row of the quotes (Spec). Pure. */
import { type AssetKind, assets } from '../catalog/asset.ts';
import type { Cell, Row } from '../catalog/column.ts';
import { quoteColumns } from '../catalog/cotacoes.ts';

export function specialize(typed: Row, kind: AssetKind): Row {
  const row: Record<string, Cell> = {};
  for (const { name, from } of quoteColumns) {
    if (from === undefined) row[name] = assets[kind].tipoAtivo;
    else row[name] = typed[typeof from === 'string' ? from : from[kind]] ?? null;
  }
  return row;
}
