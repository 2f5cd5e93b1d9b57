/** The values of the options that say which system in AWS, checked where they enter. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Aws, connect } from '../deploy/aws.ts';
import { packageRoot } from '../deploy/package-root.ts';
import { rememberedDeployment } from '../deploy/remembered.ts';
import { checkRegion, checkStackName, DEFAULT_STACK_NAME } from '../deploy/settings.ts';
import { parseTemplate, type Template } from '../deploy/template.ts';
import { UsageError } from '../errors.ts';
import type { AwsOptions, StackOptions } from './options.ts';

export interface System {
  readonly aws: Aws;
  readonly stackName: string;
}

/** The stack that is meant, and the account and region where it is. */
export async function systemOf({
  region,
  profile,
  stackName,
}: AwsOptions & StackOptions): Promise<System> {
  const remembered = await rememberedDeployment();
  const name = checkStackName(stackName ?? remembered?.stackName ?? DEFAULT_STACK_NAME);
  checkRegion(region);
  const aws = await connect({ region, profile, otherwiseRegion: remembered?.region });
  return { aws, stackName: name };
}

/** The template that travels with the command. */
export async function ownTemplate(): Promise<Template> {
  return parseTemplate(
    await readFile(join(packageRoot(), 'cloudformation', 'pynvest.yaml'), 'utf8'),
  );
}

/** @throws UsageError */
export function checkRoleArn(arn: string | undefined): string | undefined {
  if (arn === undefined || /^arn:[a-z-]+:iam::\d{12}:role\/.+$/.test(arn)) return arn;
  throw new UsageError(`--role-arn is ${JSON.stringify(arn)}: it takes the ARN of a role`, {
    hint: 'Such as arn:aws:iam::123456789012:role/deployer.',
  });
}

/** @throws UsageError */
export function keepCount(text: string | undefined): number {
  if (text === undefined) return 2;
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(`--keep is ${JSON.stringify(text)}: it takes a whole number`, {
    hint: 'How many earlier deployments to keep the code of, such as 2.',
  });
}
