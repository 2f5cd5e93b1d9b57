/** A table's daily files by quarter, as they look from outside: nothing of them is read. */
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { tableFolder } from './local-lake.ts';
import { type Quarter, quarterOf } from './quarters.ts';

export const EXTENSION = '.parquet';

/** What the daily files of a quarter look like from outside. */
export interface QuarterStamp {
  readonly text: string;
  /** When the last of them was changed, in nanoseconds since 1970. */
  readonly changedAt: bigint;
}

// All that follows asks the file system thousands of times before a query begins, which takes a fourth
// of the time without a promise for each answer.

/**
 * The folders of a table's days, by quarter, in order. None at all where one is named as the lake names none:
 * only a look at all of them can tell what to make of it.
 */
export function daysByQuarter(root: string, table: Table): Map<Quarter, string[]> {
  const folder = tableFolder(root, table);
  const days = new Map<Quarter, string[]>();
  for (const name of namesIn(folder).sort()) {
    if (!name.startsWith(`${PARTITION_COLUMN}=`)) continue;
    const quarter = quarterOf(name);
    if (quarter === undefined) return new Map();
    const ofQuarter = days.get(quarter) ?? [];
    ofQuarter.push(join(folder, name));
    days.set(quarter, ofQuarter);
  }
  return days;
}

/** The stamp of a quarter; undefined where it has no files or they cannot be looked at. */
export function stampOfQuarter(
  root: string,
  table: Table,
  quarter: Quarter,
): QuarterStamp | undefined {
  return stampOf(daysByQuarter(root, table).get(quarter) ?? []);
}

/** The same of the quarter whose days have these folders. */
export function stampOf(folders: readonly string[]): QuarterStamp | undefined {
  const lines: string[] = [];
  let changedAt = 0n;
  let anyRows = false;
  for (const folder of folders) {
    for (const name of namesIn(folder).sort()) {
      const stats = statsOf(join(folder, name));
      if (!stats?.isFile()) return undefined;
      anyRows ||= name.endsWith(EXTENSION);
      const { size, mtimeNs, ctimeNs } = stats;
      // A file put in place of another can bring that one's time of writing along, but not its ctime.
      lines.push(`${folder.slice(-8)} ${size} ${mtimeNs} ${ctimeNs} ${JSON.stringify(name)}`);
      if (ctimeNs > changedAt) changedAt = ctimeNs;
    }
  }
  return anyRows ? { text: lines.join('\n'), changedAt } : undefined;
}

/** The first file by the names of its folder and its own; undefined where there is none. */
export function firstFileIn(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const [first] = namesIn(folder)
      .filter((name) => name.endsWith(EXTENSION))
      .sort();
    if (first !== undefined) return join(folder, first);
  }
  return undefined;
}

/** None where the folder cannot be read: whoever reads the table itself says what is wrong with it. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Undefined where there is no such file, or it cannot be looked at. */
export function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
