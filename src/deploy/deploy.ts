/**
 * Deploys: shows the changes, asks, applies them, and completes what CloudFormation does not do.
 */

import { withAwsErrors } from '../aws/errors.ts';
import { addNotifications, getNotifiedBuckets, removeNotifications } from '../aws/notifications.ts';
import type { AwsSession } from '../aws/session.ts';
import { findStack, type StackState, type StackValues } from '../aws/stack.ts';
import { type ChangeSet, deleteChangeSet, executeChangeSet } from '../aws/stack-changes.ts';
import { readEventCursor } from '../aws/stack-events.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../host.ts';
import { createTemplateArtifact, deleteOldArtifacts, uploadArtifacts } from './artifacts.ts';
import { followOperation } from './follow-stack.ts';
import { previewUpdate, readPreviewDetails } from './plan.ts';
import { type PreviewDetails, previewNewStack, type ResourcePreview } from './preview.ts';
import {
  type DeployRequest,
  prepareChangeSet,
  prepareDeployment,
  type ResolvedDeployment,
} from './resolve-deployment.ts';
import { findMissingResources, updateTables } from './retained-resources.ts';
import {
  createStackFailedError,
  deleteStack,
  formatFollowHint,
  setTerminationProtection,
} from './stack-operations.ts';

export interface DeployOptions extends DeployRequest {
  /** Of how many earlier deployments the code is kept. */
  readonly artifactsToKeep: number;
  readonly terminationProtection: boolean;
  /** Shows what would change, before the person is asked. */
  readonly show: (changes: readonly ResourcePreview[], details: PreviewDetails) => void;
}

type DeployResult =
  | (FinishedDeployment & { readonly kind: 'deployed' })
  | (Omit<FinishedDeployment, 'isNew'> & {
      readonly kind: 'unchanged';
      readonly missingResources: readonly string[];
    })
  | { readonly kind: 'declined' };

/** Creates or updates the stack. @throws StackFailedError when CloudFormation failed */
export function deploy(host: Host, aws: AwsSession, options: DeployOptions): Promise<DeployResult> {
  return withAwsErrors(async () => {
    const { deployment, stack } = await prepareDeployment(host, aws, options, 'repair');
    const work = { host, aws, options, deployment };
    return deployment.existing === undefined
      ? createStack(work, stack)
      : updateStack(work, deployment.existing);
  });
}

interface Work {
  readonly host: Host;
  readonly aws: AwsSession;
  readonly options: DeployOptions;
  readonly deployment: ResolvedDeployment;
}

/** The first deployment: nothing is created in AWS before the person has confirmed. */
async function createStack(work: Work, incomplete: StackState | undefined): Promise<DeployResult> {
  const { host, aws, options, deployment } = work;
  options.show(previewNewStack(deployment.scope), await readPreviewDetails(aws, deployment));
  const { stackName, roleArn } = options;
  const place = `in account ${aws.account}, ${aws.region}`;
  if (!(await host.confirm(`Create the stack ${stackName} ${place}?`))) return { kind: 'declined' };
  if (incomplete !== undefined) await deleteStack(host, aws, incomplete, roleArn);
  host.setBackgroundNotice(
    `Nothing runs in AWS yet, but some resources exist, such as the bucket ${deployment.bucket}. ` +
      'Run the command again to continue, or `pynvest destroy` to delete them.',
  );
  await deployment.retained.createMissing(host);
  const changeSet = await prepareChangeSet(host, aws, options, deployment).catch(
    async (error: unknown) => {
      // CloudFormation creates an empty stack for a change set, and leaves it behind when it rejects that.
      const emptyStack = await findStack(aws, stackName);
      if (emptyStack?.status === 'REVIEW_IN_PROGRESS') {
        await deleteStack(host, aws, emptyStack, roleArn);
      }
      throw error;
    },
  );
  await uploadArtifacts(host, aws, deployment.bucket, deployment.code);
  if (changeSet.kind === 'empty') throw new DeployError('the template creates nothing');
  await applyChangeSet(work, changeSet, previewNewStack(deployment.scope));
  return { kind: 'deployed', ...(await finishDeployment(work)) };
}

