/**
 * One row a key in a partition of a table: its files are merged into one, while others may be writing to it.
 */

import type { Row } from '../catalog/column.ts';
import { type Dataset, getTable, type Layer, type Table } from '../catalog/dataset.ts';
import { dailyDatasets } from '../catalog/datasets.ts';
import type { Partition } from '../catalog/partition.ts';
import { BrokenFileError, FileChangedError, MissingFileError } from '../errors.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import { DEDUP_NAME } from '../lake/names.ts';
import {
  createMissingRowFilter,
  deduplicate,
  fillNulls,
  isSameRow,
  isSubstitute,
} from '../transform/deduplicate.ts';
import type { UnparsedValue } from '../transform/layers.ts';
import { convertRows, findRawTable, getStepsInto, type Step } from './steps.ts';

export interface Deduplication {
  readonly table: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  readonly bytes: number;
  /** The one file that holds the partition now; absent where the partition is empty. */
  readonly file?: LakeFile;
}

/**
 * Keeps one row a key in the typed tables, and then in the tables that are derived from those.
 * @param incoming more rows of these tables, newer than those of their files
 */
export async function deduplicateTypedLayers(
  lake: Lake,
  partition: Partition,
  datasets: readonly Dataset[] = dailyDatasets,
  incoming: ReadonlyMap<Table, readonly Row[]> = new Map(),
): Promise<Deduplication[]> {
  const results: Deduplication[] = [];
  for (const layer of ['sot', 'spec'] as const) {
    for (const dataset of datasets) {
      const table = dataset.tables[layer];
      if (table === undefined) continue;
      const more = incoming.get(table);
      results.push(await deduplicatePartition(lake, dataset, layer, partition, more));
    }
  }
  return results;
}

/**
 * Keeps one row of each key in a layer of a data set: its newest version. Rows that carry no version follow from
 * the layer before instead: a key that it holds gets what its newest row there becomes, and one that it lacks keeps
 * the row of its newest file.
 * @param incoming more rows, newer than those of the files
 */
export function deduplicatePartition(
  lake: Lake,
  dataset: Dataset,
  layer: Layer,
  partition: Partition,
  incoming: readonly Row[] = [],
): Promise<Deduplication> {
  const table = getTable(dataset, layer);
  return retryOnConflict(async () => {
    const files = await lake.files(table, partition);
    const rows = await readFiles(lake, files);
    const derived: Row[] = [];
    if (table.versionColumn === undefined) {
      for (const step of getStepsInto(dataset, layer)) {
        const rowsOfStep = await deriveRows(lake, step, partition);
        const raw = findRawTable(dataset, step);
        const hasRawText = raw === undefined || (await lake.files(raw, partition)).length > 0;
        derived.push(...(hasRawText ? rowsOfStep : fillNulls(rowsOfStep, rows, table)));
      }
    }
    const wanted = [...rows, ...incoming, ...derived];
    return mergeFiles(lake, { table, partition }, { files, rows, wanted });
  });
}

/**
 * Makes these the substitutes of a derived table's partition: they replace those that were there, and a collected row,
 * or one that follows from the layer before, is kept in their place.
 */
export function storeSubstitutes(
  lake: Lake,
  dataset: Dataset,
  partition: Partition,
  substitutes: readonly Row[],
): Promise<Deduplication> {
  const table = getTable(dataset, 'spec');
  return retryOnConflict(async () => {
    const files = await lake.files(table, partition);
    const rows = await readFiles(lake, files);
    const collected = rows.filter((row) => !isSubstitute(row, table));
    const derived: Row[] = [];
    for (const step of getStepsInto(dataset, 'spec')) {
      derived.push(...fillNulls(await deriveRows(lake, step, partition), collected, table));
    }
    const wanted = [...collected, ...derived, ...substitutes];
    return mergeFiles(lake, { table, partition }, { files, rows, wanted });
  });
}

/** What follows from the newest row of each key of a step's source. */
export async function deriveRows(lake: Lake, step: Step, partition: Partition): Promise<Row[]> {
  const rows = await readFiles(lake, await lake.files(step.source, partition));
  return [...convertRows(step, deduplicate(rows, step.source)).rows];
}

interface Completion extends Deduplication {
  /** How many rows were typed that the typed table lacked. */
  readonly typed: number;
  readonly unparsed: readonly UnparsedValue[];
}

