/**
 * Resolves a deployment before anything is changed: names, values, what already exists, and the change set.
 */

import { functionNames, getCodeKeyParameter, scheduleRules } from '../aws/resource-names.ts';
import { findSchedule } from '../aws/schedules.ts';
import type { AwsSession } from '../aws/session.ts';
import {
  classifyStackStatus,
  findStack,
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
  findBrokenRules,
  formatArtifactsBucketName,
  getPhysicalName,
  isConditionMet,
  type Scope,
} from './intrinsics.ts';
import { resolveParameters } from './parameters.ts';
import { findRetainedResources, type RetainedResources } from './retained-resources.ts';
import { type BrokenStackPolicy, waitUntilStable } from './stack-operations.ts';
import { assertNamesAvailable } from './stack-owner.ts';
import type { Template } from './template.ts';

/** What is to be deployed. */
export interface DeployRequest {
  readonly stackName: string;
  readonly template: Template;
  readonly bundles: readonly CodeBundle[];
  /** Those that the person sets; the others keep the stack's values, or take the template's defaults. */
  readonly parameters: StackValues;
  readonly tags: StackValues;
  /** The role that CloudFormation assumes instead of using the caller's permissions. */
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
  /** The stack to update; undefined where one has to be created. */
  readonly existing: StackState | undefined;
  /** The physical names of the stack's resources by their logical IDs. */
  readonly names: ReadonlyMap<string, string>;
}

/** @throws UsageError when two buckets would have one name; DeployError when the names belong to another stack */
async function resolveDeployment(
  host: Host,
  aws: AwsSession,
  request: DeployRequest,
  stack: StackState | undefined,
): Promise<ResolvedDeployment> {
  const existing = classifyStackStatus(stack?.status) === 'ready' ? stack : undefined;
  const { template, stackName, parameters: given } = request;
  const previous = existing?.parameters ?? {};
  const requested = resolveParameters(template, previous, given);
  const prefix = requested['NamePrefix'] ?? 'pynvest';
  const bucket = formatArtifactsBucketName(prefix, aws);
  const code = request.bundles.map(createCodeArtifact);
  const managed: Record<string, string> = { ArtifactsBucket: bucket };
  for (const [index, { name }] of request.bundles.entries()) {
    const known = functionNames.find((each) => each === name);
    if (known !== undefined) managed[getCodeKeyParameter(known)] = code[index]?.key ?? '';
  }
  const { account, region, partition } = aws;
  const identity = { template, account, region, partition, stackName };
  const names =
    existing === undefined ? new Map<string, string>() : await readResourceNames(aws, stackName);
  const schedules = await readScheduleParameters(aws, names, requested);
  const all = { ...schedules, ...given, ...managed };
  const scope = { ...identity, parameters: resolveParameters(template, previous, all) };
  const retained = await findRetainedResources(aws, scope, given, names);
  if (previous['ArtifactsBucket'] !== bucket) {
    await assertNamesAvailable(host, aws, stackName, prefix, new Set([bucket, ...retained.names]));
  }
  const parameters = { ...scope.parameters, ...retained.parameters };
  assertNoneBroken(findBrokenRules({ ...scope, parameters }));
  // Only now, as several names may refer to one existing bucket.
  assertDistinctBucketNames({ ...scope, parameters }, bucket);
  const tags = Object.keys(request.tags).length === 0 ? {} : { ...existing?.tags, ...request.tags };
  return {
    prefix,
    bucket,
    code,
    retained,
    existing,
    names,
    tags,
    scope: { ...scope, parameters },
  };
}

/**
 * Checks the template's rules before the stack is waited for or rolled back, on the parameters as they are known then.
 * Buckets of an earlier stack that are found later change CreateBuckets: what only one of its values breaks is left to
 * the check after that.
 * @throws UsageError
 */
