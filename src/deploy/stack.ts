/** A stack as it stands, and what its status allows. */
import {
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { awsCode } from '../lake/aws-errors.ts';
import type { Aws } from './aws.ts';
import { parseTemplate, type Template } from './template.ts';

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
export type Standing = 'absent' | 'busy' | 'leftover' | 'stuck' | 'half' | 'ready';

export function standingOf(status: string | undefined): Standing {
  if (status === undefined || status === 'DELETE_COMPLETE') return 'absent';
  if (LEFTOVERS.has(status)) return 'leftover';
  if (status.endsWith('_IN_PROGRESS')) return 'busy';
  if (status === 'UPDATE_ROLLBACK_FAILED') return 'stuck';
  if (status === 'UPDATE_FAILED') return 'half';
  return 'ready';
}

const LEFTOVERS = new Set([
  'REVIEW_IN_PROGRESS',
  'CREATE_FAILED',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'DELETE_FAILED',
]);

/** The stack of that name or id; undefined where there is none. */
export async function findStack(aws: Aws, nameOrId: string): Promise<StackState | undefined> {
  try {
    const { Stacks: [stack] = [] } = await aws.cloudformation.send(
      new DescribeStacksCommand({ StackName: nameOrId }),
    );
    return stack === undefined ? undefined : stateOf(stack);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Every stack of the region. */
export async function* allStacks({ cloudformation: client }: Aws): AsyncIterable<StackState> {
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    yield* Stacks.map(stateOf);
  }
}

/** CloudFormation has no code of its own for a stack that is not there. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    awsCode(error) === 'ValidationError' &&
    /does not exist/.test(error.message)
  );
}

function stateOf(stack: Stack): StackState {
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
export async function resourceNames(
  { cloudformation: client }: Aws,
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

/** The template that the stack was made of. */
export async function deployedTemplate(aws: Aws, stackName: string): Promise<Template> {
  const { TemplateBody = '{}' } = await aws.cloudformation.send(
    new GetTemplateCommand({ StackName: stackName, TemplateStage: 'Original' }),
  );
  return parseTemplate(TemplateBody);
}

/** Where a browser shows the stack. */
export function consoleUrl({ region }: Aws, stackId: string): string {
  return `https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}#/stacks/events?stackId=${encodeURIComponent(stackId)}`;
}
