/** The files of a partition merged into one, while others may be writing to it. */
import type { Row } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { FileChangedError, MissingFileError } from '../errors.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import { DEDUP_NAME } from '../lake/names.ts';
import { deduplicate, sameRow } from '../transform/deduplicate.ts';

export interface Deduplication {
  readonly table: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  readonly bytes: number;
  /** The one file that holds the partition now; absent where the partition is empty. */
  readonly file?: LakeFile;
}

const TRIES = 5;

/**
 * Starts over where another writer came between the look at the files and what followed from it: what
 * it wrote is part of the next look. Of two that merge the same files, one is always done.
 */
export async function againWhileChanging<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const changed = error instanceof FileChangedError || error instanceof MissingFileError;
      if (!changed || attempt >= TRIES) throw error;
    }
  }
}

/**
 * The rows of files, what was merged before first: between equally new rows the last one wins, and
 * what has just been prepared again must win over what came of the same page before, whatever the
 * file system's clock says. A file with columns that this edition does not know is refused, for what
 * is read here takes its place.
 */
export async function readAll(lake: Lake, files: readonly LakeFile[]): Promise<Row[]> {
  const merged = files.filter(({ name }) => name === DEDUP_NAME);
  const others = files.filter(({ name }) => name !== DEDUP_NAME);
  const rows: Row[] = [];
  for (const file of [...merged, ...others]) {
    rows.push(...(await lake.read(file, { wholly: true })));
  }
  return rows;
}

/**
 * Writes the deduplicated rows first and removes the other files after: a reader may see a row twice
 * for a moment, never none, and so may whoever comes after a crash in between. Nothing is written where
 * the one file holds these very rows.
 *
 * @throws FileChangedError where a file came meanwhile: its writer looked before the rows were there, and
 * would leave a second row of what they hold. It is part of the next look.
 */
export async function replaceFiles(
  lake: Lake,
  table: Table,
  partition: Partition,
  files: readonly LakeFile[],
  rows: readonly Row[],
  newerRows: readonly Row[] = [],
): Promise<Deduplication> {
  const kept = deduplicate([...rows, ...newerRows], table.tickerColumn);
  const counts = { table: table.name, rowsBefore: rows.length, rowsAfter: kept.length };
  if (kept.length === 0) return { ...counts, bytes: 0 };
  const file: LakeFile = { table, partition, name: DEDUP_NAME };
  const before = files.find(({ name }) => name === DEDUP_NAME);
  const alone = files.length === 1 && before !== undefined;
  if (alone && holdsExactly(rows, kept, table)) return { ...counts, bytes: 0, file };
  const bytes = await lake.write(file, kept, { onlyOver: before });
  await lake.remove(files.filter(isMerged));
  const late = (await lake.files(table, partition)).filter(isMerged);
  if (late.length > 0) {
    throw new FileChangedError(`${late.length} files came into ${table.name} while it was merged`, {
      hint: 'The day is still being collected: run it again when that has ended.',
    });
  }
  return { ...counts, bytes, file };
}

/** Whether a file is one that is merged into the one that stays. */
function isMerged({ name }: LakeFile): boolean {
  return name !== DEDUP_NAME;
}

function holdsExactly(rows: readonly Row[], kept: readonly Row[], { columns }: Table): boolean {
  return (
    rows.length === kept.length &&
    rows.every((row, index) => {
      const other = kept[index];
      return other !== undefined && sameRow(row, other, columns);
    })
  );
}
