/**
 * What CloudFormation reads: the functions' code and the template, in a bucket of their own. A key contains the hash
 * of its content, so that nothing is uploaded twice.
 *
 *     functions/<name>/<hash>.zip   the code of a function
 *     templates/<hash>.yaml         a template
 *     sets/<time>-<hash>.json       the keys of one deployment, by which unused ones are found
 */

import { createHash } from 'node:crypto';
import {
  createPrivateBucket,
  deleteBucketObjects,
  getBucketState,
  isBucketComplete,
} from '../aws/buckets.ts';
import { getObjectState, listObjects, readObjectText, writeObject } from '../aws/objects.ts';
import { type AwsSession, getCustomEndpoint } from '../aws/session.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../host.ts';
import { formatQuantity } from '../text.ts';
import { getS3Host } from './intrinsics.ts';

export interface CodeBundle {
  readonly name: string;
  readonly zip: Uint8Array;
  readonly hash: string;
}

export interface Artifact {
  readonly key: string;
  readonly body: Uint8Array | string;
  readonly label: string;
}

const FUNCTIONS = 'functions/';
const TEMPLATES = 'templates/';
const SETS = 'sets/';

export function createCodeArtifact({ name, zip, hash }: CodeBundle): Artifact {
  return { key: `${FUNCTIONS}${name}/${hash}.zip`, body: zip, label: name };
}

export function createTemplateArtifact(text: string): Artifact {
  return { key: `${TEMPLATES}${hashText(text)}.yaml`, body: text, label: 'the template' };
}

/** The URL from which CloudFormation reads an artifact. */
export function formatArtifactUrl(
  { region, partition }: AwsSession,
  bucket: string,
  key: string,
): string {
  const endpoint = getCustomEndpoint();
  if (endpoint !== undefined) return `${endpoint.replace(/\/$/, '')}/${bucket}/${key}`;
  return `https://${bucket}.${getS3Host({ region, partition })}/${key}`;
}

/** Creates the bucket unless it exists. @throws DeployError when another account owns the name */
export async function ensureArtifactsBucket(
  host: Host,
  aws: AwsSession,
  name: string,
  prefix: string,
): Promise<void> {
  const state = await getBucketState(aws, name);
  if (state === 'foreign') throw createBucketTakenError(name, 'NamePrefix');
  if (state === 'ours' && (await isBucketComplete(aws, name))) return;
  host.notice(`Creating the bucket ${name} for the functions' code`);
  await createPrivateBucket(aws, { name, tags: { project: prefix } });
}

/** Uploads the artifacts that the bucket does not have yet. */
export async function uploadArtifacts(
  host: Host,
  aws: AwsSession,
  bucket: string,
  artifacts: readonly Artifact[],
): Promise<void> {
  for (const { key, body, label } of artifacts) {
    const state = await getObjectState(aws, { bucket, key });
    if (state === 'exists') continue;
    if (state === 'denied') throw createReadDeniedError(bucket, key);
    await host.wait(`Uploading ${label}`, () => writeObject(aws, { bucket, key }, body));
    const size = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    host.notice(`Uploaded ${label} (${Math.ceil(size / 1000)} KB)`);
  }
}

/**
 * Records the keys that this deployment uses, and deletes the artifacts that neither it nor the `keep` deployments
 * before it used. Only after a deployment that succeeded: until then CloudFormation may roll back to the one before.
 */
export async function deleteOldArtifacts(
  host: Host,
  aws: AwsSession,
  bucket: string,
  used: readonly string[],
  keep: number,
): Promise<void> {
  const keys = (await listObjects(aws, bucket)).map(({ key }) => key);
  const sets = keys.filter((key) => key.startsWith(SETS)).sort();
  const current = JSON.stringify([...used].sort());
  const currentHash = hashText(current).slice(0, 16);
  // A set that is deployed again, after others, becomes the newest.
  const isCurrent = (key: string): boolean => key.endsWith(`-${currentHash}.json`);
  const before = sets.filter((key) => !isCurrent(key));
  const isRecorded = isCurrent(sets.at(-1) ?? '');
  if (!isRecorded) {
    const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
    await writeObject(aws, { bucket, key: `${SETS}${time}-${currentHash}.json` }, current);
  }
  const keptSets = keep === 0 ? [] : before.slice(-keep);
  const inUse = new Set([...used, ...keptSets, ...(isRecorded ? sets.slice(-1) : [])]);
  for (const set of keptSets) {
    for (const key of await readArtifactSet(aws, bucket, set)) inUse.add(key);
  }
  const own = new RegExp(`^(${FUNCTIONS}|${TEMPLATES}|${SETS})`);
  const old = keys.filter((key) => own.test(key) && !inUse.has(key));
  if (old.length === 0) return;
  await deleteBucketObjects(
    aws,
    bucket,
    old.map((key) => ({ key })),
  );
  const code = old.filter((key) => !key.startsWith(SETS)).length;
  if (code > 0) host.notice(`Deleted ${formatQuantity(code, 'old artifact')} from ${bucket}`);
}

async function readArtifactSet(
  aws: AwsSession,
  bucket: string,
  key: string,
): Promise<readonly string[]> {
  const keys: unknown = JSON.parse((await readObjectText(aws, { bucket, key })) || '[]');
  return Array.isArray(keys) ? keys.map(String) : [];
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function createReadDeniedError(bucket: string, key: string): DeployError {
  return new DeployError(`no permission to read s3://${bucket}/${key}`, {
    hint: '`pynvest iam-policy` prints the permissions that deploying needs.',
  });
}

export function createBucketTakenError(name: string, parameter: string): DeployError {
  return new DeployError(
    `the bucket ${name} belongs to another account, is in another region, or is closed to these credentials`,
    { hint: `Choose another name: --parameter ${parameter}=… (bucket names are global).` },
  );
}
