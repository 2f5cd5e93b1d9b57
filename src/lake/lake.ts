/** A lake of rows in Parquet files: the interface that the pipeline uses, whether it is in a folder or in S3. */

import type { ColumnBatch, Row, WritableColumnBatch } from '../catalog/column.ts';
import type { Table } from '../catalog/dataset.ts';
import type { Partition } from '../catalog/partition.ts';

/** A Parquet file of the lake. */
export interface LakeFile {
  readonly table: Table;
  readonly partition: Partition;
  /** Without directory and extension, such as `acoes-1f0c.raw` or `dedup`. */
  readonly name: string;
  /** The version of its contents when it was listed, if the lake has one: it detects a concurrent writer. */
  readonly version?: string;
}

/** For a writer that merges files into one and must not overwrite a concurrent change. */
export interface WriteCondition {
  /** The file as it was listed, or undefined if there was none. */
  readonly expected: LakeFile | undefined;
}

export interface ReadOptions {
  /**
   * Refuses a file with columns that the table does not have. For a caller that replaces the file: an older
   * pynvest must not drop the columns of a newer one.
   */
  readonly rejectUnknownColumns?: boolean;
}

export interface Lake {
  /**
   * Whether a finished day may still have its raw text in several batches: the functions in AWS merge only the
   * typed tables and the quotes. A run or a rebuild merges the raw text, too.
   */
  readonly mayHoldRawBatches: boolean;
  /** The partitions that have at least one file (in AWS: those in the catalog), in order. */
  partitions(table: Table): Promise<Partition[]>;
  /** The files of a partition, the oldest first. */
  files(table: Table, partition: Partition): Promise<LakeFile[]>;
  /**
   * The rows of a file, each with every column of the table; a column that the file lacks is null.
   * @throws MissingFileError if it does not exist
   * @throws BrokenFileError if it cannot be read as its table
   * @throws FileChangedError if it has changed since it was listed
   */
  read(file: LakeFile, options?: ReadOptions): Promise<Row[]>;
  /**
   * Writes rows as one file, whole or not at all; a file of the same name is replaced. Without rows no file is
   * written. Returns the number of bytes written. A lake with one writer at a time, such as a local one with its
   * lock, may ignore the condition.
   * @throws UnstorableValueError if a value does not fit its column; nothing is written then
   * @throws FileChangedError if the condition is not met; nothing is written then
   * @throws LakeError if the lake cannot be written
   */
  write(file: LakeFile, rows: readonly Row[], condition?: WriteCondition): Promise<number>;
  /** Registers a partition that has files and that the catalog lacks; absent where there is no catalog. */
  register?(table: Table, partition: Partition): Promise<void>;
  /**
   * Removes files; one that does not exist is no error.
   * @throws FileChangedError if one has changed since it was listed; it is not removed, the others are
   */
  remove(files: readonly LakeFile[]): Promise<void>;
}

/** What to do about a file that cannot be read: the same for a question, a run, a backfill, `status` and `doctor`. */
export function getBrokenFileRemedy({
  layer,
  partition,
}: Pick<Table, 'layer' | 'partition'>): string {
  if (partition.grain !== 'day') {
    return '`pynvest doctor --fix` moves it to _quarantine; `pynvest import` with --again, or the next question, fetches its rows again.';
  }
  return layer === 'sor'
    ? "`pynvest doctor --fix` moves it to _quarantine. `pynvest run` reads today's pages again; those of a past day are lost with it."
    : '`pynvest doctor --fix` moves it to _quarantine, and creates its rows again from the raw text if the lake has it.';
}

/**
 * Of a file with values of other types than its table's. It is moved away only where its rows are created again: until
 * then its other values are answers.
 */
export function getWrongTypesRemedy({ layer }: Pick<Table, 'layer'>): string {
  return layer === 'sor'
    ? 'Its source is missing, so it cannot be rebuilt: correct it with the program that wrote it.'
    : '`pynvest doctor --fix` creates its rows again from the raw text if the lake has it; without it, correct it with the program that wrote it.';
}

/** A lake that a command works on: it also reads and writes whole columns, as no function in AWS does. */
export interface ColumnarLake extends Lake {
  /** The number of rows of each partition of a table, by the footers of its files alone. @throws BrokenFileError */
  countRows(table: Table): Promise<ReadonlyMap<Partition, number>>;
  /**
   * Columns of a file, by their names, for tables whose files have hundreds of thousands of rows; those that the file
   * lacks are absent in every row. The errors are those of `read`.
   */
  readColumns(
    file: LakeFile,
    names: readonly string[],
    options?: ReadOptions,
  ): Promise<ColumnBatch>;
  /** The same as `write`, with the rows as columns. */
  writeColumns(
    file: LakeFile,
    batch: WritableColumnBatch,
    condition?: WriteCondition,
  ): Promise<number>;
}

export interface StoredReport {
  readonly command: string;
  readonly partition: Partition;
  readonly started_at: string;
}

/** The file of a report; its text may be anything. */
export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

/** The folder of the reports, in a local lake and in a bucket. */
export const REPORTS_FOLDER = '_runs';

/** The names of the newest reports, the newest first. Names begin with the time. */
export function selectNewestNames(names: readonly string[], most: number): string[] {
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .slice(-most)
    .reverse();
}

/** The name of a report's file. */
export function formatReportName({
  command,
  partition,
  started_at: startedAt,
}: StoredReport): string {
  const when = startedAt.replace(/[-:]/g, '').replace(/\..*$/, '');
  return `${when}-${command}-${partition}-${process.pid}.json`;
}

export function formatReport(report: StoredReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
