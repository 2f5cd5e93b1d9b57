/** What lies in a lake as it lies there, the lake's own files and whatever else: for whoever examines it. */
import type { ColumnType } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import type { LakeFile } from './lake.ts';

export interface StoredFile extends LakeFile {
  /** In bytes. */
  readonly size: number;
}

/** What lies in a table's folder without being a file of the table. */
export interface ForeignThing {
  /** Its path below the table's folder. */
  readonly path: string;
  /**
   *     folder   a folder that is no partition's
   *     inside   in a partition, and no Parquet file
   *     beside   anywhere else
   */
  readonly kind: 'folder' | 'inside' | 'beside';
}

export interface TableContents {
  /** In the order of partitions and names. */
  readonly files: readonly StoredFile[];
  readonly foreign: readonly ForeignThing[];
}

/** What the footer of a Parquet file says of it. */
export interface FileShape {
  readonly rows: number;
  /** The lake's type of each column; `other` where it is of none. */
  readonly columns: ReadonlyMap<string, ColumnType | 'other'>;
}

export interface LakeStore {
  contents(table: Table): Promise<TableContents>;
  /**
   * Reads the footer alone.
   * @throws BrokenFileError where there is none that can be read, as in a file that was cut short
   * @throws MissingFileError where the file is not there
   */
  shape(file: StoredFile): Promise<FileShape>;
  /** A file as people write it. */
  placeOf(file: LakeFile): string;
  /**
   * Moves a file out of the tables' way into `_quarantine`, under a name that no reader takes for rows, and
   * that is another for other bytes: whoever dies in between, or does it twice, loses nothing. Answers where
   * it is now.
   * @throws LakeError where it cannot be moved, or is no longer as it was listed; it stays then
   */
  setAside(file: LakeFile): Promise<string>;
  /** The catalog by which the files are found; undefined where the folders are the catalog. */
  readonly catalog: LakeCatalog | undefined;
}

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

export interface CatalogPartition {
  /** Undefined where the value is no day. */
  readonly partition: Partition | undefined;
  readonly value: string;
  readonly location: string;
}

export interface LakeCatalog {
  /** The table's columns, without the partition's; undefined where the catalog has no such table. */
  columns(table: Table): Promise<readonly CatalogColumn[] | undefined>;
  partitions(table: Table): Promise<readonly CatalogPartition[]>;
  /** Where the files of a partition lie, as the catalog is to have it. */
  locationOf(table: Table, partition: Partition): string;
  /** Makes the catalog know a partition. */
  register(table: Table, partition: Partition): Promise<void>;
  /** Makes the catalog forget a partition. */
  forget(table: Table, partition: Partition): Promise<void>;
  /** Gives the table this edition's columns; all else of it stays. */
  describe(table: Table): Promise<void>;
}
