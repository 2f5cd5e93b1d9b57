/**
 * The lake's files as objects in S3: listed, read, written under a condition, quarantined, deleted.
 */
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ObjectIdentifier,
  PutObjectCommand,
  type S3Client,
  type _Object as S3Object,
} from '@aws-sdk/client-s3';
import { createLakeError, getAwsErrorCode, getAwsErrorStatus } from '../../aws/errors.ts';
import type { Row } from '../../catalog/column.ts';
import type { Partition } from '../../catalog/partition.ts';
import type { ByLayer, Table } from '../../catalog/tables.ts';
import { FileChangedError, LakeError, MissingFileError } from '../../errors.ts';
import type { LakeFile, ReadOptions, WriteCondition } from '../lake.ts';
import { decodeRows } from '../parquet/decode.ts';
import {
  formatCopySource,
  formatObjectKey,
  formatPartitionPrefix,
  formatQuarantineKey,
  formatS3Uri,
  formatTablePrefix,
  parseFileName,
} from './layout.ts';

export class S3Objects {
  readonly #s3: S3Client;
  readonly #buckets: ByLayer;

  constructor(s3: S3Client, buckets: ByLayer) {
    this.#s3 = s3;
    this.#buckets = buckets;
  }

  /** The files of a partition, the oldest first; of the same second, by name. */
  async listFiles(table: Table, partition: Partition): Promise<LakeFile[]> {
    const prefix = formatPartitionPrefix(table, partition);
    const dated: { file: LakeFile; changed: number }[] = [];
    for (const object of await this.#list(table, prefix)) {
      const name = parseFileName(prefix, object.Key ?? '');
      if (name === undefined) continue;
      const version = object.ETag === undefined ? {} : { version: object.ETag };
      const changed = object.LastModified?.getTime() ?? 0;
      dated.push({ file: { table, partition, name, ...version }, changed });
    }
    return dated
      .sort((a, b) => a.changed - b.changed || (a.file.name < b.file.name ? -1 : 1))
      .map(({ file }) => file);
  }

  async read(file: LakeFile, options?: ReadOptions): Promise<Row[]> {
    return decodeRows(file.table, await this.bytes(file), this.uri(file), options);
  }

  /** A file's bytes, or some of them: `range` is what the header says, such as `bytes=0-3`. */
  async bytes(file: LakeFile, range?: string): Promise<Uint8Array> {
    const { bucket, key, uri } = this.#place(file);
    let bytes: Uint8Array | undefined;
    try {
      const answer = await this.#s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: file.version, Range: range }),
      );
      bytes = await answer.Body?.transformToByteArray();
    } catch (error) {
      if (getAwsErrorCode(error) === 'NoSuchKey' || getAwsErrorStatus(error) === 404) {
        throw new MissingFileError(`${uri} is not there`, { cause: error });
      }
      if (isConditionFailure(error)) throw createFileChangedError(uri, error);
      throw createLakeError(`cannot read ${uri}`, error);
    }
    if (bytes === undefined) throw new LakeError(`cannot read ${uri}: it came without a body`);
    return bytes;
  }

  uri(file: LakeFile): string {
    return this.#place(file).uri;
  }

  /** Every object below a table, the lake's or not, with its key below it; folders' markers are none. */
  async listTable(table: Table): Promise<{ path: string; size: number; version?: string }[]> {
    const prefix = formatTablePrefix(table);
    const found: { path: string; size: number; version?: string }[] = [];
    for (const { Key = '', Size = 0, ETag } of await this.#list(table, prefix)) {
      if (Key.endsWith('/')) continue;
      const seen = { path: Key.slice(prefix.length), size: Size };
      found.push(ETag === undefined ? seen : { ...seen, version: ETag });
    }
    return found;
  }

  /**
   * Moves a file out of its table, the copy first; answers where it is.
   * @throws FileChangedError where it is no longer as it was listed
   */
  async quarantine(file: LakeFile): Promise<string> {
    const { bucket, key, uri } = this.#place(file);
    const to = formatQuarantineKey(file);
    try {
      await this.#s3.send(
        new CopyObjectCommand({
          Bucket: bucket,
          Key: to,
          CopySource: formatCopySource(bucket, key),
          CopySourceIfMatch: file.version,
        }),
      );
    } catch (error) {
      if (isConditionFailure(error)) throw createFileChangedError(uri, error);
      throw createLakeError(`cannot move ${uri} to ${formatS3Uri(bucket, to)}`, error);
    }
    await this.remove([file]);
    return formatS3Uri(bucket, to);
  }

  async write(file: LakeFile, bytes: Uint8Array, condition?: WriteCondition): Promise<void> {
    const { bucket, key, uri } = this.#place(file);
    try {
      await this.#s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: bytes,
          ContentType: 'application/vnd.apache.parquet',
          ...(condition === undefined ? {} : createConditionHeaders(condition)),
        }),
      );
    } catch (error) {
      if (
        condition !== undefined &&
        (isConditionFailure(error) || getAwsErrorStatus(error) === 404)
      ) {
        throw createFileChangedError(uri, error);
      }
      throw createLakeError(`cannot write ${uri}`, error);
    }
  }

  /** Removes files, each only as it was listed; all that can be are gone before this rejects. */
  async remove(files: readonly LakeFile[]): Promise<void> {
    const byBucket = new Map<string, ObjectIdentifier[]>();
    for (const file of files) {
      const { bucket, key } = this.#place(file);
      const objects = byBucket.get(bucket) ?? [];
      objects.push({ Key: key, ...(file.version === undefined ? {} : { ETag: file.version }) });
      byBucket.set(bucket, objects);
    }
    for (const [bucket, objects] of byBucket) await deleteObjects(this.#s3, bucket, objects);
  }

  /** Removes every object below a partition, ours or not; answers how many there were. */
  async removePartition(table: Table, partition: Partition): Promise<number> {
    const found = await this.#list(table, formatPartitionPrefix(table, partition));
    const objects = found.flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
    await deleteObjects(this.#s3, this.#buckets[table.layer], objects);
    return objects.length;
  }

  #place(file: LakeFile): { bucket: string; key: string; uri: string } {
    const bucket = this.#buckets[file.table.layer];
    const key = formatObjectKey(file);
    return { bucket, key, uri: formatS3Uri(bucket, key) };
  }

  async #list(table: Table, prefix: string): Promise<S3Object[]> {
    const bucket = this.#buckets[table.layer];
    const objects: S3Object[] = [];
    let after: string | undefined;
    do {
      try {
        const page = await this.#s3.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: after }),
        );
        objects.push(...(page.Contents ?? []));
        after = page.IsTruncated ? page.NextContinuationToken : undefined;
      } catch (error) {
        throw createLakeError(`cannot list ${formatS3Uri(bucket, prefix)}`, error);
      }
    } while (after !== undefined);
    return objects;
  }
}

