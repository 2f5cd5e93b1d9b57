/** Deploying: what would change, and then, when the person wants it, doing it. */
import { DeployError } from '../errors.ts';
import {
  artifactUrl,
  collectOld,
  ensureArtifactsBucket,
  templateArtifact,
  upload,
} from './artifacts.ts';
import { type Aws, plainly } from './aws.ts';
import {
  type ChangeSet,
  type ChangeSetRequest,
  createChangeSet,
  deleteChangeSet,
  executeChangeSet,
} from './change-set.ts';
import { warnOfKeys } from './encryption.ts';
import { follow, markNow } from './events.ts';
import { goneResources } from './gone.ts';
import type { DeployHost } from './host.ts';
import { addNotifications, takeOutNotifications } from './notifications.ts';
import { type PlannedChange, previewOfNew } from './preview.ts';
import { factsOf, previewOf } from './preview-of-project.ts';
import type { PreviewFacts } from './preview-text.ts';
import { type DeployRequest, type Project, workOut } from './project.ts';
import { setProtection } from './protection.ts';
import { deleteStack, failed, howToFollow, settle } from './recovery.ts';
import type { Values } from './settings.ts';
import { findStack, type StackState } from './stack.ts';
import { mendTables } from './tables.ts';

export interface DeployOptions extends DeployRequest {
  /** How many earlier deployments' code to keep. */
  readonly keep: number;
  readonly terminationProtection: boolean;
  /** Shows what would change; before the question whether to do it. */
  readonly show: (changes: readonly PlannedChange[], facts: PreviewFacts) => void;
}

export type DeployOutcome =
  | (Deployed & { readonly kind: 'deployed'; readonly isNew: boolean })
  | (Deployed & { readonly kind: 'unchanged'; readonly gone: readonly string[] })
  | { readonly kind: 'declined' };

interface Deployed {
  readonly outputs: Values;
  /** The values in force, of every parameter. */
  readonly parameters: Values;
}

export type Plan =
  | {
      readonly kind: 'unchanged';
      readonly changes: readonly [];
      /** What somebody removed by hand, which no update makes again. */
      readonly gone: readonly string[];
    }
  | {
      readonly kind: 'new' | 'update';
      readonly changes: readonly PlannedChange[];
      readonly facts: PreviewFacts;
      readonly parameters: Values;
    };

/** CloudFormation takes larger templates from S3 alone. */
const LARGEST_INLINE_BYTES = 51_200;

/** What `deploy` would do, without doing it. */
export function plan(host: DeployHost, aws: Aws, request: DeployRequest): Promise<Plan> {
  return plainly(async () => {
    const stack = await settle(host, aws, request, 'refuse');
    const project = await workOut(aws, request, stack);
    sayFound(host, project, stack);
    await warnOfKeys(host, aws, project.scope);
    const { parameters } = project.scope;
    const facts = await factsOf(aws, project);
    if (project.existing === undefined) {
      return { kind: 'new', changes: previewOfNew(project.scope), facts, parameters };
    }
    const changeSet = await prepare(host, aws, request, project);
    if (changeSet.kind === 'empty') {
      const gone = await goneResources(aws, request.stackName, project.scope);
      return { kind: 'unchanged', changes: [], gone };
    }
    const changes = await previewOf(aws, project, changeSet);
    await deleteChangeSet(aws, changeSet.id, changeSet.stackId);
    return { kind: 'update', changes, facts, parameters };
  });
}

/** Brings the stack to what is asked for. @throws StackFailedError where CloudFormation gave up */
export function deploy(host: DeployHost, aws: Aws, options: DeployOptions): Promise<DeployOutcome> {
  return plainly(async () => {
    const stack = await settle(host, aws, options, 'mend');
    const project = await workOut(aws, options, stack);
    sayFound(host, project, stack);
    await warnOfKeys(host, aws, project.scope);
    return project.existing === undefined
      ? create(host, aws, options, project, stack)
      : update(host, aws, options, project, project.existing);
  });
}

function sayFound(host: DeployHost, { kept, existing }: Project, stack?: StackState): void {
  if (stack !== undefined && existing === undefined) {
    host.notice(
      `The stack ${stack.name} is ${stack.status}: nothing runs in it; it is cleared away first`,
    );
  }
  if (kept.found.length > 0) {
    host.notice(`Taking into use what an earlier stack left: ${kept.found.join(', ')}`);
  }
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
  const changeSet = await prepare(host, aws, options, project).catch(async (error: unknown) => {
    // CloudFormation makes an empty stack for a change set, and leaves it behind when it refuses it.
    const shell = await findStack(aws, stackName);
    if (shell?.status === 'REVIEW_IN_PROGRESS') await deleteStack(host, aws, shell, roleArn);
    throw error;
  });
  await upload(host, aws, project.bucket, project.code);
  if (changeSet.kind === 'empty') throw new DeployError('the template makes nothing');
  await execute(host, aws, options, changeSet, previewOfNew(project.scope));
  return finish(host, aws, options, project, true);
}

async function update(
  host: DeployHost,
  aws: Aws,
  options: DeployOptions,
  project: Project,
  existing: StackState,
): Promise<DeployOutcome> {
  const facts = await factsOf(aws, project);
  const changeSet = await prepare(host, aws, options, project);
  if (changeSet.kind === 'empty') return finish(host, aws, options, project, false);
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
  return finish(host, aws, options, project, true);
}

async function prepare(
  host: DeployHost,
  aws: Aws,
  { stackName, template: { text, transforms }, roleArn }: DeployRequest,
  { bucket, prefix, scope, tags, existing }: Project,
): Promise<ChangeSet> {
  await ensureArtifactsBucket(host, aws, bucket, prefix);
  let template: ChangeSetRequest['template'] = { body: text };
  if (Buffer.byteLength(text) > LARGEST_INLINE_BYTES) {
    const artifact = templateArtifact(text);
    await upload(host, aws, bucket, [artifact]);
    template = { url: artifactUrl(aws, bucket, artifact.key) };
  }
  const { parameters } = scope;
  const type = existing === undefined ? 'CREATE' : 'UPDATE';
  return createChangeSet(aws, { stackName, type, template, parameters, tags, roleArn, transforms });
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

/** What CloudFormation does not do. All of it may be repeated: an interrupted deployment comes here too. */
async function finish(
  host: DeployHost,
  aws: Aws,
  options: DeployOptions,
  project: Project,
  hasChanged: boolean,
): Promise<DeployOutcome> {
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
  const { outputs } = stack;
  const { parameters } = project.scope;
  if (hasChanged) return { kind: 'deployed', isNew, outputs, parameters };
  const gone = await goneResources(aws, stackName, project.scope);
  return { kind: 'unchanged', gone, outputs, parameters };
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

export function notifiedBuckets(outputs: Values): { readonly sor: string; readonly sot: string } {
  return { sor: outputs['SorBucket'] ?? '', sot: outputs['SotBucket'] ?? '' };
}
