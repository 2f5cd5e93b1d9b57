/** Where rows live: the interface that the pipeline knows. */

import type { Row } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';

/** A Parquet file of the lake. */
export interface LakeFile {
  readonly table: Table;
  readonly partition: Partition;
  /** Without directory and extension, such as `acoes-1f0c.raw` or `dedup`. */
  readonly name: string;
  /** What it held when it was listed, where the lake can tell: two writers see each other by it. */
  readonly version?: string;
}

/** For whoever merges files into one and must not overwrite what another wrote meanwhile. */
export interface WriteCondition {
  /** The file as it was listed, or undefined where there was none. */
  readonly expected: LakeFile | undefined;
}

export interface ReadOptions {
  /**
   * Refuses a file with columns that the table does not know, for whoever is about to replace it:
   * what a newer edition wrote must not be lost to an older one.
   */
  readonly rejectUnknownColumns?: boolean;
}

export interface Lake {
  /**
   * Whether a finished day may still hold its raw text in the batches that it came in: the chain in AWS merges
   * the typed tables and the quotes alone. A run or a rebuild, there too, merges the raw text as well.
   */
  readonly mayHoldRawBatches: boolean;
  /** The partitions that hold at least one file (in AWS: those that the catalog knows), in order. */
  partitions(table: Table): Promise<Partition[]>;
  /** The files of a partition, the oldest first. */
  files(table: Table, partition: Partition): Promise<LakeFile[]>;
  /**
   * The rows of a file, every column of the table in each, null where the file lacks it.
   * @throws MissingFileError where it is not there
   * @throws BrokenFileError where it cannot be read as its table
   * @throws FileChangedError where it is no longer as it was listed
   */
  read(file: LakeFile, options?: ReadOptions): Promise<Row[]>;
  /**
   * Writes rows as one file, whole or not at all; one of the same name is replaced. No rows write no
   * file. Answers how many bytes were written. A lake that has one writer at a time, as the local one
   * has by its lock, need not look at the condition.
   * @throws UnstorableValueError where a value does not fit its column; nothing is written then
   * @throws FileChangedError where the condition does not hold; nothing is written then
   * @throws LakeError where the lake cannot be written
   */
  write(file: LakeFile, rows: readonly Row[], condition?: WriteCondition): Promise<number>;
  /**
   * Removes files; one that is gone already is no error.
   * @throws FileChangedError where one is no longer as it was listed; it stays, the others are gone
   */
  remove(files: readonly LakeFile[]): Promise<void>;
}
