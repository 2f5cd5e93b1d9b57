/**
 * Examines a whole lake for the doctor and changes nothing: reads the files, applies the rules, and drops judgements
 * and fixes that would rest on files that cannot be relied on.
 */

import pMap from 'p-map';
import { assetKinds } from '../catalog/asset.ts';
import type { Partition } from '../catalog/partition.ts';
import { sorTables, sotTables, type Table, tables } from '../catalog/tables.ts';
import type { LakeInspector, StoredFile, TableContents } from '../lake/inspector.ts';
import type { Lake } from '../lake/lake.ts';
import { isAllowedBatch } from '../pipeline/unfinished-days.ts';
import type { Code } from './codes.ts';
import { type FileFacts, readDay, readShapes } from './facts/read-files.ts';
import { type Finding, finding, unavailableFinding } from './finding.ts';
import {
  type Bounds,
  daysWithFewerRows,
  daysWithoutRaw,
  type FilesByDay,
  findUnfinishedReason,
  getAllDays,
  isWithin,
  missingDays,
  unfinishedDays,
} from './rules/days.ts';
import {
  findDuplicateTickers,
  findOrphanRows,
  findQuoteDifferences,
  findTypedDifferences,
} from './rules/layers.ts';
import { catalogPartitions, catalogTable, foreignObjects, tableFinding } from './rules/storage.ts';
import { findOddValues } from './rules/values.ts';

export interface LakeRequest {
  readonly lake: Lake;
  readonly store: LakeInspector;
  readonly bounds: Bounds;
  /** Looks at the values of every day, and not of the newest ones alone. */
  readonly everyValue: boolean;
  readonly today: Partition;
  /** Whether a run of today may be at work meanwhile: whoever holds the lake alone knows that none is. */
  readonly mayBeAtWork: boolean;
  /** Ends the look where it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Shows how far the reading of so many days has come. */
  readonly progress?: (days: number) => { step(ok: boolean): void; stop(): void };
}

export interface Examination {
  readonly findings: readonly Finding[];
  readonly files: number;
  /** The days whose values were looked at. */
  readonly days: number;
}

/** The values of so many of the newest days are looked at where nobody says which. */
const NEWEST_DAYS = 5;
const DAYS_AT_ONCE = { concurrency: 4 };

export async function examineLake(request: LakeRequest): Promise<Examination> {
  const { lake, store, bounds, today } = request;
  const contents = new Map<Table, TableContents>();
  const refused: Finding[] = [];
  for (const table of tables) {
    try {
      contents.set(table, await store.contents(table));
    } catch (error) {
      refused.push(unavailableFinding(error, { table }));
    }
  }
  // Without all of it every other judgement would be about what could not be seen.
  if (refused.length > 0) return { findings: refused, files: 0, days: 0 };

  const all = [...contents.values()].flatMap(({ files }) => files);
  const within = all.filter(({ partition }) => isWithin(bounds, partition));
  const filesByDay = namesByDay(within);
  const days = getAllDays(filesByDay);
  const underWay = request.mayBeAtWork ? today : undefined;
  const seen = await readShapes(store, within, request.signal);
  const findings = [
    ...tables.map((table) => tableFinding(table, contents.get(table)?.files ?? [], seen)),
    ...[...contents].flatMap(([table, { foreign }]) => foreignObjects(store, table, foreign)),
    ...(await catalogFindings(request, contents)),
    ...missingDays(namesByDay(all), bounds, today),
    ...daysWithoutRaw(filesByDay, days, today),
    ...unfinishedDays(lake, filesByDay, days, underWay),
    ...seen.findings,
  ];
  const deep = daysToRead(request, filesByDay, days, seen);
  const byDay = groupByDay(within);
  const progress = request.progress?.(deep.length);
  const ofDays = await pMap(
    deep,
    async (day) => {
      request.signal?.throwIfAborted();
      const files = byDay.get(day) ?? [];
      const {
        rows,
        findings: unreadable,
        isChanging: isMoving,
      } = await readDay(request, files, day, seen);
      progress?.step(true);
      const odd = findOddValues(rows, day === days.at(-1));
      if (isMoving) return [...unreadable, ...odd, changingDay(day)];
      // What a run left half-way differs in many ways, and completing it is one.
      if (findUnfinishedReason(lake, filesByDay, day) !== undefined) return [...unreadable, ...odd];
      const isKeptApart = (table: Table): boolean => {
        const ofTable = files.filter((file) => file.table === table);
        return ofTable.length > 1 && ofTable.some((file) => isAllowedBatch(lake, file));
      };
      const faults = [
        ...findDuplicateTickers(rows, isKeptApart),
        ...findTypedDifferences(rows),
        ...findQuoteDifferences(rows),
        ...findOrphanRows(rows),
      ];
      return [...unreadable, ...faults.filter((each) => isReliable(each, unreadable)), ...odd];
    },
    DAYS_AT_ONCE,
  ).finally(() => progress?.stop());
  return {
    findings: withoutBlockedFixes([...findings, ...ofDays.flat()]),
    files: within.length,
    days: deep.length,
  };
}

