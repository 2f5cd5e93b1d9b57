/**
 * Reads the system in AWS, part by part, since access to one may be denied. Loads SDK clients: import it lazily.
 */

import { readAlarmStates, readOldestMessageAges } from '../../aws/cloudwatch.ts';
import { detectDrift, readLastDrift } from '../../aws/drift.ts';
import { withAwsErrors } from '../../aws/errors.ts';
import { findLastExecution } from '../../aws/executions.ts';
import { findEventSource, findFunction, readConcurrencyLimit } from '../../aws/functions.ts';
import { needsNotifications } from '../../aws/notifications.ts';
import { countUnfinishedUploads } from '../../aws/objects.ts';
import { countMessages, getQueueName } from '../../aws/queue-depth.ts';
import {
  findFailedEventsQueue,
  getTickerQueues,
  type Queue,
  readQueueDepth,
} from '../../aws/queues.ts';
import { functionNames, getFunctionId, scheduleRules } from '../../aws/resource-names.ts';
import { findSchedule } from '../../aws/schedules.ts';
import { describeAwsProxy } from '../../aws/session.ts';
import { classifyStackStatus } from '../../aws/stack.ts';
import type { RunningSystem } from '../../aws/system.ts';
import { assetKinds } from '../../catalog/asset.ts';
import { alarmDefinitions } from '../alarms.ts';
import {
  type AlarmFacts,
  attempt,
  type BucketFacts,
  type FunctionFacts,
  type InstallationSection,
  type OperationSection,
  type QueueFacts,
  type QuotaFacts,
  type Result,
  type ScheduleFacts,
  type Sections,
  type StackFacts,
  type TriggerFacts,
  type UploadFacts,
} from './model.ts';

/** What changes from day to day. */
export async function readOperation(
  system: RunningSystem,
  options: { readonly detectDrift: boolean },
): Promise<Pick<Sections, OperationSection>> {
  const [schedules, [queues, oldestMessages], stateMachine, alarms, stack] = await Promise.all([
    read(() => readSchedules(system)),
    readQueuesAndAges(system),
    read(() => findLastExecution(system.aws, system.output('StateMachineArn'))),
    read(() => readAlarms(system)),
    read(() => readStackWithDrift(system, options)),
  ]);
  return {
    ...{ schedules, queues, 'oldest-messages': oldestMessages },
    ...{ 'state-machine': stateMachine, alarms, stack },
  };
}

/** What a deployment made: whether all of it exists and is connected. */
export async function readInstallation(
  system: RunningSystem,
): Promise<Pick<Sections, InstallationSection>> {
  const { account, region } = system.aws;
  const [functions, triggers, notifications, schedules, queues, quota, uploads] = await Promise.all(
    [
      read(() => readFunctions(system)),
      read(() => readTriggers(system)),
      read(() => readBuckets(system)),
      read(() => readSchedules(system)),
      read(() => readQueues(system)),
      read(() => readQuota(system)),
      read(() => readUploads(system)),
    ],
  );
  return {
    account: { value: { account, region, proxy: describeAwsProxy(region) } },
    stack: { value: getStackFacts(system) },
    ...{ functions, 'queue-triggers': triggers, notifications, schedules, queues, quota, uploads },
  };
}

function read<T>(work: () => Promise<T>): Promise<Result<T>> {
  return attempt(() => withAwsErrors(work));
}

async function readSchedules(system: RunningSystem): Promise<ScheduleFacts[]> {
  const names = await system.resources();
  return Promise.all(
    scheduleRules.map(async ({ purpose, id }): Promise<ScheduleFacts> => {
      const rule = names.get(id) ?? id;
      const found = await findSchedule(system.aws, rule);
      if (found === undefined) return { purpose, rule, state: 'missing', expression: '' };
      const state = found.state === 'DISABLED' ? 'disabled' : 'enabled';
      return { purpose, rule, state, expression: found.expression };
    }),
  );
}

async function readQueues(system: RunningSystem): Promise<QueueFacts[]> {
  const queues = assetKinds.map((kind) => getTickerQueues(system, kind));
  const readQueue = async (
    queue: Queue,
    contents: QueueFacts['contents'],
  ): Promise<QueueFacts> => ({
    queue: getQueueName(queue.url),
    contents,
    ...(await readQueueDepth(queue)),
  });
  const failedEvents = findFailedEventsQueue(system);
  return Promise.all([
    ...queues.map(({ source }) => readQueue(source, 'tickers')),
    ...queues.map(({ deadLetter }) => readQueue(deadLetter, 'dead-letters')),
    ...(failedEvents === undefined ? [] : [readQueue(failedEvents, 'failed-events')]),
  ]);
}

