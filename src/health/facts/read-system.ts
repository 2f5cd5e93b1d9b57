/**
 * Reads the system in AWS: schedules, queues, state machine, alarms and stack. Each part is read by itself, since one
 * may be denied. Loads SDK clients: import it lazily.
 */

import { readAlarmStates, readOldestMessageAges } from '../../aws/cloudwatch.ts';
import { detectDrift, readLastDrift } from '../../aws/drift.ts';
import { withAwsErrors } from '../../aws/errors.ts';
import { findLastExecution } from '../../aws/executions.ts';
import { countMessages, getQueueName } from '../../aws/queue-depth.ts';
import { getTickerQueues, type Queue, readQueueDepth } from '../../aws/queues.ts';
import { scheduleRules } from '../../aws/resource-names.ts';
import { findSchedule } from '../../aws/schedules.ts';
import { classifyStackStatus } from '../../aws/stack.ts';
import type { RunningSystem } from '../../aws/system.ts';
import { assetKinds } from '../../catalog/asset.ts';
import { alarmDefinitions } from '../alarms.ts';
import {
  type AlarmFacts,
  attempt,
  type QueueFacts,
  type ScheduleFacts,
  type StackFacts,
  type SystemFacts,
} from './facts.ts';

export async function readSystem(
  system: RunningSystem,
  { detectDrift }: { readonly detectDrift: boolean },
): Promise<SystemFacts> {
  const [schedules, [queues, oldestMessages], stateMachine, alarms, stack] = await Promise.all([
    attempt(() => withAwsErrors(() => readSchedules(system))),
    readQueuesAndAges(system),
    attempt(() =>
      withAwsErrors(() => findLastExecution(system.aws, system.output('StateMachineArn'))),
    ),
    attempt(() => withAwsErrors(() => readAlarms(system))),
    attempt(() => withAwsErrors(() => readStack(system, detectDrift))),
  ]);
  return { schedules, queues, oldestMessages, stateMachine, alarms, stack };
}

async function readQueuesAndAges(
  system: RunningSystem,
): Promise<[SystemFacts['queues'], SystemFacts['oldestMessages']]> {
  const queues = await attempt(() => withAwsErrors(() => readQueues(system)));
  // An empty queue has no oldest message, whatever was measured before.
  const filled = 'value' in queues ? queues.value.filter((each) => countMessages(each) > 0) : [];
  const names = filled.map(({ queue }) => queue);
  return [
    queues,
    await attempt(() => withAwsErrors(() => readOldestMessageAges(system.aws, names))),
  ];
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
  const read = async (queue: Queue, isDeadLetters: boolean): Promise<QueueFacts> => ({
    queue: getQueueName(queue.url),
    isDeadLetters,
    ...(await readQueueDepth(queue)),
  });
  return Promise.all([
    ...queues.map(({ source }) => read(source, false)),
    ...queues.map(({ deadLetter }) => read(deadLetter, true)),
  ]);
}

/** Shows the drift that AWS found last; looks for it anew where `detect` says so. */
async function readStack({ aws, stack }: RunningSystem, detect: boolean): Promise<StackFacts> {
  const { id, name, status, isProtected } = stack;
  const drift = detect ? await detectDrift(aws, id) : await readLastDrift(aws, id);
  return { name, status, standing: classifyStackStatus(status), isProtected, drift };
}

/** Those that the stack was deployed with: without a schedule, for one, none waits for the day's quotes. */
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
