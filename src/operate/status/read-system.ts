/** What the system in AWS tells beside its tables. Each part is asked for by itself: one may be refused. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { assetKinds } from '../../catalog/asset.ts';
import { plainly } from '../../deploy/aws.ts';
import { findSchedule, type SchedulePurpose, scheduleRules } from '../../deploy/schedules.ts';
import {
  messagesIn,
  type QueueDepth,
  queueDepth,
  queueName,
  queuesOf,
  sqsClientOf,
} from '../queues.ts';
import type { RunningSystem } from '../running-system.ts';
import { type AlarmFacts, readAlarms } from './read-alarms.ts';
import { readOldestMessages } from './read-oldest-messages.ts';
import { readStack, type StackFacts } from './read-stack.ts';
import { type Told, told } from './told.ts';

export interface SystemFacts {
  readonly schedules: Told<readonly ScheduleFacts[]>;
  readonly queues: Told<readonly QueueFacts[]>;
  /** How long the oldest message of a queue has waited, in seconds, by the queue's name; of some, nothing. */
  readonly oldestMessages: Told<ReadonlyMap<string, number>>;
  readonly stateMachine: Told<ExecutionFacts | undefined>;
  readonly alarms: Told<readonly AlarmFacts[]>;
  readonly stack: Told<StackFacts>;
}

export interface ScheduleFacts {
  readonly purpose: SchedulePurpose;
  readonly rule: string;
  /** `missing` where somebody has removed the rule. */
  readonly state: 'enabled' | 'disabled' | 'missing';
  /** Such as `cron(45 21 * * ? *)`, in UTC; empty where the rule is missing. */
  readonly expression: string;
}

export interface QueueFacts extends QueueDepth {
  readonly queue: string;
  readonly isDeadLetters: boolean;
}

export interface ExecutionFacts {
  readonly name: string;
  readonly status: string;
  readonly startedAt: Date;
  /** Undefined while it runs. */
  readonly stoppedAt: Date | undefined;
  /** Why it failed; undefined where it did not, or does not say. */
  readonly cause: string | undefined;
}

export async function readSystem(
  system: RunningSystem,
  { detectDrift }: { readonly detectDrift: boolean },
): Promise<SystemFacts> {
  const [schedules, [queues, oldestMessages], stateMachine, alarms, stack] = await Promise.all([
    told(() => plainly(() => readSchedules(system))),
    readQueuesAndAges(system),
    told(() => plainly(() => lastExecution(system))),
    told(() => plainly(() => readAlarms(system))),
    told(() => plainly(() => readStack(system, detectDrift))),
  ]);
  return { schedules, queues, oldestMessages, stateMachine, alarms, stack };
}

async function readQueuesAndAges(
  system: RunningSystem,
): Promise<[SystemFacts['queues'], SystemFacts['oldestMessages']]> {
  const queues = await told(() => plainly(() => readQueues(system)));
  // An empty queue has no oldest message, whatever was measured before.
  const filled = 'value' in queues ? queues.value.filter((each) => messagesIn(each) > 0) : [];
  const names = filled.map(({ queue }) => queue);
  return [queues, await told(() => plainly(() => readOldestMessages(system, names)))];
}

async function readSchedules(system: RunningSystem): Promise<ScheduleFacts[]> {
  const names = await system.resources();
  const events = new EventBridgeClient(system.aws.clientSettings);
  return Promise.all(
    scheduleRules.map(async ({ purpose, id }): Promise<ScheduleFacts> => {
      const rule = names.get(id) ?? id;
      const found = await findSchedule(events, rule);
      if (found === undefined) return { purpose, rule, state: 'missing', expression: '' };
      const state = found.state === 'DISABLED' ? 'disabled' : 'enabled';
      return { purpose, rule, state, expression: found.expression };
    }),
  );
}

async function readQueues(system: RunningSystem): Promise<QueueFacts[]> {
  const sqs = sqsClientOf(system);
  const urls = assetKinds.map((kind) => queuesOf(system, kind));
  const read = (among: readonly string[], isDeadLetters: boolean): Promise<QueueFacts>[] =>
    among.map(async (url) => ({
      queue: queueName(url),
      isDeadLetters,
      ...(await queueDepth(sqs, url)),
    }));
  return Promise.all([
    ...read(
      urls.map(({ source }) => source),
      false,
    ),
    ...read(
      urls.map(({ dead }) => dead),
      true,
    ),
  ]);
}

/** So many of the newest are looked at: they come in order of time, but an order is quickly made sure of. */
const EXECUTIONS = 100;

async function lastExecution(system: RunningSystem): Promise<ExecutionFacts | undefined> {
  const sfn = new SFNClient(system.aws.clientSettings);
  const stateMachineArn = system.output('StateMachineArn');
  const { executions = [] } = await sfn.send(
    new ListExecutionsCommand({ stateMachineArn, maxResults: EXECUTIONS }),
  );
  const [last] = executions.toSorted(
    (a, b) => (b.startDate?.getTime() ?? 0) - (a.startDate?.getTime() ?? 0),
  );
  if (last?.startDate === undefined) return undefined;
  const status = last.status ?? 'UNKNOWN';
  const hasFailed = status !== 'SUCCEEDED' && status !== 'RUNNING';
  const { error, cause } = hasFailed
    ? await sfn.send(new DescribeExecutionCommand({ executionArn: last.executionArn }))
    : {};
  return {
    name: last.name ?? '',
    status,
    startedAt: last.startDate,
    stoppedAt: last.stopDate,
    cause: [error, cause].filter(Boolean).join(': ') || undefined,
  };
}
