/** Days that earlier runs left unfinished, completed by the run of another day. */
import { isoDate, type Partition } from '../catalog/partition.ts';
import { LakeError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { isUnfinished, newestDays } from '../lake/unfinished.ts';
import { rebuild } from './rebuild.ts';
import { inWords } from './report.ts';

/** A day that could not be completed, or not even be looked at. */
export interface UnfinishedDay {
  /** `YYYY-MM-DD`; null where the lake's days cannot be listed. */
  readonly date: string | null;
  /** What is wrong, and what to do about it. */
  readonly reason: string;
}

export interface EarlierDaysRequest {
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
export async function completeEarlierDays(request: EarlierDaysRequest): Promise<UnfinishedDay[]> {
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
      failed.push({ date, reason: inWords(error) });
      return undefined;
    }
  };
  for (const day of (await attempt(null, () => newestDays(lake, today))) ?? []) {
    if (signal.aborted) break;
    await attempt(isoDate(day), async () => {
      if (!(await isUnfinished(lake, day))) return;
      await rebuild(lake, day);
      onCompleted(day);
    });
  }
  return failed;
}
