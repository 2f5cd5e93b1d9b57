/** One row a ticker in a partition of a table. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import { sorTables, sotTables, specTable, type Table } from '../catalog/tables.ts';
import { BrokenFileError, FileChangedError } from '../errors.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import { deduplicate, lackedBy } from '../transform/deduplicate.ts';
import { prepare, type UnparsedValue } from '../transform/prepare.ts';
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

export interface Completion extends Deduplication {
  /** How many rows were typed that the typed table lacked. */
  readonly typed: number;
  readonly unparsed: readonly UnparsedValue[];
}

/**
 * Keeps the newest row of each ticker in the typed rows of a kind, once what the raw text has and they
 * lack, or have older, is typed: an event about a raw file may be lost, and this is who misses it.
 */
export function completeIndicators(
  lake: Lake,
  kind: AssetKind,
  partition: Partition,
): Promise<Completion> {
  const table = sotTables[kind];
  return againWhileChanging(async () => {
    const raw = await readableRows(lake, await lake.files(sorTables[kind], partition));
    const files = await lake.files(table, partition);
    const typed = await readAll(lake, files);
    const missed = deduplicate(raw, table.tickerColumn)
      .filter(lackedBy(typed, table.tickerColumn))
      .map((row) => prepare(row, kind));
    const rows = missed.map(({ row }) => row);
    const done = await replaceFiles(lake, table, partition, files, typed, rows);
    return { ...done, typed: rows.length, unparsed: missed.flatMap(({ unparsed }) => unparsed) };
  });
}

/**
 * The rows of files, of those that can be read. One that is broken failed the function that was to type
 * it, and must not keep the others from being deduplicated; one that is written anew has an event coming.
 */
async function readableRows(lake: Lake, files: readonly LakeFile[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const file of files) {
    try {
      rows.push(...(await lake.read(file)));
    } catch (error) {
      if (!(error instanceof BrokenFileError || error instanceof FileChangedError)) throw error;
    }
  }
  return rows;
}

/** The newest day before a day that one of these tables has. */
export async function dayBefore(
  lake: Lake,
  tables: readonly Table[],
  partition: Partition,
): Promise<Partition | undefined> {
  const days = await Promise.all(tables.map((table) => lake.partitions(table)));
  return days
    .flat()
    .filter((day) => day < partition)
    .sort((a, b) => a - b)
    .at(-1);
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
