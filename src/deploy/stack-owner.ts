/**
 * Which stack owns the names of a system. Names derive from the prefix, not from the stack: a misspelt stack name, or
 * a stack whose creation failed, leads to the buckets of the stack that uses the prefix.
 */

import { getAwsErrorStatus } from '../aws/errors.ts';
import type { AwsSession } from '../aws/session.ts';
import { classifyStackStatus, listStacks, type StackState } from '../aws/stack.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../host.ts';

export type StackOwner =
  | { readonly kind: 'none' }
  | { readonly kind: 'stack'; readonly name: string }
  /** These credentials may not list other stacks. */
  | { readonly kind: 'unknown' };

/** The stack of a system, other than `stackName`, that uses one of these names. */
export async function findOtherOwner(
  aws: AwsSession,
  stackName: string,
  names: ReadonlySet<string>,
): Promise<StackOwner> {
  try {
    for await (const stack of listStacks(aws)) {
      if (stack.name !== stackName && usesNames(stack, names))
        return { kind: 'stack', name: stack.name };
    }
    return { kind: 'none' };
  } catch (error) {
    if (getAwsErrorStatus(error) === 403) return { kind: 'unknown' };
    throw error;
  }
}

/** A stack that is not of pynvest may output these names too, as a reader of the data: it owns nothing. */
function usesNames(
  { status, parameters, outputs }: StackState,
  names: ReadonlySet<string>,
): boolean {
  const { ArtifactsBucket: artifacts } = parameters;
  if (artifacts === undefined) return false;
  if (Object.values(outputs).some((value) => names.has(value))) return true;
  // A stack whose creation failed has no outputs, and runs no code from the bucket.
  return classifyStackStatus(status) !== 'incomplete' && names.has(artifacts);
}

/**
 * Rejects names that another stack uses, before CloudFormation fails half-way because of them.
 * @throws DeployError
 */
export async function assertNamesAvailable(
  host: Pick<Host, 'warn'>,
  aws: AwsSession,
  stackName: string,
  prefix: string,
  names: ReadonlySet<string>,
): Promise<void> {
  const owner = await findOtherOwner(aws, stackName, names);
  if (owner.kind === 'unknown') {
    host.warn(
      `Not checked whether another stack uses the prefix ${prefix}: these credentials may not list stacks ` +
        '(cloudformation:DescribeStacks on *)',
    );
  }
  if (owner.kind !== 'stack') return;
  throw new DeployError(
    `the names with the prefix ${prefix} belong to the stack ${owner.name}, not to ${stackName}`,
    {
      hint:
        `--stack-name ${owner.name} selects that system. A second system needs other names: --parameter NamePrefix=… ` +
        'SorDatabaseName=… SotDatabaseName=… SpecDatabaseName=…',
    },
  );
}
