/** A table's daily files by quarter, as they look from outside: nothing of them is read. */
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from '../catalog/tables.ts';
import { partitionOfFolder } from './foreign.ts';
import { tableFolder } from './local-lake.ts';
import { EXTENSION } from './names.ts';
import { type Quarter, quarterOf } from './quarters.ts';

/** What the daily files of a quarter look like from outside. */
export interface QuarterStamp {
  readonly text: string;
  /** When the last of them was changed, in nanoseconds since 1970. */
  readonly changedAt: bigint;
}

// All that follows asks the file system thousands of times before a query begins, which takes a fourth
// of the time without a promise for each answer.

/** The folders of a table's days, by quarter, in order. */
export function daysByQuarter(root: string, table: Table): Map<Quarter, string[]> {
  const folder = tableFolder(root, table);
  const days = new Map<Quarter, string[]>();
  for (const name of namesIn(folder).sort()) {
    const day = partitionOfFolder(name);
    if (day === undefined) continue;
    const quarter = quarterOf(day);
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
