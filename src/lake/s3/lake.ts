/** The lake in S3, with its partitions in the Glue catalog. */

import type { Table } from '../../catalog/dataset.ts';
import type { Partition } from '../../catalog/partition.ts';
import type { Lake } from '../lake.ts';
import { encodeRows } from '../parquet/encode.ts';
import { GlueCatalog } from './glue-catalog.ts';
import type { S3LakeLocation } from './layout.ts';
import { S3Objects } from './objects.ts';

/**
 * The lake behind the same interface as the local one. An object appears whole or not at all. Its partition is
 * registered after it, so that Athena never finds an empty partition; a writer that dies in between completes both
 * when it runs again.
 */
export function createS3Lake(location: S3LakeLocation): Lake {
  const objects = new S3Objects(location);
  const catalog = new GlueCatalog(location);
  return {
    mayHoldRawBatches: true,
    partitions: (table) => catalog.days(table),
    files: (table, partition) => objects.listFiles(table, partition),
    read: (file, options) => objects.read(file, options),
    async write(file, rows, condition) {
      if (rows.length === 0) return 0;
      const bytes = encodeRows(file.table, rows);
      await objects.write(file, bytes, condition);
      await catalog.register(file.table, file.partition);
      return bytes.byteLength;
    },
    remove: (files) => objects.remove(files),
  };
}

/**
 * Removes every object of a partition, then its entry in the catalog: a failure in between leaves an entry without
 * rows, which a second call removes.
 * @returns how many objects there were
 */
export async function deletePartition(
  location: S3LakeLocation,
  table: Table,
  partition: Partition,
): Promise<number> {
  const removed = await new S3Objects(location).removePartition(table, partition);
  await new GlueCatalog(location).forget(table, partition);
  return removed;
}
