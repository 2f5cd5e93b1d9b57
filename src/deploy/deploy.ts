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
import { findMissingResources } from './missing-resources.ts';
import { previewUpdate, readPreviewDetails } from './plan.ts';
import { type PreviewDetails, previewNewStack, type ResourcePreview } from './preview.ts';
import {
  type DeployRequest,
  prepareChangeSet,
  prepareDeployment,
  type ResolvedDeployment,
} from './resolve-deployment.ts';
import { updateTables } from './retained-resources.ts';
import {
  createStackFailedError,
  deleteStack,
  formatFollowHint,
  setTerminationProtection,
} from './stack-operations.ts';

export interface DeployOptions extends FinishOptions {
  /** Shows what would change; before the question whether to do it. */
  readonly show: (changes: readonly ResourcePreview[], facts: PreviewDetails) => void;
}

type DeployResult =
  | (FinishedDeployment & { readonly kind: 'deployed' })
  | (Omit<FinishedDeployment, 'isNew'> & {
      readonly kind: 'unchanged';
      readonly missingResources: readonly string[];
    })
  | { readonly kind: 'declined' };

/** Brings the stack to what is asked for. @throws StackFailedError where CloudFormation gave up */
export function deploy(host: Host, aws: AwsSession, options: DeployOptions): Promise<DeployResult> {
  return withAwsErrors(async () => {
    const { project, stack } = await prepareDeployment(host, aws, options, 'mend');
    return project.existing === undefined
      ? createStack(host, aws, options, project, stack)
      : updateStack(host, aws, options, project, project.existing);
  });
}

/** The first deployment: nothing is made in AWS before the person has said yes. */
async function createStack(
  host: Host,
  aws: AwsSession,
  options: DeployOptions,
  project: ResolvedDeployment,
  leftover: StackState | undefined,
): Promise<DeployResult> {
  options.show(previewNewStack(project.scope), await readPreviewDetails(aws, project));
  const { stackName, roleArn } = options;
  const where = `in account ${aws.account}, ${aws.region}`;
  if (!(await host.confirm(`Make the stack ${stackName} ${where}?`))) return { kind: 'declined' };
  if (leftover !== undefined) await deleteStack(host, aws, leftover, roleArn);
  host.setBackgroundNotice(
    `Nothing runs in AWS yet, but some of it is made, such as the bucket ${project.bucket}. ` +
      'Run the command again to go on, or `pynvest destroy` to remove it.',
  );
  await project.retained.createMissing(host);
  const changeSet = await prepareChangeSet(host, aws, options, project).catch(
    async (error: unknown) => {
      // CloudFormation makes an empty stack for a change set, and leaves it behind when it refuses it.
      const shell = await findStack(aws, stackName);
      if (shell?.status === 'REVIEW_IN_PROGRESS') await deleteStack(host, aws, shell, roleArn);
      throw error;
    },
  );
  await uploadArtifacts(host, aws, project.bucket, project.code);
  if (changeSet.kind === 'empty') throw new DeployError('the template makes nothing');
  await applyChangeSet(host, aws, options, changeSet, previewNewStack(project.scope));
  return { kind: 'deployed', ...(await finishDeployment(host, aws, options, project)) };
}

async function updateStack(
  host: Host,
  aws: AwsSession,
  options: DeployOptions,
  project: ResolvedDeployment,
  existing: StackState,
): Promise<DeployResult> {
  const facts = await readPreviewDetails(aws, project);
  const changeSet = await prepareChangeSet(host, aws, options, project);
  if (changeSet.kind === 'empty') {
    const { outputs, parameters } = await finishDeployment(host, aws, options, project);
    const missingResources = await findMissingResources(aws, options.stackName, project.scope);
    return { kind: 'unchanged', missingResources, outputs, parameters };
  }
  const changes = await previewUpdate(aws, project, changeSet);
  options.show(changes, facts);
  if (!(await host.confirm(`Apply this to the stack ${existing.name} in ${aws.region}?`))) {
    await deleteChangeSet(aws, changeSet.id, changeSet.stackId);
    return { kind: 'declined' };
  }
  host.setBackgroundNotice('Nothing has changed in the stack yet. Run the command again to go on.');
  await project.retained.createMissing(host);
  await uploadArtifacts(host, aws, project.bucket, project.code);
  await applyChangeSet(host, aws, options, changeSet, changes);
  return { kind: 'deployed', ...(await finishDeployment(host, aws, options, project)) };
}

async function applyChangeSet(
  host: Host,
  aws: AwsSession,
  { stackName }: DeployOptions,
  changeSet: ChangeSet & { readonly kind: 'changes' },
  changes: readonly ResourcePreview[],
): Promise<void> {
  const { stackId } = changeSet;
  const since = await readEventCursor(aws, stackId);
  await executeChangeSet(aws, changeSet);
  host.setBackgroundNotice(`The deployment goes on in AWS. ${formatFollowHint(aws, stackId)}`);
  const ending = await followOperation(host, aws, {
    what: `Deploying ${stackName}`,
    stackId,
    since,
    total: changes.length,
    resourceIds: new Set(changes.map(({ logicalId }) => logicalId)),
  });
  host.setBackgroundNotice(undefined);
  if (ending.kind === 'failed')
    throw createStackFailedError(aws, stackId, `deploying ${stackName}`, ending);
}

interface FinishOptions extends DeployRequest {
  /** How many earlier deployments' code to keep. */
  readonly artifactsToKeep: number;
  readonly terminationProtection: boolean;
}

interface FinishedDeployment {
  /** Whether this is the end of the stack's first deployment. */
  readonly isNew: boolean;
  readonly outputs: StackValues;
  /** The values in force, of every parameter. */
  readonly parameters: StackValues;
}

/** Does it. All of it may be repeated: an interrupted deployment comes here too. */
async function finishDeployment(
  host: Host,
  aws: AwsSession,
  options: FinishOptions,
  project: ResolvedDeployment,
): Promise<FinishedDeployment> {
  const { stackName, template } = options;
  const stack = await findStack(aws, stackName);
  if (stack === undefined) throw new DeployError(`the stack ${stackName} is gone`);
  await updateTables(host, aws, project.scope);
  await updateNotifications(host, aws, project, stack);
  // At every deployment: the first may have been cut off before it came to this.
  if (options.terminationProtection && !stack.isProtected) {
    await setTerminationProtection(host, aws, stackName, true);
  }
  // A stack that was never updated is at the end of its first deployment.
  const isNew = stack.status === 'CREATE_COMPLETE';
  const used = [...project.code.map(({ key }) => key), createTemplateArtifact(template.text).key];
  await deleteOldArtifacts(host, aws, project.bucket, used, options.artifactsToKeep);
  return { isNew, outputs: stack.outputs, parameters: project.scope.parameters };
}

/** Ours go where the stack's buckets are not its own, and out of those that it no longer uses. */
async function updateNotifications(
  host: Host,
  aws: AwsSession,
  { prefix, existing }: ResolvedDeployment,
  { outputs }: StackState,
): Promise<void> {
  const buckets = getNotifiedBuckets(outputs);
  const before = getNotifiedBuckets(existing?.outputs ?? {});
  const now = new Set(Object.values(buckets));
  const left = {
    sor: now.has(before.sor) ? '' : before.sor,
    sot: now.has(before.sot) ? '' : before.sot,
  };
  await removeNotifications(host, aws, { buckets: left, prefix });
  if (outputs['NotificationsNeeded'] === 'true') {
    await addNotifications(host, aws, { buckets, prefix });
  }
}