/**
 * Keeps one row of each key in a layer of a data set, once what the layer before has and it lacks is converted: an
 * event about a file may be lost, and this replaces it.
 */
export function completePartition(
  lake: Lake,
  dataset: Dataset,
  layer: Layer,
  partition: Partition,
): Promise<Deduplication | Completion> {
  const [step] = getStepsInto(dataset, layer);
  return step?.target.versionColumn === undefined
    ? deduplicatePartition(lake, dataset, layer, partition)
    : completeTarget(lake, step, partition);
}

/** Converts the rows that the target of a step lacks, or has an older version of, and merges them. */
function completeTarget(lake: Lake, step: Step, partition: Partition): Promise<Completion> {
  const { source, target } = step;
  return retryOnConflict(async () => {
    const available = await readIntactFiles(lake, await lake.files(source, partition));
    const files = await lake.files(target, partition);
    const stored = await readFiles(lake, files);
    const isMissing = createMissingRowFilter(stored, target);
    const { rows, unparsed } = convertRows(step, deduplicate(available, source), isMissing);
    const done = await mergeFiles(
      lake,
      { table: target, partition },
      { files, rows: stored, wanted: [...stored, ...rows] },
    );
    return { ...done, typed: rows.length, unparsed };
  });
}

const MAX_ATTEMPTS = 5;

/**
 * Starts over where another writer changed the files between the look at them and what followed from it: what it
 * wrote is part of the next look. Of two that merge the same files, one always succeeds.
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
 * The rows of files, those merged earlier first: between equally new rows the last one wins, and what has just been
 * prepared again must win over what followed from the same page before, even if the file system's clock is wrong. A
 * file with columns that this edition does not know is refused, for the rows that are read here replace it.
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
 * The rows of files, of those that can be read. One that is broken failed the function that was to convert it, and
 * must not keep the others from being deduplicated; one that is being rewritten has an event of its own.
 */
export async function readIntactFiles(lake: Lake, files: readonly LakeFile[]): Promise<Row[]> {
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

interface Merge {
  /** All files of the partition. */
  readonly files: readonly LakeFile[];
  /** Their rows. */
  readonly rows: readonly Row[];
  /** Of these, one of each key is stored. */
  readonly wanted: readonly Row[];
}

/**
 * Writes the deduplicated rows first and removes the other files after: a reader, also one after a crash in
 * between, may see a row twice, never none. Nothing is written where the one file holds these very rows; it is only
 * registered.
 *
 * @throws FileChangedError where a file was added meanwhile: its writer looked before the rows were there, and would
 * leave a second row of what they hold. It is part of the next look.
 */
async function mergeFiles(
  lake: Lake,
  { table, partition }: Pick<LakeFile, 'table' | 'partition'>,
  { files, rows, wanted }: Merge,
): Promise<Deduplication> {
  const merged = deduplicate(wanted, table);
  const counts = { table: table.name, rowsBefore: rows.length, rowsAfter: merged.length };
  if (merged.length === 0) return { ...counts, bytes: 0 };
  const file: LakeFile = { table, partition, name: DEDUP_NAME };
  const before = files.find(({ name }) => name === DEDUP_NAME);
  const isAlone = files.length === 1 && before !== undefined;
  if (isAlone && hasSameRows(rows, merged, table)) {
    // Its entry may have been removed from the catalog by hand.
    await lake.register?.(table, partition);
    return { ...counts, bytes: 0, file };
  }
  const bytes = await lake.write(file, merged, { expected: before });
  await lake.remove(files.filter(isUnmerged));
  const late = (await lake.files(table, partition)).filter(isUnmerged);
  if (late.length > 0) {
    throw new FileChangedError(
      `${late.length} files were added to ${table.name} while it was merged`,
      { hint: 'The day is still being collected: run it again when that has ended.' },
    );
  }
  return { ...counts, bytes, file };
}

function isUnmerged({ name }: LakeFile): boolean {
  return name !== DEDUP_NAME;
}

/** Whether these are the same rows in the same order. */
export function hasSameRows(
  rows: readonly Row[],
  others: readonly Row[],
  { columns }: Table,
): boolean {
  return (
    rows.length === others.length &&
    rows.every((row, index) => {
      const other = others[index];
      return other !== undefined && isSameRow(row, other, columns);
    })
  );
}
