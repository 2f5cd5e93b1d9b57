/**
 * Resolves a deployment before anything is changed: names, values, what already exists, and the change set.
 */

import { functionNames, getCodeKeyParameter } from '../aws/resource-names.ts';
import { readScheduleParameters } from '../aws/schedules.ts';
import type { AwsSession } from '../aws/session.ts';
import {
  classifyStackStatus,
  readResourceNames,
  type StackState,
  type StackValues,
} from '../aws/stack.ts';
import { type ChangeSet, type ChangeSetRequest, createChangeSet } from '../aws/stack-changes.ts';
import { UsageError } from '../errors.ts';
import type { Host } from '../host.ts';
import {
  type Artifact,
  type CodeBundle,
  createCodeArtifact,
  createTemplateArtifact,
  ensureArtifactsBucket,
  formatArtifactUrl,
  uploadArtifacts,
} from './artifacts.ts';
import { warnAboutKeys } from './encryption.ts';
import {
  formatArtifactsBucketName,
  getPhysicalName,
  isConditionMet,
  type Scope,
} from './intrinsics.ts';
import { resolveParameters } from './parameters.ts';
import { findRetainedResources, type RetainedResources } from './retained-resources.ts';
import { waitUntilStable } from './stack-operations.ts';
import { assertNamesAvailable } from './stack-owner.ts';
import type { Template } from './template.ts';

/** What is to be deployed. */
export interface DeployRequest {
  readonly stackName: string;
  readonly template: Template;
  readonly bundles: readonly CodeBundle[];
  /** Those that the person gives; others stay as they are, or as the template has them. */
  readonly parameters: StackValues;
  readonly tags: StackValues;
  /** The role that CloudFormation takes up, instead of the caller's. */
  readonly roleArn?: string | undefined;
}

export interface ResolvedDeployment {
  readonly prefix: string;
  readonly bucket: string;
  readonly code: readonly Artifact[];
  readonly retained: RetainedResources;
  /** The template with the values of all its parameters. */
  readonly scope: Scope;
  readonly tags: StackValues;
  /** The stack that is updated; undefined where one is to be made. */
  readonly existing: StackState | undefined;
  readonly names: ReadonlyMap<string, string>;
}

/** @throws UsageError where two buckets would be made under one name; DeployError where another stack has them */
async function resolveDeployment(
  aws: AwsSession,
  request: DeployRequest,
  stack: StackState | undefined,
): Promise<ResolvedDeployment> {
  const existing = classifyStackStatus(stack?.status) === 'ready' ? stack : undefined;
  const { template, stackName, parameters: given } = request;
  const previous = existing?.parameters ?? {};
  const settled = resolveParameters(template, previous, given);
  const prefix = settled['NamePrefix'] ?? 'pynvest';
  const bucket = formatArtifactsBucketName(prefix, aws);
  const code = request.bundles.map(createCodeArtifact);
  const own: Record<string, string> = { ArtifactsBucket: bucket };
  for (const [index, { name }] of request.bundles.entries()) {
    const known = functionNames.find((each) => each === name);
    if (known !== undefined) own[getCodeKeyParameter(known)] = code[index]?.key ?? '';
  }
  const { account, region, partition } = aws;
  const place = { template, account, region, partition, stackName };
  const names =
    existing === undefined ? new Map<string, string>() : await readResourceNames(aws, stackName);
  const turned = await readScheduleParameters(aws, names, settled);
  const all = { ...turned, ...given, ...own };
  const scope = { ...place, parameters: resolveParameters(template, previous, all) };
  const kept = await findRetainedResources(aws, scope, given, names);
  if (previous['ArtifactsBucket'] !== bucket) {
    await assertNamesAvailable(aws, stackName, prefix, new Set([bucket, ...kept.names]));
  }
  const parameters = { ...scope.parameters, ...kept.parameters };
  // Only now: names of buckets that are there already are taken into use, and may be one.
  assertDistinctBucketNames({ ...scope, parameters }, bucket);
  const tags = Object.keys(request.tags).length === 0 ? {} : { ...existing?.tags, ...request.tags };
  return {
    prefix,
    bucket,
    code,
    retained: kept,
    existing,
    names,
    tags,
    scope: { ...scope, parameters },
  };
}

/**
 * @param artifacts the bucket for the functions' code, which is made before the stack
 * @throws UsageError where a bucket that the template makes has the name of another
 */
function assertDistinctBucketNames(scope: Scope, artifacts: string): void {
  const taken = new Map([[artifacts, "the bucket for the functions' code"]]);
  for (const resource of scope.template.resources.values()) {
    if (resource.type !== 'AWS::S3::Bucket' || !isConditionMet(resource.condition, scope)) continue;
    const name = getPhysicalName(resource, scope);
    if (name === undefined) continue;
    const other = taken.get(name);
    if (other !== undefined) {
      throw new UsageError(`${other} and ${resource.id} would both be the bucket ${name}`, {
        hint: 'Each bucket that is made takes a name of its own: --parameter SorBucketName=… SotBucketName=… SpecBucketName=…',
      });
    }
    taken.set(name, resource.id);
  }
}

/**
 * Works the project out, and says what of it is there already.
 * @param leftovers what to do about a stack that an earlier try left half-way
 */
export async function prepareDeployment(
  host: Host,
  aws: AwsSession,
  request: DeployRequest,
  leftovers: 'refuse' | 'mend',
): Promise<{ readonly project: ResolvedDeployment; readonly stack: StackState | undefined }> {
  const stack = await waitUntilStable(host, aws, request, leftovers);
  const project = await resolveDeployment(aws, request, stack);
  reportExistingResources(host, project, stack);
  await warnAboutKeys(host, aws, project.scope);
  return { project, stack };
}

function reportExistingResources(
  host: Host,
  { retained: kept, existing }: ResolvedDeployment,
  stack?: StackState,
): void {
  if (stack !== undefined && existing === undefined) {
    host.notice(
      `The stack ${stack.name} is ${stack.status}: nothing runs in it; it is cleared away first`,
    );
  }
  if (kept.names.length > 0) {
    host.notice(`Taking into use what an earlier stack left: ${kept.names.join(', ')}`);
  }
}

/** CloudFormation takes larger templates from S3 alone. */
const MAX_INLINE_BYTES = 51_200;

/** The change set of a project, with the bucket that it needs. The stack stays as it is. */
export async function prepareChangeSet(
  host: Host,
  aws: AwsSession,
  { stackName, template: { text, hasTransforms: transforms }, roleArn }: DeployRequest,
  { bucket, prefix, scope, tags, existing }: ResolvedDeployment,
): Promise<ChangeSet> {
  await ensureArtifactsBucket(host, aws, bucket, prefix);
  let template: ChangeSetRequest['template'] = { body: text };
  if (Buffer.byteLength(text) > MAX_INLINE_BYTES) {
    const artifact = createTemplateArtifact(text);
    await uploadArtifacts(host, aws, bucket, [artifact]);
    template = { url: formatArtifactUrl(aws, bucket, artifact.key) };
  }
  const { parameters } = scope;
  const type = existing === undefined ? 'CREATE' : 'UPDATE';
  return createChangeSet(aws, { stackName, type, template, parameters, tags, roleArn, transforms });
}
