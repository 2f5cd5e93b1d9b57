/** What a deployment would do, asked of AWS. */
import type { Aws } from './aws.ts';
import { bucketState } from './buckets.ts';
import type { ChangeSet } from './change-set.ts';
import type { Scope } from './intrinsics.ts';
import { lakeMoves } from './lake-moves.ts';
import { changedParameters } from './parameter-changes.ts';
import { type PlannedChange, previewOfChanges } from './preview.ts';
import type { PreviewFacts } from './preview-text.ts';
import { ownParameters, type Project } from './project.ts';
import { valuesInForce } from './settings.ts';
import { deployedTemplate, type StackState } from './stack.ts';

/** What its change set does to an existing stack. */
export async function previewOf(
  aws: Aws,
  { scope, names }: Project,
  { changes }: ChangeSet & { readonly kind: 'changes' },
): Promise<PlannedChange[]> {
  const before = { template: await deployedTemplate(aws, scope.stackName), names };
  return previewOfChanges(changes, before, scope);
}

/** What it does besides: parameters, and the bucket that is made before the stack. */
export async function factsOf(
  aws: Aws,
  { bucket, scope, existing }: Project,
): Promise<PreviewFacts> {
  const { template, parameters } = scope;
  return {
    moves: existing === undefined ? [] : lakeMoves(asItIs(scope, existing), scope),
    parameters: changedParameters(template, existing?.parameters, parameters, ownParameters),
    bucketToMake: (await bucketState(aws, bucket)) === 'absent' ? bucket : undefined,
  };
}

/** The scope with the values that the stack has; a parameter that it does not know yet has its default's effect. */
function asItIs(scope: Scope, { parameters }: StackState): Scope {
  return { ...scope, parameters: valuesInForce(scope.template, parameters, {}) };
}
