/**
 * Objects in S3 buckets: listed, read, written, copied and deleted. Callers decide what a failure means to them.
 */
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getAwsErrorStatus } from './errors.ts';

/** A session, or anything else that has a client of S3. */
export interface S3Access {
  readonly s3: S3Client;
  /**
   * The account that must own every bucket of a request: bucket names are global, and one that can be guessed may
   * belong to a stranger. Undefined accepts any owner.
   */
  readonly account?: string | undefined;
}

export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

function formatObjectRequest({ account }: S3Access, { bucket, key }: ObjectName) {
  return { Bucket: bucket, Key: key, ExpectedBucketOwner: account };
}

export interface ListedObject {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  readonly etag: string | undefined;
  readonly modifiedAt: Date | undefined;
}

/** Every object whose key begins with the prefix. */
export async function listObjects(
  { s3, account }: S3Access,
  bucket: string,
  prefix = '',
): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  const request = { Bucket: bucket, Prefix: prefix, ExpectedBucketOwner: account };
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, request)) {
    for (const { Key = '', Size = 0, ETag, LastModified } of Contents) {
      objects.push({ key: Key, size: Size, etag: ETag, modifiedAt: LastModified });
    }
  }
  return objects;
}

interface ObjectReadOptions {
  /** As the header has it, such as `bytes=0-3`. */
  readonly range?: string | undefined;
  /** Reads only the object with this ETag. */
  readonly ifMatch?: string | undefined;
}

/** The bytes of an object; undefined where S3 answers without a body. */
export async function readObject(
  access: S3Access,
  name: ObjectName,
  { range, ifMatch }: ObjectReadOptions = {},
): Promise<Uint8Array | undefined> {
  const request = { ...formatObjectRequest(access, name), Range: range, IfMatch: ifMatch };
  const { Body: body } = await access.s3.send(new GetObjectCommand(request));
  return body?.transformToByteArray();
}

export async function readObjectText(access: S3Access, name: ObjectName): Promise<string> {
  const { Body: body } = await access.s3.send(
    new GetObjectCommand(formatObjectRequest(access, name)),
  );
  return (await body?.transformToString()) ?? '';
}

/** Whether an object exists; `denied` where these credentials may not see it. */
export async function getObjectState(
  access: S3Access,
  name: ObjectName,
): Promise<'exists' | 'missing' | 'denied'> {
  try {
    await access.s3.send(new HeadObjectCommand(formatObjectRequest(access, name)));
    return 'exists';
  } catch (error) {
    const status = getAwsErrorStatus(error);
    if (status === 404) return 'missing';
    if (status === 403) return 'denied';
    throw error;
  }
}

interface ObjectWriteOptions {
  readonly contentType?: string;
  /** Replaces only the object with this ETag. */
  readonly ifMatch?: string | undefined;
  /** `*` writes only where there is no object. */
  readonly ifNoneMatch?: '*' | undefined;
}

export async function writeObject(
  access: S3Access,
  name: ObjectName,
  body: Uint8Array | string,
  { contentType, ifMatch, ifNoneMatch }: ObjectWriteOptions = {},
): Promise<void> {
  await access.s3.send(
    new PutObjectCommand({
      ...formatObjectRequest(access, name),
      Body: body,
      ContentType: contentType,
      IfMatch: ifMatch,
      IfNoneMatch: ifNoneMatch,
    }),
  );
}

/** @param ifMatch copies only the object with this ETag */
export async function copyObject(
  access: S3Access,
  from: ObjectName,
  to: ObjectName,
  ifMatch: string | undefined,
): Promise<void> {
  await access.s3.send(
    new CopyObjectCommand({
      ...formatObjectRequest(access, to),
      CopySource: formatCopySource(from),
      CopySourceIfMatch: ifMatch,
    }),
  );
}

/** The header is part of a URL, and a key may hold any character. */
function formatCopySource({ bucket, key }: ObjectName): string {
  return [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
}

export interface ObjectToDelete {
  readonly key: string;
  readonly versionId?: string | undefined;
  /** Deletes only the object with this ETag. */
  readonly ifMatch?: string | undefined;
}

export interface DeletionFailure {
  readonly key: string;
  /** S3's code, such as `AccessDenied`. */
  readonly code: string;
  readonly message: string;
}

/** DeleteObjects takes at most this many keys. */
const MAX_KEYS_PER_DELETION = 1000;

/** Deletes objects, as many as can be; answers those that S3 did not delete. */
export async function deleteObjects(
  { s3, account }: S3Access,
  bucket: string,
  objects: readonly ObjectToDelete[],
): Promise<DeletionFailure[]> {
  const failures: DeletionFailure[] = [];
  for (let start = 0; start < objects.length; start += MAX_KEYS_PER_DELETION) {
    const chunk = objects.slice(start, start + MAX_KEYS_PER_DELETION);
    const { Errors: errors = [] } = await s3.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        ExpectedBucketOwner: account,
        Delete: {
          Objects: chunk.map(({ key, versionId, ifMatch }) => {
            return { Key: key, VersionId: versionId, ETag: ifMatch };
          }),
          Quiet: true,
        },
      }),
    );
    for (const { Key: key = '?', Code: code = '?', Message: message = '' } of errors) {
      failures.push({ key, code, message });
    }
  }
  return failures;
}

export interface UnfinishedUploads {
  readonly count: number;
  /** Whether there are more than `count`. */
  readonly hasMore: boolean;
}

/** The multipart uploads of a bucket that were begun and neither completed nor aborted. */
export async function countUnfinishedUploads(
  { s3, account }: S3Access,
  bucket: string,
): Promise<UnfinishedUploads> {
  const { Uploads: uploads = [], IsTruncated: hasMore = false } = await s3.send(
    new ListMultipartUploadsCommand({ Bucket: bucket, ExpectedBucketOwner: account }),
  );
  return { count: uploads.length, hasMore };
}
