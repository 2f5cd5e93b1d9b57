/**
 * A lake in the stand-in as tests look at it: they do so more often than the functions that they test, and without the
 * SDK it takes a third of the time. What the product lists and reads is not looked at by its own code, either. It is
 * written to as by the product.
 */
import type { Table } from '../../src/catalog/dataset.ts';
import { type Partition, parsePartitionValue } from '../../src/catalog/partition.ts';
import type { Lake, LakeFile } from '../../src/lake/lake.ts';
import { decodeRows } from '../../src/lake/parquet/decode.ts';
import { createS3Lake } from '../../src/lake/s3/lake.ts';
import {
  formatObjectKey,
  formatPartitionPrefix,
  parseFileName,
  type S3LakeLocation,
} from '../../src/lake/s3/layout.ts';
import { objectsIn, partitionsIn } from './account-contents.ts';
import type { AwsAccount } from './aws-account.ts';

/** A lake whose `files` and `partitions` ask once for all that is asked for at the same time. */
export function lookAtLake(location: S3LakeLocation & { readonly account: AwsAccount }): Lake {
  const { account, buckets, databases } = location;
  return {
    ...createS3Lake(location),
    async partitions({ layer, name, partition }) {
      const named = { DatabaseName: databases[layer], TableName: name };
      const listed = await partitionsIn(account, named);
      return listed
        .flatMap(({ Values: [value = ''] }) => parsePartitionValue(partition, value) ?? [])
        .sort((a, b) => a - b);
    },
    async files(table: Table, partition: Partition): Promise<LakeFile[]> {
      const objects = await objectsIn(account, buckets[table.layer]);
      const prefix = formatPartitionPrefix(table, partition);
      return objects
        .flatMap(({ Key, ETag, LastModified }) => {
          const name = parseFileName(prefix, Key);
          const modified = Date.parse(LastModified);
          return name === undefined
            ? []
            : [{ file: { table, partition, name, version: ETag }, modified }];
        })
        .sort((a, b) => a.modified - b.modified || (a.file.name < b.file.name ? -1 : 1))
        .map(({ file }) => file);
    },
    async read(file, options) {
      const path = `/${buckets[file.table.layer]}/${formatObjectKey(file)}`;
      const { version } = file;
      const headers = version === undefined ? {} : { 'if-match': version };
      const { ok, status, bytes } = await account.fetch(path, { headers });
      if (!ok) throw new Error(`${path}: ${status} ${bytes}`);
      return decodeRows(file.table, new Uint8Array(bytes), path, options);
    },
  };
}
