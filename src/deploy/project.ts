/** A deployment worked out: names, values and what is there already, before anything is changed. */

import { type Artifact, artifactsBucketName, type CodeBundle, codeArtifact } from './artifacts.ts';
import type { Aws } from './aws.ts';
import { checkBucketNames } from './bucket-names.ts';
import { codeKeyParameter, functionNames } from './functions.ts';
import type { Scope } from './intrinsics.ts';
import { findKept, type KeptData } from './kept.ts';
import { refuseNamesOfOthers } from './other-stacks.ts';
import { schedulesAsTheyAre } from './schedules.ts';
import { type Values, valuesInForce } from './settings.ts';
import { resourceNames, type StackState, standingOf } from './stack.ts';
import type { Template } from './template.ts';

/** What is to be deployed. */
export interface DeployRequest {
  readonly stackName: string;
  readonly template: Template;
  readonly bundles: readonly CodeBundle[];
  /** Those that the person gives; others stay as they are, or as the template has them. */
  readonly parameters: Values;
  readonly tags: Values;
  /** The role that CloudFormation takes up, instead of the caller's. */
  readonly roleArn?: string | undefined;
}

export interface Project {
  readonly prefix: string;
  readonly bucket: string;
  readonly code: readonly Artifact[];
  readonly kept: KeptData;
  /** The template with the values of all its parameters. */
  readonly scope: Scope;
  readonly tags: Values;
  /** The stack that is updated; undefined where one is to be made. */
  readonly existing: StackState | undefined;
  readonly names: ReadonlyMap<string, string>;
}

/** The parameters that are pynvest's own to set. */
export const ownParameters: ReadonlySet<string> = new Set([
  'ArtifactsBucket',
  ...functionNames.map(codeKeyParameter),
]);

/** @throws UsageError where two buckets would be made under one name; DeployError where another stack has them */
export async function workOut(
  aws: Aws,
  request: DeployRequest,
  stack: StackState | undefined,
): Promise<Project> {
  const existing = standingOf(stack?.status) === 'ready' ? stack : undefined;
  const { template, stackName, parameters: given } = request;
  const previous = existing?.parameters ?? {};
  const settled = valuesInForce(template, previous, given);
  const prefix = settled['NamePrefix'] ?? 'pynvest';
  const bucket = artifactsBucketName(prefix, aws);
  const code = request.bundles.map(codeArtifact);
  const own: Record<string, string> = { ArtifactsBucket: bucket };
  for (const [index, { name }] of request.bundles.entries()) {
    const known = functionNames.find((each) => each === name);
    if (known !== undefined) own[codeKeyParameter(known)] = code[index]?.key ?? '';
  }
  const { account, region, partition } = aws;
  const place = { template, account, region, partition, stackName };
  const names =
    existing === undefined ? new Map<string, string>() : await resourceNames(aws, stackName);
  const turned = await schedulesAsTheyAre(aws, names, settled);
  const all = { ...turned, ...given, ...own };
  const scope = { ...place, parameters: valuesInForce(template, previous, all) };
  const kept = await findKept(aws, scope, given, names);
  if (previous['ArtifactsBucket'] !== bucket) {
    await refuseNamesOfOthers(aws, stackName, prefix, new Set([bucket, ...kept.found]));
  }
  const parameters = { ...scope.parameters, ...kept.parameters };
  // Only now: names of buckets that are there already are taken into use, and may be one.
  checkBucketNames({ ...scope, parameters }, bucket);
  const tags = Object.keys(request.tags).length === 0 ? {} : { ...existing?.tags, ...request.tags };
  return { prefix, bucket, code, kept, existing, names, tags, scope: { ...scope, parameters } };
}
