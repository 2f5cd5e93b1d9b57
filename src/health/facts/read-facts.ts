/**
 * Reads the facts that are not in the tables: the site's listings, and the folder or the system in AWS.
 */

import type { RunningSystem } from '../../aws/system.ts';
import type { Partition } from '../../catalog/partition.ts';
import { BrokenFileError, SiteError } from '../../errors.ts';
import type { Lake } from '../../lake/lake.ts';
import { getLakeSize } from '../../lake/local/folder.ts';
import { findLockOwner } from '../../lake/local/lock-owner.ts';
import type { ReportFile } from '../../lake/reports.ts';
import { findUnfinishedDays } from '../../pipeline/unfinished-days.ts';
import type { Site } from '../../sources/fundamentus/site.ts';
import type { FolderFacts, SiteListing, StatusFacts, SystemFacts } from './facts.ts';
import { dueDay } from './schedule.ts';

/** A day that is still at work, `today` where it is given, is not called unfinished. */
async function readFolder(
  root: string,
  lake: Lake,
  today: Partition | undefined,
): Promise<FolderFacts> {
  const holder = await findLockOwner(root);
  const isAtWork = holder !== undefined && !holder.isDead;
  const unfinished = isAtWork ? [] : await findUnfinishedDays(lake, today).catch(emptyIfBroken);
  return { root, lockOwner: holder, unfinished, size: getLakeSize(root) };
}

/** That a folder cannot be read is told of its table. */
function emptyIfBroken(error: unknown): Partition[] {
  if (error instanceof BrokenFileError) return [];
  throw error;
}

export interface StatusRequest {
  readonly lake: Lake;
  /** Where it is, as people write it. */
  readonly place: string;
  readonly at:
    | { readonly target: 'local'; readonly root: string }
    | {
        readonly target: 'aws';
        readonly system: RunningSystem;
        /** Whether to look for drift anew, which takes a minute or more. */
        readonly detectDrift: boolean;
      };
  /** Whom to ask which tickers there are; the day before is compared with where nobody is. */
  readonly site: Site | undefined;
  readonly newestReports: (most: number) => Promise<ReportFile[]>;
  readonly now: Date;
}

export async function readSiteListing(site: Site | undefined): Promise<SiteListing> {
  if (site === undefined) return { kind: 'not-asked' };
  try {
    const [acoes, fiis] = await Promise.all([site.listing('acoes'), site.listing('fiis')]);
    return {
      kind: 'listed',
      tickers: { acoes: acoes.tickers, fiis: fiis.tickers },
    };
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    return { kind: 'no-answer', reason: error.message };
  }
}

export async function readPlace(
  { at, now }: StatusRequest,
  lake: Lake,
): Promise<StatusFacts['at']> {
  if (at.target === 'local') {
    const folder = await readFolder(at.root, lake, dueDay(now).inProgress);
    return { target: 'local', folder };
  }
  const { readSystem } = await import('./read-system.ts');
  return { target: 'aws', system: await readSystem(at.system, at) };
}

/** The schedule that ends a day's collection, where it is known and goes off. */
export function findDedupSchedule({ schedules }: SystemFacts): string | undefined {
  if (!('value' in schedules)) return undefined;
  return schedules.value.find(({ purpose }) => purpose === 'dedup')?.expression;
}
