/** Looks at a lake, mends what can be mended without harm, and looks again. */
import type { Examination } from './checks/examine-lake.ts';
import type { Finding } from './checks/finding.ts';
import { type Mending, mend, type Tools } from './fixes/mend.ts';

export interface Treatment {
  readonly mended: readonly Finding[];
  readonly failed: Mending['failed'];
  /** What there is after it. */
  readonly last: Examination;
}

/** What is mended may show what it hid, such as a layer that is now seen to be missing. */
const MOST_ROUNDS = 3;

/**
 * @param examine looks at everything that is to be mended, and changes nothing
 * @param known found before by whoever made way for this: they are mended by the way made
 */
export async function treat(
  examine: () => Promise<Examination>,
  tools: Tools,
  known: readonly Finding[] = [],
): Promise<Treatment> {
  const mended: Finding[] = [];
  let failed: Mending['failed'] = [];
  let last = await examine();
  let findings: readonly Finding[] = [...known, ...last.findings];
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    if (findings.every(({ fix }) => fix === undefined)) break;
    const done = await mend(findings, tools);
    mended.push(...done.mended);
    failed = done.failed;
    last = await examine();
    findings = last.findings;
    // What failed once would fail again.
    if (done.mended.length === 0) break;
  }
  return { mended, failed, last };
}
