/** Taking the system down. Its data stays, unless the person says otherwise and means it. */
import { artifactsBucketName } from './artifacts.ts';
import { type Aws, plainly } from './aws.ts';
import { emptyBucket, removeBucket } from './bucket-contents.ts';
import { bucketState } from './buckets.ts';
import { type Data, dataLines, findData, isEmpty, removeData } from './data.ts';
import {
  consentsToDeleting,
  consentsToKeeping,
  type Going,
  refuseDataOfOthers,
} from './destroy-consent.ts';
import type { DeployHost } from './host.ts';
import { physicalName, type Scope } from './intrinsics.ts';
import { type Buckets, notifiedBuckets, takeOutNotifications } from './notifications.ts';
import { type Owner, ownerAmongOthers } from './other-stacks.ts';
import { setProtection } from './protection.ts';
import { deleteStack, settle } from './recovery.ts';
import { type Values, valuesInForce } from './settings.ts';
import { deployedTemplate, resourceNames, type StackState, standingOf } from './stack.ts';
import type { Template } from './template.ts';

export interface DestroyOptions {
  readonly stackName: string;
  readonly deleteData: boolean;
  /** The stack's name, for scripts that delete data and have nobody to type it. */
  readonly confirmed?: string | undefined;
  readonly roleArn?: string | undefined;
  /** Where there is no stack any more, these say which names its data had. */
  readonly template: Template;
  readonly parameters: Values;
}

export type DestroyOutcome =
  | { readonly kind: 'destroyed'; readonly dataDeleted: boolean; readonly kept: readonly string[] }
  /**
   * There was no stack; perhaps the bucket that a deployment makes before it, perhaps another stack that has
   * the names.
   */
  | { readonly kind: 'absent'; readonly removed?: string; readonly owner?: string }
  | { readonly kind: 'declined' };

export function destroy(
  host: DeployHost,
  aws: Aws,
  options: DestroyOptions,
): Promise<DestroyOutcome> {
  return plainly(async () => {
    const stack = await settle(host, aws, options, 'take');
    const scope = await scopeOf(aws, options, stack);
    const inStack =
      stack === undefined ? new Map<string, string>() : await resourceNames(aws, stack.name);
    const data = await findData(aws, scope, inStack);
    const prefix = scope.parameters['NamePrefix'] ?? 'pynvest';
    const artifacts = artifactsBucketName(prefix, aws);
    const owner = await ownerOf(aws, options, stack, [artifacts, ...namesIn(data)]);
    const going = { stackName: options.stackName, stack, data, owner };
    if (options.deleteData && !isEmpty(data)) refuseDataOfOthers(going);
    if (stack === undefined) {
      if (owner.kind === 'stack') return { kind: 'absent', owner: owner.name };
      if (owner.kind === 'nobody') {
        await takeOutNotifications(host, aws, { buckets: notifiedBucketsOf(scope, data), prefix });
      }
      if (!options.deleteData || isEmpty(data)) return removeOrphan(host, aws, artifacts, going);
    }
    const consents = options.deleteData
      ? await consentsToDeleting(host, aws, going, options.confirmed)
      : await consentsToKeeping(host, aws, going);
    if (!consents) return { kind: 'declined' };
    if (stack !== undefined) {
      await takeDown(host, aws, options, stack, { scope, inStack, prefix, owner });
    }
    if (owner.kind !== 'stack' && (await bucketState(aws, artifacts)) === 'ours') {
      await removeArtifacts(host, aws, artifacts, owner);
    }
    if (options.deleteData) await removeData(host, aws, data);
    const kept = options.deleteData || owner.kind === 'stack' ? [] : dataLines(data, false);
    return { kind: 'destroyed', dataDeleted: options.deleteData, kept };
  });
}

