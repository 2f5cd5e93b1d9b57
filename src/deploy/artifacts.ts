/**
 * The files that CloudFormation reads, in a bucket of their own: the functions' code and the template. A key
 * contains the hash of its content, so that an unchanged file is not uploaded again.
 *
 *     functions/<name>/<hash>.zip   the code of a function
 *     templates/<hash>.yaml         a template
 *     sets/<time>-<hash>.json       the keys that one deployment used; the others can be deleted
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
  /** The function's name, without the prefix of the system. */
  readonly name: string;
  readonly zip: Uint8Array;
  /** SHA-256 of the zip, in hexadecimal. */
  readonly hash: string;
}

export interface Artifact {
  readonly key: string;
  readonly body: Uint8Array | string;
  /** Its name in messages. */
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

/** The URL at which CloudFormation reads an artifact. */
export function formatArtifactUrl(
  { region, partition }: AwsSession,
  bucket: string,
  key: string,
): string {
  const endpoint = getCustomEndpoint();
  if (endpoint !== undefined) return `${endpoint.replace(/\/$/, '')}/${bucket}/${key}`;
  return `https://${bucket}.${getS3Host({ region, partition })}/${key}`;
}

/** Creates the bucket if it does not exist. @throws DeployError if another account has a bucket of this name */
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

/** Uploads the artifacts that the bucket does not have. */
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
    await writeObject(aws, { bucket, key }, body);
    const size = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    host.notice(`Uploaded ${label} (${Math.ceil(size / 1000)} KB)`);
  }
}

/**
 * Records the artifacts that this deployment uses, and deletes those that neither it nor the `keep`
 * deployments before it used. Call it only after a successful deployment: until then CloudFormation may roll
 * back to the previous one.
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
  // When earlier code is deployed again, its set becomes the newest one.
  const isCurrent = (key: string): boolean => key.endsWith(`-${currentHash}.json`);
  const before = sets.filter((key) => !isCurrent(key));
  const isRecorded = isCurrent(sets.at(-1) ?? '');
  if (!isRecorded) {
    const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
    await writeObject(aws, { bucket, key: `${SETS}${time}-${currentHash}.json` }, current);
  }
  const retained = keep === 0 ? [] : before.slice(-keep);
  const inUse = new Set([...used, ...retained, ...(isRecorded ? sets.slice(-1) : [])]);
  for (const key of retained)
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
    `the bucket ${name} belongs to another account, is in another region, or denies access to these credentials`,
    {
      hint: `Choose another name: --parameter ${parameter}=… (bucket names are unique worldwide).`,
    },
  );
}
