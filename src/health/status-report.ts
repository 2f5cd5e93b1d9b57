/**
 * The report of `pynvest status`, as `--format json` prints it, and how the facts of a folder or of AWS are written
 * in it. Dates are `YYYY-MM-DD`, times ISO 8601 in São Paulo. Pure.
 */

import type { Execution } from '../aws/executions.ts';
import { formatInSaoPaulo, isoDate } from '../catalog/partition.ts';
import { tables as allTables, type Layer, type Table } from '../catalog/tables.ts';
import type { UnparsedColumn } from '../pipeline/report.ts';
import type { DriftReport } from '../transform/drift.ts';
import type {
  AlarmFacts,
  FolderFacts,
  QueueFacts,
  ScheduleFacts,
  StackFacts,
  SystemFacts,
} from './facts/facts.ts';
import type { LastRun } from './facts/last-run.ts';
import { findNextFiring } from './facts/schedule.ts';
import type { StatusCode } from './status-codes.ts';

/** Something that a person should know, with a stable code and what to do about it. */
export interface Concern {
  readonly code: StatusCode;
  readonly what: string;
  readonly remedy: string;
}

export interface TableStatus {
  readonly table: string;
  readonly layer: Layer;
  readonly first_partition: string | null;
  readonly last_partition: string | null;
  /** Trading days from the last partition to the day that should be there by now; 0 where it is. */
  readonly trading_days_behind: number | null;
  /** When the last page of the last partition was read. */
  readonly read_at: string | null;
  readonly age_hours: number | null;
  /** Of the last partition; null where there is none, or where it cannot be read. */
  readonly rows: number | null;
  readonly tickers: number | null;
  /** How many tickers it should have, and by what: `site`, the day before, or `run`; null without any. */
  readonly expected_tickers: number | null;
  readonly compared_with: string | null;
  readonly missing_tickers: number | null;
  /** Trading days without a partition, from the first one to the day that should be there by now. */
  readonly missing_days: number;
}

export interface StatusReport {
  readonly checked_at: string;
  readonly target: 'local' | 'aws';
  readonly place: string;
  /** The newest trading day that should be there by now. */
  readonly due_day: string;
  readonly tables: readonly TableStatus[];
  readonly missing_days: readonly { readonly date: string; readonly tables: readonly string[] }[];
  readonly missing_tickers: readonly {
    readonly ticker: string;
    readonly tables: readonly string[];
  }[];
  /** The newest report of a run by this command; null where there is none. */
  readonly last_run: LastRun | null;
  /** Of the newest day's raw text: what does not parse, and how the labels differ from the columns. */
  readonly unparsed: readonly UnparsedColumn[];
  readonly drift: DriftReport;
  /** Of a lake in a folder; null in AWS. */
  readonly folder: FolderStatus | null;
  /** Of the system in AWS; null for a folder, and each part where AWS did not tell. */
  readonly schedules: readonly ScheduleStatus[] | null;
  readonly queues: readonly QueueStatus[] | null;
  readonly alarms: readonly AlarmStatus[] | null;
  readonly state_machine: ExecutionStatus | null;
  readonly stack: StackStatus | null;
  /** Why the exit status is 3. */
  readonly problems: readonly Concern[];
  /** What is worth knowing and no fault of the lake. */
  readonly notes: readonly Concern[];
  /** What could not be found out; the exit status is 1 where there is nothing worse. */
  readonly untold: readonly Concern[];
}

interface FolderStatus {
  readonly lock: string | null;
  readonly unfinished_days: readonly string[];
  readonly files: number;
  readonly bytes: number;
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
  readonly visible: number;
  readonly in_flight: number;
  readonly delayed: number;
  /**
   * How long the oldest message has waited there, in seconds, as CloudWatch measured it minutes ago; null
   * where the queue is empty or nothing was measured.
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

const LAYER_NAMES: Readonly<Record<Layer, string>> = { sor: 'SoR', sot: 'SoT', spec: 'Spec' };

/** A table in few letters, such as `SoR acoes`; the layer of the quotes has one table alone. */
export function formatTableName({ name, layer }: Pick<Table, 'name' | 'layer'>): string {
  const kind = /_(acoes|fiis)_/.exec(name)?.[1];
  return kind === undefined ? LAYER_NAMES[layer] : `${LAYER_NAMES[layer]} ${kind}`;
}

/** Several tables as the subject of a sentence. */
export function formatTableNames(tables: readonly Table[]): string {
  return tables.length === allTables.length
    ? 'every table'
    : tables.map(formatTableName).join(', ');
}

/** The first few of a list, and how many more there are. */
export function formatFirst(items: readonly string[], most = 5): string {
  const shown = items.slice(0, most).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}

/** A time in São Paulo, to the minute, as a person reads it. */
export function formatMinute(iso: string): string {
  return formatInSaoPaulo(new Date(iso)).slice(0, 16).replace('T', ' ');
}

export interface Concerns {
  readonly problems: readonly Concern[];
  readonly notes: readonly Concern[];
}

export function createFolderStatus({
  lockOwner: holder,
  unfinished,
  size,
}: FolderFacts): FolderStatus {
  return { lock: holder?.description ?? null, unfinished_days: unfinished.map(isoDate), ...size };
}

type SystemStatus = Pick<
  StatusReport,
  'schedules' | 'queues' | 'state_machine' | 'alarms' | 'stack'
>;

export function createSystemStatus(system: SystemFacts | undefined, now: Date): SystemStatus {
  if (system === undefined) {
    return { schedules: null, queues: null, state_machine: null, alarms: null, stack: null };
  }
  const { schedules, queues, oldestMessages, stateMachine, alarms, stack } = system;
  const ages = 'value' in oldestMessages ? oldestMessages.value : undefined;
  const last = 'value' in stateMachine ? stateMachine.value : undefined;
  return {
    schedules:
      'value' in schedules ? schedules.value.map((each) => createScheduleStatus(each, now)) : null,
    queues:
      'value' in queues
        ? queues.value.map((each) => createQueueStatus(each, ages?.get(each.queue)))
        : null,
    state_machine: last === undefined ? null : createExecutionStatus(last),
    alarms: 'value' in alarms ? alarms.value.map(createAlarmStatus) : null,
    stack: 'value' in stack ? createStackStatus(stack.value) : null,
  };
}

function createScheduleStatus(schedule: ScheduleFacts, now: Date): ScheduleStatus {
  const { purpose, rule, state, expression } = schedule;
  const next = state === 'enabled' ? findNextFiring(expression, now) : undefined;
  const next_firing = next === undefined ? null : formatInSaoPaulo(next);
  return { purpose, rule, state, expression, next_firing };
}

function createQueueStatus(
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

function createStackStatus({ name, status, isProtected, drift }: StackFacts): StackStatus {
  return {
    name,
    status,
    termination_protection: isProtected,
    drift: drift.state,
    drift_checked_at: drift.checkedAt === undefined ? null : formatInSaoPaulo(drift.checkedAt),
    drifted_resources: drift.resources,
  };
}
