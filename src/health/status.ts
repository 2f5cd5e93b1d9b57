/**
 * The status of a lake: the facts are read once, the rules are applied, and the report is put together.
 */

import { readStatusFacts, type StatusRequest } from './facts/read-facts.ts';
import { assess } from './rules/rules.ts';
import { createStatusReport, type StatusReport } from './status-report.ts';

/**
 * @throws LakeError where the tables cannot be listed
 */
export async function readStatus(request: StatusRequest): Promise<StatusReport> {
  const facts = await readStatusFacts(request);
  return createStatusReport(request.place, facts, assess('status', facts));
}
