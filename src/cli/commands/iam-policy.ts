/**
 * `pynvest iam-policy`: prints the least-privilege IAM policy for a task. Calls no AWS service.
 */

import {
  createDeployerPolicy,
  createServiceRolePolicy,
  type DeployerTasks,
} from '../../deploy/iam/deployer-policy.ts';
import {
  createCollectorPolicy,
  createOperatorPolicy,
  createRepairPolicy,
} from '../../deploy/iam/operator-policy.ts';
import {
  ACCOUNT_PLACEHOLDER,
  getPolicySize,
  MAX_POLICY_SIZE,
  type Policy,
  REGION_PLACEHOLDER,
  splitPolicy,
} from '../../deploy/iam/statements.ts';
import type { Scope } from '../../deploy/intrinsics.ts';
import {
  assertParameters,
  assertRegion,
  assertStackName,
  DEFAULT_STACK_NAME,
  managedParameters,
  parseAssignments,
  resolveParameters,
} from '../../deploy/parameters.ts';
import { UsageError } from '../../errors.ts';
import { ExitStatus } from '../exit.ts';
import { parseRoleArn, readPackagedTemplate } from '../open-system.ts';
import type { iamTasks, StackOptions } from '../options.ts';
import { writeObject } from '../output/rows.ts';
import type { Terminal, TerminalOptions } from '../terminal/terminal.ts';

interface IamPolicyOptions extends TerminalOptions, StackOptions {
  readonly account?: string;
  readonly region?: string;
  readonly for?: IamTask;
  readonly deleteData?: boolean;
  readonly roleArn?: string;
  readonly part?: string;
}

/** What the policy is for. */
type IamTask = (typeof iamTasks)[number];

export async function iamPolicy(
  terminal: Terminal,
  options: IamPolicyOptions,
): Promise<ExitStatus> {
  const {
    account = ACCOUNT_PLACEHOLDER,
    region = REGION_PLACEHOLDER,
    deleteData = false,
  } = options;
  if (account !== ACCOUNT_PLACEHOLDER && !/^\d{12}$/.test(account)) {
    throw new UsageError(`--account is ${JSON.stringify(account)}: it takes twelve digits`);
  }
  assertRegion(options.region);
  const template = await readPackagedTemplate();
  const given = parseAssignments('--parameter', options.parameter ?? []);
  const parameters = resolveParameters(
    template,
    {},
    assertParameters(given, template, managedParameters),
  );
  const stackName = assertStackName(options.stackName ?? DEFAULT_STACK_NAME);
  const scope = {
    template,
    parameters,
    account,
    region,
    partition: getAwsPartition(region),
    stackName,
  };
  const task = options.for ?? 'deploy';
  const roleArn = parseRoleArn(options.roleArn);
  if (task !== 'deploy' && (deleteData || roleArn !== undefined)) {
    throw new UsageError(`${deleteData ? '--delete-data' : '--role-arn'} goes with --for deploy`, {
      hint: `Leave it out, or leave out --for ${task}.`,
    });
  }
  const policy = createPolicy(task, scope, { deleteData, roleArn });
  const pieces = splitPolicy(policy);
  if (options.part === undefined) {
    await writeObject(terminal, policy);
    if (pieces.length > 1) {
      terminal.notice(
        `${getPolicySize(policy)} characters, and a managed policy takes ${MAX_POLICY_SIZE}: ` +
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
  if (account === ACCOUNT_PLACEHOLDER || region === REGION_PLACEHOLDER) {
    terminal.notice(
      `Put your own for ${ACCOUNT_PLACEHOLDER} and ${REGION_PLACEHOLDER}, or say --account and --region.`,
    );
  }
  return ExitStatus.done;
}

function createPolicy(task: IamTask, scope: Scope, tasks: DeployerTasks): Policy {
  switch (task) {
    case 'deploy':
      return createDeployerPolicy(scope, tasks);
    case 'service-role':
      return createServiceRolePolicy(scope);
    case 'operate':
      return createOperatorPolicy(scope);
    case 'collect':
      return createCollectorPolicy(scope);
    case 'mend':
      return createRepairPolicy(scope);
  }
}

function getAwsPartition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
