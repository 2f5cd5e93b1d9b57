/** What CloudFormation does not do, once it has done its part. */
import { DeployError } from '../errors.ts';
import { collectOld, templateArtifact } from './artifacts.ts';
import type { Aws } from './aws.ts';
import type { DeployHost } from './host.ts';
import { addNotifications, notifiedBuckets, takeOutNotifications } from './notifications.ts';
import type { DeployRequest, Project } from './project.ts';
import { setProtection } from './protection.ts';
import type { Values } from './settings.ts';
import { findStack, type StackState } from './stack.ts';
import { mendTables } from './tables.ts';

export interface FinishOptions extends DeployRequest {
  /** How many earlier deployments' code to keep. */
  readonly keep: number;
  readonly terminationProtection: boolean;
}

export interface Finished {
  /** Whether this is the end of the stack's first deployment. */
  readonly isNew: boolean;
  readonly outputs: Values;
  /** The values in force, of every parameter. */
  readonly parameters: Values;
}

/** Does it. All of it may be repeated: an interrupted deployment comes here too. */
export async function finish(
  host: DeployHost,
  aws: Aws,
  options: FinishOptions,
  project: Project,
): Promise<Finished> {
  const { stackName, template } = options;
  const stack = await findStack(aws, stackName);
  if (stack === undefined) throw new DeployError(`the stack ${stackName} is gone`);
  await mendTables(host, aws, project.scope);
  await arrangeNotifications(host, aws, project, stack);
  // At every deployment: the first may have been cut off before it came to this.
  if (options.terminationProtection && !stack.isProtected) {
    await setProtection(host, aws, stackName, true);
  }
  // A stack that was never updated is at the end of its first deployment.
  const isNew = stack.status === 'CREATE_COMPLETE';
  const used = [...project.code.map(({ key }) => key), templateArtifact(template.text).key];
  await collectOld(host, aws, project.bucket, used, options.keep);
  return { isNew, outputs: stack.outputs, parameters: project.scope.parameters };
}

/** Ours go where the stack's buckets are not its own, and out of those that it no longer uses. */
async function arrangeNotifications(
  host: DeployHost,
  aws: Aws,
  { prefix, existing }: Project,
  { outputs }: StackState,
): Promise<void> {
  const buckets = notifiedBuckets(outputs);
  const before = notifiedBuckets(existing?.outputs ?? {});
  const now = new Set(Object.values(buckets));
  const left = {
    sor: now.has(before.sor) ? '' : before.sor,
    sot: now.has(before.sot) ? '' : before.sot,
  };
  await takeOutNotifications(host, aws, { buckets: left, prefix });
  if (outputs['NotificationsNeeded'] === 'true') {
    await addNotifications(host, aws, { buckets, prefix });
  }
}
