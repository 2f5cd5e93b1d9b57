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
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { counted } from '../counted.ts';
import { DeployError } from '../errors.ts';
import { awsStatus } from '../lake/aws-errors.ts';
import { type Aws, ownEndpoint } from './aws.ts';
import { removeObjects } from './bucket-contents.ts';
import { bucketState, isWhole, makePrivateBucket, takenBucket } from './buckets.ts';
import type { DeployHost } from './host.ts';

export interface CodeBundle {
  readonly name: string;
  readonly zip: Uint8Array;
  readonly hash: string;
}

export interface Artifact {
  readonly key: string;
  readonly body: Uint8Array | string;
  readonly what: string;
}

const FUNCTIONS = 'functions/';
const TEMPLATES = 'templates/';
const SETS = 'sets/';

export function artifactsBucketName(
  prefix: string,
  { account, region }: Pick<Aws, 'account' | 'region'>,
): string {
  return `${prefix}-artifacts-${account}-${region}`;
}

export function codeArtifact({ name, zip, hash }: CodeBundle): Artifact {
  return { key: `${FUNCTIONS}${name}/${hash}.zip`, body: zip, what: name };
}

export function templateArtifact(text: string): Artifact {
  return { key: `${TEMPLATES}${hashOf(text)}.yaml`, body: text, what: 'the template' };
}

/** Where CloudFormation finds an artifact. */
export function artifactUrl({ region, partition }: Aws, bucket: string, key: string): string {
  const endpoint = ownEndpoint();
  if (endpoint !== undefined) return `${endpoint.replace(/\/$/, '')}/${bucket}/${key}`;
  return `https://${bucket}.${s3Host({ region, partition })}/${key}`;
}

/** The name of S3 in a region: its host, and what other services call it by. */
export function s3Host({ region, partition }: Pick<Aws, 'region' | 'partition'>): string {
  return `s3.${region}.${partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
}

/** Makes the bucket where it is not there yet. @throws DeployError where a stranger has its name */
export async function ensureArtifactsBucket(
  host: DeployHost,
  aws: Aws,
  name: string,
  prefix: string,
): Promise<void> {
  const state = await bucketState(aws, name);
  if (state === 'foreign') throw takenBucket(name, 'NamePrefix');
  if (state === 'ours' && (await isWhole(aws, name))) return;
  host.notice(`Making the bucket ${name} for the functions' code`);
  await makePrivateBucket(aws, { name, tags: { project: prefix } });
}

/** Sends what is not there yet. */
export async function upload(
  host: DeployHost,
  aws: Aws,
  bucket: string,
  artifacts: readonly Artifact[],
): Promise<void> {
  for (const { key, body, what } of artifacts) {
    if (await isThere(aws, bucket, key)) continue;
    await aws.s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ExpectedBucketOwner: aws.account,
      }),
    );
    const size = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    host.notice(`Uploaded ${what} (${Math.ceil(size / 1000)} KB)`);
  }
}

async function isThere({ s3, account }: Aws, Bucket: string, Key: string): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket, Key, ExpectedBucketOwner: account }));
    return true;
  } catch (error) {
    if (awsStatus(error) === 404) return false;
    if (awsStatus(error) !== 403) throw error;
    throw new DeployError(`s3://${Bucket}/${Key}: these credentials may not look at it`, {
      hint: '`pynvest iam-policy` prints what deploying needs.',
      cause: error,
    });
  }
}

/**
 * Notes what this deployment uses, and removes what neither it nor the `keep` deployments before it
 * used. Only after one that went well: until then CloudFormation may go back to the one before.
 */
export async function collectOld(
  host: DeployHost,
  aws: Aws,
  bucket: string,
  used: readonly string[],
  keep: number,
): Promise<void> {
  const keys = await keysIn(aws, bucket);
  const sets = keys.filter((key) => key.startsWith(SETS)).sort();
  const current = JSON.stringify([...used].sort());
  const currentHash = hashOf(current).slice(0, 16);
  // A set that comes back (code of before, deployed again) is the newest one from now on.
  const isCurrent = (key: string): boolean => key.endsWith(`-${currentHash}.json`);
  const before = sets.filter((key) => !isCurrent(key));
  const isNoted = isCurrent(sets.at(-1) ?? '');
  if (!isNoted) {
    const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
    await aws.s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `${SETS}${time}-${currentHash}.json`,
        Body: current,
        ExpectedBucketOwner: aws.account,
      }),
    );
  }
  const kept = keep === 0 ? [] : before.slice(-keep);
  const inUse = new Set([...used, ...kept, ...(isNoted ? sets.slice(-1) : [])]);
  for (const key of kept) for (const each of await readSet(aws, bucket, key)) inUse.add(each);
  const ours = new RegExp(`^(${FUNCTIONS}|${TEMPLATES}|${SETS})`);
  const old = keys.filter((key) => ours.test(key) && !inUse.has(key));
  if (old.length === 0) return;
  await removeObjects(
    aws,
    bucket,
    old.map((Key) => ({ Key })),
  );
  const code = old.filter((key) => !key.startsWith(SETS)).length;
  if (code > 0) host.notice(`Removed ${counted(code, 'old artifact')} from ${bucket}`);
}

async function readSet(
  { s3, account }: Aws,
  Bucket: string,
  Key: string,
): Promise<readonly string[]> {
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket, Key, ExpectedBucketOwner: account }),
  );
  const keys: unknown = JSON.parse((await Body?.transformToString()) ?? '[]');
  return Array.isArray(keys) ? keys.map(String) : [];
}

export async function keysIn({ s3: client, account }: Aws, Bucket: string): Promise<string[]> {
  const keys: string[] = [];
  const pages = paginateListObjectsV2({ client }, { Bucket, ExpectedBucketOwner: account });
  for await (const { Contents = [] } of pages) {
    for (const { Key } of Contents) if (Key !== undefined) keys.push(Key);
  }
  return keys;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
