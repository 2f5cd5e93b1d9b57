/**
 * Rules about the days of a lake: missing, unfinished, without raw text, or with fewer rows in a later layer. Pure.
 */

import { type AssetKind, assetKinds } from '../../catalog/asset.ts';
import { isoDate, type Partition } from '../../catalog/partition.ts';
import { sorTables, sotTables, specTable, type Table } from '../../catalog/tables.ts';
import { findMissingTradingDays, getTradingDays } from '../../catalog/trading-days.ts';
import type { FileShape, StoredFile } from '../../lake/inspector.ts';
import type { Lake } from '../../lake/lake.ts';
import { isLeftover } from '../../pipeline/unfinished-days.ts';
import { formatQuantity } from '../../text.ts';
import { type Finding, finding } from '../finding.ts';

/** The names of the files of each day of each table. */
export type FilesByDay = ReadonlyMap<Table, ReadonlyMap<Partition, readonly string[]>>;

export interface Bounds {
  readonly from: Partition | undefined;
  readonly to: Partition | undefined;
}

export function isWithin({ from, to }: Bounds, day: Partition): boolean {
  return (from === undefined || from <= day) && (to === undefined || day <= to);
}

/** The days of all tables together, in order. */
export function getAllDays(files: FilesByDay): Partition[] {
  const days = new Set([...files.values()].flatMap((byDay) => [...byDay.keys()]));
  return [...days].sort((a, b) => a - b);
}

/** A day's files from the midst of a run, or a layer without the one that follows from it. */
export function findUnfinishedReason(
  lake: Pick<Lake, 'mayHoldRawBatches'>,
  files: FilesByDay,
  day: Partition,
): string | undefined {
  const namesIn = (table: Table): readonly string[] => files.get(table)?.get(day) ?? [];
  for (const kind of assetKinds) {
    const [raw, typed] = [namesIn(sorTables[kind]), namesIn(sotTables[kind])];
    if (raw.length > 0 && typed.length === 0) return `${kind}: raw text without typed rows`;
    if (typed.length > 0 && namesIn(specTable).length === 0) {
      return `${kind}: typed rows without quotes`;
    }
  }
  const midway = [...files.keys()].flatMap((table) =>
    namesIn(table).filter((name) => isLeftover(lake, { table, name })),
  );
  return midway.length > 0
    ? `${formatQuantity(midway.length, 'file')} from the midst of a run`
    : undefined;
}

/** @param underWay the day on which a run may be at work at this moment */
export function unfinishedDays(
  lake: Pick<Lake, 'mayHoldRawBatches'>,
  files: FilesByDay,
  days: readonly Partition[],
  underWay: Partition | undefined,
): Finding[] {
  return days.flatMap((partition) => {
    const detail = findUnfinishedReason(lake, files, partition);
    if (detail === undefined) return [];
    if (partition !== underWay) {
      const fix = { kind: 'rebuild', partition } as const;
      return [finding('day-unfinished', { status: 'problem', partition, detail, fix })];
    }
    const remedy = "Today's run may be at work: look again when it has ended.";
    return [finding('day-unfinished', { status: 'note', partition, detail, remedy })];
  });
}

/**
 * Typed rows of which there is no raw text: kept, and not to be made again. Of today the site still shows
 * what was lost, which makes it a problem.
 */
