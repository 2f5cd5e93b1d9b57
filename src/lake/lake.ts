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
}

export interface ReadOptions {
  /**
   * Refuses a file with columns that the table does not know, for whoever is about to replace it:
   * what a newer edition wrote must not be lost to an older one.
   */
  readonly wholly?: boolean;
}

export interface Lake {
  /** The partitions that hold at least one file, in order. */
  partitions(table: Table): Promise<Partition[]>;
  /** The files of a partition, the oldest first. */
  files(table: Table, partition: Partition): Promise<LakeFile[]>;
  /**
   * The rows of a file, every column of the table in each, null where the file lacks it.
   * @throws BrokenFileError where the file cannot be read as its table
   */
  read(file: LakeFile, options?: ReadOptions): Promise<Row[]>;
  /**
   * Writes rows as one file, whole or not at all; one of the same name is replaced. No rows write no
   * file. Answers how many bytes were written.
   * @throws UnstorableValueError where a value does not fit its column; nothing is written then
   * @throws LakeError where the lake cannot be written
   */
  write(file: LakeFile, rows: readonly Row[]): Promise<number>;
  /** Removes files; one that is gone already is no error. */
  remove(files: readonly LakeFile[]): Promise<void>;
}
