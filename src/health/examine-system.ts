/**
 * Examines the system in AWS around the lake: stack, functions, queue triggers, notifications, schedules, dead
 * letters, quota and unfinished uploads. Loads SDK clients: import it lazily.
 */

import { withAwsErrors } from '../aws/errors.ts';
import {
  type FunctionState,
  findEventSource,
  findFunction,
  readConcurrencyLimit,
} from '../aws/functions.ts';
import { needsNotifications } from '../aws/notifications.ts';
import { countUnfinishedUploads } from '../aws/objects.ts';
import { countDeadLetters, getQueueName } from '../aws/queue-depth.ts';
import { getTickerQueues, readQueueDepth } from '../aws/queues.ts';
import {
  functionNames,
  getFunctionId,
  RECREATE_HINT,
  scheduleRules,
} from '../aws/resource-names.ts';
import { findSchedule } from '../aws/schedules.ts';
import { classifyStackStatus } from '../aws/stack.ts';
import type { RunningSystem } from '../aws/system.ts';
import { assetKinds } from '../catalog/asset.ts';
import { formatQuantity } from '../text.ts';
import { type Finding, finding, unavailableFinding } from './finding.ts';

type Check = (system: RunningSystem) => Promise<Finding[]>;

const CHECKS: readonly (readonly [subject: string, look: Check])[] = [
  ['functions', checkFunctions],
  ['queue triggers', checkQueueTriggers],
  ['notifications', checkNotifications],
  ['schedules', checkSchedules],
  ['dead letters', checkDeadLetters],
  ['quota', checkQuota],
  ['uploads', checkUnfinishedUploads],
];

export async function examineSystem(system: RunningSystem): Promise<Finding[]> {
  const findings = [accessFinding(system), stackFinding(system)];
  for (const [subject, look] of CHECKS) {
    try {
      findings.push(...(await withAwsErrors(() => look(system))));
    } catch (error) {
      findings.push(unavailableFinding(error, { subject }));
    }
  }
  return findings;
}

function accessFinding({ aws }: RunningSystem): Finding {
  const detail = `the account ${aws.account}, ${aws.region}`;
  return finding('aws-access', { status: 'ok', detail });
}

function stackFinding({ stack: { name: subject, status } }: RunningSystem): Finding {
  const standing = classifyStackStatus(status);
  if (standing === 'ready') return finding('stack', { status: 'ok', subject, detail: status });
  if (standing === 'busy') {
    const remedy = 'Look again when it has ended.';
    return finding('stack', { status: 'note', subject, detail: status, remedy });
  }
  return finding('stack', { status: 'problem', subject, detail: status });
}

async function checkNotifications(system: RunningSystem): Promise<Finding[]> {
  const { aws, buckets, stack } = system;
  const prefix = stack.parameters['NamePrefix'] ?? '';
  const findings: Finding[] = [];
  for (const Bucket of new Set([buckets.sor, buckets.sot])) {
    if (!(await needsNotifications(aws, Bucket, { buckets, prefix }))) continue;
    const detail = 'new files do not start what follows, or not as they should';
    const fix = { kind: 'notify' } as const;
    findings.push(finding('notification', { status: 'problem', subject: Bucket, detail, fix }));
  }
  if (findings.length > 0) return findings;
  return [finding('notification', { status: 'ok', detail: 'new files start what follows' })];
}

async function checkSchedules(system: RunningSystem): Promise<Finding[]> {
  const resources = await system.resources();
  const findings: Finding[] = [];
  for (const { id } of scheduleRules) {
    const subject = resources.get(id) ?? id;
    const rule = await findSchedule(system.aws, subject);
    if (rule === undefined) {
      const remedy = RECREATE_HINT;
      findings.push(
        finding('schedule', { status: 'problem', subject, detail: 'not there', remedy }),
      );
    } else if (rule.state === 'DISABLED') {
      const detail = 'disabled: nothing is collected by itself';
      findings.push(finding('schedule', { status: 'note', subject, detail }));
    }
  }
  if (findings.length > 0) return findings;
  return [finding('schedule', { status: 'ok', detail: 'both schedules are enabled' })];
}

