/**
 * The lake's files as objects in S3: listed, read, written under a condition, quarantined, deleted.
 */

import { createLakeError, getAwsErrorCode, getAwsErrorStatus } from '../../aws/errors.ts';
import {
  copyObject,
  type DeletionFailure,
  deleteObjects,
  type ListedObject,
  listObjects,
  type ObjectName,
  type ObjectToDelete,
  readObject,
  type S3Access,
  writeObject,
} from '../../aws/objects.ts';
import type { Row } from '../../catalog/column.ts';
import type { ByLayer, Table } from '../../catalog/dataset.ts';
import type { Partition } from '../../catalog/partition.ts';
import { FileChangedError, LakeError, MissingFileError } from '../../errors.ts';
import type { ListedPath } from '../inspector.ts';
import type { LakeFile, ReadOptions, WriteCondition } from '../lake.ts';
import { decodeRows } from '../parquet/decode.ts';
import {
  formatObjectKey,
  formatPartitionPrefix,
  formatQuarantineKey,
  formatS3Uri,
  formatTablePrefix,
  parseFileName,
  type S3LakeLocation,
} from './layout.ts';

export class S3Objects {
  /** Without the account of the owner, which the functions do not know. */
  readonly #access: S3Access;
  readonly #buckets: ByLayer;

  constructor({ s3, buckets }: S3LakeLocation) {
    this.#access = { s3 };
    this.#buckets = buckets;
  }

  /** The files of a partition, the oldest first; of the same second, by name. */
  async listFiles(table: Table, partition: Partition): Promise<LakeFile[]> {
    const prefix = formatPartitionPrefix(table, partition);
    const dated: { file: LakeFile; modified: number }[] = [];
    for (const { key, etag, modifiedAt } of await this.#list(table, prefix)) {
      const name = parseFileName(prefix, key);
      if (name === undefined) continue;
      const version = etag === undefined ? {} : { version: etag };
      const modified = modifiedAt?.getTime() ?? 0;
      dated.push({ file: { table, partition, name, ...version }, modified });
    }
    return dated
      .sort((a, b) => a.modified - b.modified || (a.file.name < b.file.name ? -1 : 1))
      .map(({ file }) => file);
  }

  async read(file: LakeFile, options?: ReadOptions): Promise<Row[]> {
    return decodeRows(file.table, await this.bytes(file), this.uri(file), options);
  }

