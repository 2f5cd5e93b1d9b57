/** Buckets: whose they are, and making a private one. */
import { setTimeout as wait } from 'node:timers/promises';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  GetBucketPolicyCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { DeployError } from '../errors.ts';
import { awsCode, awsStatus } from '../lake/aws-errors.ts';
import type { Aws } from './aws.ts';

export type BucketState = 'ours' | 'absent' | 'foreign';

/**
 * Whether this account has the bucket. Names are the whole world's: one that can be guessed may have
 * been taken by a stranger, who would then read what is written there. So every call names the owner.
 */
export async function bucketState(
  { s3, account, region }: Aws,
  name: string,
): Promise<BucketState> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: name, ExpectedBucketOwner: account }));
    return 'ours';
  } catch (error) {
    const status = awsStatus(error);
    if (status === 404) return 'absent';
    if (status === 403 || status === 301 || isElsewhere(error, region)) return 'foreign';
    throw error;
  }
}

/** S3 says where a bucket of another region is, with 301 or, to a request signed for here, with 400. */
function isElsewhere(error: unknown, region: string): boolean {
  const { $response: response } = error as {
    readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  };
  const actual = response?.headers?.['x-amz-bucket-region'];
  return actual !== undefined && actual !== region;
}

export function takenBucket(name: string, parameter: string): DeployError {
  return new DeployError(
    `the bucket ${name} is another account's, or in another region, or closed to these credentials`,
    { hint: `Give another name: --parameter ${parameter}=… (bucket names are the whole world's).` },
  );
}

export interface NewBucket {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly versioned?: boolean;
}

/** Makes a private, encrypted bucket that takes TLS alone; one half made is made whole. */
export async function makePrivateBucket(aws: Aws, bucket: NewBucket): Promise<void> {
  const { s3, account, partition } = aws;
  const { name: Bucket, tags, versioned = false } = bucket;
  const owned = { Bucket, ExpectedBucketOwner: account };
  await create(aws, Bucket);
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
  if (versioned) {
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
  // Last, so that a bucket with a policy is one that has all the rest.
  await s3.send(new PutBucketPolicyCommand({ ...owned, Policy: tlsOnlyPolicy(Bucket, partition) }));
}

/** A bucket that was just removed keeps its name for a moment. */
async function create({ s3, region }: Aws, Bucket: string): Promise<void> {
  const LocationConstraint = region as BucketLocationConstraint;
  // S3's first region is the one that is not named.
  const where = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await s3.send(new CreateBucketCommand({ Bucket, ...where }));
      return;
    } catch (error) {
      if (awsCode(error) === 'BucketAlreadyOwnedByYou') return;
      if (awsCode(error) !== 'OperationAborted' || attempt === 10) throw error;
      await wait(attempt * 2_000);
    }
  }
}

/** Whether `makePrivateBucket` came to its end here. */
export async function isWhole({ s3, account }: Aws, name: string): Promise<boolean> {
  try {
    await s3.send(new GetBucketPolicyCommand({ Bucket: name, ExpectedBucketOwner: account }));
    return true;
  } catch (error) {
    if (awsCode(error) === 'NoSuchBucketPolicy') return false;
    throw error;
  }
}

function tlsOnlyPolicy(bucket: string, partition: string): string {
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
