/**
 * What CloudFormation reads: the functions' code and the template, in a bucket of their own. A key
 * carries the hash of what it holds, so that what is there already is not sent again.
 *
 *     functions/<name>/<hash>.zip   the code of a function
 *     templates/<hash>.yaml         a template
 *     sets/<time>-<hash>.json       what one deployment used, by which old ones are told from used ones
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

/** Where CloudFormation finds an artifact. */
export function formatArtifactUrl(
  { region, partition }: AwsSession,
  bucket: string,
  key: string,
): string {
  const endpoint = getCustomEndpoint();
  if (endpoint !== undefined) return `${endpoint.replace(/\/$/, '')}/${bucket}/${key}`;
  return `https://${bucket}.${getS3Host({ region, partition })}/${key}`;
}

/** Makes the bucket where it is not there yet. @throws DeployError where a stranger has its name */
export async function ensureArtifactsBucket(
  host: Host,
  aws: AwsSession,
  name: string,
  prefix: string,
): Promise<void> {
  const state = await getBucketState(aws, name);
  if (state === 'foreign') throw createBucketTakenError(name, 'NamePrefix');
  if (state === 'ours' && (await isBucketComplete(aws, name))) return;
  host.notice(`Making the bucket ${name} for the functions' code`);
  await createPrivateBucket(aws, { name, tags: { project: prefix } });
}

/** Sends what is not there yet. */
export async function uploadArtifacts(
  host: Host,
  aws: AwsSession,
  bucket: string,
  artifacts: readonly Artifact[],
): Promise<void> {
  for (const { key, body, label: what } of artifacts) {
    const state = await getObjectState(aws, { bucket, key });
    if (state === 'exists') continue;
    if (state === 'denied') throw createReadDeniedError(bucket, key);
    await writeObject(aws, { bucket, key }, body);
    const size = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    host.notice(`Uploaded ${what} (${Math.ceil(size / 1000)} KB)`);
  }
}

/**
 * Notes what this deployment uses, and removes what neither it nor the `keep` deployments before it
 * used. Only after one that went well: until then CloudFormation may go back to the one before.
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
  // A set that comes back (code of before, deployed again) is the newest one from now on.
  const isCurrent = (key: string): boolean => key.endsWith(`-${currentHash}.json`);
  const before = sets.filter((key) => !isCurrent(key));
  const isNoted = isCurrent(sets.at(-1) ?? '');
  if (!isNoted) {
    const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
    await writeObject(aws, { bucket, key: `${SETS}${time}-${currentHash}.json` }, current);
  }
  const kept = keep === 0 ? [] : before.slice(-keep);
  const inUse = new Set([...used, ...kept, ...(isNoted ? sets.slice(-1) : [])]);
  for (const key of kept)
    for (const each of await readArtifactSet(aws, bucket, key)) inUse.add(each);
  const ours = new RegExp(`^(${FUNCTIONS}|${TEMPLATES}|${SETS})`);
  const old = keys.filter((key) => ours.test(key) && !inUse.has(key));
  if (old.length === 0) return;
  await deleteBucketObjects(
    aws,
    bucket,
    old.map((key) => ({ key })),
  );
  const code = old.filter((key) => !key.startsWith(SETS)).length;
  if (code > 0) host.notice(`Removed ${formatQuantity(code, 'old artifact')} from ${bucket}`);
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
    `the bucket ${name} is another account's, or in another region, or closed to these credentials`,
    { hint: `Give another name: --parameter ${parameter}=… (bucket names are the whole world's).` },
  );
}
