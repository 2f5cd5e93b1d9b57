/** A whole partition taken out of the lake in S3. */
import type { Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { GluePartitions } from './glue-partitions.ts';
import type { S3LakePlaces } from './s3-lake.ts';
import { S3Objects } from './s3-objects.ts';

/**
 * Removes every object of a partition and then its entry in the catalog: whoever dies in between
 * leaves an entry without rows, which a second call removes. Answers how many objects there were.
 */
export async function deletePartition(
  { s3, glue, buckets, databases }: S3LakePlaces,
  table: Table,
  partition: Partition,
): Promise<number> {
  const removed = await new S3Objects(s3, buckets).removePartition(table, partition);
  await new GluePartitions(glue, databases, buckets).forget(table, partition);
  return removed;
}
