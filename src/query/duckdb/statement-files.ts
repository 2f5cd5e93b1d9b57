/**
 * Which files of a local lake a statement reads: the copies of past periods, and the daily files of all other days.
 */

import type { Table } from '../../catalog/dataset.ts';
import { type DayBounds, isWithin, type Partition } from '../../catalog/partition.ts';
import { getPeriods } from '../../lake/local/copied-periods.ts';
import { listDailyFiles } from '../../lake/local/layout.ts';
import { findPeriodCopies, type PeriodCopies } from '../../lake/local/period-copies.ts';
import type { VerifiedFiles } from '../../lake/local/verified-files.ts';
import type { Statement, TableDays } from '../engine.ts';
import { findNeededTables } from './views.ts';

interface TablesOfLake {
  readonly root: string;
  readonly tables: readonly Table[];
}

/** The copies that a query reads, instead of the daily files of their periods. */
export type CopiesByTable = ReadonlyMap<Table, PeriodCopies>;

/** What was found ahead of a statement longer ago is looked for again. */
const MAX_AHEAD_MS = 1000;

/** Copies that were found before the statement that needs them. */
interface CopiesAhead extends TableDays {
  readonly found: PeriodCopies;
  /** When the files were looked at; by `performance.now`. */
  readonly at: number;
}

export class CopyFinder {
  readonly #lake: TablesOfLake;
  readonly #verified: VerifiedFiles;
  #ahead: CopiesAhead | undefined;

  constructor(lake: TablesOfLake, verified: VerifiedFiles) {
    this.#lake = lake;
    this.#verified = verified;
  }

  /** The copies of the tables that a statement needs. */
  async find({ sql, days = {} }: Statement): Promise<CopiesByTable> {
    const found = new Map<Table, PeriodCopies>();
    for (const table of findNeededTables(sql, this.#lake.tables)) {
      if (!table.hasPeriodCopies) continue;
      const copies = this.#takeAhead(table, days) ?? (await this.#findCopiesOf(table, days));
      if (copies.size > 0) found.set(table, copies);
    }
    return found;
  }

  /** Without copies that are damaged: the daily files have the same rows. */
  async #findCopiesOf(table: Table, days: DayBounds): Promise<PeriodCopies> {
    const copies = [...findPeriodCopies(this.#lake.root, table, days)];
    const damaged = await this.#verified.findDamaged(copies.map(([, path]) => path));
    return new Map(copies.filter(([, path]) => !damaged.has(path)));
  }

  /** Looks for the copies that the next statement needs. */
  async lookAhead(next: TableDays | undefined): Promise<void> {
    if (next?.table.hasPeriodCopies !== true) return;
    const at = performance.now();
    this.#ahead = { ...next, at, found: await this.#findCopiesOf(next.table, next.days) };
  }

  /** Drops what was found ahead: a statement has failed, and another may follow. */
  forget(): void {
    this.#ahead = undefined;
  }

  #takeAhead(table: Table, { from, to }: DayBounds): PeriodCopies | undefined {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead === undefined || performance.now() - ahead.at > MAX_AHEAD_MS) return undefined;
    const isAsked = ahead.table === table && ahead.days.from === from && ahead.days.to === to;
    return isAsked ? ahead.found : undefined;
  }
}

export type FilesByTable = ReadonlyMap<Table, readonly string[]>;

/** The daily files that a statement reads, without those of copied periods. */
export function listFiles(
  { root, tables }: TablesOfLake,
  { sql, days = {} }: Statement,
  copies: CopiesByTable,
): FilesByTable {
  return new Map(
    findNeededTables(sql, tables).map((table) => {
      const isInCopy = createCopyTest(copies.get(table) ?? new Map());
      return [table, listDailyFiles(root, table, (day) => isWithin(days, day) && !isInCopy(day))];
    }),
  );
}

/** Whether a copy has the rows of a day. All days of a month are in the same copy, and thousands are asked about. */
function createCopyTest(copies: PeriodCopies): (day: Partition) => boolean {
  const known = new Map<number, boolean>();
  return (day) => {
    const month = Math.floor(day / 100);
    const found = known.get(month) ?? getPeriods(day).some((period) => copies.has(period));
    known.set(month, found);
    return found;
  };
}
