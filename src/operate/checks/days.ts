/** The days of the lake: those that were left half-way, or are without their source. Pure. */
import { assetKinds } from '../../catalog/asset.ts';
import { isoDate, type Partition } from '../../catalog/partition.ts';
import { sorTables, sotTables, specTable, type Table } from '../../catalog/tables.ts';
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
    namesIn(table).filter((name) => isFromMidst(lake, { table, name })),
  );
  return midway.length > 0
    ? `${counted(midway.length, 'file')} from the midst of a run`
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
      const detail = `typed rows of ${counted(ofPast.length, 'day')} without raw text (${which})`;
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