function changingDay(partition: Partition): Finding {
  const detail = 'files came or went while it was read: its layers were not compared';
  const remedy = 'Look again when the run that is at work has ended.';
  return finding('not-looked-at', { status: 'note', partition, detail, remedy });
}

function groupByDay(files: readonly StoredFile[]): Map<Partition, StoredFile[]> {
  const byDay = new Map<Partition, StoredFile[]>();
  for (const file of files) {
    const ofDay = byDay.get(file.partition);
    if (ofDay === undefined) byDay.set(file.partition, [file]);
    else ofDay.push(file);
  }
  return byDay;
}

function namesByDay(files: readonly StoredFile[]): FilesByDay {
  const byTable = new Map<Table, Map<Partition, string[]>>();
  for (const { table, partition, name } of files) {
    const byDay = byTable.get(table) ?? new Map<Partition, string[]>();
    byDay.set(partition, [...(byDay.get(partition) ?? []), name]);
    byTable.set(table, byDay);
  }
  return byTable;
}

async function catalogFindings(
  { store: { catalog }, bounds }: LakeRequest,
  contents: ReadonlyMap<Table, TableContents>,
): Promise<Finding[]> {
  if (catalog === undefined) return [];
  const findings: Finding[] = [];
  for (const [table, { files }] of contents) {
    try {
      const columns = await catalog.columns(table);
      findings.push(...catalogTable(table, columns));
      if (columns === undefined) continue;
      findings.push(
        ...catalogPartitions(table, {
          partitions: await catalog.partitions(table),
          withFiles: new Set(files.map(({ partition }) => partition)),
          isWithin: (day) => isWithin(bounds, day),
          locationOf: (day) => catalog.locationOf(table, day),
        }),
      );
    } catch (error) {
      findings.push(unavailableFinding(error, { table }));
    }
  }
  return findings;
}

/** The newest days, and those that show by their files alone that something may be wrong with them. */
function daysToRead(
  { lake, bounds, everyValue }: LakeRequest,
  files: FilesByDay,
  days: readonly Partition[],
  seen: FileFacts,
): Partition[] {
  if (everyValue || bounds.from !== undefined || bounds.to !== undefined) return [...days];
  const wanted = new Set(days.slice(-NEWEST_DAYS));
  for (const [table, byDay] of files) {
    for (const [day, names] of byDay) {
      const merged = names.filter((name) => !isAllowedBatch(lake, { table, name }));
      if (merged.length > 1) wanted.add(day);
    }
  }
  for (const { partition } of seen.doubtful) wanted.add(partition);
  for (const day of daysWithFewerRows(days, seen)) wanted.add(day);
  return [...wanted].sort((a, b) => a - b);
}

/** What follows from a file that cannot be read, or only in part, is not to be judged by it. */
function isReliable({ code, table }: Finding, unreadable: readonly Finding[]): boolean {
  const isFaulty = (name: string): boolean => unreadable.some((each) => each.table === name);
  if (code === 'typed-differs') {
    return !assetKinds.some(
      (kind) =>
        sotTables[kind].name === table && (isFaulty(table) || isFaulty(sorTables[kind].name)),
    );
  }
  if (code === 'quotes-differ') {
    return ![table, ...assetKinds.map((kind) => sotTables[kind].name)].some(isFaulty);
  }
  return true;
}

/**
 * What a newer edition wrote, or what others can unpack, is not to be lost to this one, and raw text that lacks columns is not to make
 * typed rows poorer: such a day is left alone until a person has seen to it.
 */
function withoutBlockedFixes(findings: readonly Finding[]): Finding[] {
  const raw = assetKinds.map((kind) => sorTables[kind].name);
  const inTheWay = new Map<Partition | undefined, Code>();
  for (const { code, table, partition } of findings) {
    const isInTheWay =
      code === 'columns-unknown' ||
      code === 'codec-unreadable' ||
      (code === 'columns-wrong' && raw.includes(table));
    if (isInTheWay) inTheWay.set(partition, code);
  }
  return findings.map((each) => {
    const obstacle = inTheWay.get(each.partition);
    const kind = each.fix?.kind;
    if (obstacle === undefined || (kind !== 'rebuild' && kind !== 'set-aside')) return each;
    const remedy = `First see to ${obstacle} of the same day: until then it is left alone.`;
    return { ...each, fix: undefined, remedy };
  });
}