async function removeArtifacts(
  host: DeployHost,
  aws: Aws,
  bucket: string,
  owner: Owner,
): Promise<void> {
  if (owner.kind === 'unknown') {
    host.warn(`The bucket ${bucket} stays: whether another stack uses it cannot be told`);
    return;
  }
  await removeBucket(aws, bucket);
  host.notice(`Removed the bucket ${bucket}, which held the functions' code`);
}

/** The bucket of a deployment that was interrupted before there was a stack. */
async function removeOrphan(
  host: DeployHost,
  aws: Aws,
  bucket: string,
  { stackName, owner }: Going,
): Promise<DestroyOutcome> {
  if (owner.kind === 'unknown' || (await bucketState(aws, bucket)) !== 'ours') {
    return { kind: 'absent' };
  }
  host.notice(`There is no stack ${stackName}, but the bucket that a deployment makes before it`);
  if (!(await host.confirm(`Remove the bucket ${bucket}?`))) return { kind: 'declined' };
  await removeBucket(aws, bucket);
  return { kind: 'absent', removed: bucket };
}

/**
 * Whether what the names lead to is another stack's. That of a stack with parts of its own is its own: no
 * two have parts of the same names.
 */
async function ownerOf(
  aws: Aws,
  { stackName }: DestroyOptions,
  stack: StackState | undefined,
  names: readonly string[],
): Promise<Owner> {
  if (stack !== undefined && standingOf(stack.status) !== 'leftover') return { kind: 'nobody' };
  return ownerAmongOthers(aws, stackName, new Set(names));
}

/** The buckets of a stack that is gone, whose removal may have died before it came to its notifications. */
function notifiedBucketsOf(scope: Scope, { buckets }: Data): Buckets {
  const nameOf = (id: string): string => {
    const resource = scope.template.resources.get(id);
    const name = resource === undefined ? undefined : physicalName(resource, scope);
    return buckets.find((bucket) => bucket.name === name)?.name ?? '';
  };
  return { sor: nameOf('SorBucket'), sot: nameOf('SotBucket') };
}

function namesIn({ buckets, tables, databases }: Data): string[] {
  return [...buckets, ...tables, ...databases].map(({ name }) => name);
}

async function scopeOf(
  aws: Aws,
  { stackName, template, parameters }: DestroyOptions,
  stack: StackState | undefined,
): Promise<Scope> {
  const { account, region, partition } = aws;
  const place = { account, region, partition, stackName };
  if (stack === undefined || stack.status === 'REVIEW_IN_PROGRESS') {
    return { ...place, template, parameters: valuesInForce(template, {}, parameters) };
  }
  const deployed = await deployedTemplate(aws, stack.name);
  return {
    ...place,
    template: deployed,
    parameters: valuesInForce(deployed, stack.parameters, {}),
  };
}

interface Down {
  readonly scope: Scope;
  readonly inStack: ReadonlyMap<string, string>;
  readonly prefix: string;
  readonly owner: Owner;
}

async function takeDown(
  host: DeployHost,
  aws: Aws,
  { roleArn }: DestroyOptions,
  stack: StackState,
  { scope, inStack, prefix, owner }: Down,
): Promise<void> {
  if (stack.isProtected) await setProtection(host, aws, stack.name, false);
  for (const { id, type, keptOnDelete } of scope.template.resources.values()) {
    const name = inStack.get(id);
    if (type !== 'AWS::S3::Bucket' || keptOnDelete || name === undefined) continue;
    // CloudFormation deletes empty buckets alone; what goes with the stack is no data of the lake.
    if ((await bucketState(aws, name)) === 'ours') await emptyBucket(aws, name);
  }
  await deleteStack(host, aws, stack, roleArn);
  if (owner.kind === 'stack') return;
  // Not before: a stack that stays after all would get no files any more. Out of kept buckets of the
  // stack's own as well: they would go on notifying what is gone.
  await takeOutNotifications(host, aws, { buckets: notifiedBuckets(stack.outputs), prefix });
}
