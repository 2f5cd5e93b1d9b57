/**
 * Whose the names of a system are. They follow from its prefix, not from its stack: a stack that is misspelt,
 * or never came to life, leads to the buckets of the one that lives under that prefix.
 */
import { DeployError } from '../errors.ts';
import { awsStatus } from '../lake/aws-errors.ts';
import type { Aws } from './aws.ts';
import { allStacks, type StackState, standingOf } from './stack.ts';

export type Owner =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'stack'; readonly name: string }
  /** These credentials may not look at other stacks. */
  | { readonly kind: 'unknown' };

/** The stack of a system, other than `stackName`, that has one of these names in use. */
export async function ownerAmongOthers(
  aws: Aws,
  stackName: string,
  names: ReadonlySet<string>,
): Promise<Owner> {
  try {
    for await (const stack of allStacks(aws)) {
      if (stack.name !== stackName && uses(stack, names))
        return { kind: 'stack', name: stack.name };
    }
    return { kind: 'nobody' };
  } catch (error) {
    if (awsStatus(error) === 403) return { kind: 'unknown' };
    throw error;
  }
}

/** A stack of another kind may well print where it reads; the names are not its own for that. */
function uses({ status, parameters, outputs }: StackState, names: ReadonlySet<string>): boolean {
  const { ArtifactsBucket: code } = parameters;
  if (code === undefined) return false;
  if (Object.values(outputs).some((value) => names.has(value))) return true;
  // One that never came to life has no outputs, and no use for its code either.
  return standingOf(status) !== 'leftover' && names.has(code);
}

/**
 * Refuses to make a stack out of what another has: CloudFormation would find out half-way.
 * @throws DeployError
 */
export async function refuseNamesOfOthers(
  aws: Aws,
  stackName: string,
  prefix: string,
  names: ReadonlySet<string>,
): Promise<void> {
  const owner = await ownerAmongOthers(aws, stackName, names);
  if (owner.kind !== 'stack') return;
  throw new DeployError(`what ${prefix} names is of the stack ${owner.name}, not of ${stackName}`, {
    hint:
      `--stack-name ${owner.name} is that system. A second one takes names of its own: --parameter NamePrefix=… ` +
      'SorDatabaseName=… SotDatabaseName=… SpecDatabaseName=…',
  });
}
