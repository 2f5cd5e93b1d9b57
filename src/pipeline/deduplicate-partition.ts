/** One row a ticker in a partition of a table. */
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import { sotTables, specTable, type Table } from '../catalog/tables.ts';
import { FileChangedError, MissingFileError } from '../errors.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import { DEDUP_NAME } from '../lake/names.ts';
import { deduplicate } from '../transform/deduplicate.ts';
import { specialize } from '../transform/specialize.ts';

export interface Deduplication {
  readonly table: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  readonly bytes: number;
  /** The one file that holds the partition now; absent where the partition is empty. */
  readonly file?: LakeFile;
}

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

const TRIES = 5;

/**
 * Starts over where another writer came between the look at the files and their replacement: what it
 * wrote is part of the next look. Of two that merge the same files, one is always done.
 */
async function againWhileChanging<T>(merge: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await merge();
    } catch (error) {
      const changed = error instanceof FileChangedError || error instanceof MissingFileError;
      if (!changed || attempt >= TRIES) throw error;
    }
  }
}

async function quotesOf(lake: Lake, kind: AssetKind, partition: Partition): Promise<Row[]> {
  const table = sotTables[kind];
  const typed = await readAll(lake, await lake.files(table, partition));
  return deduplicate(typed, table.tickerColumn).map((row) => specialize(row, kind));
}

/**
 * The rows of files, what was merged before first: between equally new rows the last one wins, and
 * what has just been prepared again must win over what came of the same page before, whatever the
 * file system's clock says. A file with columns that this edition does not know is refused, for what
 * is read here takes its place.
 */
async function readAll(lake: Lake, files: readonly LakeFile[]): Promise<Row[]> {
  const merged = files.filter(({ name }) => name === DEDUP_NAME);
  const others = files.filter(({ name }) => name !== DEDUP_NAME);
  const rows: Row[] = [];
  for (const file of [...merged, ...others]) {
    rows.push(...(await lake.read(file, { wholly: true })));
  }
  return rows;
}

/**
 * Writes the deduplicated rows first and removes the other files after: a reader may see a row twice
 * for a moment, never none, and so may whoever comes after a crash in between.
 */
async function replaceFiles(
  lake: Lake,
  table: Table,
  partition: Partition,
  files: readonly LakeFile[],
  rows: readonly Row[],
  newerRows: readonly Row[] = [],
): Promise<Deduplication> {
  const kept = deduplicate([...rows, ...newerRows], table.tickerColumn);
  const counts = { table: table.name, rowsBefore: rows.length, rowsAfter: kept.length };
  if (kept.length === 0) return { ...counts, bytes: 0 };
  const file: LakeFile = { table, partition, name: DEDUP_NAME };
  const before = files.find(({ name }) => name === DEDUP_NAME);
  const alone = files.length === 1 && files[0]?.name === DEDUP_NAME;
  if (alone && kept.length === rows.length && newerRows.length === 0) {
    return { ...counts, bytes: 0, file };
  }
  const bytes = await lake.write(file, kept, { onlyOver: before });
  await lake.remove(files.filter(({ name }) => name !== DEDUP_NAME));
  return { ...counts, bytes, file };
}
