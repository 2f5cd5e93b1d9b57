/** What lies in the folder of a table, as findings. Pure. */
import { isoDate } from '../../catalog/partition.ts';
import type { Table } from '../../catalog/tables.ts';
import { counted } from '../../counted.ts';
import type { ForeignThing, LakeStore, StoredFile } from '../../lake/store.ts';
import { type Finding, finding } from './finding.ts';
import type { ReadFiles } from './read-day.ts';

export function tableFinding(table: Table, files: readonly StoredFile[], seen: ReadFiles): Finding {
  const days = [...new Set(files.map(({ partition }) => partition))];
  const newest = days.at(-1);
  if (newest === undefined) {
    return finding('table', { status: 'note', table, detail: 'no rows yet' });
  }
  const ofNewest = files.filter(({ partition }) => partition === newest);
  const rows = ofNewest.reduce((sum, file) => sum + (seen.shapes.get(file)?.rows ?? 0), 0);
  const count = counted(days.length, 'day');
  const withRows = ofNewest.every((file) => seen.shapes.has(file)) ? ` with ${rows} rows` : '';
  const detail = `${count}, the newest ${isoDate(newest)}${withRows}`;
  return finding('table', { status: 'ok', table, detail });
}

export function foreignThings(
  { catalog }: LakeStore,
  table: Table,
  foreign: readonly ForeignThing[],
): Finding[] {
  return foreign.map(({ path, kind }) => {
    const name = path.split('/').filter(Boolean).at(-1) ?? path;
    // Readers pass over names that begin so.
    const isHidden = /^[._]/.test(name);
    if (kind === 'folder') {
      const status = path.startsWith('anomesdia_exec') ? 'problem' : 'note';
      const detail = "a folder that is no day's";
      return finding('foreign-folder', { status, table, subject: path, detail });
    }
    const isRead = kind === 'inside' && catalog !== undefined && !isHidden;
    const status = isRead ? 'problem' : 'note';
    const detail = isRead ? 'no Parquet file, and Athena reads it as rows' : 'no file of the table';
    return finding('foreign-file', { status, table, subject: path, detail });
  });
}
