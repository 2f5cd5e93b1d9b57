/**
 * Reads the files of a lake for `doctor`: what is stored, the footer of every file, and all rows of the days that need
 * it.
 */

import pMap from 'p-map';
import type { Row } from '../../catalog/column.ts';
import type { Dataset, Table } from '../../catalog/dataset.ts';
import { type DayBounds, isWithin, isYear, type Partition } from '../../catalog/partition.ts';
import {
  BrokenFileError,
  FileChangedError,
  MissingFileError,
  UnreadableCodecError,
} from '../../errors.ts';
import type {
  DamagedCopy,
  FileShape,
  LakeCatalog,
  LakeInspector,
  StoredFile,
  TableContents,
} from '../../lake/inspector.ts';
import type { Lake } from '../../lake/lake.ts';
import { DEDUP_NAME } from '../../lake/names.ts';
import { getSteps } from '../../pipeline/steps.ts';
import { isAllowedBatch } from '../../pipeline/unfinished-days.ts';
import type { ColumnsComparison, DayFacts, FileFacts } from './file-facts.ts';
import { attempt, type Result, type TableCatalog } from './model.ts';

export async function readContents(
  store: LakeInspector,
  tables: readonly Table[],
): Promise<ReadonlyMap<Table, Result<TableContents>>> {
  const contents = new Map<Table, Result<TableContents>>();
  for (const table of tables) {
    contents.set(table, await attempt(() => store.contents(table)));
  }
  return contents;
}

export async function readCatalog(
  catalog: LakeCatalog,
  tables: readonly Table[],
): Promise<ReadonlyMap<Table, Result<TableCatalog | undefined>>> {
  const read = new Map<Table, Result<TableCatalog | undefined>>();
  for (const table of tables) {
    read.set(table, await attempt(() => readTableCatalog(catalog, table)));
  }
  return read;
}

async function readTableCatalog(
  catalog: LakeCatalog,
  table: Table,
): Promise<TableCatalog | undefined> {
  const columns = await catalog.columns(table);
  if (columns === undefined) return undefined;
  const partitions = await catalog.partitions(table);
  return { columns, partitions, locationOf: (day) => catalog.locationOf(table, day) };
}

const FOOTERS_AT_ONCE = { concurrency: 32 };

