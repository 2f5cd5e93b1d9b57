/** Which copies of a table are to be made, and which are of no use any more. */
import { join } from 'node:path';
import type { Table } from '../../catalog/dataset.ts';
import {
  type DayFolder,
  groupDays,
  type Month,
  type Period,
  type PeriodDays,
  type Quarter,
  toFingerprint,
  type YearDays,
} from './copied-periods.ts';
import { removePath } from './disk.ts';
import { findCopy, getCopiesFolder, listCopyNames } from './period-copies.ts';

/** With fewer days, a year in one file is hardly faster than its quarters, and a month than its days. */
const MIN_DAYS_OF_YEAR = 100;
const MIN_DAYS_OF_MONTH = 10;

/**
 * Whether a year is copied whole: not before July of the next. Until then many questions are about some months of it.
 */
function isCopiedWhole({ period, days }: YearDays, newest: DayFolder | undefined): boolean {
  const firstOfJuly = (Number(period) + 1) * 10_000 + 701;
  return newest !== undefined && days.length >= MIN_DAYS_OF_YEAR && newest.day >= firstOfJuly;
}

interface CopiesReview {
  /**
   * What has no copy, in order: old years, the quarters before that of the newest partition, and of that one the months
   * before the last.
   */
  readonly toCopy: readonly Period[];
  /** Of the years to copy, the quarters that have no copy either. */
  readonly quartersOf: ReadonlyMap<Period, readonly Quarter[]>;
  /** What is among the copies and is of no use. */
  readonly stale: readonly string[];
}

/** Compares the copies of a table with its daily files, each of which is looked at once. */
export function reviewCopies(root: string, table: Table): CopiesReview {
  const names = listCopyNames(root, table);
  const valid = new Set<string>();
  const toCopy: Period[] = [];
  const quartersOf = new Map<Period, readonly Quarter[]>();
  const years = groupDays(root, table);
  const newest = years.at(-1)?.parts.at(-1);
  /** Whether a period has a copy; if so, it is kept. */
  const keepCopy = (each: Omit<PeriodDays, 'parts'>): boolean => {
    const copy = findCopy(root, table, each, names);
    if (copy !== undefined) valid.add(copy);
    return copy !== undefined;
  };
  const canBeCopied = ({ readFiles }: Pick<PeriodDays, 'readFiles'>): boolean =>
    toFingerprint(readFiles()) !== undefined;
  for (const year of years) {
    if (keepCopy(year)) continue;
    const missing: Quarter[] = [];
    const missingMonths: Month[] = [];
    for (const quarter of year.parts) {
      if (keepCopy(quarter)) continue;
      const isNewest = quarter === newest;
      if (!isNewest && canBeCopied(quarter)) missing.push(quarter.period);
      for (const month of quarter.parts) {
        // Queries use the copies of months until the quarter has one, so those are kept in any case.
        if (keepCopy(month) || !isNewest) continue;
        const isPast = month !== quarter.parts.at(-1) && month.days.length >= MIN_DAYS_OF_MONTH;
        if (isPast && canBeCopied(month)) missingMonths.push(month.period);
      }
    }
    // With copies of some of its quarters alone, another cannot be copied or has changed: that one comes first.
    const isPartlyCopied = missing.length > 0 && missing.length < year.parts.length;
    if (isCopiedWhole(year, newest?.days.at(-1)) && !isPartlyCopied && canBeCopied(year)) {
      toCopy.push(year.period);
      quartersOf.set(year.period, missing);
    } else {
      toCopy.push(...missing, ...missingMonths);
    }
  }
  const paths = names.map((name) => join(getCopiesFolder(root, table), name));
  return { toCopy, quartersOf, stale: paths.filter((path) => !valid.has(path)) };
}

/** Removes stale copies. The caller has the lock of the lake. */
export async function removeStaleCopies({ stale }: CopiesReview): Promise<void> {
  for (const path of stale) await removePath(path, { recursive: true });
}
