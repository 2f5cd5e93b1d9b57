/**
 * Reads CloudFormation stacks: state, resources, and what a status allows.
 */

import {
  DescribeStacksCommand,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { getAwsErrorCode } from './errors.ts';
import type { AwsSession } from './session.ts';

/** Parameters, outputs or tags by name. */
export type StackValues = Readonly<Record<string, string>>;

export interface StackState {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly parameters: StackValues;
  readonly outputs: StackValues;
  readonly tags: StackValues;
  /** Whether termination protection is on. */
  readonly isProtected: boolean;
}

/**
 * What a status allows:
 *
 *     absent           there is no stack
 *     busy             an operation is in progress: wait for it
 *     incomplete       its creation or deletion did not complete: nothing runs in it, and it can only be deleted
 *     rollback-failed  an update failed and so did its rollback: the rollback can be continued
 *     update-failed    an update failed and was not rolled back, as its caller asked
 *     ready            it can be updated
 */
export type StackCondition =
  | 'absent'
  | 'busy'
  | 'incomplete'
  | 'rollback-failed'
  | 'update-failed'
  | 'ready';

export function classifyStackStatus(status: string | undefined): StackCondition {
  if (status === undefined || status === 'DELETE_COMPLETE') return 'absent';
  if (INCOMPLETE_STATUSES.has(status)) return 'incomplete';
  if (status.endsWith('_IN_PROGRESS')) return 'busy';
  if (status === 'UPDATE_ROLLBACK_FAILED') return 'rollback-failed';
  if (status === 'UPDATE_FAILED') return 'update-failed';
  return 'ready';
}

const INCOMPLETE_STATUSES = new Set([
  'REVIEW_IN_PROGRESS',
  'CREATE_FAILED',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'DELETE_FAILED',
]);

/** A stack by its name or ID; undefined where there is none. */
export async function findStack(
  aws: AwsSession,
  nameOrId: string,
): Promise<StackState | undefined> {
  try {
    const { Stacks: [stack] = [] } = await aws.cloudformation.send(
      new DescribeStacksCommand({ StackName: nameOrId }),
    );
    return stack === undefined ? undefined : parseStack(stack);
  } catch (error) {
    if (isStackMissing(error)) return undefined;
    throw error;
  }
}

/** Every stack of the account and region. */
export async function* listStacks({
  cloudformation: client,
}: AwsSession): AsyncIterable<StackState> {
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    yield* Stacks.map(parseStack);
  }
}

/** CloudFormation answers for a missing stack with the same code as for an invalid parameter. */
export function isStackMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    getAwsErrorCode(error) === 'ValidationError' &&
    /does not exist/.test(error.message)
  );
}

function parseStack(stack: Stack): StackState {
  const { Parameters: parameters = [], Outputs: outputs = [], Tags: tags = [] } = stack;
  return {
    id: stack.StackId ?? '',
    name: stack.StackName ?? '',
    status: stack.StackStatus ?? '',
    parameters: Object.fromEntries(
      parameters.map(({ ParameterKey = '', ParameterValue = '' }) => [
        ParameterKey,
        ParameterValue,
      ]),
    ),
    outputs: Object.fromEntries(
      outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    ),
    tags: Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])),
    isProtected: stack.EnableTerminationProtection ?? false,
  };
}

/** The physical names of a stack's resources by their names in the template. */
export async function readResourceNames(
  { cloudformation: client }: AwsSession,
  stackName: string,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for await (const page of paginateListStackResources({ client }, { StackName: stackName })) {
    for (const resource of page.StackResourceSummaries ?? []) {
      if (resource.ResourceStatus === 'DELETE_COMPLETE') continue;
      const name = resource.PhysicalResourceId;
      if (resource.LogicalResourceId && name) names.set(resource.LogicalResourceId, name);
    }
  }
  return names;
}

/** The stack's page in the AWS console. */
export function formatConsoleUrl({ region }: AwsSession, stackId: string): string {
  return `https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}#/stacks/events?stackId=${encodeURIComponent(stackId)}`;
}
