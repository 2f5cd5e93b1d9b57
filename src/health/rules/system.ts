/**
 * Rules about the system in AWS as it operates: schedules, dead letters, the state machine, alarms and the stack. Pure.
 */

import { countDeadLetters } from '../../aws/queue-depth.ts';
import { formatFirst, formatQuantity } from '../../text.ts';
import type {
  AlarmFacts,
  QueueFacts,
  ScheduleFacts,
  SectionValues,
  StackFacts,
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
  const filled = queues.filter((queue) => queue.isDeadLetters && countDeadLetters(queue) > 0);
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
