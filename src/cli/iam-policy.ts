/** `pynvest iam-policy`: the least policy that deploying, operating or collecting needs. Asks AWS nothing. */
import { type DeployerTasks, deployerPolicy, serviceRolePolicy } from '../deploy/iam-policy.ts';
import type { Scope } from '../deploy/intrinsics.ts';
import { collectorPolicy, menderPolicy, operatorPolicy } from '../deploy/operator-policy.ts';
import {
  ACCOUNT,
  inPieces,
  LARGEST_POLICY,
  type Policy,
  REGION,
  sizeOf,
} from '../deploy/policy-statements.ts';
import { ownParameters } from '../deploy/project.ts';
import {
  checkParameters,
  checkRegion,
  checkStackName,
  DEFAULT_STACK_NAME,
  parseAssignments,
  valuesInForce,
} from '../deploy/settings.ts';
import { UsageError } from '../errors.ts';
import { checkRoleArn, ownTemplate } from './deploy-settings.ts';
import { ExitStatus } from './exit.ts';
import type { iamTasks, StackOptions } from './options.ts';
import { writeObject } from './output.ts';
import type { Terminal, TerminalOptions } from './terminal.ts';

export interface IamPolicyOptions extends TerminalOptions, StackOptions {
  readonly account?: string;
  readonly region?: string;
  readonly for?: Task;
  readonly deleteData?: boolean;
  readonly roleArn?: string;
  readonly part?: string;
}

/** What the policy is for. */
export type Task = (typeof iamTasks)[number];

export async function iamPolicy(
  terminal: Terminal,
  options: IamPolicyOptions,
): Promise<ExitStatus> {
  const { account = ACCOUNT, region = REGION, deleteData = false } = options;
  if (account !== ACCOUNT && !/^\d{12}$/.test(account)) {
    throw new UsageError(`--account is ${JSON.stringify(account)}: it takes twelve digits`);
  }
  checkRegion(options.region);
  const template = await ownTemplate();
  const given = parseAssignments('--parameter', options.parameter ?? []);
  const parameters = valuesInForce(template, {}, checkParameters(given, template, ownParameters));
  const stackName = checkStackName(options.stackName ?? DEFAULT_STACK_NAME);
  const scope = {
    template,
    parameters,
    account,
    region,
    partition: partitionOf(region),
    stackName,
  };
  const task = options.for ?? 'deploy';
  const roleArn = checkRoleArn(options.roleArn);
  if (task !== 'deploy' && (deleteData || roleArn !== undefined)) {
    throw new UsageError(`${deleteData ? '--delete-data' : '--role-arn'} goes with --for deploy`, {
      hint: `Leave it out, or leave out --for ${task}.`,
    });
  }
  const policy = policyFor(task, scope, { deleteData, roleArn });
  const pieces = inPieces(policy);
  if (options.part === undefined) {
    await writeObject(terminal, policy);
    if (pieces.length > 1) {
      terminal.notice(
        `${sizeOf(policy)} characters, and a managed policy takes ${LARGEST_POLICY}: ` +
          `--part 1 to --part ${pieces.length} print it in pieces that fit.`,
      );
    }
  } else {
    const piece = pieces[Number(options.part) - 1];
    if (piece === undefined) {
      throw new UsageError(
        `--part is ${JSON.stringify(options.part)}: it is 1 to ${pieces.length}`,
      );
    }
    await writeObject(terminal, piece);
  }
  if (account === ACCOUNT || region === REGION) {
    terminal.notice(`Put your own for ${ACCOUNT} and ${REGION}, or say --account and --region.`);
  }
  return ExitStatus.done;
}

function policyFor(task: Task, scope: Scope, tasks: DeployerTasks): Policy {
  switch (task) {
    case 'deploy':
      return deployerPolicy(scope, tasks);
    case 'service-role':
      return serviceRolePolicy(scope);
    case 'operate':
      return operatorPolicy(scope);
    case 'collect':
      return collectorPolicy(scope);
    case 'mend':
      return menderPolicy(scope);
  }
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
