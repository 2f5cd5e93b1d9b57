/**
 * Copies of a table's past quarters, one file each, so that a query opens some dozens of files and not thousands:
 * `<root>/_quarters/<table>/2026-q1-<hash>.parquet`. The quarters of an old year are one file, `2019-<hash>.parquet`:
 * an asset then has its days of the year side by side. Of the newest quarter the months before the last are copied, as
 * `2026-10-<hash>.parquet`. The copies are beside the layers, so that no reader of a table's folder sees a row twice,
 * and can be deleted at any time.
 *
 * The hash covers the name, size and times of every daily file of the period, and the size and time of the copy
 * itself. So a copy and what it is bound to appear at once, and after a change on either side the copy no longer
 * matches and is not used. A copy has a checksum too, which `doctor` verifies: a damaged disk leaves sizes and times.
 */

import { createHash, randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFolder, renameDurably } from '../../atomic-file.ts';
import type { Table } from '../../catalog/dataset.ts';
import type { Partition } from '../../catalog/partition.ts';
import { LakeError } from '../../errors.ts';
import { EXTENSION } from '../names.ts';
import { sealChecksum, verifyChecksum } from '../parquet/checksum.ts';
import {
  computeQuarterFingerprint,
  type DayFolder,
  groupDays,
  type Month,
  type Period,
  type PeriodDays,
  type Quarter,
  type QuarterFingerprint,
  toFingerprint,
  tryListNames,
  tryReadStats,
  type YearDays,
} from './copied-periods.ts';
import { getTemporaryFolder, removePath, toWriteError } from './disk.ts';

/** Part of the hash: increased when copies are written or read in another way. */
const FORMAT_VERSION = 2;

const HASH_LENGTH = 32;

/** The path of the copy of each period that has one; the days of all others are read from their daily files. */
export type QuarterCopies = ReadonlyMap<Period, string>;

export function getAllCopiesFolder(root: string): string {
  return join(root, '_quarters');
}

export function getCopiesFolder(root: string, table: Table): string {
  return join(getAllCopiesFolder(root), table.name);
}

export function getCopyPath(
  root: string,
  table: Table,
  period: Period,
  fingerprint: QuarterFingerprint,
  { size, mtimeNs }: BigIntStats,
): string {
  const columns = table.columns.map(({ name, type }) => `${name} ${type}`);
  const identity = [FORMAT_VERSION, table.name, ...columns, period, size, mtimeNs];
  const text = JSON.stringify([...identity, fingerprint.text].map(String));
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
  return join(getCopiesFolder(root, table), `${period}-${hash}${EXTENSION}`);
}

/**
 * A year of which the bounds include a smaller part is not read whole: its daily files are fewer rows, and a quarter of
 * them is read in a tenth of a second.
 */
const MIN_PART_OF_YEAR = 0.25;

/** The copies, of the periods with days within the bounds, that match the daily files as they are now. */
export function findQuarterCopies(
  root: string,
  table: Table,
  { from, to }: { readonly from?: Partition | undefined; readonly to?: Partition | undefined } = {},
): QuarterCopies {
  const names = listCopyNames(root, table);
  if (names.length === 0) return new Map();
  const copies = new Map<Period, string>();
  const countWanted = ({ days }: Pick<PeriodDays, 'days'>): number =>
    days.filter(({ day }) => (from === undefined || day >= from) && (to === undefined || day <= to))
      .length;
  const add = (each: Omit<PeriodDays, 'parts'>): boolean => {
    const copy = findCopy(root, table, each, names);
    if (copy !== undefined) copies.set(each.period, copy);
    return copy !== undefined;
  };
  for (const year of groupDays(root, table)) {
    const wanted = countWanted(year);
    if (wanted === 0 || (wanted >= year.days.length * MIN_PART_OF_YEAR && add(year))) continue;
    for (const quarter of year.parts) {
      if (countWanted(quarter) === 0 || add(quarter)) continue;
      for (const month of quarter.parts) if (countWanted(month) > 0) add(month);
    }
  }
  return copies;
}

/** With fewer days, a year in one file is hardly faster than its quarters, and a month than its days. */
const MIN_DAYS_OF_YEAR = 100;
const MIN_DAYS_OF_MONTH = 10;

/**
 * Whether a year is copied whole: not before July of the next. Until then many questions are about some months of it.
 */
