/**
 * Connects to the stack in AWS that the options, the environment and the last deployment select; the options of the
 * commands that deploy.
 */

import { type AwsSession, createSession } from '../aws/session.ts';
import { findSystem, formatSystemName, type RunningSystem } from '../aws/system.ts';
import { readDeploymentRecord } from '../deploy/deployment-record.ts';
import { assertRegion, assertStackName, DEFAULT_STACK_NAME } from '../deploy/parameters.ts';
import { UsageError } from '../errors.ts';
import { type OptionValues, option } from './option.ts';
import {
  type AwsOptions,
  chooseTarget,
  type LakeOptions,
  readTargetEnvironment,
} from './target.ts';
import type { Terminal } from './terminal/terminal.ts';

export const stackOptions = {
  stackName: option(
    '--stack-name <name>',
    'the stack (default: the one last deployed from here, else pynvest)',
    { group: 'aws' },
  ),
  parameter: option(
    '-p, --parameter <Key=Value...>',
    'a parameter of cloudformation/pynvest.yaml, which describes them',
  ),
};

export const roleOption = {
  roleArn: option('--role-arn <arn>', 'the role that CloudFormation assumes instead of yours'),
};

export const tagOption = {
  tag: option('--tag <Key=Value...>', 'a tag of the stack and of what is in it'),
};

/** Of commands that change the stack. */
export const stackChangeOptions = {
  ...roleOption,
  yes: option('-y, --yes', 'do it without asking'),
};

interface StackConnection {
  readonly aws: AwsSession;
  readonly stackName: string;
}

/** The selected stack, and a session of the account and region where it is. */
export async function connectToStack({
  region,
  profile,
  stackName,
}: AwsOptions & Pick<OptionValues<typeof stackOptions>, 'stackName'>): Promise<StackConnection> {
  const deployed = (await readDeploymentRecord({ stackName })) ?? (await readDeploymentRecord());
  const name = assertStackName(stackName ?? deployed?.stackName ?? DEFAULT_STACK_NAME);
  assertRegion(region);
  const aws = await createSession({ region, profile, defaultRegion: deployed?.region });
  return { aws, stackName: name };
}

/** @throws UsageError */
export function parseRoleArn(arn: string | undefined): string | undefined {
  if (arn === undefined || /^arn:[a-z-]+:iam::\d{12}:role\/.+$/.test(arn)) return arn;
  throw new UsageError(`--role-arn is ${JSON.stringify(arn)}: it takes the ARN of a role`, {
    hint: 'Such as arn:aws:iam::123456789012:role/deployer.',
  });
}

/**
 * The running system that the options and the environment select; a notice names it where no option does.
 * @param command as it was called, such as `pynvest logs`
 * @throws UsageError where they select the lake on this machine
 */
export async function openSystem(
  terminal: Terminal,
  options: LakeOptions,
  command: string,
): Promise<RunningSystem> {
  const choice = chooseTarget(options, readTargetEnvironment(), await readDeploymentRecord());
  if (choice.target === 'local') {
    throw new UsageError(
      `\`${command}\` is for the lake in AWS, and this is the one on this machine`,
      {
        hint: '--target aws or --stack-name selects the one in AWS; `pynvest deploy` creates it.',
      },
    );
  }
  const { aws, stackName } = await connectToStack(options);
  const system = await findSystem(aws, stackName);
  if (choice.reason !== undefined)
    terminal.notice(`System: ${formatSystemName(system)} (${choice.reason})`);
  return system;
}
