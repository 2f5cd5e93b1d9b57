/** Reads the rows of a day; files that cannot be read are findings. */
import { assetKinds } from '../../catalog/asset.ts';
import type { Row } from '../../catalog/column.ts';
import type { Partition } from '../../catalog/partition.ts';
import { sorTables, sotTables, specTable, type Table, tables } from '../../catalog/tables.ts';
import {
  BrokenFileError,
  FileChangedError,
  MissingFileError,
  UnreadableCodecError,
} from '../../errors.ts';
import type { Lake } from '../../lake/lake.ts';
import { DEDUP_NAME } from '../../lake/names.ts';
import type { FileShape, LakeStore, StoredFile } from '../../lake/store.ts';
import { type ColumnsVerdict, wrongColumns } from './columns.ts';
import { type Finding, type Fix, finding } from './finding.ts';
import type { DayRows } from './rows.ts';

/** What is known of the files once their footers are read. */
export interface ReadFiles {
  readonly shapes: ReadonlyMap<StoredFile, FileShape>;
  /** Files without a footer, with what is wrong. */
  readonly broken: ReadonlyMap<StoredFile, string>;
  /** Removed or replaced since they were listed. */
  readonly gone: ReadonlySet<StoredFile>;
  readonly wrong: ReadonlyMap<StoredFile, ColumnsVerdict>;
  /** Files whose rows must be looked at for a judgement. */
  readonly doubtful: readonly StoredFile[];
  readonly findings: readonly Finding[];
}

export interface ReadingPlace {
  readonly lake: Lake;
  readonly store: LakeStore;
  readonly today: Partition;
}

export interface ReadDay {
  readonly rows: DayRows;
  readonly findings: readonly Finding[];
  /** Whether another writer was at work on it: what was read is then of several moments. */
  readonly isMoving: boolean;
}

/** @param files those of the day */
export async function readDay(
  { lake, store, today }: ReadingPlace,
  files: readonly StoredFile[],
  partition: Partition,
  seen: ReadFiles,
): Promise<ReadDay> {
  const ofDay = files.filter((file) => !seen.gone.has(file));
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
        findings.push(unpackable(file, store.placeOf(file), error.message));
        continue;
      }
      if (!(error instanceof BrokenFileError)) throw error;
      broken.set(file, error.message);
    }
  }
  for (const file of ofDay) {
    const place = store.placeOf(file);
    const verdict = seen.wrong.get(file);
    const why = broken.get(file);
    const hasSource = isMadeFrom([...sound.keys()], file.table);
    if (verdict !== undefined) {
      findings.push(wrongColumns(file, place, verdict, fixOfColumns(file, why, hasSource)));
    } else if (why !== undefined) {
      findings.push(unreadable(file, place, why, remedyOf(file, hasSource, today)));
    }
  }
  return { rows: { partition, of: await inOrder(lake, partition, sound) }, findings, isMoving };
}

/** Whether the day has a sound file of what the table's rows are made from. */
function isMadeFrom(sound: readonly StoredFile[], table: Table): boolean {
  const has = (wanted: Table): boolean => sound.some((file) => file.table === wanted);
  if (table === specTable) {
    return assetKinds.some((kind) => has(sotTables[kind]) || has(sorTables[kind]));
  }
  const kind = assetKinds.find((each) => sotTables[each] === table);
  return kind !== undefined && has(sorTables[kind]);
}

/** Raw text that a program of the person's own wrote is left alone: there is nothing to make it from. */
function fixOfColumns(
  file: StoredFile,
  why: string | undefined,
  hasSource: boolean,
): Fix | undefined {
  if (!hasSource) return undefined;
  if (why !== undefined) return { kind: 'set-aside', file };
  return { kind: 'rebuild', partition: file.partition };
}

function remedyOf(
  { table, partition }: StoredFile,
  hasSource: boolean,
  today: Partition,
): string | undefined {
  const aside = '`pynvest doctor --fix` moves it to _quarantine';
  if (hasSource) return `${aside} and makes its rows again.`;
  if (table.layer !== 'sor') return `${aside}. What its rows came from is gone.`;
  return partition === today ? `${aside}, then \`pynvest run\` reads its pages again.` : undefined;
}

function unreadable(
  file: StoredFile,
  place: string,
  why: string,
  remedy: string | undefined,
): Finding {
  const { table, partition } = file;
  const reason = why.startsWith(place) ? why.slice(place.length).trim().replace(/^is /, '') : why;
  return finding('file-unreadable', {
    status: 'problem',
    table,
    partition,
    subject: place,
    detail: reason,
    ...(remedy === undefined ? {} : { remedy }),
    fix: { kind: 'set-aside', file },
  });
}

/** What others can read is no broken file, and stays where it is. */
function unpackable({ table, partition }: StoredFile, subject: string, why: string): Finding {
  const detail = why.startsWith(subject) ? why.slice(subject.length).trim() : why;
  return finding('codec-unreadable', { status: 'problem', table, partition, subject, detail });
}

/** As the pipeline reads a day: what was merged before first, then the oldest file first. */
async function inOrder(
  lake: Lake,
  partition: Partition,
  sound: ReadonlyMap<StoredFile, readonly Row[]>,
): Promise<DayRows['of']> {
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
