/** Removing objects from S3, a thousand at a time. */
import { DeleteObjectsCommand, type ObjectIdentifier, type S3Client } from '@aws-sdk/client-s3';
import { LakeError } from '../errors.ts';
import { awsFailure } from './aws-errors.ts';
import { changed, isChangedCode } from './s3-conditions.ts';
import { s3Uri } from './s3-places.ts';

/** So many objects one DeleteObjects takes. */
const LARGEST_DELETION = 1000;

/**
 * Removes objects, those that name a version only as that; one that is gone is no error.
 * @throws FileChangedError where one is no longer as it was listed, once all that can be are gone
 */
export async function deleteObjects(
  s3: S3Client,
  bucket: string,
  objects: readonly ObjectIdentifier[],
): Promise<void> {
  const changedKeys: string[] = [];
  for (let start = 0; start < objects.length; start += LARGEST_DELETION) {
    const chunk = objects.slice(start, start + LARGEST_DELETION);
    const what = `cannot remove objects from ${s3Uri(bucket, '')}`;
    const answer = await s3
      .send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: chunk, Quiet: true } }))
      .catch((error: unknown) => {
        throw awsFailure(what, error);
      });
    for (const { Key: key = '?', Code: code = '?', Message: message } of answer.Errors ?? []) {
      if (code === 'NoSuchKey') continue;
      if (isChangedCode(code)) changedKeys.push(key);
      else throw new LakeError(`${what}: ${key}: ${code}: ${message ?? ''}`);
    }
  }
  const [first] = changedKeys;
  if (first !== undefined) throw changed(s3Uri(bucket, first));
}
