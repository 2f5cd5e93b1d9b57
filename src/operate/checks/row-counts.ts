/** Days on which a layer has fewer rows than the one before it, by the footers alone. Pure. */
import { assetKinds } from '../../catalog/asset.ts';
import type { Partition } from '../../catalog/partition.ts';
import { sorTables, sotTables, specTable, type Table } from '../../catalog/tables.ts';
import type { FileShape, StoredFile } from '../../lake/store.ts';

/** Something is missing there, or was there twice before: whoever reads the rows can tell. */
export function daysWithFewerRows(
  days: readonly Partition[],
  { shapes }: { readonly shapes: ReadonlyMap<StoredFile, FileShape> },
): Partition[] {
  const rows = new Map<string, number>();
  const key = (table: Table, day: Partition): string => `${table.name} ${day}`;
  for (const [{ table, partition }, shape] of shapes) {
    const before = rows.get(key(table, partition)) ?? 0;
    rows.set(key(table, partition), before + shape.rows);
  }
  const countOf = (table: Table, day: Partition): number => rows.get(key(table, day)) ?? 0;
  return days.filter((day) => {
    let typed = 0;
    for (const kind of assetKinds) {
      const ofKind = countOf(sotTables[kind], day);
      if (countOf(sorTables[kind], day) > ofKind) return true;
      typed += ofKind;
    }
    return typed > countOf(specTable, day);
  });
}
