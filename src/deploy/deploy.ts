/** Deploying: shows what would change and, when the person wants it, does it. */
import { DeployError } from '../errors.ts';
import { upload } from './artifacts.ts';
import { type Aws, plainly } from './aws.ts';
import { type ChangeSet, deleteChangeSet, executeChangeSet } from './change-set.ts';
import { follow, markNow } from './events.ts';
import { type Finished, type FinishOptions, finish } from './finish.ts';
import { goneResources } from './gone.ts';
import type { DeployHost } from './host.ts';
import { prepareChangeSet, prepareProject } from './preparation.ts';
import { type PlannedChange, previewOfNew } from './preview.ts';
import { factsOf, previewOf } from './preview-of-project.ts';
import type { PreviewFacts } from './preview-text.ts';
import type { Project } from './project.ts';
import { deleteStack, failed, howToFollow } from './recovery.ts';
import { findStack, type StackState } from './stack.ts';

export interface DeployOptions extends FinishOptions {
  /** Shows what would change; before the question whether to do it. */
  readonly show: (changes: readonly PlannedChange[], facts: PreviewFacts) => void;
}

export type DeployOutcome =
  | (Finished & { readonly kind: 'deployed' })
  | (Omit<Finished, 'isNew'> & { readonly kind: 'unchanged'; readonly gone: readonly string[] })
  | { readonly kind: 'declined' };

/** Brings the stack to what is asked for. @throws StackFailedError where CloudFormation gave up */
export function deploy(host: DeployHost, aws: Aws, options: DeployOptions): Promise<DeployOutcome> {
  return plainly(async () => {
    const { project, stack } = await prepareProject(host, aws, options, 'mend');
    return project.existing === undefined
      ? create(host, aws, options, project, stack)
      : update(host, aws, options, project, project.existing);
  });
}

/** The first deployment: nothing is made in AWS before the person has said yes. */
async function create(
  host: DeployHost,
  aws: Aws,
  options: DeployOptions,
  project: Project,
  leftover: StackState | undefined,
): Promise<DeployOutcome> {
  options.show(previewOfNew(project.scope), await factsOf(aws, project));
  const { stackName, roleArn } = options;
  const where = `in account ${aws.account}, ${aws.region}`;
  if (!(await host.confirm(`Make the stack ${stackName} ${where}?`))) return { kind: 'declined' };
  if (leftover !== undefined) await deleteStack(host, aws, leftover, roleArn);
  host.underWay(
    `Nothing runs in AWS yet, but some of it is made, such as the bucket ${project.bucket}. ` +
      'Run the command again to go on, or `pynvest destroy` to remove it.',
  );
  await project.kept.makeMissing(host);
  const changeSet = await prepareChangeSet(host, aws, options, project).catch(
    async (error: unknown) => {
      // CloudFormation makes an empty stack for a change set, and leaves it behind when it refuses it.
      const shell = await findStack(aws, stackName);
      if (shell?.status === 'REVIEW_IN_PROGRESS') await deleteStack(host, aws, shell, roleArn);
      throw error;
    },
  );
  await upload(host, aws, project.bucket, project.code);
  if (changeSet.kind === 'empty') throw new DeployError('the template makes nothing');
  await execute(host, aws, options, changeSet, previewOfNew(project.scope));
  return { kind: 'deployed', ...(await finish(host, aws, options, project)) };
}

async function update(
  host: DeployHost,
  aws: Aws,
  options: DeployOptions,
  project: Project,
  existing: StackState,
): Promise<DeployOutcome> {
  const facts = await factsOf(aws, project);
  const changeSet = await prepareChangeSet(host, aws, options, project);
  if (changeSet.kind === 'empty') {
    const { outputs, parameters } = await finish(host, aws, options, project);
    const gone = await goneResources(aws, options.stackName, project.scope);
    return { kind: 'unchanged', gone, outputs, parameters };
  }
  const changes = await previewOf(aws, project, changeSet);
  options.show(changes, facts);
  if (!(await host.confirm(`Apply this to the stack ${existing.name} in ${aws.region}?`))) {
    await deleteChangeSet(aws, changeSet.id, changeSet.stackId);
    return { kind: 'declined' };
  }
  host.underWay('Nothing has changed in the stack yet. Run the command again to go on.');
  await project.kept.makeMissing(host);
  await upload(host, aws, project.bucket, project.code);
  await execute(host, aws, options, changeSet, changes);
  return { kind: 'deployed', ...(await finish(host, aws, options, project)) };
}

async function execute(
  host: DeployHost,
  aws: Aws,
  { stackName }: DeployOptions,
  changeSet: ChangeSet & { readonly kind: 'changes' },
  changes: readonly PlannedChange[],
): Promise<void> {
  const { stackId } = changeSet;
  const since = await markNow(aws, stackId);
  await executeChangeSet(aws, changeSet);
  host.underWay(`The deployment goes on in AWS. ${howToFollow(aws, stackId)}`);
  const ending = await follow(host, aws, {
    what: `Deploying ${stackName}`,
    stackId,
    since,
    total: changes.length,
    named: new Set(changes.map(({ logicalId }) => logicalId)),
  });
  host.underWay(undefined);
  if (ending.kind === 'failed') throw failed(aws, stackId, `deploying ${stackName}`, ending);
}
