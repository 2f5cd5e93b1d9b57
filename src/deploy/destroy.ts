/**
 * Deletes the system. Its data is kept, unless the person asks for its deletion and confirms it.
 */

import { deleteBucket, emptyBucket, getBucketState } from '../aws/buckets.ts';
import { withAwsErrors } from '../aws/errors.ts';
import {
  getNotifiedBuckets,
  type LayerBuckets,
  removeNotifications,
} from '../aws/notifications.ts';
import type { AwsSession } from '../aws/session.ts';
import {
  classifyStackStatus,
  readResourceNames,
  type StackState,
  type StackValues,
} from '../aws/stack.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../host.ts';
import { formatArtifactsBucketName, getPhysicalName, type Scope } from './intrinsics.ts';
import {
  deleteLakeData,
  findLakeData,
  formatLakeData,
  isLakeDataEmpty,
  type LakeData,
} from './lake-data.ts';
import { resolveParameters } from './parameters.ts';
import {
  deleteStack,
  readDeployedTemplate,
  setTerminationProtection,
  waitUntilStable,
} from './stack-operations.ts';
import { findOtherOwner, type StackOwner } from './stack-owner.ts';
import type { Template } from './template.ts';

export interface DestroyOptions {
  readonly stackName: string;
  readonly deleteData: boolean;
  /** The stack's name, by which a script confirms the deletion of the data. */
  readonly confirmation?: string | undefined;
  readonly roleArn?: string | undefined;
  /** Where the stack no longer exists, the names of its data follow from these. */
  readonly template: Template;
  readonly parameters: StackValues;
}

type DestroyResult =
  | {
      readonly kind: 'destroyed';
      readonly dataDeleted: boolean;
      readonly retained: readonly string[];
    }
  /** There was no stack; `removed` is the bucket of an interrupted deployment, `owner` the stack with these names. */
  | { readonly kind: 'absent'; readonly removed?: string; readonly owner?: string }
  | { readonly kind: 'declined' };

export function destroy(
  host: Host,
  aws: AwsSession,
  options: DestroyOptions,
): Promise<DestroyResult> {
  return withAwsErrors(async () => {
    const stack = await waitUntilStable(host, aws, options, 'accept');
    const scope = await resolveScope(aws, options, stack);
    const inStack =
      stack === undefined ? new Map<string, string>() : await readResourceNames(aws, stack.name);
    const data = await findLakeData(aws, scope, inStack);
    const prefix = scope.parameters['NamePrefix'] ?? 'pynvest';
    const artifacts = formatArtifactsBucketName(prefix, aws);
    const owner = await findOwner(aws, options, stack, [artifacts, ...getDataNames(data)]);
    const target = { stackName: options.stackName, stack, data, owner };
    if (options.deleteData && !isLakeDataEmpty(data)) assertOwnData(target);
    if (stack === undefined) {
      if (owner.kind === 'stack') return { kind: 'absent', owner: owner.name };
      if (owner.kind === 'none') {
        await removeNotifications(host, aws, { buckets: findNotifiedBuckets(scope, data), prefix });
      }
      if (!options.deleteData || isLakeDataEmpty(data))
        return deleteOrphanedBucket(host, aws, artifacts, target);
    }
    const isConfirmed = options.deleteData
      ? await confirmDataDeletion(host, aws, target, options.confirmation)
      : await confirmDestroy(host, aws, target);
    if (!isConfirmed) return { kind: 'declined' };
    if (stack !== undefined) {
      await tearDown(host, aws, options, stack, { scope, inStack, prefix, owner });
    }
    if (owner.kind !== 'stack' && (await getBucketState(aws, artifacts)) === 'ours') {
      await deleteArtifactsBucket(host, aws, artifacts, owner);
    }
    if (options.deleteData) await deleteLakeData(host, aws, data);
    const retained =
      options.deleteData || owner.kind === 'stack' ? [] : formatLakeData(data, false);
    return { kind: 'destroyed', dataDeleted: options.deleteData, retained };
  });
}

