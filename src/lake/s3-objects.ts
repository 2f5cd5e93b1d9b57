/** The lake's files as objects in S3. */
import {
  CopyObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ObjectIdentifier,
  PutObjectCommand,
  type S3Client,
  type _Object as S3Object,
} from '@aws-sdk/client-s3';
import type { Row } from '../catalog/column.ts';
import type { Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { LakeError, MissingFileError } from '../errors.ts';
import { awsCode, awsFailure, awsStatus } from './aws-errors.ts';
import { decodeRows } from './decode.ts';
import type { LakeFile, ReadOptions, WriteCondition } from './lake.ts';
import { asHeaders, changed, isChanged } from './s3-conditions.ts';
import { deleteObjects } from './s3-deletion.ts';
import {
  type ByLayer,
  copySource,
  fileNameIn,
  objectKey,
  partitionPrefix,
  quarantineKey,
  s3Uri,
  tablePrefix,
} from './s3-places.ts';

export class S3Objects {
  readonly #s3: S3Client;
  readonly #buckets: ByLayer;

  constructor(s3: S3Client, buckets: ByLayer) {
    this.#s3 = s3;
    this.#buckets = buckets;
  }

  /** The files of a partition, the oldest first; of the same second, by name. */
  async files(table: Table, partition: Partition): Promise<LakeFile[]> {
    const prefix = partitionPrefix(table, partition);
    const dated: { file: LakeFile; changed: number }[] = [];
    for (const object of await this.#list(table, prefix)) {
      const name = fileNameIn(prefix, object.Key ?? '');
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
      if (awsCode(error) === 'NoSuchKey' || awsStatus(error) === 404) {
        throw new MissingFileError(`${uri} is not there`, { cause: error });
      }
      if (isChanged(error)) throw changed(uri, error);
      throw awsFailure(`cannot read ${uri}`, error);
    }
    if (bytes === undefined) throw new LakeError(`cannot read ${uri}: it came without a body`);
    return bytes;
  }

  uri(file: LakeFile): string {
    return this.#place(file).uri;
  }

  /** Every object below a table, the lake's or not, with its key below it; folders' markers are none. */
  async below(table: Table): Promise<{ path: string; size: number; version?: string }[]> {
    const prefix = tablePrefix(table);
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
  async setAside(file: LakeFile): Promise<string> {
    const { bucket, key, uri } = this.#place(file);
    const to = quarantineKey(file);
    try {
      await this.#s3.send(
        new CopyObjectCommand({
          Bucket: bucket,
          Key: to,
          CopySource: copySource(bucket, key),
          CopySourceIfMatch: file.version,
        }),
      );
    } catch (error) {
      if (isChanged(error)) throw changed(uri, error);
      throw awsFailure(`cannot move ${uri} to ${s3Uri(bucket, to)}`, error);
    }
    await this.remove([file]);
    return s3Uri(bucket, to);
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
          ...(condition === undefined ? {} : asHeaders(condition)),
        }),
      );
    } catch (error) {
      if (condition !== undefined && (isChanged(error) || awsStatus(error) === 404)) {
        throw changed(uri, error);
      }
      throw awsFailure(`cannot write ${uri}`, error);
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
    const found = await this.#list(table, partitionPrefix(table, partition));
    const objects = found.flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
    await deleteObjects(this.#s3, this.#buckets[table.layer], objects);
    return objects.length;
  }

  #place(file: LakeFile): { bucket: string; key: string; uri: string } {
    const bucket = this.#buckets[file.table.layer];
    const key = objectKey(file);
    return { bucket, key, uri: s3Uri(bucket, key) };
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
        throw awsFailure(`cannot list ${s3Uri(bucket, prefix)}`, error);
      }
    } while (after !== undefined);
    return objects;
  }
}
