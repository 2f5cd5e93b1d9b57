/**
 * The system in AWS as `status --format json` prints it. Pure.
 */

import type { StackDrift } from '../aws/drift.ts';
import type { Execution } from '../aws/executions.ts';
import { formatInSaoPaulo } from '../catalog/partition.ts';
import {
  type AlarmFacts,
  type Facts,
  getSection,
  type QueueFacts,
  type ScheduleFacts,
  type StackFacts,
} from './facts/model.ts';
import { findNextFiring } from './facts/schedule.ts';

/** Null for a folder, and each part that could not be read. */
export interface SystemStatus {
  readonly schedules: readonly ScheduleStatus[] | null;
  readonly queues: readonly QueueStatus[] | null;
  readonly alarms: readonly AlarmStatus[] | null;
  /** The last deduplication; null before the first. */
  readonly state_machine: ExecutionStatus | null;
  readonly stack: StackStatus | null;
}

interface ScheduleStatus {
  readonly purpose: 'collect' | 'dedup';
  readonly rule: string;
  readonly state: 'enabled' | 'disabled' | 'missing';
  readonly expression: string;
  /** Null where it is not enabled, never fires again, or does not say when (`rate`). */
  readonly next_firing: string | null;
}

interface QueueStatus {
  readonly queue: string;
  readonly dead_letters: boolean;
  /** Whether its messages are events by which days can be started again. */
  readonly failed_events: boolean;
  readonly visible: number;
  readonly in_flight: number;
  readonly delayed: number;
  /**
   * How long the oldest message has been in the queue, in seconds, as CloudWatch measured it minutes ago; null where
   * the queue is empty or was not measured.
   */
  readonly oldest_message_seconds: number | null;
}

interface AlarmStatus {
  readonly alarm: string;
  readonly state: 'ok' | 'alarm' | 'insufficient-data' | 'missing';
  /** Since when it is in that state; null where it is missing. */
  readonly since: string | null;
}

interface ExecutionStatus {
  readonly name: string;
  readonly status: string;
  readonly started_at: string;
  readonly seconds: number | null;
  readonly cause: string | null;
}

interface StackStatus {
  readonly name: string;
  readonly status: string;
  readonly termination_protection: boolean;
  readonly drift: string;
  readonly drift_checked_at: string | null;
  readonly drifted_resources: readonly string[];
}

export function createSystemStatus(facts: Facts): SystemStatus {
  const ages = getSection(facts, 'oldest-messages');
  const execution = getSection(facts, 'state-machine');
  const stack = getSection(facts, 'stack');
  return {
    schedules:
      getSection(facts, 'schedules')?.map((each) => createScheduleStatus(each, facts.now)) ?? null,
    queues:
      getSection(facts, 'queues')?.map((each) => createQueueStatus(each, ages?.get(each.queue))) ??
      null,
    state_machine: execution === undefined ? null : createExecutionStatus(execution),
    alarms: getSection(facts, 'alarms')?.map(createAlarmStatus) ?? null,
    stack: stack?.drift === undefined ? null : createStackStatus(stack, stack.drift),
  };
}

function createScheduleStatus(schedule: ScheduleFacts, now: Date): ScheduleStatus {
  const { purpose, rule, state, expression } = schedule;
  const next = state === 'enabled' ? findNextFiring(expression, now) : undefined;
  const next_firing = next === undefined ? null : formatInSaoPaulo(next);
  return { purpose, rule, state, expression, next_firing };
}

function createQueueStatus(
  { queue, contents, visible, inFlight, delayed }: QueueFacts,
  oldest: number | undefined,
): QueueStatus {
  return {
    queue,
    dead_letters: contents === 'dead-letters',
    failed_events: contents === 'failed-events',
    visible,
    in_flight: inFlight,
    delayed,
    oldest_message_seconds: oldest ?? null,
  };
}

function createAlarmStatus({ name, state, since }: AlarmFacts): AlarmStatus {
  return { alarm: name, state, since: since === undefined ? null : formatInSaoPaulo(since) };
}

function createExecutionStatus(execution: Execution): ExecutionStatus {
  const { name, status, startedAt, stoppedAt, cause } = execution;
  return {
    name,
    status,
    started_at: formatInSaoPaulo(startedAt),
    seconds: stoppedAt === undefined ? null : (stoppedAt.getTime() - startedAt.getTime()) / 1000,
    cause: cause ?? null,
  };
}

function createStackStatus(
  { name, status, isProtected }: StackFacts,
  drift: StackDrift,
): StackStatus {
  return {
    name,
    status,
    termination_protection: isProtected,
    drift: drift.state,
    drift_checked_at: drift.checkedAt === undefined ? null : formatInSaoPaulo(drift.checkedAt),
    drifted_resources: drift.resources,
  };
}
