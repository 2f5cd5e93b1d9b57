/**
 * Rules on the system in AWS: its account, stack, functions, triggers, schedules, queues, state machine and alarms.
 * Pure.
 */

import { countDeadLetters } from '../../aws/queue-depth.ts';
import { RECREATE_HINT } from '../../aws/resource-names.ts';
import { formatFirst, formatQuantity } from '../../text.ts';
import type {
  AccountFacts,
  AlarmFacts,
  BucketFacts,
  FunctionFacts,
  QueueFacts,
  QuotaFacts,
  ScheduleFacts,
  SectionValues,
  StackFacts,
  TriggerFacts,
  UploadFacts,
} from '../facts/model.ts';
import {
  createFinding,
  createNote,
  createPassedCheck,
  type Finding,
  formatMinute,
} from '../finding.ts';

export function findScheduleFaults(schedules: readonly ScheduleFacts[]): Finding[] {
  const faults = schedules.flatMap(({ rule: subject, state }) => {
    if (state === 'enabled') return [];
    return state === 'disabled'
      ? [createFinding('schedule-disabled', { subject, detail: 'the schedule is disabled' })]
      : [createFinding('schedule-missing', { subject, detail: 'the schedule does not exist' })];
  });
  if (faults.length > 0) return faults;
  return [createPassedCheck('schedule', { detail: 'both schedules are enabled' })];
}

export function findDeadLetters(queues: readonly QueueFacts[]): Finding[] {
  const filled = findFilled(queues, 'dead-letters');
  if (filled.length === 0) {
    return [createPassedCheck('dead-letters', { detail: 'no ticker failed for good' })];
  }
  return filled.map((queue) =>
    createFinding('dead-letters', {
      subject: queue.queue,
      detail: `${formatQuantity(countDeadLetters(queue), 'ticker')} failed for good`,
    }),
  );
}

/** Each event is a day that could not be started, or that got no tickers. */
export function findFailedEvents(queues: readonly QueueFacts[]): Finding[] {
  return findFilled(queues, 'failed-events').map((queue) =>
    createFinding('failed-events', {
      subject: queue.queue,
      detail: `${formatQuantity(countDeadLetters(queue), 'start')} of a day failed for good`,
    }),
  );
}

function findFilled(
  queues: readonly QueueFacts[],
  contents: QueueFacts['contents'],
): readonly QueueFacts[] {
  return queues.filter((queue) => queue.contents === contents && countDeadLetters(queue) > 0);
}

const GOOD_STATUSES = ['SUCCEEDED', 'RUNNING', 'PENDING_REDRIVE'];

export function findFailedExecution(last: SectionValues['state-machine']): Finding[] {
  if (last === undefined || GOOD_STATUSES.includes(last.status)) return [];
  const cause = last.cause === undefined ? '' : `: ${last.cause}`;
  const detail = `the last deduplication ended as ${last.status}${cause}`;
  return [createFinding('state-machine-failed', { detail })];
}

export function findStackFaults({ name: subject, status, condition }: StackFacts): Finding[] {
  if (condition === 'ready') return [createPassedCheck('stack', { subject, detail: status })];
  return condition === 'busy'
    ? [createFinding('stack-busy', { subject, detail: `the stack is changing: ${status}` })]
    : [createFinding('stack-unhealthy', { subject, detail: `the stack is ${status}` })];
}

export function findStackWarnings({ name: subject, status, isProtected }: StackFacts): Finding[] {
  const findings: Finding[] = [];
  if (status === 'UPDATE_ROLLBACK_COMPLETE') {
    const detail = 'the last change of the stack failed and was undone';
    findings.push(createFinding('stack-rolled-back', { subject, detail }));
  }
  if (!isProtected) {
    const detail = 'the stack has no termination protection';
    findings.push(createFinding('stack-unprotected', { subject, detail }));
  }
  return findings;
}

export function findStackDrift({ name: subject, drift }: StackFacts): Finding[] {
  switch (drift?.state) {
    case 'drifted': {
      const names = drift.resources.length === 0 ? '' : `: ${formatFirst(drift.resources)}`;
      const remedy =
        drift.resources.length === 0
          ? undefined
          : 'Change them back by hand, or `pynvest deploy` where the template is to change.';
      const detail = `resources of the stack were changed by hand${names}`;
      return [createFinding('stack-drifted', { subject, detail, remedy })];
    }
    case 'not-supported': {
      const detail = 'this endpoint has no drift detection';
      return [createFinding('drift-unknown', { subject, detail, remedy: 'AWS itself has it.' })];
    }
    case 'failed':
      return [createFinding('drift-unknown', { subject, detail: 'drift detection failed' })];
    case 'checking':
      return [
        createFinding('drift-unknown', { subject, detail: 'drift detection is not finished' }),
      ];
    default:
      return [];
  }
}

