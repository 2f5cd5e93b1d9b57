/**
 * S3 buckets: ownership, creation, encryption, contents, and removal with all versions.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import { DeployError } from '../errors.ts';
import { getAwsErrorCode, getAwsErrorStatus } from './errors.ts';
import { deleteObjects, type ObjectToDelete } from './objects.ts';
import type { AwsSession } from './session.ts';

type BucketState = 'ours' | 'absent' | 'foreign';

/**
 * Whether this account owns the bucket. Bucket names are global: one that can be guessed may belong to another
 * account, which could read what is written to it. So every request names the expected owner.
 */
export async function getBucketState(
  { s3, account, region }: AwsSession,
  name: string,
): Promise<BucketState> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: name, ExpectedBucketOwner: account }));
    return 'ours';
  } catch (error) {
    const status = getAwsErrorStatus(error);
    if (status === 404) return 'absent';
    if (status === 403 || status === 301 || isInOtherRegion(error, region)) return 'foreign';
    throw error;
  }
}

/** S3 answers for a bucket of another region with 301 or, to a request signed for this region, with 400. */
function isInOtherRegion(error: unknown, region: string): boolean {
  const { $response: response } = error as {
    readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  };
  const actual = response?.headers?.['x-amz-bucket-region'];
  return actual !== undefined && actual !== region;
}

interface NewBucket {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly isVersioned?: boolean;
}

