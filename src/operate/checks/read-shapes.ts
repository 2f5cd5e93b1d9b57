/** Reads the footer of every file, which shows what was cut short and which columns there are. */
import pMap from 'p-map';
import { tables } from '../../catalog/tables.ts';
import { BrokenFileError, FileChangedError, MissingFileError } from '../../errors.ts';
import type { FileShape, LakeStore, StoredFile } from '../../lake/store.ts';
import { type ColumnsVerdict, judgeColumns, olderColumns, unknownColumns } from './columns.ts';
import type { Finding } from './finding.ts';
import type { ReadFiles } from './read-day.ts';

const AT_ONCE = { concurrency: 32 };

export async function readShapes(
  store: LakeStore,
  files: readonly StoredFile[],
  signal?: AbortSignal,
): Promise<ReadFiles> {
  const shapes = new Map<StoredFile, FileShape>();
  const broken = new Map<StoredFile, string>();
  const gone = new Set<StoredFile>();
  await pMap(
    files,
    async (file) => {
      signal?.throwIfAborted();
      try {
        shapes.set(file, await store.shape(file));
      } catch (error) {
        // Another writer came in between: what it wrote is for the next look.
        const hasChanged = error instanceof MissingFileError || error instanceof FileChangedError;
        if (hasChanged) gone.add(file);
        else if (error instanceof BrokenFileError) broken.set(file, error.message);
        else throw error;
      }
    },
    AT_ONCE,
  );
  const verdicts = new Map<StoredFile, ColumnsVerdict>();
  for (const [file, shape] of shapes) verdicts.set(file, judgeColumns(file.table, shape));
  const wrong = [...verdicts].filter(([, verdict]) => verdict.wrong.length > 0);
  return {
    shapes,
    broken,
    gone,
    wrong: new Map(wrong),
    doubtful: [...broken.keys(), ...wrong.map(([file]) => file)],
    findings: shapeFindings(store, verdicts),
  };
}

/** What the footers say and the rows need not be read for. */
function shapeFindings(
  store: LakeStore,
  verdicts: ReadonlyMap<StoredFile, ColumnsVerdict>,
): Finding[] {
  const older = tables.flatMap((table) => {
    const ofTable = [...verdicts].filter(([file]) => file.table === table);
    return olderColumns(
      table,
      ofTable.flatMap(([, verdict]) => (verdict.older.length > 0 ? [verdict] : [])),
    );
  });
  const unknown = [...verdicts]
    .filter(([, verdict]) => verdict.unknown.length > 0)
    .map(([file, verdict]) => unknownColumns(file, store.placeOf(file), verdict));
  return [...older, ...unknown];
}
