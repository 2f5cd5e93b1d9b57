/**
 * What is stored in a lake, its own files and any others: the interface for examining and repairing it,
 * and the rule that tells the files of a table from foreign entries.
 */

import type { ColumnType } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import type { LakeFile } from './lake.ts';
import { EXTENSION, parsePartitionFolder } from './names.ts';

export interface StoredFile extends LakeFile {
  /** In bytes. */
  readonly size: number;
}

/** What lies in a table's folder without being a file of the table. */
export interface ForeignEntry {
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
  readonly foreign: readonly ForeignEntry[];
}

/** What the footer of a Parquet file says of it. */
export interface FileShape {
  readonly rows: number;
  /** The lake's type of each column; `other` where it is of none. */
  readonly columns: ReadonlyMap<string, ColumnType | 'other'>;
}

export interface LakeInspector {
  contents(table: Table): Promise<TableContents>;
  /**
   * Reads the footer alone.
   * @throws BrokenFileError where there is none that can be read, as in a file that was cut short
   * @throws MissingFileError where the file is not there
   */
  shape(file: StoredFile): Promise<FileShape>;
  /** A file as people write it. */
  locationOf(file: LakeFile): string;
  /**
   * Moves a file out of the tables' way into `_quarantine`, under a name that no reader takes for rows, and
   * that is another for other bytes: whoever dies in between, or does it twice, loses nothing. Answers where
   * it is now.
   * @throws LakeError where it cannot be moved, or is no longer as it was listed; it stays then
   */
  quarantine(file: LakeFile): Promise<string>;
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

export interface ListedPath {
  /** Below the table's folder, with slashes. */
  readonly path: string;
  readonly size: number;
  readonly version?: string;
}

/** Sorts what was seen into the table's files and foreign things; a foreign folder counts once. */
export function classifyPaths(
  table: Table,
  seen: readonly ListedPath[],
): { readonly files: readonly StoredFile[]; readonly foreign: readonly ForeignEntry[] } {
  const files: StoredFile[] = [];
  const foreign = new Map<string, ForeignEntry>();
  for (const { path, size, version } of seen) {
    const [folder = '', name, ...deeper] = path.split('/');
    const partition = parsePartitionFolder(folder);
    if (name === undefined) foreign.set(path, { path, kind: 'beside' });
    else if (partition === undefined) foreign.set(folder, { path: folder, kind: 'folder' });
    else if (deeper.length > 0) foreign.set(path, { path, kind: 'inside' });
    else if (!name.endsWith(EXTENSION) || name === EXTENSION) {
      foreign.set(path, { path, kind: 'inside' });
    } else {
      const file = { table, partition, name: name.slice(0, -EXTENSION.length), size };
      files.push(version === undefined ? file : { ...file, version });
    }
  }
  files.sort((a, b) => a.partition - b.partition || (a.name < b.name ? -1 : 1));
  const others = [...foreign.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, foreign: others };
}
