/** The whole system in the stand-in for AWS: put there by the built command, and looked at from outside. */

import type { SQSClient } from '@aws-sdk/client-sqs';
import type { S3LakeLocation } from '../../src/lake/s3/layout.ts';
import type { AwsAccount } from './aws-account.ts';
import { askAthena, invokeByEvent, runStateMachine } from './aws-calls.ts';
import { clientsOf } from './aws-lake.ts';
import { type CommandResult, startProgram } from './command.ts';
import { CommandRecorder } from './command-recorder.ts';
import { pynvest } from './in-process.ts';

export interface RunningSystem extends S3LakeLocation {
  readonly account: AwsAccount;
  readonly sqs: SQSClient;
  /** What the stack says of itself, by name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * A `pynvest` that works in this account: in this process, or as a process where the file of its command is given. The
 * calls of the former are recorded.
 */
export function commandFor(
  account: AwsAccount,
  configFolder: string,
  recorder = new CommandRecorder(),
): (args: readonly string[], command?: string) => Promise<CommandResult> {
  const env = { ...account.environment, XDG_CONFIG_HOME: configFolder };
  return (args, command) =>
    command === undefined
      ? pynvest(args, { env, around: recorder.around(args) })
      : startProgram(process.execPath, [command, ...args], { env }).result;
}

/** Deploys a system with these parameters, as `Name=value`, by calls that `iam-policy` allows. */
export async function deploySystem(
  account: AwsAccount,
  configFolder: string,
  parameters: readonly string[],
): Promise<RunningSystem> {
  const options = parameters.flatMap((each) => ['--parameter', each]);
  const deploy = ['deploy', '--yes', '--format', 'json', ...options];
  const recorder = new CommandRecorder();
  const { status, stdout, stderr } = await commandFor(account, configFolder, recorder)(deploy);
  if (status !== 0) throw new Error(`nothing was deployed: ${stderr}`);
  await recorder.assertAllowed();
  return systemFrom(account, stdout);
}

/** The system that a `deploy --format json` put there. */
export function systemFrom(account: AwsAccount, stdout: string): RunningSystem {
  const rows = JSON.parse(stdout) as { readonly output: string; readonly value: string }[];
  const outputs = Object.fromEntries(rows.map(({ output, value }) => [output, value]));
  const named = (layer: string, what: string): string => outputs[`${layer}${what}`] ?? '';
  const by = (what: string) => ({
    sor: named('Sor', what),
    sot: named('Sot', what),
    spec: named('Spec', what),
  });
  return {
    ...clientsOf(account),
    account,
    outputs,
    buckets: by('Bucket'),
    databases: by('Database'),
  };
}

/** A rule's event. */
function scheduled(time: string): object {
  return {
    version: '0',
    id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time,
    region: 'sa-east-1',
    resources: ['arn:aws:events:sa-east-1:000000000000:rule/trigger-pynvest'],
    detail: {},
  };
}

/** Starts a day as its rule would. */
export async function startDay(system: RunningSystem, time: string): Promise<void> {
  const { account, outputs } = system;
  const status = await invokeByEvent(account, outputs['FirstFunction'] ?? '', scheduled(time));
  if (status !== 202) throw new Error(`the first function was not invoked: ${status}`);
}

/** Removes a day's duplicates as its rule would; answers how the state machine ended. */
export function deduplicate({ account, outputs }: RunningSystem, time: string): Promise<string> {
  return runStateMachine(account, outputs['StateMachineArn'] ?? '', scheduled(time));
}

export function ask(
  { account, outputs }: RunningSystem,
  sql: string,
): Promise<(string | undefined)[][]> {
  return askAthena(account, outputs['WorkGroup'] ?? '', sql);
}
