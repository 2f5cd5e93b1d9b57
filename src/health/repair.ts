/**
 * Repairs what findings allow to repair, and examines the lake again. Nothing that holds data is deleted: broken files
 * are moved to quarantine, rows are rebuilt by the steps of the pipeline. Every fix may be repeated, and may be
 * interrupted at any point.
 */

import { withAwsErrors } from '../aws/errors.ts';
import type { RunningSystem } from '../aws/system.ts';
import type { Dataset } from '../catalog/dataset.ts';
import type { Partition } from '../catalog/partition.ts';
import { formatErrorWithHint, PynvestError } from '../errors.ts';
import type { LakeInspector } from '../lake/inspector.ts';
import type { Lake } from '../lake/lake.ts';
import { rebuild } from '../pipeline/rebuild.ts';
import type { Examination } from './doctor.ts';
import type { Finding, Fix } from './finding.ts';

export interface RepairTools {
  readonly lake: Lake;
  readonly store: LakeInspector;
  /** The data sets to rebuild; those that pynvest knows unless others are given. */
  readonly datasets?: readonly Dataset[];
  /** The system in AWS around the lake; absent for a folder. */
  readonly system?: RunningSystem | undefined;
}

export interface Repair {
  readonly finding: Finding;
  /** What was done. */
  readonly outcome: string;
}

export interface FailedRepair {
  readonly finding: Finding;
  readonly reason: string;
}

interface RepairResult {
  readonly repaired: readonly Repair[];
  readonly failed: readonly FailedRepair[];
  /** The lake after the repairs. */
  readonly examination: Examination;
}

/** A repair may show what the fault hid, such as a layer that turns out to be missing. */
const MAX_ROUNDS = 3;

/**
 * @param examine examines all that is to be repaired, and changes nothing
 * @param known findings of before, which taking the lock of the lake has repaired
 */
export async function repairLake(
  examine: () => Promise<Examination>,
  tools: RepairTools,
  known: readonly Finding[] = [],
): Promise<RepairResult> {
  const repaired: Repair[] = [];
  let failed: readonly FailedRepair[] = [];
  let examination = await examine();
  let findings: readonly Finding[] = [...known, ...examination.findings];
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    if (findings.every(({ fix }) => fix === undefined)) break;
    const result = await applyFixes(findings, tools);
    repaired.push(...result.repaired);
    failed = result.failed;
    examination = await examine();
    findings = examination.findings;
    // What failed once would fail again.
    if (result.repaired.length === 0) break;
  }
  return { repaired, failed, examination };
}

/** Rows are rebuilt after broken files are out of the way. */
const FIX_ORDER: readonly Fix['kind'][] = [
  'release-lock',
  'quarantine',
  'remove-copy',
  'update-columns',
  'register',
  'rebuild',
  'unregister',
  'enable-trigger',
  'add-notifications',
];

export async function applyFixes(
  findings: readonly Finding[],
  tools: RepairTools,
): Promise<Pick<RepairResult, 'repaired' | 'failed'>> {
  const repaired: Repair[] = [];
  const failed: FailedRepair[] = [];
  const rebuilt = new Set<Partition>();
  const rebuildOnce = async (day: Partition): Promise<void> => {
    if (rebuilt.has(day)) return;
    await rebuild(tools.lake, day, tools.datasets);
    rebuilt.add(day);
  };
  for (const kind of FIX_ORDER) {
    for (const finding of findings) {
      if (finding.fix?.kind !== kind) continue;
      try {
        const outcome = await applyFix(finding.fix, tools, rebuildOnce);
        repaired.push({ finding, outcome });
      } catch (error) {
        if (!(error instanceof PynvestError)) throw error;
        failed.push({ finding, reason: formatErrorWithHint(error) });
      }
    }
    if (kind === 'quarantine') await rebuildAfterQuarantine(repaired, rebuildOnce);
  }
  return { repaired, failed };
}

/** Rebuilds the rows of the quarantined files; the next examination reports those that cannot be. */
async function rebuildAfterQuarantine(
  repaired: readonly Repair[],
  rebuildOnce: (day: Partition) => Promise<void>,
): Promise<void> {
  for (const day of new Set(repaired.map(({ finding }) => finding.partition))) {
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
    case 'release-lock':
      // Taking the lock of the lake has removed what a dead run left.
      return 'cleaned up';
    case 'quarantine':
      return `moved to ${await store.quarantine(fix.file)}`;
    case 'remove-copy':
      await store.removeCopy?.(fix.path);
      return 'removed';
    case 'rebuild':
      await rebuildOnce(fix.partition);
      return 'the day was rebuilt from its raw text and typed rows';
    case 'register':
      await store.catalog?.register(fix.table, fix.partition);
      return 'added to the catalog';
    case 'unregister':
      return unregisterPartition(fix, { lake, store });
    case 'update-columns':
      await store.catalog?.describe(fix.table);
      return "given this version's columns";
    case 'enable-trigger':
      await enableTrigger(system, fix.uuid);
      return 'enabled';
    case 'add-notifications':
      await addSystemNotifications(system);
      return 'added';
  }
}

const HAS_FILES = 'it has files by now';

/** Another process may write the first file of the day meanwhile: the day then stays in the catalog. */
async function unregisterPartition(
  { table, partition }: Extract<Fix, { kind: 'register' | 'unregister' }>,
  { lake, store }: RepairTools,
): Promise<string> {
  if ((await lake.files(table, partition)).length > 0) return HAS_FILES;
  await store.catalog?.forget(table, partition);
  // A writer adds the day to the catalog, too, but perhaps before it was removed here.
  if ((await lake.files(table, partition)).length === 0) return 'removed from the catalog';
  await store.catalog?.register(table, partition);
  return HAS_FILES;
}

async function enableTrigger(system: RunningSystem | undefined, uuid: string): Promise<void> {
  if (system === undefined) return;
  const { enableEventSource } = await import('../aws/functions.ts');
  await withAwsErrors(() => enableEventSource(system.aws, uuid));
}

async function addSystemNotifications(system: RunningSystem | undefined): Promise<void> {
  if (system === undefined) return;
  const { addNotifications } = await import('../aws/notifications.ts');
  const { aws, buckets, stack } = system;
  const prefix = stack.parameters['NamePrefix'] ?? '';
  const notified = { buckets: { sor: buckets.sor, sot: buckets.sot }, prefix };
  await withAwsErrors(() => addNotifications({ notice: () => undefined }, aws, notified));
}