/**
 * An alarm in ALARM is a problem although some of its causes are found without it: it has notified somebody, and it
 * knows of the last minutes what no table shows yet.
 */
export function findAlarms(alarms: readonly AlarmFacts[]): Finding[] {
  return alarms.flatMap(({ alarm, name, state, since }) => {
    if (state === 'missing') {
      return [
        createFinding('alarm-missing', { subject: name, detail: 'the alarm does not exist' }),
      ];
    }
    if (state !== 'alarm') return [];
    const report = alarm.isCoveredByOtherRules === true ? createNote : createFinding;
    const time = since === undefined ? '' : ` since ${formatMinute(since)}`;
    const detail = `in ALARM${time}: ${alarm.meaning}`;
    return [report('alarm', { subject: name, detail, remedy: alarm.remedy })];
  });
}

export function reportAccount({ account, region, proxy }: AccountFacts): Finding[] {
  const through = proxy === undefined ? '' : `, through the proxy ${proxy}`;
  return [
    createPassedCheck('aws-access', { detail: `the account ${account}, ${region}${through}` }),
  ];
}

export function findFunctionFaults(functions: readonly FunctionFacts[]): Finding[] {
  const faults = functions.flatMap(({ name: subject, state }) => {
    if (state === undefined)
      return [createFinding('function', { subject, detail: 'does not exist' })];
    const detail = state.hasCode ? state.failure : 'without code';
    return detail === undefined ? [] : [createFinding('function', { subject, detail })];
  });
  if (faults.length > 0) return faults;
  return [
    createPassedCheck('function', { detail: `${functions.length} functions can be started` }),
  ];
}

export function findTriggerFaults(triggers: readonly TriggerFacts[]): Finding[] {
  const faults = triggers.flatMap(({ id: subject, uuid, source }) => {
    if (uuid === undefined || source === undefined) {
      return [
        createFinding('queue-trigger', {
          subject,
          detail: 'does not exist',
          remedy: RECREATE_HINT,
        }),
      ];
    }
    // Such as `Disabled` or `Disabling`.
    if (!source.state.startsWith('Disabl')) return [];
    const detail = `${source.state.toLowerCase()}: the tickers of its queue are not collected`;
    return [
      createFinding('queue-trigger', { subject, detail, fix: { kind: 'enable-trigger', uuid } }),
    ];
  });
  if (faults.length > 0) return faults;
  return [createPassedCheck('queue-trigger', { detail: 'both queues start their function' })];
}

export function findNotificationFaults(buckets: readonly BucketFacts[]): Finding[] {
  const incomplete = buckets.filter(({ isComplete }) => !isComplete);
  if (incomplete.length === 0) {
    return [createPassedCheck('notification', { detail: 'new files start the next function' })];
  }
  return incomplete.map(({ bucket: subject }) =>
    createFinding('notification', {
      subject,
      detail: 'new files do not start the next function, or not as they should',
      fix: { kind: 'add-notifications' },
    }),
  );
}

export function findQuotaFaults({ allowed, needed }: QuotaFacts): Finding[] {
  if (allowed === undefined) return [];
  const detail = `${allowed} functions at once; the system starts up to ${needed}`;
  return [
    allowed < needed
      ? createFinding('aws-quota', { detail })
      : createPassedCheck('aws-quota', { detail }),
  ];
}

/** pynvest writes an object in one request: a multipart upload is another's, and AWS bills it. */
export function findUnfinishedUploads(uploads: readonly UploadFacts[]): Finding[] {
  return uploads
    .filter(({ count }) => count > 0)
    .map(({ bucket: subject, count, hasMore }) =>
      createFinding('lake-leftovers', {
        subject,
        detail: `${count}${hasMore ? ' and more' : ''} uploads that were never completed`,
        remedy:
          'pynvest started none of them: `aws s3api list-multipart-uploads` shows whose they are.',
      }),
    );
}
