/**
 * Applies the fixes of findings. Nothing is deleted that holds data: broken files are moved to quarantine, rows are
 * rebuilt by the pipeline's own steps. Every fix may be repeated, and may be interrupted at any point.
 */

import type { Partition } from '../catalog/partition.ts';
import { formatErrorWithHint, PynvestError } from '../errors.ts';
import type { LakeInspector } from '../lake/inspector.ts';
import type { Lake } from '../lake/lake.ts';
import { rebuild } from '../pipeline/rebuild.ts';
import type { Finding, Fix } from './finding.ts';

/** What mends the system in AWS around the lake. */
export interface SystemRepairTools {
  enableTrigger(uuid: string): Promise<void>;
  putNotifications(): Promise<void>;
}

export interface RepairTools {
  readonly lake: Lake;
  readonly store: LakeInspector;
  readonly system?: SystemRepairTools | undefined;
}

export interface FixResult {
  readonly repaired: readonly Finding[];
  /** What could not be mended, and why. */
  readonly failed: readonly { readonly finding: Finding; readonly reason: string }[];
}

/** What comes first: rows are made again when broken files are out of the way. */
const FIX_ORDER: readonly Fix['kind'][] = [
  'unlock',
  'set-aside',
  'describe',
  'register',
  'rebuild',
  'forget',
  'enable-trigger',
  'notify',
];

export async function applyFixes(
  findings: readonly Finding[],
  tools: RepairTools,
): Promise<FixResult> {
  const mended: Finding[] = [];
  const failed: { finding: Finding; reason: string }[] = [];
  const rebuilt = new Set<Partition>();
  const rebuildOnce = async (day: Partition): Promise<void> => {
    if (rebuilt.has(day)) return;
    await rebuild(tools.lake, day);
    rebuilt.add(day);
  };
  for (const kind of FIX_ORDER) {
    for (const finding of findings.filter(({ fix }) => fix?.kind === kind)) {
      if (finding.fix === undefined) continue;
      try {
        const done = await applyFix(finding.fix, tools, rebuildOnce);
        mended.push({ ...finding, status: 'mended', remedy: done, fix: undefined });
      } catch (error) {
        failed.push({ finding, reason: getFailureReason(error) });
      }
    }
    if (kind === 'set-aside') await rebuildAfterQuarantine(mended, rebuildOnce);
  }
  return { repaired: mended, failed };
}

/** What stood in files that are out of the way now; where it cannot be made, the next look says so. */
async function rebuildAfterQuarantine(
  mended: readonly Finding[],
  rebuildOnce: (day: Partition) => Promise<void>,
): Promise<void> {
  for (const day of new Set(mended.map(({ partition }) => partition))) {
    try {
      if (day !== undefined) await rebuildOnce(day);
    } catch (error) {
      if (!(error instanceof PynvestError)) throw error;
    }
  }
}

/** Answers what was done. */
async function applyFix(
  fix: Fix,
  { lake, store, system }: RepairTools,
  rebuildOnce: (day: Partition) => Promise<void>,
): Promise<string> {
  switch (fix.kind) {
    case 'unlock':
      // Whoever holds the lake's lock has cleared away what a dead run left.
      return 'cleared away';
    case 'set-aside':
      return `moved to ${await store.quarantine(fix.file)}`;
    case 'rebuild':
      await rebuildOnce(fix.partition);
      return 'the day was rebuilt from its raw text and typed rows';
    case 'register':
      await store.catalog?.register(fix.table, fix.partition);
      return 'registered in the catalog';
    case 'forget': {
      const files = await lake.files(fix.table, fix.partition);
      if (files.length > 0) return 'it has files by now';
      await store.catalog?.forget(fix.table, fix.partition);
      // Who wrote a file in between has registered it before we took it out.
      if ((await lake.files(fix.table, fix.partition)).length === 0) {
        return 'taken out of the catalog';
      }
      await store.catalog?.register(fix.table, fix.partition);
      return 'it has files by now';
    }
    case 'describe':
      await store.catalog?.describe(fix.table);
      return "given this version's columns";
    case 'enable-trigger':
      await system?.enableTrigger(fix.uuid);
      return 'enabled';
    case 'notify':
      await system?.putNotifications();
      return 'put back';
  }
}

/** What is wrong with the lake, the site or AWS is a reason; what is wrong with us is thrown on. */
function getFailureReason(error: unknown): string {
  if (error instanceof PynvestError) return formatErrorWithHint(error);
  throw error;
}
