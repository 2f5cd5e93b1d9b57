/**
 * The EventBridge rules that start the collection and the deduplication: read, enabled, disabled.
 */

import {
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
} from '@aws-sdk/client-eventbridge';
import { DeployError } from '../errors.ts';
import { getAwsErrorCode, withAwsErrors } from './errors.ts';
import { RECREATE_HINT, scheduleRules } from './resource-names.ts';
import type { AwsSession } from './session.ts';
import type { RunningSystem } from './system.ts';

export type ScheduleState = 'ENABLED' | 'DISABLED';

interface Schedule {
  readonly rule: string;
  /** Such as `cron(45 21 * * ? *)`, in UTC. */
  readonly expression: string;
  readonly state: ScheduleState;
}

/** A rule by its name; undefined where there is none. */
export async function findSchedule(aws: AwsSession, rule: string): Promise<Schedule | undefined> {
  try {
    const { State, ScheduleExpression: expression = '' } = await aws
      .client(EventBridgeClient)
      .send(new DescribeRuleCommand({ Name: rule }));
    return { rule, expression, state: State === 'DISABLED' ? 'DISABLED' : 'ENABLED' };
  } catch (error) {
    if (getAwsErrorCode(error) === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

interface ScheduleSwitch extends Schedule {
  readonly before: ScheduleState;
  /** Why it could not be changed; absent when it was, or needed no change. */
  readonly error?: string;
}

/**
 * Enables or disables both schedules. A failure of one does not prevent the change of the other.
 * @throws DeployError when the stack has no such rules, or their states cannot be read
 */
export async function switchSchedules(
  { aws, stack, resources }: RunningSystem,
  state: ScheduleState,
): Promise<ScheduleSwitch[]> {
  const names = await resources();
  const switched: ScheduleSwitch[] = [];
  for (const { id } of scheduleRules) {
    const name = names.get(id);
    if (name === undefined) {
      throw new DeployError(`the stack ${stack.name} has no rule ${id}`, {
        hint: '`pynvest deploy` creates it.',
      });
    }
    switched.push(await switchSchedule(aws, name, state));
  }
  return switched;
}

async function switchSchedule(
  aws: AwsSession,
  rule: string,
  state: ScheduleState,
): Promise<ScheduleSwitch> {
  const before = await readSchedule(aws, rule);
  if (before.state === state) return { ...before, before: state };
  const Command = state === 'ENABLED' ? EnableRuleCommand : DisableRuleCommand;
  try {
    await withAwsErrors(() => aws.client(EventBridgeClient).send(new Command({ Name: rule })));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...before, before: before.state, error: reason };
  }
  return { ...(await readSchedule(aws, rule)), before: before.state };
}

/** @throws DeployError when there is no such rule */
async function readSchedule(aws: AwsSession, rule: string): Promise<Schedule> {
  const schedule = await withAwsErrors(() => findSchedule(aws, rule));
  if (schedule !== undefined) return schedule;
  throw new DeployError(`the rule ${rule} does not exist`, {
    hint: `It was deleted by hand. ${RECREATE_HINT} \`pynvest doctor\` shows what else is missing.`,
  });
}
