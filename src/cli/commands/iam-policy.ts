/**
 * `pynvest iam-policy`: prints the least-privilege IAM policy for a task. Calls no AWS service.
 */

import { type DeploymentRecord, readDeploymentRecord } from '../../deploy/deployment-record.ts';
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
import { readPackagedTemplate } from '../../deploy/packaged-template.ts';
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
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { parseRoleArn, stackOptions } from '../open-system.ts';
import { option, terminalOptions } from '../option.ts';
import { writeObject } from '../output/rows.ts';

const tasks = ['deploy', 'service-role', 'operate', 'collect', 'repair'] as const;
type Task = (typeof tasks)[number];

export const iamPolicyCommand = defineCommand({
  name: 'iam-policy',
  description: 'the least IAM policy that deploying, operating or collecting needs',
  options: {
    ...terminalOptions,
    ...stackOptions,
    for: option(
      '--for <task>',
      'deploy: deploy, plan, destroy (default); service-role: what CloudFormation does with --role-arn; ' +
        'operate: status, doctor, logs, redrive, pause, resume, run and dedup now --remote, queries; ' +
        'collect: run, backfill, import, dedup now --target aws; repair: doctor --fix, beside both of these',
      { choices: tasks },
    ),
    account: option('--account <id>', 'the AWS account (default: that of the deployment)'),
    region: option('--region <region>', 'the AWS region (default: that of the deployment)'),
    roleArn: option(
      '--role-arn <arn>',
      'for deploying with --role-arn: the policy then lets you pass that role',
    ),
    deleteData: option('--delete-data', 'with what destroy --delete-data needs'),
    part: option('--part <n>', 'one of the parts that fit into a managed policy'),
  },

  async handler({ terminal, options }) {
    const { for: task = 'deploy', deleteData = false } = options;
    if (options.account !== undefined && !/^\d{12}$/.test(options.account)) {
      throw new UsageError(
        `--account is ${JSON.stringify(options.account)}: it takes twelve digits`,
      );
    }
    assertRegion(options.region);
    const deployed = await readDeploymentRecord(options);
    const account = options.account ?? deployed?.account ?? ACCOUNT_PLACEHOLDER;
    const region = options.region ?? deployed?.region ?? REGION_PLACEHOLDER;
    const stackName = assertStackName(
      options.stackName ?? deployed?.stackName ?? DEFAULT_STACK_NAME,
    );
    const template = await readPackagedTemplate();
    const given = parseAssignments('--parameter', options.parameter ?? []);
    const assigned = assertParameters(given, template, managedParameters);
    const scope: Scope = {
      template,
      parameters: resolveParameters(template, deployed?.parameters ?? {}, assigned),
      account,
      region,
      partition: getAwsPartition(region),
      stackName,
    };
    const roleArn = parseRoleArn(options.roleArn);
    if (task !== 'deploy' && (deleteData || roleArn !== undefined)) {
      const other = deleteData ? '--delete-data' : '--role-arn';
      throw new UsageError(`${other} goes with --for deploy`, {
        hint: `Leave it out, or leave out --for ${task}.`,
      });
    }
    terminal.notice(describeNames(stackName, region, deployed));
    const policy = createPolicy(task, scope, { deleteData, roleArn });
    const parts = splitPolicy(policy);
    if (options.part === undefined) {
      await writeObject(terminal, policy);
      if (parts.length > 1) {
        terminal.notice(
          `The policy has ${getPolicySize(policy)} characters, and a managed policy may have ${MAX_POLICY_SIZE}: ` +
            `--part 1 to --part ${parts.length} print it in parts that fit.`,
        );
      }
    } else {
      const part = parts[Number(options.part) - 1];
      if (part === undefined) {
        throw new UsageError(
          `--part is ${JSON.stringify(options.part)}: it takes 1 to ${parts.length}`,
        );
      }
      await writeObject(terminal, part);
    }
    if (account === ACCOUNT_PLACEHOLDER || region === REGION_PLACEHOLDER) {
      terminal.notice(
        `Replace ${ACCOUNT_PLACEHOLDER} and ${REGION_PLACEHOLDER} with yours, or pass --account and --region.`,
      );
    }
    return ExitStatus.done;
  },
});

/** Whose names the policy has. */
function describeNames(
  stackName: string,
  region: string,
  deployed: DeploymentRecord | undefined,
): string {
  if (deployed === undefined) {
    return `For a stack ${stackName} with the default names, as it was not deployed from this machine: --parameter sets others.`;
  }
  const system = `For the stack ${stackName} in ${region}, deployed from this machine`;
  if (deployed.parameters !== undefined) return `${system}, with its names.`;
  return `${system} by an earlier version, which did not record its names: deploy again, or pass --parameter.`;
}

function createPolicy(task: Task, scope: Scope, settings: DeployerTasks): Policy {
  switch (task) {
    case 'deploy':
      return createDeployerPolicy(scope, settings);
    case 'service-role':
      return createServiceRolePolicy(scope);
    case 'operate':
      return createOperatorPolicy(scope);
    case 'collect':
      return createCollectorPolicy(scope);
    case 'repair':
      return createRepairPolicy(scope);
  }
}

function getAwsPartition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