export function daysWithoutRaw(
  files: FilesByDay,
  days: readonly Partition[],
  today: Partition,
): Finding[] {
  return assetKinds.flatMap((kind) => {
    const table = sotTables[kind];
    const [raw, typed] = [files.get(sorTables[kind]), files.get(table)];
    const without = days.filter((day) => typed?.has(day) && !raw?.has(day));
    const ofPast = without.filter((day) => day !== today);
    const found: Finding[] = [];
    const [first, last] = [ofPast.at(0), ofPast.at(-1)];
    if (first !== undefined && last !== undefined) {
      const which = first === last ? isoDate(first) : `${isoDate(first)} to ${isoDate(last)}`;
      const detail = `typed rows of ${formatQuantity(ofPast.length, 'day')} without raw text (${which})`;
      found.push(finding('raw-missing', { status: 'note', table, detail }));
    }
    if (without.includes(today)) {
      const detail = 'typed rows of today without raw text';
      const remedy = "`pynvest run` reads today's pages again.";
      found.push(
        finding('raw-missing', { status: 'problem', table, partition: today, detail, remedy }),
      );
    }
    return found;
  });
}

/**
 * The days before today that no table has, and those that all tables of one kind lack; a day that a single
 * layer lacks was left half-way, which is told as such.
 *
 * @param files those of every day, also beyond the bounds: a day may be there by a collection after it
 */
export function missingDays(files: FilesByDay, bounds: Bounds, today: Partition): Finding[] {
  const missingIn = (tables: readonly Table[]): Partition[] => {
    const held = new Map([...files].filter(([table]) => tables.includes(table)));
    return findMissingTradingDays(getAllDays(held), today).filter(
      (day) => day !== today && isWithin(bounds, day),
    );
  };
  const missing = missingIn([...files.keys()]);
  const everywhere = new Set(missing);
  return [
    ...findingsOf(missing, ''),
    ...assetKinds.flatMap((kind: AssetKind) => {
      const ofKind = missingIn([sorTables[kind], sotTables[kind]]);
      return findingsOf(
        ofKind.filter((day) => !everywhere.has(day)),
        kind,
      );
    }),
  ];
}

function findingsOf(missing: readonly Partition[], subject: AssetKind | ''): Finding[] {
  if (missing.length === 0) return [];
  const detail = `${formatQuantity(missing.length, 'trading day')} without rows: ${formatRanges(missing)}`;
  return [finding('day-missing', { status: 'note', subject, detail })];
}

/** Of many gaps, so many of the newest are named. */
const RANGES_NAMED = 5;

function formatRanges(missing: readonly Partition[]): string {
  const [first, last] = [missing.at(0), missing.at(-1)];
  const trading = first === undefined || last === undefined ? [] : getTradingDays(first, last);
  const positions = new Map(trading.map((day, index) => [day, index]));
  const ranges: { from: Partition; to: Partition; next: number }[] = [];
  for (const day of missing) {
    const position = positions.get(day) ?? 0;
    const range = ranges.at(-1);
    if (range?.next === position) Object.assign(range, { to: day, next: position + 1 });
    else ranges.push({ from: day, to: day, next: position + 1 });
  }
  const named = ranges
    .slice(-RANGES_NAMED)
    .map(({ from, to }) => (from === to ? isoDate(from) : `${isoDate(from)} to ${isoDate(to)}`));
  const earlier = ranges.length > RANGES_NAMED ? ['earlier ones'] : [];
  return [...earlier, ...named].join(', ');
}

/** Something is missing there, or was there twice before: whoever reads the rows can tell. */
export function daysWithFewerRows(
  days: readonly Partition[],
  { shapes }: { readonly shapes: ReadonlyMap<StoredFile, FileShape> },
): Partition[] {
  const rows = new Map<string, number>();
  const key = (table: Table, day: Partition): string => `${table.name} ${day}`;
  for (const [{ table, partition }, shape] of shapes) {
    const before = rows.get(key(table, partition)) ?? 0;
    rows.set(key(table, partition), before + shape.rows);
  }
  const countOf = (table: Table, day: Partition): number => rows.get(key(table, day)) ?? 0;
  return days.filter((day) => {
    let typed = 0;
    for (const kind of assetKinds) {
      const ofKind = countOf(sotTables[kind], day);
      if (countOf(sorTables[kind], day) > ofKind) return true;
      typed += ofKind;
    }
    return typed > countOf(specTable, day);
  });
}