async function checkDeadLetters(system: RunningSystem): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const kind of assetKinds) {
    const { deadLetter: dead } = getTickerQueues(system, kind);
    const letters = countDeadLetters(await readQueueDepth(dead));
    if (letters === 0) continue;
    const detail = `${formatQuantity(letters, 'ticker')} failed for good`;
    findings.push(
      finding('dead-letters', { status: 'problem', subject: getQueueName(dead.url), detail }),
    );
  }
  if (findings.length > 0) return findings;
  return [finding('dead-letters', { status: 'ok', detail: 'no ticker failed for good' })];
}

/** pynvest writes an object in one piece: an upload in parts is another's, and its bucket bills it. */
async function checkUnfinishedUploads({ aws, buckets }: RunningSystem): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const Bucket of new Set(Object.values(buckets))) {
    const { count, hasMore } = await countUnfinishedUploads(aws, Bucket);
    if (count === 0) continue;
    const detail = `${count}${hasMore ? ' and more' : ''} uploads that were never ended`;
    const remedy = 'None is of pynvest: `aws s3api list-multipart-uploads` says whose they are.';
    findings.push(finding('lake-leftovers', { status: 'note', subject: Bucket, detail, remedy }));
  }
  return findings;
}

async function checkFunctions(system: RunningSystem): Promise<Finding[]> {
  const resources = await system.resources();
  const findings: Finding[] = [];
  for (const name of functionNames) {
    const subject = resources.get(getFunctionId(name)) ?? name;
    const detail = findStartFailure(await findFunction(system.aws, subject));
    if (detail !== undefined)
      findings.push(finding('function', { status: 'problem', subject, detail }));
  }
  if (findings.length > 0) return findings;
  return [
    finding('function', {
      status: 'ok',
      detail: `${functionNames.length} functions can be started`,
    }),
  ];
}

function findStartFailure(found: FunctionState | undefined): string | undefined {
  if (found === undefined) return 'not there';
  return found.hasCode ? found.failure : 'without code';
}

const TRIGGERS = ['AcoesQueueToGetFinancialData', 'FiisQueueToGetFinancialData'];

async function checkQueueTriggers(system: RunningSystem): Promise<Finding[]> {
  const resources = await system.resources();
  const findings: Finding[] = [];
  for (const subject of TRIGGERS) {
    const uuid = resources.get(subject);
    const found = uuid === undefined ? undefined : await findEventSource(system.aws, uuid);
    if (uuid === undefined || found === undefined) {
      const remedy = RECREATE_HINT;
      findings.push(
        finding('queue-trigger', { status: 'problem', subject, detail: 'not there', remedy }),
      );
    } else if (/^Disabl/.test(found.state)) {
      const fix = { kind: 'enable-trigger', uuid } as const;
      const detail = `${found.state.toLowerCase()}: nothing of its queue is collected`;
      findings.push(finding('queue-trigger', { status: 'problem', subject, detail, fix }));
    }
  }
  if (findings.length > 0) return findings;
  return [finding('queue-trigger', { status: 'ok', detail: 'both queues start their function' })];
}

/**
 * How many functions of the chain may run at once: of each kind, as many that read pages as the queue
 * starts, and for each file of theirs one that types it and one that makes quotes of it.
 */
const STEPS_AT_ONCE = 3;
const QUEUES = 2;

async function checkQuota({ aws, stack }: RunningSystem): Promise<Finding[]> {
  const allowed = await readConcurrencyLimit(aws);
  if (allowed === undefined) return [];
  const needed = QUEUES * STEPS_AT_ONCE * Number(stack.parameters['MaximumConcurrency'] ?? 3);
  const detail = `${allowed} functions at once; the chain starts up to ${needed}`;
  return [finding('aws-quota', { status: allowed < needed ? 'note' : 'ok', detail })];
}
