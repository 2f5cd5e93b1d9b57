/** The two schedules of the system: whether they are on, and turning them on or off. */
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
} from '@aws-sdk/client-eventbridge';
import { plainly } from '../deploy/aws.ts';
import { MADE_AGAIN } from '../deploy/made-again.ts';
import {
  findSchedule,
  type Schedule,
  type ScheduleState,
  scheduleRules,
} from '../deploy/schedules.ts';
import { DeployError } from '../errors.ts';
import type { RunningSystem } from './running-system.ts';

export interface SwitchedSchedule extends Schedule {
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
): Promise<SwitchedSchedule[]> {
  const names = await resources();
  const client = new EventBridgeClient(aws.clientSettings);
  const switched: SwitchedSchedule[] = [];
  for (const { id } of scheduleRules) {
    const name = names.get(id);
    if (name === undefined) {
      throw new DeployError(`the stack ${stack.name} has no rule ${id}`, {
        hint: '`pynvest deploy` makes it.',
      });
    }
    switched.push(await switchOne(client, name, state));
  }
  return switched;
}

async function switchOne(
  client: EventBridgeClient,
  rule: string,
  state: ScheduleState,
): Promise<SwitchedSchedule> {
  const before = await describe(client, rule);
  if (before.state === state) return { ...before, before: state };
  const Turn = state === 'ENABLED' ? EnableRuleCommand : DisableRuleCommand;
  try {
    await plainly(() => client.send(new Turn({ Name: rule })));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...before, before: before.state, error: reason };
  }
  return { ...(await describe(client, rule)), before: before.state };
}

/** @throws DeployError where it is gone */
async function describe(client: EventBridgeClient, rule: string): Promise<Schedule> {
  const schedule = await plainly(() => findSchedule(client, rule));
  if (schedule !== undefined) return schedule;
  throw new DeployError(`the rule ${rule} is gone`, {
    hint: `It was removed by hand. ${MADE_AGAIN} \`pynvest doctor\` says what else is missing.`,
  });
}
