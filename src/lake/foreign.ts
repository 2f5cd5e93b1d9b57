/** Which paths below a table's folder are files of the table, and what the others are. Pure. */
import { PARTITION_COLUMN, type Partition, partitionOfValue } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { EXTENSION } from './names.ts';
import type { ForeignThing, StoredFile } from './store.ts';

/** The partition of a folder; undefined where readers would not know it for one. */
export function partitionOfFolder(name: string): Partition | undefined {
  const prefix = `${PARTITION_COLUMN}=`;
  return name.startsWith(prefix) ? partitionOfValue(name.slice(prefix.length)) : undefined;
}

export interface SeenPath {
  /** Below the table's folder, with slashes. */
  readonly path: string;
  readonly size: number;
  readonly version?: string;
}

/** Sorts what was seen into the table's files and foreign things; a foreign folder counts once. */
export function sortContents(
  table: Table,
  seen: readonly SeenPath[],
): { readonly files: readonly StoredFile[]; readonly foreign: readonly ForeignThing[] } {
  const files: StoredFile[] = [];
  const foreign = new Map<string, ForeignThing>();
  for (const { path, size, version } of seen) {
    const [folder = '', name, ...deeper] = path.split('/');
    const partition = partitionOfFolder(folder);
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
