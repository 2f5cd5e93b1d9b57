/**
 * Copies of a table's past periods, one file each, so that a query opens some dozens of files and not thousands:
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
import { type DayBounds, isWithin } from '../../catalog/partition.ts';
import { LakeError } from '../../errors.ts';
import { EXTENSION } from '../names.ts';
import { sealChecksum, verifyChecksum } from '../parquet/checksum.ts';
import {
  computePeriodFingerprint,
  groupDays,
  type Period,
  type PeriodDays,
  type PeriodFingerprint,
  toFingerprint,
  tryListNames,
  tryReadStats,
} from './copied-periods.ts';
import { getTemporaryFolder, toWriteError } from './disk.ts';

/** Part of the hash: increased when copies are written or read in another way. */
const FORMAT_VERSION = 2;

const HASH_LENGTH = 32;

/** The path of the copy of each period that has one; the days of all others are read from their daily files. */
export type PeriodCopies = ReadonlyMap<Period, string>;

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
  fingerprint: PeriodFingerprint,
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
export function findPeriodCopies(root: string, table: Table, bounds: DayBounds = {}): PeriodCopies {
  const names = listCopyNames(root, table);
  if (names.length === 0) return new Map();
  const copies = new Map<Period, string>();
  const countWanted = ({ days }: Pick<PeriodDays, 'days'>): number =>
    days.filter(({ day }) => isWithin(bounds, day)).length;
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

/** The copy of a period that matches its files. They are looked at only where there is one that may. */
export function findCopy(
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

export function listCopyNames(root: string, table: Table): string[] {
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
export async function writePeriodCopy(
  root: string,
  table: Table,
  period: Period,
  write: (temporary: string) => Promise<'written' | 'skipped'>,
): Promise<boolean> {
  const temporary = join(getTemporaryFolder(root), randomUUID());
  try {
    const fingerprint = computePeriodFingerprint(root, table, period);
    if (fingerprint === undefined) return false;
    const age = Date.now() - Number(fingerprint.changedAt / 1_000_000n);
    if (age < MIN_AGE_MS) await sleep(MIN_AGE_MS);
    await createFolder(getTemporaryFolder(root));
    if ((await write(temporary)) === 'skipped') return false;
    await sealCopy(temporary);
    if (computePeriodFingerprint(root, table, period)?.text !== fingerprint.text) return false;
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