async function updateStack(work: Work, existing: StackState): Promise<DeployResult> {
  const { host, aws, options, deployment } = work;
  const details = await readPreviewDetails(aws, deployment);
  const changeSet = await prepareChangeSet(host, aws, options, deployment);
  if (changeSet.kind === 'empty') {
    const { outputs, parameters } = await finishDeployment(work);
    const missingResources = await findMissingResources(
      host,
      aws,
      options.stackName,
      deployment.scope,
    );
    return { kind: 'unchanged', missingResources, outputs, parameters };
  }
  const changes = await previewUpdate(aws, deployment, changeSet);
  options.show(changes, details);
  if (!(await host.confirm(`Apply this to the stack ${existing.name} in ${aws.region}?`))) {
    await deleteChangeSet(aws, changeSet.id, changeSet.stackId);
    return { kind: 'declined' };
  }
  host.setBackgroundNotice(
    'Nothing has changed in the stack yet. Run the command again to continue.',
  );
  await deployment.retained.createMissing(host);
  await uploadArtifacts(host, aws, deployment.bucket, deployment.code);
  await applyChangeSet(work, changeSet, changes);
  return { kind: 'deployed', ...(await finishDeployment(work)) };
}

async function applyChangeSet(
  { host, aws, options: { stackName } }: Work,
  changeSet: ChangeSet & { readonly kind: 'changes' },
  changes: readonly ResourcePreview[],
): Promise<void> {
  const { stackId } = changeSet;
  const since = await readEventCursor(aws, stackId);
  await executeChangeSet(aws, changeSet);
  host.setBackgroundNotice(`The deployment continues in AWS. ${formatFollowHint(aws, stackId)}`);
  const result = await followOperation(host, aws, {
    what: `Deploying ${stackName}`,
    stackId,
    since,
    total: changes.length,
    resourceIds: new Set(changes.map(({ logicalId }) => logicalId)),
  });
  host.setBackgroundNotice(undefined);
  if (result.kind === 'failed') {
    throw createStackFailedError(aws, stackId, `deploying ${stackName}`, result);
  }
}

interface FinishedDeployment {
  /** Whether this was the stack's first deployment. */
  readonly isNew: boolean;
  readonly outputs: StackValues;
  /** The values of all parameters. */
  readonly parameters: StackValues;
}

/** The steps after CloudFormation. All can be repeated: the next deployment completes an interrupted one. */
async function finishDeployment({
  host,
  aws,
  options,
  deployment,
}: Work): Promise<FinishedDeployment> {
  const { stackName, template } = options;
  const stack = await findStack(aws, stackName);
  if (stack === undefined) throw new DeployError(`the stack ${stackName} no longer exists`);
  await updateTables(host, aws, deployment.scope);
  await updateNotifications(host, aws, deployment, stack);
  // At every deployment, as the first may have been interrupted before this step.
  if (options.terminationProtection && !stack.isProtected) {
    await setTerminationProtection(host, aws, stackName, true);
  }
  // A stack that was never updated has this status.
  const isNew = stack.status === 'CREATE_COMPLETE';
  const used = [
    ...deployment.code.map(({ key }) => key),
    createTemplateArtifact(template.text).key,
  ];
  await deleteOldArtifacts(host, aws, deployment.bucket, used, options.artifactsToKeep);
  return { isNew, outputs: stack.outputs, parameters: deployment.scope.parameters };
}

/** Adds notifications to existing buckets, and removes them from buckets that the stack no longer uses. */
async function updateNotifications(
  host: Host,
  aws: AwsSession,
  { prefix, existing }: ResolvedDeployment,
  { outputs }: StackState,
): Promise<void> {
  const buckets = getNotifiedBuckets(outputs);
  const previous = getNotifiedBuckets(existing?.outputs ?? {});
  const current = new Set(Object.values(buckets));
  const unused = {
    sor: current.has(previous.sor) ? '' : previous.sor,
    sot: current.has(previous.sot) ? '' : previous.sot,
  };
  await removeNotifications(host, aws, { buckets: unused, prefix });
  if (outputs['NotificationsNeeded'] === 'true') {
    await addNotifications(host, aws, { buckets, prefix });
  }
}
