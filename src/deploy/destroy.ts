/**
 * Deletes the system. Its data stays, unless the person asks for its deletion and confirms it.
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
  /** The stack's name, for scripts that delete data and have nobody to type it. */
  readonly confirmed?: string | undefined;
  readonly roleArn?: string | undefined;
  /** Where there is no stack any more, these say which names its data had. */
  readonly template: Template;
  readonly parameters: StackValues;
}

type DestroyResult =
  | {
      readonly kind: 'destroyed';
      readonly dataDeleted: boolean;
      readonly retained: readonly string[];
    }
  /**
   * There was no stack; perhaps the bucket that a deployment makes before it, perhaps another stack that has
   * the names.
   */
  | { readonly kind: 'absent'; readonly removed?: string; readonly owner?: string }
  | { readonly kind: 'declined' };

export function destroy(
  host: Host,
  aws: AwsSession,
  options: DestroyOptions,
): Promise<DestroyResult> {
  return withAwsErrors(async () => {
    const stack = await waitUntilStable(host, aws, options, 'take');
    const scope = await resolveScope(aws, options, stack);
    const inStack =
      stack === undefined ? new Map<string, string>() : await readResourceNames(aws, stack.name);
    const data = await findLakeData(aws, scope, inStack);
    const prefix = scope.parameters['NamePrefix'] ?? 'pynvest';
    const artifacts = formatArtifactsBucketName(prefix, aws);
    const owner = await findOwner(aws, options, stack, [artifacts, ...getDataNames(data)]);
    const going = { stackName: options.stackName, stack, data, owner };
    if (options.deleteData && !isLakeDataEmpty(data)) assertOwnData(going);
    if (stack === undefined) {
      if (owner.kind === 'stack') return { kind: 'absent', owner: owner.name };
      if (owner.kind === 'nobody') {
        await removeNotifications(host, aws, { buckets: findNotifiedBuckets(scope, data), prefix });
      }
      if (!options.deleteData || isLakeDataEmpty(data))
        return deleteOrphanedBucket(host, aws, artifacts, going);
    }
    const consents = options.deleteData
      ? await confirmDataDeletion(host, aws, going, options.confirmed)
      : await confirmDestroy(host, aws, going);
    if (!consents) return { kind: 'declined' };
    if (stack !== undefined) {
      await tearDown(host, aws, options, stack, { scope, inStack, prefix, owner });
    }
    if (owner.kind !== 'stack' && (await getBucketState(aws, artifacts)) === 'ours') {
      await deleteArtifactsBucket(host, aws, artifacts, owner);
    }
    if (options.deleteData) await deleteLakeData(host, aws, data);
    const kept = options.deleteData || owner.kind === 'stack' ? [] : formatLakeData(data, false);
    return { kind: 'destroyed', dataDeleted: options.deleteData, retained: kept };
  });
}

async function deleteArtifactsBucket(
  host: Host,
  aws: AwsSession,
  bucket: string,
  owner: StackOwner,
): Promise<void> {
  if (owner.kind === 'unknown') {
    host.warn(`The bucket ${bucket} stays: whether another stack uses it cannot be told`);
    return;
  }
  await deleteBucket(aws, bucket);
  host.notice(`Removed the bucket ${bucket}, which held the functions' code`);
}

/** The bucket of a deployment that was interrupted before there was a stack. */
async function deleteOrphanedBucket(
  host: Host,
  aws: AwsSession,
  bucket: string,
  { stackName, owner }: DestroyTarget,
): Promise<DestroyResult> {
  if (owner.kind === 'unknown' || (await getBucketState(aws, bucket)) !== 'ours') {
    return { kind: 'absent' };
  }
  host.notice(`There is no stack ${stackName}, but the bucket that a deployment makes before it`);
  if (!(await host.confirm(`Remove the bucket ${bucket}?`))) return { kind: 'declined' };
  await deleteBucket(aws, bucket);
  return { kind: 'absent', removed: bucket };
}

/**
 * Whether what the names lead to is another stack's. That of a stack with parts of its own is its own: no
 * two have parts of the same names.
 */
async function findOwner(
  aws: AwsSession,
  { stackName }: DestroyOptions,
  stack: StackState | undefined,
  names: readonly string[],
): Promise<StackOwner> {
  if (stack !== undefined && classifyStackStatus(stack.status) !== 'leftover')
    return { kind: 'nobody' };
  return findOtherOwner(aws, stackName, new Set(names));
}