async function deleteArtifactsBucket(
  host: Host,
  aws: AwsSession,
  bucket: string,
  owner: StackOwner,
): Promise<void> {
  if (owner.kind === 'unknown') {
    host.warn(
      `The bucket ${bucket} is kept: another stack may use it, and listing stacks is denied`,
    );
    return;
  }
  await deleteBucket(aws, bucket);
  host.notice(`Deleted the bucket ${bucket}, which held the functions' code`);
}

/** Deletes the bucket of a deployment that was interrupted before it created the stack. */
async function deleteOrphanedBucket(
  host: Host,
  aws: AwsSession,
  bucket: string,
  { stackName, owner }: DestroyTarget,
): Promise<DestroyResult> {
  if (owner.kind === 'unknown' || (await getBucketState(aws, bucket)) !== 'ours') {
    return { kind: 'absent' };
  }
  host.notice(
    `There is no stack ${stackName}, only the bucket that a deployment creates before it`,
  );
  if (!(await host.confirm(`Delete the bucket ${bucket}?`))) return { kind: 'declined' };
  await deleteBucket(aws, bucket);
  return { kind: 'absent', removed: bucket };
}

/**
 * Whether the resources with these names belong to another stack. Those of a stack that was created are its own: no
 * two stacks have resources of the same names.
 */
async function findOwner(
  aws: AwsSession,
  { stackName }: DestroyOptions,
  stack: StackState | undefined,
  names: readonly string[],
): Promise<StackOwner> {
  if (stack !== undefined && classifyStackStatus(stack.status) !== 'incomplete') {
    return { kind: 'none' };
  }
  return findOtherOwner(aws, stackName, new Set(names));
}

/** The buckets of a deleted stack, whose deletion may have been interrupted before the notifications were removed. */
function findNotifiedBuckets(scope: Scope, { buckets }: LakeData): LayerBuckets {
  const nameOf = (id: string): string => {
    const resource = scope.template.resources.get(id);
    const name = resource === undefined ? undefined : getPhysicalName(resource, scope);
    return buckets.find((bucket) => bucket.name === name)?.name ?? '';
  };
  return { sor: nameOf('SorBucket'), sot: nameOf('SotBucket') };
}

function getDataNames({ buckets, tables, databases }: LakeData): string[] {
  return [...buckets, ...tables, ...databases].map(({ name }) => name);
}

async function resolveScope(
  aws: AwsSession,
  { stackName, template, parameters }: DestroyOptions,
  stack: StackState | undefined,
): Promise<Scope> {
  const { account, region, partition } = aws;
  const identity = { account, region, partition, stackName };
  if (stack === undefined || stack.status === 'REVIEW_IN_PROGRESS') {
    return { ...identity, template, parameters: resolveParameters(template, {}, parameters) };
  }
  const deployed = await readDeployedTemplate(aws, stack.name);
  return {
    ...identity,
    template: deployed,
    parameters: resolveParameters(deployed, stack.parameters, {}),
  };
}

interface TeardownContext {
  readonly scope: Scope;
  readonly inStack: ReadonlyMap<string, string>;
  readonly prefix: string;
  readonly owner: StackOwner;
}

async function tearDown(
  host: Host,
  aws: AwsSession,
  { roleArn }: DestroyOptions,
  stack: StackState,
  { scope, inStack, prefix, owner }: TeardownContext,
): Promise<void> {
  if (stack.isProtected) await setTerminationProtection(host, aws, stack.name, false);
  for (const { id, type, retainOnDelete } of scope.template.resources.values()) {
    const name = inStack.get(id);
    if (type !== 'AWS::S3::Bucket' || retainOnDelete || name === undefined) continue;
    // CloudFormation deletes only empty buckets; these hold no data of the lake.
    if ((await getBucketState(aws, name)) === 'ours') await emptyBucket(aws, name);
  }
  await deleteStack(host, aws, stack, roleArn);
  if (owner.kind === 'stack') return;
  // Only now: a stack whose deletion fails still needs them. From the stack's own retained buckets too, which
  // would go on notifying functions that no longer exist.
  await removeNotifications(host, aws, { buckets: getNotifiedBuckets(stack.outputs), prefix });
}

