/**
 * Rules about the system in AWS: schedules, dead letters, state machine, alarms and stack. Pure.
 */

import type { Execution } from '../../aws/executions.ts';
import { countDeadLetters } from '../../aws/queue-depth.ts';
import { RECREATE_HINT } from '../../aws/resource-names.ts';
import { formatInSaoPaulo } from '../../catalog/partition.ts';
import { formatQuantity } from '../../text.ts';
import type {
  AlarmFacts,
  QueueFacts,
  ScheduleFacts,
  StackFacts,
  SystemFacts,
} from '../facts/facts.ts';
import type { StatusCode } from '../status-codes.ts';
import { type Concern, type Concerns, formatFirst, formatMinute } from '../status-report.ts';

export function assessSystem(system: SystemFacts): Concerns {
  const { schedules, queues, stateMachine, alarms, stack } = system;
  const problems = [
    'value' in schedules ? assessSchedules(schedules.value) : [],
    'value' in queues ? assessQueues(queues.value) : [],
    'value' in stateMachine ? assessExecution(stateMachine.value) : [],
    'value' in alarms ? alarmProblems(alarms.value) : [],
    'value' in stack ? assessStack(stack.value) : [],
  ];
  const notes = [
    'value' in alarms ? alarmNotes(alarms.value) : [],
    'value' in stack ? stackNotes(stack.value) : [],
  ];
  return { problems: problems.flat(), notes: notes.flat() };
}

function assessSchedules(schedules: readonly ScheduleFacts[]): Concern[] {
  return schedules.flatMap(({ rule, state }) => {
    if (state === 'enabled') return [];
    return state === 'disabled'
      ? {
          code: 'schedule-disabled',
          what: `the schedule ${rule} is disabled`,
          remedy: '`pynvest resume` enables it.',
        }
      : {
          code: 'schedule-missing',
          what: `the schedule ${rule} is gone`,
          remedy: RECREATE_HINT,
        };
  });
}

function assessQueues(queues: readonly QueueFacts[]): Concern[] {
  return queues
    .filter(({ isDeadLetters }) => isDeadLetters)
    .flatMap(({ queue, ...depth }) =>
      countDeadLetters(depth) === 0
        ? []
        : {
            code: 'dead-letters',
            what: `${formatQuantity(countDeadLetters(depth), 'ticker')} failed for good, in ${queue}`,
            remedy: '`pynvest redrive` shows why, and sends them back.',
          },
    );
}

function assessExecution(last: Execution | undefined): Concern[] {
  if (last === undefined || ['SUCCEEDED', 'RUNNING', 'PENDING_REDRIVE'].includes(last.status)) {
    return [];
  }
  const cause = last.cause === undefined ? '' : `: ${last.cause}`;
  return [
    {
      code: 'state-machine-failed',
      what: `the last deduplication ended as ${last.status}${cause}`,
      remedy: '`pynvest logs` says more; `pynvest dedup now` removes the duplicates.',
    },
  ];
}

function assessStack({ name, status, standing }: StackFacts): Concern[] {
  if (standing === 'ready' || standing === 'busy') return [];
  return [
    {
      code: 'stack-unhealthy',
      what: `the stack ${name} is ${status}`,
      remedy: '`pynvest deploy` says what is wrong with it and completes it.',
    },
  ];
}

function stackNotes({ name, status, standing, isProtected, drift }: StackFacts): Concern[] {
  const notes: Concern[] = [];
  const note = (code: StatusCode, what: string, remedy: string): void => {
    notes.push({ code, what, remedy });
  };
  if (standing === 'busy') {
    note('stack-busy', `the stack ${name} is changing: ${status}`, 'Wait until it has ended.');
  }
  if (status === 'UPDATE_ROLLBACK_COMPLETE') {
    note(
      'stack-rolled-back',
      `the last change of the stack ${name} failed and was undone`,
      '`pynvest deploy` tries it again.',
    );
  }
  if (drift.state === 'drifted') {
    const which = drift.resources.length === 0 ? '' : `: ${formatFirst(drift.resources)}`;
    note(
      'stack-drifted',
      `resources of the stack ${name} were changed by hand${which}`,
      drift.resources.length === 0
        ? '`pynvest status --drift` looks again and names them.'
        : 'Change them back by hand, or `pynvest deploy` where the template is to change.',
    );
  }
  if (drift.state === 'not-supported') {
    note('drift-unknown', 'this endpoint knows no drift detection', 'AWS itself does.');
  }
  if (drift.state === 'checking' || drift.state === 'failed') {
    note(
      'drift-unknown',
      drift.state === 'failed' ? 'the drift could not be looked for' : 'the look for drift goes on',
      '`pynvest status --drift` looks again.',
    );
  }
  if (!isProtected) {
    note(
      'stack-unprotected',
      `the stack ${name} has no termination protection`,
      '`pynvest deploy` turns it on.',
    );
  }
  return notes;
}

/**
 * Each alarm that is in ALARM. It is a problem, though some of its causes are seen without it too: somebody is
 * mailed for it, and what it says of the last minutes no table shows yet.
 */
export function alarmProblems(alarms: readonly AlarmFacts[]): Concern[] {
  return alarms.filter(({ alarm }) => alarm.coveredByOtherRules === undefined).flatMap(activeAlarm);
}

export function alarmNotes(alarms: readonly AlarmFacts[]): Concern[] {
  return alarms.flatMap((facts): Concern[] => {
    if (facts.alarm.coveredByOtherRules !== undefined)
      return [...activeAlarm(facts), ...missingAlarm(facts)];
    return missingAlarm(facts);
  });
}

function activeAlarm({ alarm: { meaning, remedy }, name, state, since }: AlarmFacts): Concern[] {
  if (state !== 'alarm') return [];
  const when = since === undefined ? '' : ` since ${formatMinute(formatInSaoPaulo(since))}`;
  return [{ code: 'alarm', what: `${name} is in ALARM${when}: ${meaning}`, remedy }];
}

function missingAlarm({ name, state }: AlarmFacts): Concern[] {
  if (state !== 'missing') return [];
  return [{ code: 'alarm-missing', what: `the alarm ${name} is gone`, remedy: RECREATE_HINT }];
}
