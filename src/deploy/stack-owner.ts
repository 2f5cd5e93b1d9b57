/**
 * Which stack owns the names of a system. They follow from its prefix, not from its stack: a misspelt stack name,
 * or a stack whose creation failed, leads to the buckets of the stack that uses that prefix.
 */

import { getAwsErrorStatus } from '../aws/errors.ts';
import type { AwsSession } from '../aws/session.ts';
import { classifyStackStatus, listStacks, type StackState } from '../aws/stack.ts';
import { DeployError } from '../errors.ts';

export type StackOwner =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'stack'; readonly name: string }
  /** These credentials may not look at other stacks. */
  | { readonly kind: 'unknown' };

/** The stack of a system, other than `stackName`, that has one of these names in use. */
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
    return { kind: 'nobody' };
  } catch (error) {
    if (getAwsErrorStatus(error) === 403) return { kind: 'unknown' };
    throw error;
  }
}

/** A stack of another kind may well print where it reads; the names are not its own for that. */
function usesNames(
  { status, parameters, outputs }: StackState,
  names: ReadonlySet<string>,
): boolean {
  const { ArtifactsBucket: code } = parameters;
  if (code === undefined) return false;
  if (Object.values(outputs).some((value) => names.has(value))) return true;
  // One that never came to life has no outputs, and no use for its code either.
  return classifyStackStatus(status) !== 'leftover' && names.has(code);
}

/**
 * Refuses to make a stack out of what another has: CloudFormation would find out half-way.
 * @throws DeployError
 */
export async function assertNamesAvailable(
  aws: AwsSession,
  stackName: string,
  prefix: string,
  names: ReadonlySet<string>,
): Promise<void> {
  const owner = await findOtherOwner(aws, stackName, names);
  if (owner.kind !== 'stack') return;
  throw new DeployError(`what ${prefix} names is of the stack ${owner.name}, not of ${stackName}`, {
    hint:
      `--stack-name ${owner.name} is that system. A second one takes names of its own: --parameter NamePrefix=… ` +
      'SorDatabaseName=… SotDatabaseName=… SpecDatabaseName=…',
  });
}