/** The codes and statuses by which S3 says that a condition on an object did not hold. */
const CONDITION_FAILURE_CODES: readonly string[] = [
  'PreconditionFailed',
  'ConditionalRequestConflict',
];
const CONDITION_FAILURE_STATUSES: readonly number[] = [409, 412];

function createConditionHeaders({ expected: onlyOver }: WriteCondition): {
  IfMatch?: string;
  IfNoneMatch?: string;
} {
  if (onlyOver === undefined) return { IfNoneMatch: '*' };
  return onlyOver.version === undefined ? {} : { IfMatch: onlyOver.version };
}

function isConditionFailureCode(code: string): boolean {
  return CONDITION_FAILURE_CODES.includes(code);
}

function isConditionFailure(error: unknown): boolean {
  const status = getAwsErrorStatus(error);
  return (
    isConditionFailureCode(getAwsErrorCode(error) ?? '') ||
    (status !== undefined && CONDITION_FAILURE_STATUSES.includes(status))
  );
}

function createFileChangedError(uri: string, cause?: unknown): FileChangedError {
  return new FileChangedError(`${uri} is no longer as it was listed`, {
    hint: 'Another run works on the same day: run the command again when it has ended.',
    cause,
  });
}

/** So many objects one DeleteObjects takes. */
const MAX_KEYS_PER_DELETION = 1000;

/**
 * Removes objects, those that name a version only as that; one that is gone is no error.
 * @throws FileChangedError where one is no longer as it was listed, once all that can be are gone
 */
async function deleteObjects(
  s3: S3Client,
  bucket: string,
  objects: readonly ObjectIdentifier[],
): Promise<void> {
  const changedKeys: string[] = [];
  for (let start = 0; start < objects.length; start += MAX_KEYS_PER_DELETION) {
    const chunk = objects.slice(start, start + MAX_KEYS_PER_DELETION);
    const what = `cannot remove objects from ${formatS3Uri(bucket, '')}`;
    const answer = await s3
      .send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: chunk, Quiet: true } }))
      .catch((error: unknown) => {
        throw createLakeError(what, error);
      });
    for (const { Key: key = '?', Code: code = '?', Message: message } of answer.Errors ?? []) {
      if (code === 'NoSuchKey') continue;
      if (isConditionFailureCode(code)) changedKeys.push(key);
      else throw new LakeError(`${what}: ${key}: ${code}: ${message ?? ''}`);
    }
  }
  const [first] = changedKeys;
  if (first !== undefined) throw createFileChangedError(formatS3Uri(bucket, first));
}
