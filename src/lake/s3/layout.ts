/**
 * Where the lake is in AWS: its buckets and databases, and the keys of its files. Pure.
 */

import type { GlueAccess } from '../../aws/glue.ts';
import type { S3Access } from '../../aws/objects.ts';
import type { ByLayer, Table } from '../../catalog/dataset.ts';
import { tables as allTables } from '../../catalog/datasets.ts';
import type { Partition } from '../../catalog/partition.ts';
import type { LakeFile } from '../lake.ts';
import { EXTENSION, formatPartitionFolder, parsePartitionFolder } from '../names.ts';

export interface S3LakeLocation extends Pick<S3Access, 's3'>, GlueAccess {
  readonly buckets: ByLayer;
  readonly databases: ByLayer;
}

/** What the keys of a table begin with; it ends with a slash. */
export function formatTablePrefix(table: Table): string {
  return `${table.name}/`;
}

/** What the keys of a partition begin with; it ends with a slash. */
export function formatPartitionPrefix(table: Table, partition: Partition): string {
  return `${formatTablePrefix(table)}${formatPartitionFolder(table, partition)}/`;
}

export function formatObjectKey({ table, partition, name }: LakeFile): string {
  return `${formatPartitionPrefix(table, partition)}${name}${EXTENSION}`;
}

/**
 * Where a file that cannot be read is moved: outside every table, with an extension that no notification matches,
 * and under another key for other bytes.
 */
export function formatQuarantineKey(file: LakeFile): string {
  const { table, partition, name, version = '' } = file;
  const tag = version.replace(/[^0-9A-Za-z-]/g, '');
  return `_quarantine/${formatPartitionPrefix(table, partition)}${name}-${tag}${EXTENSION}.broken`;
}

/** The name of the file at a key of a partition, or undefined where it is not one of the lake's. */
export function parseFileName(prefix: string, key: string): string | undefined {
  if (!key.startsWith(prefix) || !key.endsWith(EXTENSION)) return undefined;
  const name = key.slice(prefix.length, -EXTENSION.length);
  return name === '' || name.includes('/') ? undefined : name;
}

/** The file of the lake that a key names, or undefined where the key is not one of the lake's. */
export function parseObjectKey(
  key: string,
  tables: readonly Table[] = allTables,
): LakeFile | undefined {
  const [tableName, folder = ''] = key.split('/');
  const table = tables.find(({ name }) => name === tableName);
  if (table === undefined) return undefined;
  const partition = parsePartitionFolder(table, folder);
  if (partition === undefined) return undefined;
  const name = parseFileName(formatPartitionPrefix(table, partition), key);
  return name === undefined ? undefined : { table, partition, name };
}

/** An object as people and the AWS CLI write it. */
export function formatS3Uri(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}
