/** What a bucket holds, and removing it: versions, delete markers and unfinished uploads included. */
import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectIdentifier,
} from '@aws-sdk/client-s3';
import { DeployError } from '../errors.ts';
import { awsCode } from '../lake/aws-errors.ts';
import type { Aws } from './aws.ts';
import { bucketState } from './buckets.ts';

export interface BucketContents {
  readonly objects: number;
  /** Older versions and delete markers. */
  readonly versions: number;
  readonly bytes: number;
}

export async function bucketContents(aws: Aws, name: string): Promise<BucketContents> {
  let [objects, versions, bytes] = [0, 0, 0];
  for await (const page of allVersions(aws, name)) {
    for (const { IsLatest, Size = 0 } of page.Versions ?? []) {
      if (IsLatest) objects += 1;
      else versions += 1;
      bytes += Size;
    }
    versions += page.DeleteMarkers?.length ?? 0;
  }
  return { objects, versions, bytes };
}

/** Removes every object of a bucket: old versions, delete markers and unfinished uploads too. */
export async function emptyBucket(aws: Aws, name: string): Promise<void> {
  const { s3, account: ExpectedBucketOwner } = aws;
  for await (const page of allVersions(aws, name)) {
    const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    await removeObjects(
      aws,
      name,
      all.map(({ Key, VersionId }) => ({ Key: Key ?? '', VersionId })),
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

/** Removes objects, as many as there are. @throws DeployError where one of them stays */
export async function removeObjects(
  { s3, account }: Aws,
  bucket: string,
  objects: readonly ObjectIdentifier[],
): Promise<void> {
  for (let start = 0; start < objects.length; start += MOST_AT_ONCE) {
    const { Errors: [first] = [] } = await s3.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        ExpectedBucketOwner: account,
        Delete: { Objects: objects.slice(start, start + MOST_AT_ONCE), Quiet: true },
      }),
    );
    if (first !== undefined) {
      throw new DeployError(`s3://${bucket}/${first.Key} stays: ${first.Code}: ${first.Message}`);
    }
  }
}

/** Empties a bucket and removes it; one that is not there is done. */
export async function removeBucket(aws: Aws, name: string): Promise<void> {
  if ((await bucketState(aws, name)) === 'absent') return;
  for (let attempt = 1; ; attempt += 1) {
    await emptyBucket(aws, name);
    try {
      await aws.s3.send(
        new DeleteBucketCommand({ Bucket: name, ExpectedBucketOwner: aws.account }),
      );
      return;
    } catch (error) {
      if (awsCode(error) === 'NoSuchBucket') return;
      // Something that was under way has written once more.
      if (awsCode(error) !== 'BucketNotEmpty' || attempt === 3) throw error;
    }
  }
}

/** S3 takes so many in one request. */
const MOST_AT_ONCE = 1000;

async function* allVersions(
  { s3, account: ExpectedBucketOwner }: Aws,
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
