/** The days of the lake: those that are missing, left half-way, or without their source. Pure. */
import { assetKinds } from '../../catalog/asset.ts';
import { isoDate, type Partition } from '../../catalog/partition.ts';
import { sorTables, sotTables, specTable, type Table } from '../../catalog/tables.ts';
import { tradingDaysBetween } from '../../catalog/trading-days.ts';
import { counted } from '../../counted.ts';
import type { Lake } from '../../lake/lake.ts';
import { isFromMidst } from '../../lake/unfinished.ts';
import { type Finding, finding } from './finding.ts';

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
export function allDays(files: FilesByDay): Partition[] {
  const days = new Set([...files.values()].flatMap((byDay) => [...byDay.keys()]));
  return [...days].sort((a, b) => a - b);
}

/** A day's files from the midst of a run, or a layer without the one that follows from it. */
export function whyUnfinished(
  lake: Pick<Lake, 'keepsRawFiles'>,
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
    namesIn(table).filter((name) => isFromMidst(lake, { table, name })),
  );
  return midway.length > 0
    ? `${counted(midway.length, 'file')} from the midst of a run`
    : undefined;
}

/** @param underWay the day on which a run may be at work at this moment */
export function unfinishedDays(
  lake: Pick<Lake, 'keepsRawFiles'>,
  files: FilesByDay,
  days: readonly Partition[],
  underWay: Partition | undefined,
): Finding[] {
  return days.flatMap((partition) => {
    const detail = whyUnfinished(lake, files, partition);
    if (detail === undefined) return [];
    if (partition !== underWay) {
      const fix = { kind: 'rebuild', partition } as const;
      return [finding('day-unfinished', { status: 'problem', partition, detail, fix })];
    }
    const remedy = "Today's run may be at work: look again when it has ended.";
    return [finding('day-unfinished', { status: 'note', partition, detail, remedy })];
  });
}

/** The trading days between the lake's first day, or `from`, and the last one before today, or `to`. */
export function missingDays(
  days: readonly Partition[],
  { from, to }: Bounds,
  today: Partition,
): Finding[] {
  const [first] = days;
  if (first === undefined) return [];
  const there = new Set(days);
  const start = from !== undefined && from > first ? from : first;
  const end = to !== undefined && to < today ? to : today;
  const trading = tradingDaysBetween(start, end).filter((day) => day !== today);
  const missing = trading.filter((day) => !there.has(day));
  if (missing.length === 0) return [];
  const word = missing.length === 1 ? 'trading day' : 'trading days';
  const detail = `${missing.length} ${word} without rows: ${inRanges(missing, trading)}`;
  return [finding('day-missing', { status: 'note', detail })];
}

/** Of many gaps, so many of the newest are named. */
const RANGES_NAMED = 5;

function inRanges(missing: readonly Partition[], among: readonly Partition[]): string {
  const ranges: { from: Partition; to: Partition; next: number }[] = [];
  const positions = new Map(among.map((day, index) => [day, index]));
  for (const day of missing) {
    const position = positions.get(day) ?? 0;
    const last = ranges.at(-1);
    if (last?.next === position) Object.assign(last, { to: day, next: position + 1 });
    else ranges.push({ from: day, to: day, next: position + 1 });
  }
  const named = ranges
    .slice(-RANGES_NAMED)
    .map(({ from, to }) => (from === to ? isoDate(from) : `${isoDate(from)} to ${isoDate(to)}`));
  const earlier = ranges.length > RANGES_NAMED ? ['earlier ones'] : [];
  return [...earlier, ...named].join(', ');
}

/** Typed rows of which there is no raw text: kept, and not to be made again. */
export function daysWithoutRaw(files: FilesByDay, days: readonly Partition[]): Finding[] {
  return assetKinds.flatMap((kind) => {
    const [raw, typed] = [files.get(sorTables[kind]), files.get(sotTables[kind])];
    const without = days.filter((day) => typed?.has(day) && !raw?.has(day));
    const [first, last] = [without.at(0), without.at(-1)];
    if (first === undefined || last === undefined) return [];
    const word = without.length === 1 ? 'day' : 'days';
    const which = first === last ? isoDate(first) : `${isoDate(first)} to ${isoDate(last)}`;
    const detail = `typed rows of ${without.length} ${word} without raw text (${which})`;
    return [finding('raw-missing', { status: 'note', table: sotTables[kind], detail })];
  });
}
