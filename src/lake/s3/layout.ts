/**
 * The keys of the lake's files in S3, and which file a key names. Pure.
 */

import { PARTITION_COLUMN, type Partition, parsePartitionValue } from '../../catalog/partition.ts';
import { type Table, tables } from '../../catalog/tables.ts';
import type { LakeFile } from '../lake.ts';
import { EXTENSION } from '../names.ts';

/** What the keys of a table begin with; it ends with a slash. */
export function formatTablePrefix(table: Table): string {
  return `${table.name}/`;
}

/** What the keys of a partition begin with; it ends with a slash. */
export function formatPartitionPrefix(table: Table, partition: Partition): string {
  return `${formatTablePrefix(table)}${PARTITION_COLUMN}=${partition}/`;
}

export function formatObjectKey({ table, partition, name }: LakeFile): string {
  return `${formatPartitionPrefix(table, partition)}${name}${EXTENSION}`;
}

/**
 * Where a file that cannot be read is kept: below no table, under an ending that nothing listens for, and
 * for other bytes another key.
 */
export function formatQuarantineKey(file: LakeFile): string {
  const { table, partition, name, version = '' } = file;
  const tag = version.replace(/[^0-9A-Za-z-]/g, '');
  return `_quarantine/${formatPartitionPrefix(table, partition)}${name}-${tag}${EXTENSION}.broken`;
}

/** The name of the file at a key of a partition, or undefined where it is none of the lake's. */
export function parseFileName(prefix: string, key: string): string | undefined {
  if (!key.startsWith(prefix) || !key.endsWith(EXTENSION)) return undefined;
  const name = key.slice(prefix.length, -EXTENSION.length);
  return name === '' || name.includes('/') ? undefined : name;
}

/** The file of the lake that a key names, or undefined where the key is not one of the lake's. */
export function parseObjectKey(key: string): LakeFile | undefined {
  const [tableName, folder = ''] = key.split('/');
  const table = tables.find(({ name }) => name === tableName);
  const value = folder.startsWith(`${PARTITION_COLUMN}=`)
    ? folder.slice(PARTITION_COLUMN.length + 1)
    : '';
  const partition = parsePartitionValue(value);
  if (table === undefined || partition === undefined) return undefined;
  const name = parseFileName(formatPartitionPrefix(table, partition), key);
  return name === undefined ? undefined : { table, partition, name };
}

/** An object as people and the AWS CLI write it. */
export function formatS3Uri(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

/** An object as the source of a copy. The header is part of an address: a name may hold any character. */
export function formatCopySource(bucket: string, key: string): string {
  return [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
}
