/** The states of the stack's own alarms. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { RunningSystem } from '../running-system.ts';
import { type OwnAlarm, ownAlarms } from './alarms.ts';

export interface AlarmFacts {
  readonly alarm: OwnAlarm;
  /** What CloudWatch calls it. */
  readonly name: string;
  /** `missing` where somebody has removed it. */
  readonly state: 'ok' | 'alarm' | 'insufficient-data' | 'missing';
  /** Undefined where it is missing. */
  readonly since: Date | undefined;
}

/** Those that the stack was deployed with: without a schedule, for one, none waits for the day's quotes. */
export async function readAlarms(system: RunningSystem): Promise<AlarmFacts[]> {
  const names = await system.resources();
  const deployed = ownAlarms.flatMap((alarm) => {
    const name = names.get(alarm.id);
    return name === undefined ? [] : [{ alarm, name }];
  });
  // Asked for no names, CloudWatch answers with all the alarms of the account.
  if (deployed.length === 0) return [];
  const client = new CloudWatchClient(system.aws.clientSettings);
  // All of them fit in one answer. Of no other type may one ask for some alarms alone.
  const { MetricAlarms: found = [] } = await client.send(
    new DescribeAlarmsCommand({
      AlarmNames: deployed.map(({ name }) => name),
      AlarmTypes: ['MetricAlarm'],
      MaxRecords: 100,
    }),
  );
  const byName = new Map(found.map((each) => [each.AlarmName, each]));
  return deployed.map(({ alarm, name }): AlarmFacts => {
    const { StateValue: value, StateUpdatedTimestamp: since } = byName.get(name) ?? {};
    return { alarm, name, state: STATES[value ?? ''] ?? 'missing', since };
  });
}

const STATES: Readonly<Record<string, AlarmFacts['state']>> = {
  OK: 'ok',
  ALARM: 'alarm',
  INSUFFICIENT_DATA: 'insufficient-data',
};