/** What is to be deleted: the stack, where there is one, and the data with its names. */
interface DestroyTarget {
  readonly stackName: string;
  readonly stack: StackState | undefined;
  readonly data: LakeData;
  /** The other stack to which the data belongs. */
  readonly owner: StackOwner;
}

/** @throws DeployError when the data belongs to another stack, or may do so */
function assertOwnData({ stackName, stack, owner }: DestroyTarget): void {
  if (owner.kind === 'none') return;
  if (owner.kind === 'unknown') {
    throw new DeployError(
      `the data may belong to a stack other than ${stackName}, and listing stacks is denied: nothing was deleted`,
      {
        hint: '`pynvest iam-policy --delete-data` prints the permissions that deleting data needs.',
      },
    );
  }
  const reason =
    stack === undefined
      ? `there is no stack ${stackName}`
      : `the stack ${stackName} was never created completely`;
  const alternative =
    stack === undefined ? '' : ` Without --delete-data, only ${stackName} is deleted.`;
  throw new DeployError(`${reason}, and the data belongs to the stack ${owner.name}`, {
    hint: `To delete that: \`pynvest destroy --stack-name ${owner.name} --delete-data\`.${alternative}`,
  });
}

/** Asks whether to delete the stack and keep its data. */
async function confirmDestroy(
  host: Host,
  aws: AwsSession,
  target: DestroyTarget,
): Promise<boolean> {
  const { stackName, data, owner } = target;
  if (owner.kind === 'stack') {
    host.notice(
      `The stack ${stackName} was never created completely: the resources with its names belong to the stack ${owner.name}, and are kept`,
    );
  } else {
    showDestroyTarget(host, aws, target);
    host.notice('The data is kept:');
    for (const line of formatLakeData(data, false)) host.notice(`  ${line}`);
  }
  return host.confirm(`Delete the stack ${stackName}?`);
}

/**
 * Asks whether to delete the stack with its data, which the person confirms by typing the stack's name.
 *
 * @param confirmation the stack's name, given by a script
 * @throws DeployError when it cannot be asked, or a script gave another name
 */
async function confirmDataDeletion(
  host: Host,
  aws: AwsSession,
  target: DestroyTarget,
  confirmation: string | undefined,
): Promise<boolean> {
  const { stackName, data } = target;
  showDestroyTarget(host, aws, target);
  host.warn('THE DATA IS DELETED TOO, permanently:');
  for (const line of formatLakeData(data, true)) host.warn(`  ${line}`);
  const typed =
    confirmation ??
    (await host.ask(`Type the stack's name (${stackName}) to delete all of this: `));
  if (typed === undefined) {
    throw new DeployError("the stack's name cannot be asked for: nothing was deleted", {
      hint: `Not interactive: pass --confirm ${stackName}; --yes does not confirm the deletion of data.`,
    });
  }
  if (typed.trim() === stackName) return true;
  if (confirmation === undefined) return false;
  throw new DeployError(
    `--confirm ${confirmation} is not the name of the stack: nothing was deleted`,
    {
      hint: `The stack's name is ${stackName}.`,
    },
  );
}

function showDestroyTarget(
  host: Host,
  { account, region }: AwsSession,
  { stackName, stack }: DestroyTarget,
): void {
  if (stack === undefined) {
    host.notice(`There is no stack ${stackName} in account ${account}, ${region}, only its data`);
    return;
  }
  host.notice(
    `To be deleted: the stack ${stackName} in account ${account}, ${region}, with its functions, queues, schedules, ` +
      "alarms, logs, the results of Athena's queries, and the bucket of the functions' code",
  );
  if (stack.isProtected) {
    host.warn('Termination protection is on; it is turned off first');
  }
}