function isCopiedWhole({ period, days }: YearDays, newest: DayFolder | undefined): boolean {
  return (
    newest !== undefined &&
    days.length >= MIN_DAYS_OF_YEAR &&
    newest.day >= (Number(period) + 1) * 10_000 + 701
  );
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
export function reviewQuarterCopies(root: string, table: Table): CopiesReview {
  const names = listCopyNames(root, table);
  const valid = new Set<string>();
  const toCopy: Period[] = [];
  const quartersOf = new Map<Period, readonly Quarter[]>();
  const years = groupDays(root, table);
  const newest = years.at(-1)?.parts.at(-1);
  const isCopied = (each: Omit<PeriodDays, 'parts'>): boolean => {
    const copy = findCopy(root, table, each, names);
    if (copy !== undefined) valid.add(copy);
    return copy !== undefined;
  };
  const canBeCopied = ({ readFiles }: Pick<PeriodDays, 'readFiles'>): boolean =>
    toFingerprint(readFiles()) !== undefined;
  for (const year of years) {
    if (isCopied(year)) continue;
    const missing: Quarter[] = [];
    const missingMonths: Month[] = [];
    for (const quarter of year.parts) {
      if (isCopied(quarter)) continue;
      // Those of its months answer until it is copied.
      const months = quarter.parts.filter((month) => !isCopied(month));
      if (quarter !== newest) {
        if (canBeCopied(quarter)) missing.push(quarter.period);
        continue;
      }
      for (const month of months) {
        const isPast = month !== quarter.parts.at(-1) && month.days.length >= MIN_DAYS_OF_MONTH;
        if (isPast && canBeCopied(month)) missingMonths.push(month.period);
      }
    }
    if (isCopiedWhole(year, newest?.days.at(-1)) && canBeCopied(year)) {
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

/** The copy of a period that matches its files. They are looked at only where there is one that may. */
function findCopy(
  root: string,
  table: Table,
  { period, readFiles }: Omit<PeriodDays, 'parts'>,
  names: readonly string[],
): string | undefined {
  const candidates = names.filter((name) => isCopyOf(name, period));
  const fingerprint = candidates.length === 0 ? undefined : toFingerprint(readFiles());
  if (fingerprint === undefined) return undefined;
  const folder = getCopiesFolder(root, table);
  return candidates
    .map((name) => join(folder, name))
    .find((path) => {
      const stats = tryReadStats(path);
      return stats !== undefined && getCopyPath(root, table, period, fingerprint, stats) === path;
    });
}

/** By the length, too: the copies of a year's quarters and months begin with the year. */
function isCopyOf(name: string, period: Period): boolean {
  const { length } = `${period}-${EXTENSION}`;
  return name.startsWith(`${period}-`) && name.length === length + HASH_LENGTH;
}

function listCopyNames(root: string, table: Table): string[] {
  return tryListNames(getCopiesFolder(root, table)).filter((name) => name.endsWith(EXTENSION));
}

/** A file that is changed again so soon may keep its time: file systems count in ticks of some milliseconds. */
const MIN_AGE_MS = 50;

/**
 * Lets `write` write the copy of a period into a temporary file with the place for a checksum, and gives it its name,
 * unless `write` skips the period, or another program has changed its files meanwhile. The caller has the lock of the
 * lake. Answers whether the copy is there.
 *
 * @throws LakeError if the copy cannot be written; nothing is left of it then
 */
export async function writeQuarterCopy(
  root: string,
  table: Table,
  period: Period,
  write: (temporary: string) => Promise<'written' | 'skipped'>,
): Promise<boolean> {
  const temporary = join(getTemporaryFolder(root), randomUUID());
  try {
    const fingerprint = computeQuarterFingerprint(root, table, period);
    if (fingerprint === undefined) return false;
    const age = Date.now() - Number(fingerprint.changedAt / 1_000_000n);
    if (age < MIN_AGE_MS) await sleep(MIN_AGE_MS);
    await createFolder(getTemporaryFolder(root));
    if ((await write(temporary)) === 'skipped') return false;
    await sealCopy(temporary);
    if (computeQuarterFingerprint(root, table, period)?.text !== fingerprint.text) return false;
    const stats = await stat(temporary, { bigint: true });
    await renameDurably(temporary, getCopyPath(root, table, period, fingerprint, stats));
    return true;
  } catch (error) {
    throw error instanceof LakeError ? error : toWriteError(`a copy of ${period}`, error);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Writes the checksum into the place that the writer has left for it, and the file to the disk. */
async function sealCopy(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    const bytes = await handle.readFile();
    sealChecksum(bytes);
    await handle.write(bytes, 0, bytes.byteLength, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Why a copy must not be used; undefined if it is as it was written. */
export function findCopyFault(bytes: Uint8Array): string | undefined {
  const state = verifyChecksum(bytes);
  if (state === 'valid') return undefined;
  return state === 'absent' ? 'it has no checksum' : 'its checksum does not match its bytes';
}
