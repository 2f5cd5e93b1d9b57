/**
 * Connects to the stack in AWS that the options, the environment and the last deployment select,
 * and parses the options of the commands that deploy.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AwsSession, createSession } from '../aws/session.ts';
import { findSystem, formatSystemName, type RunningSystem } from '../aws/system.ts';
import { readDeploymentRecord } from '../deploy/deployment-record.ts';
import { findPackageRoot } from '../deploy/package-files.ts';
import { assertRegion, assertStackName, DEFAULT_STACK_NAME } from '../deploy/parameters.ts';
import { parseTemplate, type Template } from '../deploy/template.ts';
import { UsageError } from '../errors.ts';
import type { AwsOptions, LakeOptions, StackOptions } from './options.ts';
import { chooseTarget, readTargetEnvironment } from './target.ts';
import type { Terminal } from './terminal/terminal.ts';

interface StackConnection {
  readonly aws: AwsSession;
  readonly stackName: string;
}

/** The stack that is meant, and the account and region where it is. */
export async function connectToStack({
  region,
  profile,
  stackName,
}: AwsOptions & StackOptions): Promise<StackConnection> {
  const remembered = await readDeploymentRecord();
  const name = assertStackName(stackName ?? remembered?.stackName ?? DEFAULT_STACK_NAME);
  assertRegion(region);
  const aws = await createSession({ region, profile, defaultRegion: remembered?.region });
  return { aws, stackName: name };
}

/** The template that travels with the command. */
export async function readPackagedTemplate(): Promise<Template> {
  return parseTemplate(
    await readFile(join(findPackageRoot(), 'cloudformation', 'pynvest.yaml'), 'utf8'),
  );
}

/** @throws UsageError */
export function parseRoleArn(arn: string | undefined): string | undefined {
  if (arn === undefined || /^arn:[a-z-]+:iam::\d{12}:role\/.+$/.test(arn)) return arn;
  throw new UsageError(`--role-arn is ${JSON.stringify(arn)}: it takes the ARN of a role`, {
    hint: 'Such as arn:aws:iam::123456789012:role/deployer.',
  });
}

/** @throws UsageError */
export function parseKeepCount(text: string | undefined): number {
  if (text === undefined) return 2;
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(`--keep is ${JSON.stringify(text)}: it takes a whole number`, {
    hint: 'How many earlier deployments to keep the code of, such as 2.',
  });
}

/**
 * The system that the options and the environment mean; says on stderr which, where it was not said.
 * @param what the command as it was called, such as `pynvest logs`
 * @throws UsageError where they mean the lake on this machine
 */
export async function openSystem(
  terminal: Terminal,
  options: LakeOptions,
  what: string,
): Promise<RunningSystem> {
  const choice = chooseTarget(options, readTargetEnvironment(), await readDeploymentRecord());
  if (choice.target === 'local') {
    throw new UsageError(
      `\`${what}\` is for the lake in AWS, and this is the one on this machine`,
      {
        hint: '--target aws, or --stack-name, names the one in AWS; `pynvest deploy` makes it.',
      },
    );
  }
  const { aws, stackName } = await connectToStack(options);
  const system = await findSystem(aws, stackName);
  if (choice.reason !== undefined)
    terminal.notice(`System: ${formatSystemName(system)} (${choice.reason})`);
  return system;
}
