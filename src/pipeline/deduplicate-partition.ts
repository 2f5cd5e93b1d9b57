/**
 * One row a ticker in a partition of a table: its files are merged into one, while others may be writing to it.
 */

import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import { sorTables, sotTables, specTable, type Table } from '../catalog/tables.ts';
import { BrokenFileError, FileChangedError, MissingFileError } from '../errors.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import { DEDUP_NAME } from '../lake/names.ts';
import { createMissingRowFilter, deduplicate, isSameRow } from '../transform/deduplicate.ts';
import { prepare, specialize, type UnparsedValue } from '../transform/layers.ts';

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
  return retryOnConflict(async () => {
    const files = await lake.files(table, partition);
    return mergeFiles(lake, table, partition, files, await readFiles(lake, files));
  });
}

export interface IndicatorCompletion extends Deduplication {
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
): Promise<IndicatorCompletion> {
  const table = sotTables[kind];
  return retryOnConflict(async () => {
    const raw = await readIntactFiles(lake, await lake.files(sorTables[kind], partition));
    const files = await lake.files(table, partition);
    const typed = await readFiles(lake, files);
    const missed = deduplicate(raw, table)
      .filter(createMissingRowFilter(typed, table))
      .map((row) => prepare(row, assets[kind].dataset));
    const rows = missed.map(({ row }) => row);
    const done = await mergeFiles(lake, table, partition, files, typed, rows);
    return { ...done, typed: rows.length, unparsed: missed.flatMap(({ unparsed }) => unparsed) };
  });
}

/**
 * The rows of files, of those that can be read. One that is broken failed the function that was to type
 * it, and must not keep the others from being deduplicated; one that is written anew has an event coming.
 */
async function readIntactFiles(lake: Lake, files: readonly LakeFile[]): Promise<Row[]> {
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
export async function findDayBefore(
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
  return retryOnConflict(async () => {
    const files = await lake.files(specTable, partition);
    const quotes = await readFiles(lake, files);
    const derived: Row[] = [];
    for (const kind of assetKinds) derived.push(...(await deriveQuotes(lake, kind, partition)));
    return mergeFiles(lake, specTable, partition, files, quotes, derived);
  });
}

/** The quotes that follow from the newest typed row of each asset of a kind. */
export async function deriveQuotes(
  lake: Lake,
  kind: AssetKind,
  partition: Partition,
): Promise<Row[]> {
  const table = sotTables[kind];
  const typed = await readFiles(lake, await lake.files(table, partition));
  return deduplicate(typed, table).map((row) => specialize(row, assets[kind].dataset));
}

export interface Deduplication {
  readonly table: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  readonly bytes: number;
  /** The one file that holds the partition now; absent where the partition is empty. */
  readonly file?: LakeFile;
}

const MAX_ATTEMPTS = 5;

/**
 * Starts over where another writer came between the look at the files and what followed from it: what
 * it wrote is part of the next look. Of two that merge the same files, one is always done.
 */
export async function retryOnConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const changed = error instanceof FileChangedError || error instanceof MissingFileError;
      if (!changed || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

/**
 * The rows of files, what was merged before first: between equally new rows the last one wins, and
 * what has just been prepared again must win over what came of the same page before, whatever the
 * file system's clock says. A file with columns that this edition does not know is refused, for what
 * is read here takes its place.
 */
async function readFiles(lake: Lake, files: readonly LakeFile[]): Promise<Row[]> {
  const merged = files.filter(({ name }) => name === DEDUP_NAME);
  const others = files.filter(({ name }) => name !== DEDUP_NAME);
  const rows: Row[] = [];
  for (const file of [...merged, ...others]) {
    rows.push(...(await lake.read(file, { rejectUnknownColumns: true })));
  }
  return rows;
}

/**
 * Writes the deduplicated rows first and removes the other files after: a reader may see a row twice
 * for a moment, never none, and so may whoever comes after a crash in between. Nothing is written where
 * the one file holds these very rows.
 *
 * @throws FileChangedError where a file came meanwhile: its writer looked before the rows were there, and
 * would leave a second row of what they hold. It is part of the next look.
 */
async function mergeFiles(
  lake: Lake,
  table: Table,
  partition: Partition,
  files: readonly LakeFile[],
  rows: readonly Row[],
  newerRows: readonly Row[] = [],
): Promise<Deduplication> {
  const kept = deduplicate([...rows, ...newerRows], table);
  const counts = { table: table.name, rowsBefore: rows.length, rowsAfter: kept.length };
  if (kept.length === 0) return { ...counts, bytes: 0 };
  const file: LakeFile = { table, partition, name: DEDUP_NAME };
  const before = files.find(({ name }) => name === DEDUP_NAME);
  const alone = files.length === 1 && before !== undefined;
  if (alone && hasSameRows(rows, kept, table)) return { ...counts, bytes: 0, file };
  const bytes = await lake.write(file, kept, { expected: before });
  await lake.remove(files.filter(isUnmerged));
  const late = (await lake.files(table, partition)).filter(isUnmerged);
  if (late.length > 0) {
    throw new FileChangedError(`${late.length} files came into ${table.name} while it was merged`, {
      hint: 'The day is still being collected: run it again when that has ended.',
    });
  }
  return { ...counts, bytes, file };
}

/** Whether a file is one that is merged into the one that stays. */
function isUnmerged({ name }: LakeFile): boolean {
  return name !== DEDUP_NAME;
}

function hasSameRows(rows: readonly Row[], kept: readonly Row[], { columns }: Table): boolean {
  return (
    rows.length === kept.length &&
    rows.every((row, index) => {
      const other = kept[index];
      return other !== undefined && isSameRow(row, other, columns);
    })
  );
}
