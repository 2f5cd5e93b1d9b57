/**
 * Reads the files of a lake for the doctor: the footer of every file, and all rows of the days that need it.
 */

import pMap from 'p-map';
import type { Row } from '../../catalog/column.ts';
import type { Partition } from '../../catalog/partition.ts';
import { type Table, tables } from '../../catalog/tables.ts';
import {
  BrokenFileError,
  FileChangedError,
  MissingFileError,
  UnreadableCodecError,
} from '../../errors.ts';
import type { FileShape, LakeInspector, StoredFile } from '../../lake/inspector.ts';
import type { Lake } from '../../lake/lake.ts';
import { DEDUP_NAME } from '../../lake/names.ts';
import type { Finding } from '../finding.ts';
import {
  type ColumnsComparison,
  compareColumns,
  findColumnsFix,
  findUnreadableRemedy,
  hasSourceFile,
  olderColumnsFindings,
  unknownColumnsFinding,
  unreadableCodecFinding,
  unreadableFinding,
  wrongColumnsFinding,
} from '../rules/files.ts';

/** What is known of the files once their footers are read. */
export interface FileFacts {
  readonly shapes: ReadonlyMap<StoredFile, FileShape>;
  /** Files without a footer, with what is wrong. */
  readonly broken: ReadonlyMap<StoredFile, string>;
  /** Removed or replaced since they were listed. */
  readonly missing: ReadonlySet<StoredFile>;
  readonly wrong: ReadonlyMap<StoredFile, ColumnsComparison>;
  /** Files whose rows must be looked at for a judgement. */
  readonly doubtful: readonly StoredFile[];
  readonly findings: readonly Finding[];
}

interface DaySource {
  readonly lake: Lake;
  readonly store: LakeInspector;
  readonly today: Partition;
}

interface DayReading {
  readonly rows: DayRows;
  readonly findings: readonly Finding[];
  /** Whether another writer was at work on it: what was read is then of several moments. */
  readonly isChanging: boolean;
}

/** @param files those of the day */
export async function readDay(
  { lake, store, today }: DaySource,
  files: readonly StoredFile[],
  partition: Partition,
  seen: FileFacts,
): Promise<DayReading> {
  const ofDay = files.filter((file) => !seen.missing.has(file));
  let isMoving = ofDay.length < files.length;
  const sound = new Map<StoredFile, readonly Row[]>();
  const broken = new Map<StoredFile, string>();
  const findings: Finding[] = [];
  for (const file of ofDay) {
    const known = seen.broken.get(file);
    if (known !== undefined) {
      broken.set(file, known);
      continue;
    }
    try {
      sound.set(file, await lake.read(file));
    } catch (error) {
      // Another writer came in between: what it wrote is for the next look.
      if (error instanceof MissingFileError || error instanceof FileChangedError) {
        isMoving = true;
        continue;
      }
      if (error instanceof UnreadableCodecError) {
        findings.push(unreadableCodecFinding(file, store.locationOf(file), error.message));
        continue;
      }
      if (!(error instanceof BrokenFileError)) throw error;
      broken.set(file, error.message);
    }
  }
  for (const file of ofDay) {
    const place = store.locationOf(file);
    const verdict = seen.wrong.get(file);
    const why = broken.get(file);
    const hasSource = hasSourceFile([...sound.keys()], file.table);
    if (verdict !== undefined) {
      findings.push(
        wrongColumnsFinding(file, place, verdict, findColumnsFix(file, why, hasSource)),
      );
    } else if (why !== undefined) {
      findings.push(
        unreadableFinding(file, place, why, findUnreadableRemedy(file, hasSource, today)),
      );
    }
  }
  return {
    rows: { partition, byTable: await sortRows(lake, partition, sound) },
    findings,
    isChanging: isMoving,
  };
}

/** As the pipeline reads a day: what was merged before first, then the oldest file first. */
async function sortRows(
  lake: Lake,
  partition: Partition,
  sound: ReadonlyMap<StoredFile, readonly Row[]>,
): Promise<DayRows['byTable']> {
  const of = new Map<Table, readonly Row[]>();
  for (const table of tables) {
    const found = [...sound.keys()].filter((file) => file.table === table);
    if (found.length === 0) continue;
    const names =
      found.length > 1 ? (await lake.files(table, partition)).map(({ name }) => name) : [];
    const rank = ({ name }: StoredFile): number => (name === DEDUP_NAME ? -1 : names.indexOf(name));
    const ordered = found.sort((a, b) => rank(a) - rank(b));
    of.set(
      table,
      ordered.flatMap((file) => sound.get(file) ?? []),
    );
  }
  return of;
}

/** A day's rows, table by table, in the order in which the pipeline deduplicates them. */
export interface DayRows {
  readonly partition: Partition;
  readonly byTable: ReadonlyMap<Table, readonly Row[]>;
}

const AT_ONCE = { concurrency: 32 };

export async function readShapes(
  store: LakeInspector,
  files: readonly StoredFile[],
  signal?: AbortSignal,
): Promise<FileFacts> {
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
  const verdicts = new Map<StoredFile, ColumnsComparison>();
  for (const [file, shape] of shapes) verdicts.set(file, compareColumns(file.table, shape));
  const wrong = [...verdicts].filter(([, verdict]) => verdict.wrong.length > 0);
  return {
    shapes,
    broken,
    missing: gone,
    wrong: new Map(wrong),
    doubtful: [...broken.keys(), ...wrong.map(([file]) => file)],
    findings: shapeFindings(store, verdicts),
  };
}

/** What the footers say and the rows need not be read for. */
function shapeFindings(
  store: LakeInspector,
  verdicts: ReadonlyMap<StoredFile, ColumnsComparison>,
): Finding[] {
  const older = tables.flatMap((table) => {
    const ofTable = [...verdicts].filter(([file]) => file.table === table);
    return olderColumnsFindings(
      table,
      ofTable.flatMap(([, verdict]) => (verdict.older.length > 0 ? [verdict] : [])),
    );
  });
  const unknown = [...verdicts]
    .filter(([, verdict]) => verdict.unknown.length > 0)
    .map(([file, verdict]) => unknownColumnsFinding(file, store.locationOf(file), verdict));
  return [...older, ...unknown];
}
