/**
 * Objects in S3 buckets.
 */

import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import type { AwsSession } from './session.ts';

interface UnfinishedUploads {
  readonly count: number;
  /** Whether there are more than `count`. */
  readonly hasMore: boolean;
}

/** The multipart uploads of a bucket that were begun and neither completed nor aborted. */
export async function countUnfinishedUploads(
  { s3, account }: AwsSession,
  bucket: string,
): Promise<UnfinishedUploads> {
  const { Uploads: uploads = [], IsTruncated: hasMore = false } = await s3.send(
    new ListMultipartUploadsCommand({ Bucket: bucket, ExpectedBucketOwner: account }),
  );
  return { count: uploads.length, hasMore };
}
