/** One row a ticker in a partition of a table. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import { sotTables, specTable, type Table } from '../catalog/tables.ts';
import type { Lake } from '../lake/lake.ts';
import { deduplicate } from '../transform/deduplicate.ts';
import { specialize } from '../transform/specialize.ts';
import { againWhileChanging, type Deduplication, readAll, replaceFiles } from './merge-files.ts';

export type { Deduplication } from './merge-files.ts';

/** Keeps one row a ticker in the typed tables, and then in the quotes, which follow from those. */
export async function deduplicateTypedLayers(
  lake: Lake,
  partition: Partition,
): Promise<Deduplication[]> {
  const results: Deduplication[] = [];
  for (const kind of assetKinds) {
    results.push(await deduplicateIndicators(lake, sotTables[kind], partition));
  }
  return [...results, await deduplicateQuotes(lake, partition)];
}

/** Keeps the newest row of each ticker of a table of indicators (SoR or SoT). */
export function deduplicateIndicators(
  lake: Lake,
  table: Table,
  partition: Partition,
): Promise<Deduplication> {
  return againWhileChanging(async () => {
    const files = await lake.files(table, partition);
    return replaceFiles(lake, table, partition, files, await readAll(lake, files));
  });
}

/**
 * Keeps one row of each asset in the quotes. They carry no time of their own, but they follow from
 * the typed tables: an asset that those hold gets the quote of its newest typed row, and one that
 * they lack keeps the row of its newest file.
 */
export function deduplicateQuotes(lake: Lake, partition: Partition): Promise<Deduplication> {
  return againWhileChanging(async () => {
    const files = await lake.files(specTable, partition);
    const quotes = await readAll(lake, files);
    const derived: Row[] = [];
    for (const kind of assetKinds) derived.push(...(await quotesOf(lake, kind, partition)));
    return replaceFiles(lake, specTable, partition, files, quotes, derived);
  });
}

/** The quotes that follow from the newest typed row of each asset of a kind. */
export async function quotesOf(lake: Lake, kind: AssetKind, partition: Partition): Promise<Row[]> {
  const table = sotTables[kind];
  const typed = await readAll(lake, await lake.files(table, partition));
  return deduplicate(typed, table.tickerColumn).map((row) => specialize(row, kind));
}
