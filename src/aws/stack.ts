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

export interface StackState {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly isProtected: boolean;
}

/**
 * What a status allows:
 *
 *     absent      there is no stack
 *     busy        something is under way; what comes of it is to be waited for
 *     leftover    a first deployment, or a removal, that did not come to its end: nothing runs in it, it
 *                 can only be deleted
 *     stuck       an update failed and so did its rollback
 *     half        an update failed, and was told to leave things as they were
 *     ready       it can be updated
 */
export type StackCondition = 'absent' | 'busy' | 'leftover' | 'stuck' | 'half' | 'ready';

export function classifyStackStatus(status: string | undefined): StackCondition {
  if (status === undefined || status === 'DELETE_COMPLETE') return 'absent';
  if (LEFTOVER_STATUSES.has(status)) return 'leftover';
  if (status.endsWith('_IN_PROGRESS')) return 'busy';
  if (status === 'UPDATE_ROLLBACK_FAILED') return 'stuck';
  if (status === 'UPDATE_FAILED') return 'half';
  return 'ready';
}

const LEFTOVER_STATUSES = new Set([
  'REVIEW_IN_PROGRESS',
  'CREATE_FAILED',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'DELETE_FAILED',
]);

/** The stack of that name or id; undefined where there is none. */
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

/** Every stack of the region. */
export async function* listStacks({
  cloudformation: client,
}: AwsSession): AsyncIterable<StackState> {
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    yield* Stacks.map(parseStack);
  }
}

/** CloudFormation has no code of its own for a stack that is not there. */
export function isStackMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    getAwsErrorCode(error) === 'ValidationError' &&
    /does not exist/.test(error.message)
  );
}

function parseStack(stack: Stack): StackState {
  const pairs = (entries: readonly (readonly [string | undefined, string | undefined])[]) =>
    Object.fromEntries(entries.map(([key, value]) => [key ?? '', value ?? '']));
  return {
    id: stack.StackId ?? '',
    name: stack.StackName ?? '',
    status: stack.StackStatus ?? '',
    parameters: pairs(
      (stack.Parameters ?? []).map(({ ParameterKey, ParameterValue }) => [
        ParameterKey,
        ParameterValue,
      ]),
    ),
    outputs: pairs(
      (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
    ),
    tags: pairs((stack.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
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

/** Where a browser shows the stack. */
export function formatConsoleUrl({ region }: AwsSession, stackId: string): string {
  return `https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}#/stacks/events?stackId=${encodeURIComponent(stackId)}`;
}

export type StackValues = Readonly<Record<string, string>>;
