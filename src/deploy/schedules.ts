/** The rules that start the day and its deduplication, as they are now. */
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { awsCode } from '../lake/aws-errors.ts';
import type { Aws } from './aws.ts';
import type { Values } from './settings.ts';

/** What the rules are for, with their names in the template, in the order in which they fire. */
export const scheduleRules = [
  { purpose: 'collect', id: 'CollectRule' },
  { purpose: 'dedup', id: 'DedupRule' },
] as const;

export type SchedulePurpose = (typeof scheduleRules)[number]['purpose'];

export type ScheduleState = 'ENABLED' | 'DISABLED';

export interface Schedule {
  readonly rule: string;
  /** Such as `cron(45 21 * * ? *)`, in UTC. */
  readonly expression: string;
  readonly state: ScheduleState;
}

/** A rule as AWS has it; undefined where there is none of that name. */
export async function findSchedule(
  client: EventBridgeClient,
  rule: string,
): Promise<Schedule | undefined> {
  try {
    const { State, ScheduleExpression: expression = '' } = await client.send(
      new DescribeRuleCommand({ Name: rule }),
    );
    return { rule, expression, state: State === 'DISABLED' ? 'DISABLED' : 'ENABLED' };
  } catch (error) {
    if (awsCode(error) === 'ResourceNotFoundException') return undefined;
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
export async function schedulesAsTheyAre(
  aws: Aws,
  names: ReadonlyMap<string, string>,
  parameters: Values,
): Promise<Values> {
  const rules = scheduleRules.flatMap(({ id }) => names.get(id) ?? []);
  if (rules.length < scheduleRules.length) return {};
  const client = new EventBridgeClient(aws.clientSettings);
  const found = await Promise.all(rules.map((rule) => findSchedule(client, rule)));
  const [state, ...others] = new Set(found.map((schedule) => schedule?.state));
  if (state === undefined || others.length > 0 || state === parameters['SchedulesEnabled']) {
    return {};
  }
  return { SchedulesEnabled: state };
}
