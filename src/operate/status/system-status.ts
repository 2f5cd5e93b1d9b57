/** The facts of a folder and of the system in AWS in the words of the report. Pure. */
import { isoDate, isoInSaoPaulo } from '../../catalog/partition.ts';
import type { AlarmFacts } from './read-alarms.ts';
import type { FolderFacts } from './read-folder.ts';
import type { StackFacts } from './read-stack.ts';
import type { ExecutionFacts, QueueFacts, ScheduleFacts, SystemFacts } from './read-system.ts';
import type {
  AlarmStatus,
  ExecutionStatus,
  FolderStatus,
  QueueStatus,
  ScheduleStatus,
  StackStatus,
  StatusReport,
} from './report.ts';
import { nextFiring } from './schedule.ts';

export function folderStatus({ holder, unfinished, size }: FolderFacts): FolderStatus {
  return { lock: holder?.who ?? null, unfinished_days: unfinished.map(isoDate), ...size };
}

type OfSystem = Pick<StatusReport, 'schedules' | 'queues' | 'state_machine' | 'alarms' | 'stack'>;

export function systemStatus(system: SystemFacts | undefined, now: Date): OfSystem {
  if (system === undefined) {
    return { schedules: null, queues: null, state_machine: null, alarms: null, stack: null };
  }
  const { schedules, queues, oldestMessages, stateMachine, alarms, stack } = system;
  const ages = 'value' in oldestMessages ? oldestMessages.value : undefined;
  const last = 'value' in stateMachine ? stateMachine.value : undefined;
  return {
    schedules:
      'value' in schedules ? schedules.value.map((each) => scheduleStatus(each, now)) : null,
    queues:
      'value' in queues
        ? queues.value.map((each) => queueStatus(each, ages?.get(each.queue)))
        : null,
    state_machine: last === undefined ? null : executionStatus(last),
    alarms: 'value' in alarms ? alarms.value.map(alarmStatus) : null,
    stack: 'value' in stack ? stackStatus(stack.value) : null,
  };
}

function scheduleStatus(schedule: ScheduleFacts, now: Date): ScheduleStatus {
  const { purpose, rule, state, expression } = schedule;
  const next = state === 'enabled' ? nextFiring(expression, now) : undefined;
  const next_firing = next === undefined ? null : isoInSaoPaulo(next);
  return { purpose, rule, state, expression, next_firing };
}

function queueStatus(
  { queue, isDeadLetters, visible, inFlight, delayed }: QueueFacts,
  oldest: number | undefined,
): QueueStatus {
  return {
    queue,
    dead_letters: isDeadLetters,
    visible,
    in_flight: inFlight,
    delayed,
    oldest_message_seconds: oldest ?? null,
  };
}

function alarmStatus({ name, state, since }: AlarmFacts): AlarmStatus {
  return { alarm: name, state, since: since === undefined ? null : isoInSaoPaulo(since) };
}

function executionStatus(execution: ExecutionFacts): ExecutionStatus {
  const { name, status, startedAt, stoppedAt, cause } = execution;
  return {
    name,
    status,
    started_at: isoInSaoPaulo(startedAt),
    seconds: stoppedAt === undefined ? null : (stoppedAt.getTime() - startedAt.getTime()) / 1000,
    cause: cause ?? null,
  };
}

function stackStatus({ name, status, isProtected, drift }: StackFacts): StackStatus {
  return {
    name,
    status,
    termination_protection: isProtected,
    drift: drift.state,
    drift_checked_at: drift.checkedAt === undefined ? null : isoInSaoPaulo(drift.checkedAt),
    drifted_resources: drift.resources,
  };
}
