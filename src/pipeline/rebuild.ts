/**
 * From the raw text of a partition to its typed tables and quotes: of one day, and of the earlier days that a run left
 * unfinished.
 */

import { assetKinds } from '../catalog/asset.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import { sorTables } from '../catalog/tables.ts';
import { formatErrorWithHint, LakeError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { findNewestDays, isUnfinished } from '../lake/unfinished-days.ts';
import type { UnparsedValue } from '../transform/layers.ts';
import { deduplicateIndicators, deduplicateTypedLayers } from './deduplicate-partition.ts';
import { prepareFile, specializeFile } from './next-layer.ts';
import type { UnfinishedDay } from './report.ts';

interface RebuildResult {
  /** Rows a table after it, by the table's name. */
  readonly rows: Readonly<Record<string, number>>;
  readonly unparsed: readonly UnparsedValue[];
  readonly bytes: number;
}

/**
 * Makes SoT and Spec of a partition follow from its SoR, with one row a ticker in each table. A ticker
 * that SoR lacks keeps its typed row and its quote. It may die anywhere: running it again completes it.
 *
 * @throws LakeError where the raw text of a kind cannot be read or followed; the other kind is whole then
 */
export async function rebuild(lake: Lake, partition: Partition): Promise<RebuildResult> {
  const rows: Record<string, number> = {};
  const unparsed: UnparsedValue[] = [];
  let bytes = 0;
  const faults: LakeError[] = [];
  for (const kind of assetKinds) {
    try {
      const raw = await deduplicateIndicators(lake, sorTables[kind], partition);
      rows[raw.table] = raw.rowsAfter;
      bytes += raw.bytes;
      if (raw.file === undefined) continue;
      const prepared = await prepareFile(lake, kind, raw.file);
      const quotes = await specializeFile(lake, kind, prepared.file);
      unparsed.push(...prepared.unparsed);
      bytes += prepared.bytes + quotes.bytes;
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
      faults.push(error);
    }
  }
  for (const { table, rowsAfter, bytes: written } of await deduplicateTypedLayers(
    lake,
    partition,
  )) {
    rows[table] = rowsAfter;
    bytes += written;
  }
  const [fault] = faults;
  if (fault !== undefined) throw fault;
  return { rows, unparsed, bytes };
}

/** What was rebuilt; of a lake that cannot be read or written nothing, and why. */
export async function tryRebuild(
  lake: Lake,
  partition: Partition,
): Promise<RebuildResult & { readonly error?: string }> {
  try {
    return await rebuild(lake, partition);
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    return { rows: {}, unparsed: [], bytes: 0, error: formatErrorWithHint(error) };
  }
}

interface UnfinishedDaysRequest {
  readonly lake: Lake;
  /** The day of this run, which is not looked at. */
  readonly today: Partition;
  /** When it is aborted no further day is begun. */
  readonly signal: AbortSignal;
  readonly onCompleted: (day: Partition) => void;
}

/**
 * Completes the newest days that are unfinished, each alone: a fault of one, such as a broken file or one
 * that a newer edition wrote, is answered and keeps no other day from being completed.
 */
export async function completeUnfinishedDays(
  request: UnfinishedDaysRequest,
): Promise<UnfinishedDay[]> {
  const { lake, today, signal, onCompleted } = request;
  const failed: UnfinishedDay[] = [];
  const attempt = async <T>(
    date: string | null,
    work: () => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
      failed.push({ date, reason: formatErrorWithHint(error) });
      return undefined;
    }
  };
  for (const day of (await attempt(null, () => findNewestDays(lake, today))) ?? []) {
    if (signal.aborted) break;
    await attempt(isoDate(day), async () => {
      if (!(await isUnfinished(lake, day))) return;
      await rebuild(lake, day);
      onCompleted(day);
    });
  }
  return failed;
}