  /** A file's bytes, or some of them: `range` as the header has it, such as `bytes=0-3`. */
  async bytes(file: LakeFile, range?: string): Promise<Uint8Array> {
    const uri = this.uri(file);
    let bytes: Uint8Array | undefined;
    try {
      const options = { range, ifMatch: file.version };
      bytes = await readObject(this.#access, this.#nameOf(file), options);
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
    return formatUri(this.#nameOf(file));
  }

  /** Every object of a table, the lake's or not, with its path below it; folder markers are left out. */
  async listTable(table: Table): Promise<ListedPath[]> {
    const prefix = formatTablePrefix(table);
    return (await this.#list(table, prefix))
      .filter(({ key }) => !key.endsWith('/'))
      .map(({ key, size, etag, modifiedAt }) => {
        const version = etag === undefined ? {} : { version: etag };
        return { path: key.slice(prefix.length), size, modifiedAt, ...version };
      });
  }

  /**
   * Moves a file out of its table, the copy first; answers where it is.
   * @throws FileChangedError when it is no longer as it was listed
   */
  async quarantine(file: LakeFile): Promise<string> {
    const from = this.#nameOf(file);
    const to = { bucket: from.bucket, key: formatQuarantineKey(file) };
    try {
      await copyObject(this.#access, from, to, file.version);
    } catch (error) {
      if (isConditionFailure(error)) throw createFileChangedError(formatUri(from), error);
      throw createLakeError(`cannot move ${formatUri(from)} to ${formatUri(to)}`, error);
    }
    await this.remove([file]);
    return formatUri(to);
  }

  async write(file: LakeFile, bytes: Uint8Array, condition?: WriteCondition): Promise<void> {
    const uri = this.uri(file);
    try {
      await writeObject(this.#access, this.#nameOf(file), bytes, {
        contentType: 'application/vnd.apache.parquet',
        ...(condition === undefined ? {} : toPreconditions(condition)),
      });
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

  /** Removes files, each only as it was listed; all that can be are removed before this rejects. */
  async remove(files: readonly LakeFile[]): Promise<void> {
    const byBucket = new Map<string, ObjectToDelete[]>();
    for (const file of files) {
      const { bucket, key } = this.#nameOf(file);
      const objects = byBucket.get(bucket) ?? [];
      objects.push({ key, ifMatch: file.version });
      byBucket.set(bucket, objects);
    }
    for (const [bucket, objects] of byBucket) await this.#delete(bucket, objects);
  }

  /** Removes every object of a partition, the lake's or not; answers how many there were. */
  async removePartition(table: Table, partition: Partition): Promise<number> {
    const objects = await this.#list(table, formatPartitionPrefix(table, partition));
    await this.#delete(
      this.#buckets[table.layer],
      objects.map(({ key }) => ({ key })),
    );
    return objects.length;
  }

  #nameOf(file: LakeFile): ObjectName {
    return { bucket: this.#buckets[file.table.layer], key: formatObjectKey(file) };
  }

  async #list(table: Table, prefix: string): Promise<ListedObject[]> {
    const bucket = this.#buckets[table.layer];
    try {
      return await listObjects(this.#access, bucket, prefix);
    } catch (error) {
      throw createLakeError(`cannot list ${formatS3Uri(bucket, prefix)}`, error);
    }
  }

  /** @throws FileChangedError when an object is no longer as it was listed, once all others are removed */
  async #delete(bucket: string, objects: readonly ObjectToDelete[]): Promise<void> {
    const what = `cannot remove objects from ${formatS3Uri(bucket, '')}`;
    let failures: DeletionFailure[];
    try {
      failures = await deleteObjects(this.#access, bucket, objects);
    } catch (error) {
      throw createLakeError(what, error);
    }
    // An object that does not exist is removed.
    const relevant = failures.filter(({ code }) => code !== 'NoSuchKey');
    const other = relevant.find(({ code }) => !CONDITION_FAILURE_CODES.includes(code));
    if (other !== undefined) {
      throw new LakeError(`${what}: ${other.key}: ${other.code}: ${other.message}`);
    }
    const [changed] = relevant;
    if (changed !== undefined) throw createFileChangedError(formatS3Uri(bucket, changed.key));
  }
}

function formatUri({ bucket, key }: ObjectName): string {
  return formatS3Uri(bucket, key);
}

function toPreconditions({ expected }: WriteCondition): { ifMatch?: string; ifNoneMatch?: '*' } {
  if (expected === undefined) return { ifNoneMatch: '*' };
  return expected.version === undefined ? {} : { ifMatch: expected.version };
}

/** The codes and statuses by which S3 says that a condition on an object did not hold. */
const CONDITION_FAILURE_CODES: readonly string[] = [
  'PreconditionFailed',
  'ConditionalRequestConflict',
];
const CONDITION_FAILURE_STATUSES: readonly number[] = [409, 412];

function isConditionFailure(error: unknown): boolean {
  return (
    CONDITION_FAILURE_CODES.includes(getAwsErrorCode(error) ?? '') ||
    CONDITION_FAILURE_STATUSES.includes(getAwsErrorStatus(error) ?? 0)
  );
}

function createFileChangedError(uri: string, cause?: unknown): FileChangedError {
  return new FileChangedError(`${uri} is no longer as it was listed`, {
    hint: 'Another run works on the same day: run the command again when it has ended.',
    cause,
  });
}