/** The buckets of a stack that is gone, whose removal may have died before it came to its notifications. */
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
  const place = { account, region, partition, stackName };
  if (stack === undefined || stack.status === 'REVIEW_IN_PROGRESS') {
    return { ...place, template, parameters: resolveParameters(template, {}, parameters) };
  }
  const deployed = await readDeployedTemplate(aws, stack.name);
  return {
    ...place,
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
  for (const { id, type, retainOnDelete: keptOnDelete } of scope.template.resources.values()) {
    const name = inStack.get(id);
    if (type !== 'AWS::S3::Bucket' || keptOnDelete || name === undefined) continue;
    // CloudFormation deletes empty buckets alone; what goes with the stack is no data of the lake.
    if ((await getBucketState(aws, name)) === 'ours') await emptyBucket(aws, name);
  }
  await deleteStack(host, aws, stack, roleArn);
  if (owner.kind === 'stack') return;
  // Not before: a stack that stays after all would get no files any more. Out of kept buckets of the
  // stack's own as well: they would go on notifying what is gone.
  await removeNotifications(host, aws, { buckets: getNotifiedBuckets(stack.outputs), prefix });
}

/** What is to go: the stack, where there is one, and what its names lead to. */
interface DestroyTarget {
  readonly stackName: string;
  readonly stack: StackState | undefined;
  readonly data: LakeData;
  /** Which other stack has what the names lead to. */
  readonly owner: StackOwner;
}

/** @throws DeployError where the data is of another stack, or where that cannot be told */
function assertOwnData({ stackName, stack, owner }: DestroyTarget): void {
  if (owner.kind === 'nobody') return;
  if (owner.kind === 'unknown') {
    throw new DeployError(
      `whether the data is of another stack than ${stackName} cannot be told: nothing was deleted`,
      { hint: '`pynvest iam-policy --delete-data` prints what deleting data needs.' },
    );
  }
  const what =
    stack === undefined
      ? `there is no stack ${stackName}, and the data`
      : `the stack ${stackName} never came to life, and the data`;
  const alone = stack === undefined ? '' : ` Without --delete-data, ${stackName} goes alone.`;
  throw new DeployError(`${what} is of the stack ${owner.name}`, {
    hint: `\`pynvest destroy --stack-name ${owner.name} --delete-data\`, if that is what you mean.${alone}`,
  });
}

/** Whether the person takes the stack down, told that its data stays. */
async function confirmDestroy(host: Host, aws: AwsSession, going: DestroyTarget): Promise<boolean> {
  const { stackName, data, owner } = going;
  if (owner.kind === 'stack') {
    host.notice(
      `The stack ${stackName} never came to life: what has its names is of the stack ${owner.name}, and stays`,
    );
  } else {
    showDestroyTarget(host, aws, going);
    host.notice('The data stays:');
    for (const line of formatLakeData(data, false)) host.notice(`  ${line}`);
  }
  return host.confirm(`Take down the stack ${stackName}?`);
}

/**
 * Whether the person takes the stack down with its data, and has typed its name.
 *
 * @param confirmed the stack's name, for scripts that have nobody to type it
 * @throws DeployError where nobody is there to type, or a script said another name
 */
async function confirmDataDeletion(
  host: Host,
  aws: AwsSession,
  going: DestroyTarget,
  confirmed: string | undefined,
): Promise<boolean> {
  const { stackName, data } = going;
  showDestroyTarget(host, aws, going);
  host.warn('THE DATA GOES TOO, for good:');
  for (const line of formatLakeData(data, true)) host.warn(`  ${line}`);
  const typed =
    confirmed ?? (await host.ask(`Type the stack's name (${stackName}) to delete all of this: `));
  if (typed === undefined) {
    throw new DeployError('nobody is there to type the name of the stack: nothing was deleted', {
      hint: `--yes is not enough to delete data; a script says --confirm ${stackName}.`,
    });
  }
  if (typed.trim() === stackName) return true;
  if (confirmed === undefined) return false;
  throw new DeployError(
    `--confirm ${confirmed} is not the name of the stack: nothing was deleted`,
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
    host.notice(`There is no stack ${stackName} in account ${account}, ${region}, but its data`);
    return;
  }
  host.notice(
    `The stack ${stackName} in account ${account}, ${region} goes: functions, queues, schedules, alarms, ` +
      "their logs, the results of Athena's queries, and the bucket of the functions' code",
  );
  if (stack.isProtected) {
    host.warn('Termination protection is on; it is lifted first, if you say so now');
  }
}
