/** The lake in S3, with its partitions in the Glue catalog. */

import type { GlueClient } from '@aws-sdk/client-glue';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Partition } from '../../catalog/partition.ts';
import type { ByLayer, Table } from '../../catalog/tables.ts';
import type { Lake } from '../lake.ts';
import { encodeRows } from '../parquet/encode.ts';
import { GluePartitions } from './glue-catalog.ts';
import { S3Objects } from './objects.ts';

export interface S3LakeLocation {
  readonly s3: S3Client;
  readonly glue: GlueClient;
  readonly buckets: ByLayer;
  readonly databases: ByLayer;
}

/**
 * The lake behind the same interface as the local one. An object appears whole or not at all; its
 * partition is registered after it, so that Athena never finds a place that is empty, and a writer that
 * dies in between completes both when it runs again.
 */
export function createS3Lake({ s3, glue, buckets, databases }: S3LakeLocation): Lake {
  const objects = new S3Objects(s3, buckets);
  const partitions = new GluePartitions(glue, databases, buckets);
  return {
    mayHoldRawBatches: true,
    partitions: (table) => partitions.list(table),
    files: (table, partition) => objects.listFiles(table, partition),
    read: (file, options) => objects.read(file, options),
    async write(file, rows, condition) {
      if (rows.length === 0) return 0;
      const bytes = encodeRows(file.table, rows);
      await objects.write(file, bytes, condition);
      await partitions.register(file.table, file.partition);
      return bytes.byteLength;
    },
    remove: (files) => objects.remove(files),
  };
}

/**
 * Removes every object of a partition and then its entry in the catalog: whoever dies in between
 * leaves an entry without rows, which a second call removes. Answers how many objects there were.
 */
export async function deletePartition(
  { s3, glue, buckets, databases }: S3LakeLocation,
  table: Table,
  partition: Partition,
): Promise<number> {
  const removed = await new S3Objects(s3, buckets).removePartition(table, partition);
  await new GluePartitions(glue, databases, buckets).forget(table, partition);
  return removed;
}