interface FilesRequest {
  readonly datasets: readonly Dataset[];
  readonly lake: Lake;
  readonly store: LakeInspector;
  readonly bounds: DayBounds;
  readonly dayInProgress: Partition | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads the footers of the files within the bounds. */
export async function readFiles(
  { datasets, lake, store, bounds, dayInProgress, signal }: FilesRequest,
  contents: ReadonlyMap<Table, TableContents>,
): Promise<FileFacts> {
  const files = [...contents.values()]
    .flatMap((ofTable) => ofTable.files)
    .filter(({ partition }) => isWithin(bounds, partition));
  const shapes = new Map<StoredFile, FileShape>();
  const broken = new Map<StoredFile, string>();
  const changed = new Set<StoredFile>();
  await pMap(
    files,
    async (file) => {
      signal?.throwIfAborted();
      try {
        shapes.set(file, await store.shape(file));
      } catch (error) {
        if (isChange(error)) changed.add(file);
        else if (error instanceof BrokenFileError) broken.set(file, error.message);
        else throw error;
      }
    },
    FOOTERS_AT_ONCE,
  );
  const damagedCopies: (DamagedCopy & { readonly table: Table })[] = [];
  for (const table of contents.keys()) {
    const damaged = (await store.findDamagedCopies?.(table)) ?? [];
    damagedCopies.push(...damaged.map((copy) => ({ ...copy, table })));
  }
  await store.saveChecks?.();
  return {
    datasets,
    contents,
    bounds,
    byDay: groupByDay(files),
    shapes,
    broken,
    changed,
    columns: new Map(
      [...shapes].map(([file, shape]) => [file, compareColumns(file.table, shape)] as const),
    ),
    locationOf: (file) => store.locationOf(file),
    damagedCopies,
    mayHoldRawBatches: lake.mayHoldRawBatches,
    dayInProgress,
  };
}

/** Whether another process wrote the file meanwhile: that is no fault of the lake. */
function isChange(error: unknown): boolean {
  return error instanceof MissingFileError || error instanceof FileChangedError;
}

function groupByDay(files: readonly StoredFile[]): Map<Partition, StoredFile[]> {
  const byDay = new Map<Partition, StoredFile[]>();
  for (const file of files.toSorted((a, b) => a.partition - b.partition)) {
    const ofDay = byDay.get(file.partition);
    if (ofDay === undefined) byDay.set(file.partition, [file]);
    else ofDay.push(file);
  }
  return byDay;
}

function compareColumns({ columns, partition }: Table, shape: FileShape): ColumnsComparison {
  const lastPresent = columns.findLastIndex(({ name }) => shape.columns.has(name));
  // Columns are added at the end: a file that lacks the last ones is older, one that lacks all of them is wrong.
  const expectedCount = lastPresent < 0 ? columns.length : lastPresent + 1;
  const known = new Set([...columns.map(({ name }) => name), partition.column]);
  return {
    older: columns.slice(expectedCount).map(({ name }) => name),
    wrong: columns.slice(0, expectedCount).flatMap(({ name, type: expected }) => {
      const actual = shape.columns.get(name);
      return actual === expected ? [] : [{ name, expected, actual }];
    }),
    unknown: [...shape.columns.keys()].filter((name) => !known.has(name)),
  };
}

/** So many of the newest partitions are read in full where no bounds are given. */
const NEWEST_DAYS = 5;

/** The partitions to read in full: the newest, and those whose footers show that something may be wrong. */
export function findDaysToRead(facts: FileFacts, everyDay: boolean): Partition[] {
  const { byDay, bounds, broken, columns } = facts;
  const days = [...byDay.keys()];
  if (everyDay || bounds.from !== undefined || bounds.to !== undefined) return days;
  const newest = new Set([
    ...days.filter((day) => !isYear(day)).slice(-NEWEST_DAYS),
    ...days.filter(isYear).slice(-NEWEST_DAYS),
  ]);
  return days.filter((day) => {
    const files = byDay.get(day) ?? [];
    return (
      newest.has(day) ||
      hasUnmergedFiles(facts, files) ||
      hasFewerRowsThanItsSource(facts, files) ||
      files.some((file) => broken.has(file) || (columns.get(file)?.wrong.length ?? 0) > 0)
    );
  });
}

function hasUnmergedFiles(facts: FileFacts, files: readonly StoredFile[]): boolean {
  const merged = files.filter((file) => !isAllowedBatch(facts, file));
  return new Set(merged.map(({ table }) => table)).size < merged.length;
}

/** Rows are missing in the later layer, or are twice in the earlier one. */
function hasFewerRowsThanItsSource(
  { datasets, shapes }: FileFacts,
  files: readonly StoredFile[],
): boolean {
  const countRows = (table: Table): number =>
    files
      .filter((file) => file.table === table)
      .reduce((sum, file) => sum + (shapes.get(file)?.rows ?? 0), 0);
  const sourceRows = new Map<Table, number>();
  for (const { source, target } of getSteps(datasets)) {
    sourceRows.set(target, (sourceRows.get(target) ?? 0) + countRows(source));
  }
  return [...sourceRows].some(([target, rows]) => rows > countRows(target));
}

/**
 * Of a file with more rows the checksum is verified, and no row is read: a year of prices has each key once since its
 * import, and as objects its rows take a gigabyte of memory.
 */
const MAX_ROWS_READ = 100_000;

/** Reads all rows of a day. */
export async function readDay(
  { lake, store }: Pick<FilesRequest, 'lake' | 'store'>,
  facts: FileFacts,
  partition: Partition,
): Promise<DayFacts> {
  const files = facts.byDay.get(partition) ?? [];
  const rows = new Map<StoredFile, readonly Row[]>();
  const broken = new Map<StoredFile, string>();
  const unreadableCodec = new Map<StoredFile, string>();
  let isChanging = false;
  for (const file of files) {
    const reason = facts.broken.get(file);
    if (reason !== undefined) broken.set(file, reason);
    if (facts.changed.has(file)) isChanging = true;
    if (reason !== undefined || facts.changed.has(file)) continue;
    if ((facts.shapes.get(file)?.rows ?? 0) > MAX_ROWS_READ) continue;
    try {
      rows.set(file, await (store.rows?.(file) ?? lake.read(file)));
    } catch (error) {
      if (isChange(error)) isChanging = true;
      else if (error instanceof UnreadableCodecError) unreadableCodec.set(file, error.message);
      else if (error instanceof BrokenFileError) broken.set(file, error.message);
      else throw error;
    }
  }
  const sorted = await sortRows(lake, facts, partition, rows);
  return {
    partition,
    isNewest: partition === [...facts.byDay.keys()].at(-1),
    files,
    sound: [...rows.keys()],
    broken,
    unreadableCodec,
    rows: sorted.rows,
    isChanging: isChanging || sorted.isChanging,
  };
}

/**
 * In the order of the pipeline: the merged file first, then the oldest file first. A file that was removed since its
 * bytes were read has no place in that order: the day is changing.
 */
async function sortRows(
  lake: Lake,
  { contents }: FileFacts,
  partition: Partition,
  rowsOf: ReadonlyMap<StoredFile, readonly Row[]>,
): Promise<Pick<DayFacts, 'rows' | 'isChanging'>> {
  const sorted = new Map<Table, readonly Row[]>();
  let isChanging = false;
  for (const table of contents.keys()) {
    const files = [...rowsOf.keys()].filter((file) => file.table === table);
    if (files.length === 0) continue;
    if (files.length > 1) {
      const names = (await lake.files(table, partition)).map(({ name }) => name);
      if (files.some(({ name }) => !names.includes(name))) isChanging = true;
      const rank = ({ name }: StoredFile): number =>
        name === DEDUP_NAME ? -1 : names.indexOf(name);
      files.sort((a, b) => rank(a) - rank(b));
    }
    sorted.set(
      table,
      files.flatMap((file) => rowsOf.get(file) ?? []),
    );
  }
  return { rows: sorted, isChanging };
}
