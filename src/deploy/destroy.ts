/** Taking the system down. Its data stays, unless the person says otherwise and means it. */
import { DeployError } from '../errors.ts';
import { awsStatus } from '../lake/aws-errors.ts';
import { artifactsBucketName } from './artifacts.ts';
import { type Aws, plainly } from './aws.ts';
import { emptyBucket, removeBucket } from './bucket-contents.ts';
import { bucketState } from './buckets.ts';
import { type Data, dataLines, findData, isEmpty, removeData } from './data.ts';
import { consentsToDeleting, consentsToKeeping } from './destroy-consent.ts';
import type { DeployHost } from './host.ts';
import { physicalName, type Scope } from './intrinsics.ts';
import { type Buckets, notifiedBuckets, takeOutNotifications } from './notifications.ts';
import { setProtection } from './protection.ts';
import { deleteStack, settle } from './recovery.ts';
import { type Values, valuesInForce } from './settings.ts';
import { allStacks, deployedTemplate, resourceNames, type StackState } from './stack.ts';
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
  /** There was no stack; perhaps the bucket that a deployment makes before it. */
  | { readonly kind: 'absent'; readonly removed?: string }
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
    if (stack === undefined) {
      await takeOutNotifications(host, aws, { buckets: notifiedBucketsOf(scope, data), prefix });
      if (!options.deleteData || isEmpty(data)) return removeOrphan(host, aws, options, prefix);
      await refuseOthers(aws, options, data);
    }
    const consents = options.deleteData
      ? await consentsToDeleting(host, aws, options, stack, data)
      : await consentsToKeeping(host, aws, options.stackName, stack, data);
    if (!consents) return { kind: 'declined' };
    if (stack !== undefined) await takeDown(host, aws, options, stack, { scope, inStack, prefix });
    const artifacts = artifactsBucketName(prefix, aws);
    if ((await bucketState(aws, artifacts)) === 'ours') {
      await removeBucket(aws, artifacts);
      host.notice(`Removed the bucket ${artifacts}, which held the functions' code`);
    }
    if (options.deleteData) await removeData(host, aws, data);
    const kept = options.deleteData ? [] : dataLines(data, false);
    return { kind: 'destroyed', dataDeleted: options.deleteData, kept };
  });
}

/** The bucket of a deployment that was interrupted before there was a stack. */
async function removeOrphan(
  host: DeployHost,
  aws: Aws,
  { stackName }: DestroyOptions,
  prefix: string,
): Promise<DestroyOutcome> {
  const bucket = artifactsBucketName(prefix, aws);
  if ((await bucketState(aws, bucket)) !== 'ours') return { kind: 'absent' };
  if (await mayBeAnothers(aws, bucket)) return { kind: 'absent' };
  host.notice(`There is no stack ${stackName}, but the bucket that a deployment makes before it`);
  if (!(await host.confirm(`Remove the bucket ${bucket}?`))) return { kind: 'declined' };
  await removeBucket(aws, bucket);
  return { kind: 'absent', removed: bucket };
}

/** Whether a stack that lives has its code there; it may, where these credentials may not look. */
async function mayBeAnothers(aws: Aws, bucket: string): Promise<boolean> {
  try {
    for await (const { parameters } of allStacks(aws)) {
      if (parameters['ArtifactsBucket'] === bucket) return true;
    }
    return false;
  } catch (error) {
    if (awsStatus(error) === 403) return true;
    throw error;
  }
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

/** Data without its stack may be the data of another that lives. @throws DeployError where it is */
async function refuseOthers(aws: Aws, { stackName }: DestroyOptions, data: Data): Promise<void> {
  const buckets = new Set(data.buckets.map(({ name }) => name));
  for await (const stack of allStacks(aws)) {
    if (!Object.values(stack.outputs).some((value) => buckets.has(value))) continue;
    throw new DeployError(
      `there is no stack ${stackName}, and the data is of the stack ${stack.name}`,
      {
        hint: `\`pynvest destroy --stack-name ${stack.name} --delete-data\`, if that is what you mean.`,
      },
    );
  }
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
}

async function takeDown(
  host: DeployHost,
  aws: Aws,
  { roleArn }: DestroyOptions,
  stack: StackState,
  { scope, inStack, prefix }: Down,
): Promise<void> {
  if (stack.isProtected) await setProtection(host, aws, stack.name, false);
  for (const { id, type, keptOnDelete } of scope.template.resources.values()) {
    const name = inStack.get(id);
    if (type !== 'AWS::S3::Bucket' || keptOnDelete || name === undefined) continue;
    // CloudFormation deletes empty buckets alone; what goes with the stack is no data of the lake.
    if ((await bucketState(aws, name)) === 'ours') await emptyBucket(aws, name);
  }
  await deleteStack(host, aws, stack, roleArn);
  // Not before: a stack that stays after all would get no files any more. Out of kept buckets of the
  // stack's own as well: they would go on notifying what is gone.
  await takeOutNotifications(host, aws, { buckets: notifiedBuckets(stack.outputs), prefix });
}