/** Creates a private, encrypted bucket that accepts only TLS; a bucket left incomplete is completed. */
export async function createPrivateBucket(aws: AwsSession, bucket: NewBucket): Promise<void> {
  const { s3, account, partition } = aws;
  const { name: Bucket, tags, isVersioned = false } = bucket;
  const owned = { Bucket, ExpectedBucketOwner: account };
  await createBucket(aws, Bucket);
  await s3.send(
    new PutPublicAccessBlockCommand({
      ...owned,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
  await s3.send(
    new PutBucketOwnershipControlsCommand({
      ...owned,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    }),
  );
  await s3.send(
    new PutBucketEncryptionCommand({
      ...owned,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    }),
  );
  if (isVersioned) {
    await s3.send(
      new PutBucketVersioningCommand({ ...owned, VersioningConfiguration: { Status: 'Enabled' } }),
    );
  }
  await s3.send(
    new PutBucketTaggingCommand({
      ...owned,
      Tagging: { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    }),
  );
  // Last, so that a bucket with a policy is complete.
  await s3.send(
    new PutBucketPolicyCommand({ ...owned, Policy: createTlsOnlyPolicy(Bucket, partition) }),
  );
}

/** The name of a deleted bucket stays unavailable for a moment. */
async function createBucket({ s3, region }: AwsSession, Bucket: string): Promise<void> {
  const LocationConstraint = region as BucketLocationConstraint;
  // S3 rejects the name of its first region.
  const where = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await s3.send(new CreateBucketCommand({ Bucket, ...where }));
      return;
    } catch (error) {
      if (getAwsErrorCode(error) === 'BucketAlreadyOwnedByYou') return;
      if (getAwsErrorCode(error) !== 'OperationAborted' || attempt === 10) throw error;
      await sleep(attempt * 2_000);
    }
  }
}

/** Whether `createPrivateBucket` completed this bucket. */
export async function isBucketComplete(
  { s3, account }: AwsSession,
  name: string,
): Promise<boolean> {
  try {
    await s3.send(new GetBucketPolicyCommand({ Bucket: name, ExpectedBucketOwner: account }));
    return true;
  } catch (error) {
    if (getAwsErrorCode(error) === 'NoSuchBucketPolicy') return false;
    throw error;
  }
}

function createTlsOnlyPolicy(bucket: string, partition: string): string {
  const arn = `arn:${partition}:s3:::${bucket}`;
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}

export interface BucketContents {
  readonly objects: number;
  /** Older versions and delete markers. */
  readonly versions: number;
  readonly bytes: number;
}

export async function readBucketContents(aws: AwsSession, name: string): Promise<BucketContents> {
  let [objects, versions, bytes] = [0, 0, 0];
  for await (const page of listVersions(aws, name)) {
    for (const { IsLatest, Size = 0 } of page.Versions ?? []) {
      if (IsLatest) objects += 1;
      else versions += 1;
      bytes += Size;
    }
    versions += page.DeleteMarkers?.length ?? 0;
  }
  return { objects, versions, bytes };
}

/** Deletes every object of a bucket, with old versions, delete markers and unfinished uploads. */
export async function emptyBucket(aws: AwsSession, name: string): Promise<void> {
  const { s3, account: ExpectedBucketOwner } = aws;
  for await (const page of listVersions(aws, name)) {
    const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    await deleteBucketObjects(
      aws,
      name,
      all.map(({ Key = '', VersionId }) => ({ key: Key, versionId: VersionId })),
    );
  }
  const { Uploads = [] } = await s3.send(
    new ListMultipartUploadsCommand({ Bucket: name, ExpectedBucketOwner }),
  );
  for (const { Key, UploadId } of Uploads) {
    await s3.send(
      new AbortMultipartUploadCommand({ Bucket: name, Key, UploadId, ExpectedBucketOwner }),
    );
  }
}

/** Deletes any number of objects. @throws DeployError when one was not deleted */
export async function deleteBucketObjects(
  aws: AwsSession,
  bucket: string,
  objects: readonly ObjectToDelete[],
): Promise<void> {
  const [failure] = await deleteObjects(aws, bucket, objects);
  if (failure === undefined) return;
  const { key, code, message } = failure;
  throw new DeployError(`cannot delete s3://${bucket}/${key}: ${code}: ${message}`);
}

/** Empties and deletes a bucket; one that does not exist is no error. */
export async function deleteBucket(aws: AwsSession, name: string): Promise<void> {
  if ((await getBucketState(aws, name)) === 'absent') return;
  for (let attempt = 1; ; attempt += 1) {
    await emptyBucket(aws, name);
    try {
      await aws.s3.send(
        new DeleteBucketCommand({ Bucket: name, ExpectedBucketOwner: aws.account }),
      );
      return;
    } catch (error) {
      if (getAwsErrorCode(error) === 'NoSuchBucket') return;
      // A request in flight wrote another object.
      if (getAwsErrorCode(error) !== 'BucketNotEmpty' || attempt === 3) throw error;
    }
  }
}

async function* listVersions(
  { s3, account: ExpectedBucketOwner }: AwsSession,
  Bucket: string,
): AsyncIterable<ListObjectVersionsCommandOutput> {
  let from: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (;;) {
    const page = await s3.send(
      new ListObjectVersionsCommand({ Bucket, ExpectedBucketOwner, ...from }),
    );
    yield page;
    if (page.IsTruncated !== true || page.NextKeyMarker === undefined) return;
    from = { KeyMarker: page.NextKeyMarker };
    if (page.NextVersionIdMarker) from.VersionIdMarker = page.NextVersionIdMarker;
  }
}

/** The customer's key that encrypts a bucket; `unreadable` where these credentials may not read it. */
type BucketKey =
  | { readonly kind: 'none' | 'unreadable' }
  | { readonly kind: 'customer'; readonly key: string };

export async function readBucketKey(
  { s3, account }: AwsSession,
  Bucket: string,
): Promise<BucketKey> {
  try {
    const { ServerSideEncryptionConfiguration: found } = await s3.send(
      new GetBucketEncryptionCommand({ Bucket, ExpectedBucketOwner: account }),
    );
    const key = found?.Rules?.map(getCustomerKey).find((each) => each !== undefined);
    return key === undefined ? { kind: 'none' } : { kind: 'customer', key };
  } catch (error) {
    if (getAwsErrorCode(error) === 'AccessDenied') return { kind: 'unreadable' };
    // No bucket yet, or one from before S3 encrypted every bucket.
    if (getAwsErrorStatus(error) === 404) return { kind: 'none' };
    throw error;
  }
}

function getCustomerKey(rule: ServerSideEncryptionRule): string | undefined {
  const { SSEAlgorithm: algorithm = '', KMSMasterKeyID: key = '' } =
    rule.ApplyServerSideEncryptionByDefault ?? {};
  // Without a key, SSE-KMS uses aws/s3.
  const isCustomerKey = algorithm.startsWith('aws:kms') && !/^$|(^|:)alias\/aws\/s3$/.test(key);
  return isCustomerKey ? key : undefined;
}
