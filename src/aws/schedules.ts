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
import type { StackValues } from './stack.ts';
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

/**
 * The parameter that leaves the schedules as they are, where they were turned off or on since they were
 * deployed (`pynvest pause`, `pynvest resume`). CloudFormation does not look at rules that it has no change
 * for; of one that changes it would set all properties, and start a paused schedule without a word.
 *
 * @param names the names of the stack's resources by their names in the template
 */
export async function readScheduleParameters(
  aws: AwsSession,
  names: ReadonlyMap<string, string>,
  parameters: StackValues,
): Promise<StackValues> {
  const rules = scheduleRules.flatMap(({ id }) => names.get(id) ?? []);
  if (rules.length < scheduleRules.length) return {};
  const found = await Promise.all(rules.map((rule) => findSchedule(aws, rule)));
  const [state, ...others] = new Set(found.map((schedule) => schedule?.state));
  if (state === undefined || others.length > 0 || state === parameters['SchedulesEnabled']) {
    return {};
  }
  return { SchedulesEnabled: state };
}

interface ScheduleSwitch extends Schedule {
  readonly before: ScheduleState;
  /** Why it could not be switched; absent where it was, or was so before. */
  readonly error?: string;
}

/**
 * Turns both schedules on or off. One that fails does not keep the other from being turned.
 * @throws DeployError where the stack has no such rules, or AWS does not say how they are
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
        hint: '`pynvest deploy` makes it.',
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
  const Turn = state === 'ENABLED' ? EnableRuleCommand : DisableRuleCommand;
  try {
    await withAwsErrors(() => aws.client(EventBridgeClient).send(new Turn({ Name: rule })));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...before, before: before.state, error: reason };
  }
  return { ...(await readSchedule(aws, rule)), before: before.state };
}

/** @throws DeployError where it is gone */
async function readSchedule(aws: AwsSession, rule: string): Promise<Schedule> {
  const schedule = await withAwsErrors(() => findSchedule(aws, rule));
  if (schedule !== undefined) return schedule;
  throw new DeployError(`the rule ${rule} is gone`, {
    hint: `It was removed by hand. ${RECREATE_HINT} \`pynvest doctor\` says what else is missing.`,
  });
}
