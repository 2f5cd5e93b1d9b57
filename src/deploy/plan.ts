/**
 * Shows what a deployment would change, without applying it.
 */

import { getBucketState } from '../aws/buckets.ts';
import { withAwsErrors } from '../aws/errors.ts';
import type { AwsSession } from '../aws/session.ts';
import type { StackState, StackValues } from '../aws/stack.ts';
import { type ChangeSet, deleteChangeSet } from '../aws/stack-changes.ts';
import type { Host } from '../host.ts';
import type { Scope } from './intrinsics.ts';
import { findChangedParameters, managedParameters, resolveParameters } from './parameters.ts';
import {
  findLakeMoves,
  type PreviewDetails,
  previewChangeSet,
  previewNewStack,
  type ResourcePreview,
} from './preview.ts';
import {
  type DeployRequest,
  prepareChangeSet,
  prepareDeployment,
  type ResolvedDeployment,
} from './resolve-deployment.ts';
import { findMissingResources } from './retained-resources.ts';
import { readDeployedTemplate } from './stack-operations.ts';

export type DeploymentPlan =
  | {
      readonly kind: 'unchanged';
      readonly changes: readonly [];
      /** Resources that were deleted by hand, which no update creates again. */
      readonly missingResources: readonly string[];
    }
  | {
      readonly kind: 'new' | 'update';
      readonly changes: readonly ResourcePreview[];
      readonly details: PreviewDetails;
      readonly parameters: StackValues;
    };

/** What `deploy` would do. */
export function planDeployment(
  host: Host,
  aws: AwsSession,
  request: DeployRequest,
): Promise<DeploymentPlan> {
  return withAwsErrors(async () => {
    const { deployment } = await prepareDeployment(host, aws, request, 'reject');
    const { parameters } = deployment.scope;
    const details = await readPreviewDetails(aws, deployment);
    if (deployment.existing === undefined) {
      return { kind: 'new', changes: previewNewStack(deployment.scope), details, parameters };
    }
    const changeSet = await prepareChangeSet(host, aws, request, deployment);
    if (changeSet.kind === 'empty') {
      const missingResources = await findMissingResources(
        host,
        aws,
        request.stackName,
        deployment.scope,
      );
      return { kind: 'unchanged', changes: [], missingResources };
    }
    const changes = await previewUpdate(aws, deployment, changeSet);
    await deleteChangeSet(aws, changeSet.id, changeSet.stackId);
    return { kind: 'update', changes, details, parameters };
  });
}

/** What a change set does to an existing stack. */
export async function previewUpdate(
  aws: AwsSession,
  { scope, names }: ResolvedDeployment,
  { changes }: ChangeSet & { readonly kind: 'changes' },
): Promise<ResourcePreview[]> {
  const before = { template: await readDeployedTemplate(aws, scope.stackName), names };
  return previewChangeSet(changes, before, scope);
}

/** What a deployment changes besides resources of the stack. */
export async function readPreviewDetails(
  aws: AwsSession,
  { bucket, scope, existing }: ResolvedDeployment,
): Promise<PreviewDetails> {
  const { template, parameters } = scope;
  return {
    moves: existing === undefined ? [] : findLakeMoves(getCurrentScope(scope, existing), scope),
    parameters: findChangedParameters(
      template,
      existing?.parameters,
      parameters,
      managedParameters,
    ),
    newBucket: (await getBucketState(aws, bucket)) === 'absent' ? bucket : undefined,
  };
}

/** The scope with the stack's current parameters; one that the stack does not have yet takes its default. */
function getCurrentScope(scope: Scope, { parameters }: StackState): Scope {
  return { ...scope, parameters: resolveParameters(scope.template, parameters, {}) };
}
