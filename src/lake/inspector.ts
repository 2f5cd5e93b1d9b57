/**
 * The interface for examining and repairing a lake: the files of its tables and any foreign entries among them, and
 * the rule that tells one from the other.
 */

import type { ColumnType, Row } from '../catalog/column.ts';
import type { Table } from '../catalog/dataset.ts';
import type { Partition } from '../catalog/partition.ts';
import type { LakeFile } from './lake.ts';
import { EXTENSION, parsePartitionFolder } from './names.ts';

export interface StoredFile extends LakeFile {
  /** In bytes. */
  readonly size: number;
  /** Where listing the files tells it. */
  readonly modifiedAt?: Date | undefined;
}

/** An entry of a table's folder that is not a file of the table. */
export interface ForeignEntry {
  /** Below the table's folder. */
  readonly path: string;
  /**
   *     folder   a folder that is not a partition
   *     inside   in a partition, and not a Parquet file
   *     beside   anywhere else
   */
  readonly kind: 'folder' | 'inside' | 'beside';
}

export interface TableContents {
  /** By partition and name. */
  readonly files: readonly StoredFile[];
  readonly foreign: readonly ForeignEntry[];
}

/** The contents of a Parquet file by its footer. */
export interface FileShape {
  readonly rows: number;
  /** The lake's type of each column; `other` if it is none of them. */
  readonly columns: ReadonlyMap<string, ColumnType | 'other'>;
}

/** A copy of rows that are also in other files of the lake. */
export interface DamagedCopy {
  readonly path: string;
  readonly reason: string;
}

export interface LakeInspector {
  contents(table: Table): Promise<TableContents>;
  /**
   * Reads a file and verifies its checksum. Of files that have not changed lately, an inspector may read less: of one
   * that has been read before nothing (`saveChecks`), or only the footer.
   * @throws BrokenFileError if it cannot be read, as in a truncated file
   * @throws MissingFileError if the file does not exist
   */
  shape(file: StoredFile): Promise<FileShape>;
  /** The rows of a file, where an inspector may have its bytes already; without it, the lake reads them. */
  rows?(file: StoredFile): Promise<Row[]>;
  /** The damaged ones of the copies that make queries of a table faster; an inspector of a lake with copies has it. */
  findDamagedCopies?(table: Table): Promise<readonly DamagedCopy[]>;
  /** Removes a copy: the daily files have the same rows. */
  removeCopy?(path: string): Promise<void>;
  /** Records what was read, so that the next inspector reads only what changes. */
  saveChecks?(): Promise<void>;
  /** The path or URL of a file. */
  locationOf(file: LakeFile): string;
  /**
   * Moves a file into `_quarantine`, under a name that no reader takes for a file of rows, and that depends on
   * its bytes: a repetition, or a crash in between, loses nothing. Returns the new location.
   * @throws LakeError if it cannot be moved, or has changed since it was listed; it stays where it is then
   */
  quarantine(file: LakeFile): Promise<string>;
  /** The catalog of the files; undefined if the folders are the catalog. */
  readonly catalog: LakeCatalog | undefined;
}

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

export interface CatalogPartition {
  /** Undefined if the value is not a valid partition. */
  readonly partition: Partition | undefined;
  readonly value: string;
  readonly location: string;
}

export interface LakeCatalog {
  /** The table's columns, without the partition; undefined if the catalog has no such table. */
  columns(table: Table): Promise<readonly CatalogColumn[] | undefined>;
  partitions(table: Table): Promise<readonly CatalogPartition[]>;
  /** The location of a partition's files that the catalog should have. */
  locationOf(table: Table, partition: Partition): string;
  /** Adds a partition to the catalog. */
  register(table: Table, partition: Partition): Promise<void>;
  /** Removes a partition from the catalog. */
  forget(table: Table, partition: Partition): Promise<void>;
  /** Updates the table to this version's columns, and changes nothing else of it. */
  describe(table: Table): Promise<void>;
}

export interface ListedPath {
  /** Below the table's folder, with slashes. */
  readonly path: string;
  readonly size: number;
  readonly version?: string;
  readonly modifiedAt?: Date | undefined;
}

/** Divides the entries of a table's folder into its files and foreign entries; a foreign folder counts once. */
export function classifyPaths(
  table: Table,
  paths: readonly ListedPath[],
): { readonly files: readonly StoredFile[]; readonly foreign: readonly ForeignEntry[] } {
  const files: StoredFile[] = [];
  const foreign = new Map<string, ForeignEntry>();
  for (const { path, size, version, modifiedAt } of paths) {
    const [folder = '', name, ...deeper] = path.split('/');
    const partition = parsePartitionFolder(table, folder);
    if (name === undefined) foreign.set(path, { path, kind: 'beside' });
    else if (partition === undefined) foreign.set(folder, { path: folder, kind: 'folder' });
    else if (deeper.length > 0) foreign.set(path, { path, kind: 'inside' });
    else if (!name.endsWith(EXTENSION) || name === EXTENSION) {
      foreign.set(path, { path, kind: 'inside' });
    } else {
      const file = { table, partition, name: name.slice(0, -EXTENSION.length), size, modifiedAt };
      files.push(version === undefined ? file : { ...file, version });
    }
  }
  files.sort((a, b) => a.partition - b.partition || (a.name < b.name ? -1 : 1));
  const others = [...foreign.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, foreign: others };
}
