/** The lake in S3, with its partitions in the Glue catalog. */
import type { GlueClient } from '@aws-sdk/client-glue';
import type { S3Client } from '@aws-sdk/client-s3';
import { encodeRows } from './encode.ts';
import { GluePartitions } from './glue-partitions.ts';
import type { Lake } from './lake.ts';
import { S3Objects } from './s3-objects.ts';
import type { ByLayer } from './s3-places.ts';

export interface S3LakePlaces {
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
export function createS3Lake({ s3, glue, buckets, databases }: S3LakePlaces): Lake {
  const objects = new S3Objects(s3, buckets);
  const partitions = new GluePartitions(glue, databases, buckets);
  return {
    mayHoldRawBatches: true,
    partitions: (table) => partitions.list(table),
    files: (table, partition) => objects.files(table, partition),
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