function assertRulesCanHold(
  { account, region, partition }: AwsSession,
  { template, stackName, parameters: given }: DeployRequest,
  stack: StackState | undefined,
): void {
  const condition = classifyStackStatus(stack?.status);
  const isReplaced = condition === 'absent' || condition === 'incomplete';
  const previous = isReplaced ? {} : (stack?.parameters ?? {});
  const parameters = resolveParameters(template, previous, given);
  const identity = { template, account, region, partition, stackName };
  const broken = findBrokenRules({ ...identity, parameters });
  if (broken.length === 0) return;
  const named = ['SorBucketName', 'SotBucketName', 'SpecBucketName'].map((name) => {
    return [name, parameters[name] || 'named-later'];
  });
  const reusing = { ...parameters, CreateBuckets: 'no', ...Object.fromEntries(named) };
  const remaining =
    'CreateBuckets' in given ? broken : findBrokenRules({ ...identity, parameters: reusing });
  assertNoneBroken(broken.filter((each) => remaining.includes(each)));
}

function assertNoneBroken(broken: readonly string[]): void {
  if (broken.length === 0) return;
  throw new UsageError(`the parameters contradict each other: ${broken.join(' ')}`, {
    hint: 'Pass --parameter Key=Value to change one; nothing was sent.',
  });
}

/**
 * The parameter that keeps the schedules as they are, where they were disabled or enabled since the deployment
 * (`pynvest pause`, `pynvest resume`). CloudFormation ignores the state of rules that it does not change; when it
 * changes one it sets all properties, and would silently enable a paused schedule.
 */
async function readScheduleParameters(
  aws: AwsSession,
  names: ReadonlyMap<string, string>,
  parameters: StackValues,
): Promise<StackValues> {
  const rules = scheduleRules.flatMap(({ id }) => names.get(id) ?? []);
  if (rules.length < scheduleRules.length) return {};
  const schedules = await Promise.all(rules.map((rule) => findSchedule(aws, rule)));
  const [state, ...otherStates] = new Set(schedules.map((schedule) => schedule?.state));
  if (state === undefined || otherStates.length > 0 || state === parameters['SchedulesEnabled']) {
    return {};
  }
  return { SchedulesEnabled: state };
}

/**
 * @param artifacts the bucket for the functions' code, which is created before the stack
 * @throws UsageError when a bucket that the template creates has the name of another
 */
function assertDistinctBucketNames(scope: Scope, artifacts: string): void {
  const used = new Map([[artifacts, "the bucket for the functions' code"]]);
  for (const resource of scope.template.resources.values()) {
    if (resource.type !== 'AWS::S3::Bucket' || !isConditionMet(resource.condition, scope)) continue;
    const name = getPhysicalName(resource, scope);
    if (name === undefined) continue;
    const other = used.get(name);
    if (other !== undefined) {
      throw new UsageError(`${other} and ${resource.id} would both be the bucket ${name}`, {
        hint: 'Each new bucket needs a name of its own: --parameter SorBucketName=… SotBucketName=… SpecBucketName=…',
      });
    }
    used.set(name, resource.id);
  }
}

/** Resolves the deployment once the stack is stable, and reports which resources exist already. */
export async function prepareDeployment(
  host: Host,
  aws: AwsSession,
  request: DeployRequest,
  policy: BrokenStackPolicy,
): Promise<{ readonly deployment: ResolvedDeployment; readonly stack: StackState | undefined }> {
  assertRulesCanHold(aws, request, await findStack(aws, request.stackName));
  const stack = await waitUntilStable(host, aws, request, policy);
  const deployment = await resolveDeployment(host, aws, request, stack);
  reportExistingResources(host, deployment, stack);
  await warnAboutKeys(host, aws, deployment.scope);
  return { deployment, stack };
}

function reportExistingResources(
  host: Host,
  { retained, existing }: ResolvedDeployment,
  stack: StackState | undefined,
): void {
  if (stack !== undefined && existing === undefined) {
    host.notice(
      `The stack ${stack.name} is ${stack.status}: nothing runs in it; it is deleted first`,
    );
  }
  if (retained.names.length > 0) {
    host.notice(`Reusing what an earlier stack left: ${retained.names.join(', ')}`);
  }
}

/** CloudFormation accepts larger templates only from S3. */
const MAX_INLINE_BYTES = 51_200;

/** Creates the change set, and the bucket that it needs. The stack itself is not changed. */
export async function prepareChangeSet(
  host: Host,
  aws: AwsSession,
  { stackName, template: { text, hasTransforms }, roleArn }: DeployRequest,
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
  return host.wait('Preparing the change set', () =>
    createChangeSet(aws, {
      ...{ stackName, type, template, parameters, tags, roleArn },
      transforms: hasTransforms,
    }),
  );
}
