/**
 * Examines a lake, repairs what can be repaired without harm, and examines it again.
 */

import type { Examination } from './examine-lake.ts';
import type { Finding } from './finding.ts';
import { applyFixes, type FixResult, type RepairTools } from './repair.ts';

export interface RepairResult {
  readonly repaired: readonly Finding[];
  readonly failed: FixResult['failed'];
  /** What there is after it. */
  readonly examination: Examination;
}

/** What is mended may show what it hid, such as a layer that is now seen to be missing. */
const MAX_ROUNDS = 3;

/**
 * @param examine looks at everything that is to be mended, and changes nothing
 * @param known found before by whoever made way for this: they are mended by the way made
 */
export async function repairLake(
  examine: () => Promise<Examination>,
  tools: RepairTools,
  known: readonly Finding[] = [],
): Promise<RepairResult> {
  const mended: Finding[] = [];
  let failed: FixResult['failed'] = [];
  let last = await examine();
  let findings: readonly Finding[] = [...known, ...last.findings];
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    if (findings.every(({ fix }) => fix === undefined)) break;
    const done = await applyFixes(findings, tools);
    mended.push(...done.repaired);
    failed = done.failed;
    last = await examine();
    findings = last.findings;
    // What failed once would fail again.
    if (done.repaired.length === 0) break;
  }
  return { repaired: mended, failed, examination: last };
}