async function readQueuesAndAges(
  system: RunningSystem,
): Promise<[Result<readonly QueueFacts[]>, Result<ReadonlyMap<string, number>>]> {
  const queues = await read(() => readQueues(system));
  // An empty queue has no oldest message, also where an age was measured before.
  const filled = 'value' in queues ? queues.value.filter((each) => countMessages(each) > 0) : [];
  const names = filled.map(({ queue }) => queue);
  return [queues, await read(() => readOldestMessageAges(system.aws, names))];
}

function getStackFacts({ stack }: RunningSystem): StackFacts {
  const { name, status, isProtected } = stack;
  const condition = classifyStackStatus(status);
  return { name, status, condition, isProtected, drift: undefined };
}

/** With the drift that AWS detected last; a new detection takes a minute or more. */
async function readStackWithDrift(
  system: RunningSystem,
  options: { readonly detectDrift: boolean },
): Promise<StackFacts> {
  const { aws, stack } = system;
  const drift = options.detectDrift
    ? await detectDrift(aws, stack.id)
    : await readLastDrift(aws, stack.id);
  return { ...getStackFacts(system), drift };
}

/** Those of the alarms that the stack was deployed with: without schedules, for one, it has fewer. */
async function readAlarms(system: RunningSystem): Promise<AlarmFacts[]> {
  const names = await system.resources();
  const deployed = alarmDefinitions.flatMap((alarm) => {
    const name = names.get(alarm.id);
    return name === undefined ? [] : [{ alarm, name }];
  });
  const states = await readAlarmStates(
    system.aws,
    deployed.map(({ name }) => name),
  );
  return deployed.map(({ alarm, name }): AlarmFacts => {
    const { state = 'missing', since } = states.get(name) ?? {};
    return { alarm, name, state, since };
  });
}

async function readFunctions(system: RunningSystem): Promise<FunctionFacts[]> {
  const resources = await system.resources();
  return Promise.all(
    functionNames.map(async (each) => {
      const name = resources.get(getFunctionId(each)) ?? each;
      return { name, state: await findFunction(system.aws, name) };
    }),
  );
}

const TRIGGERS = ['AcoesQueueToGetFinancialData', 'FiisQueueToGetFinancialData'];

async function readTriggers(system: RunningSystem): Promise<TriggerFacts[]> {
  const resources = await system.resources();
  return Promise.all(
    TRIGGERS.map(async (id) => {
      const uuid = resources.get(id);
      const source = uuid === undefined ? undefined : await findEventSource(system.aws, uuid);
      return { id, uuid, source };
    }),
  );
}

async function readBuckets({ aws, buckets, stack }: RunningSystem): Promise<BucketFacts[]> {
  const prefix = stack.parameters['NamePrefix'] ?? '';
  return Promise.all(
    [...new Set([buckets.sor, buckets.sot])].map(async (bucket) => ({
      bucket,
      isComplete: !(await needsNotifications(aws, bucket, { buckets, prefix })),
    })),
  );
}

/**
 * For each queue, as many functions read pages as it starts at once, and for each file of theirs one types it and one
 * makes quotes of it.
 */
const FUNCTIONS_PER_START = 3;
const DEFAULT_MAXIMUM_CONCURRENCY = 3;

async function readQuota({ aws, stack }: RunningSystem): Promise<QuotaFacts> {
  const startsPerQueue = Number(
    stack.parameters['MaximumConcurrency'] ?? DEFAULT_MAXIMUM_CONCURRENCY,
  );
  return {
    allowed: await readConcurrencyLimit(aws),
    needed: assetKinds.length * FUNCTIONS_PER_START * startsPerQueue,
  };
}

async function readUploads({ aws, buckets }: RunningSystem): Promise<UploadFacts[]> {
  return Promise.all(
    [...new Set(Object.values(buckets))].map(async (bucket) => ({
      bucket,
      ...(await countUnfinishedUploads(aws, bucket)),
    })),
  );
}
