/** Where the lake's files stand in S3, and which file a key names. Pure. */
import { PARTITION_COLUMN, type Partition, partitionOfValue } from '../catalog/partition.ts';
import { type Layer, type Table, tables } from '../catalog/tables.ts';
import type { LakeFile } from './lake.ts';
import { EXTENSION } from './names.ts';

/** One bucket, or one database, a layer; two layers may share one. */
export type ByLayer = Readonly<Record<Layer, string>>;

/** What the keys of a table begin with; it ends with a slash. */
export function tablePrefix(table: Table): string {
  return `${table.name}/`;
}

/** What the keys of a partition begin with; it ends with a slash. */
export function partitionPrefix(table: Table, partition: Partition): string {
  return `${tablePrefix(table)}${PARTITION_COLUMN}=${partition}/`;
}

export function objectKey({ table, partition, name }: LakeFile): string {
  return `${partitionPrefix(table, partition)}${name}${EXTENSION}`;
}

/**
 * Where a file that cannot be read is kept: below no table, under an ending that nothing listens for, and
 * for other bytes another key.
 */
export function quarantineKey(file: LakeFile): string {
  const { table, partition, name, version = '' } = file;
  const tag = version.replace(/[^0-9A-Za-z-]/g, '');
  return `_quarantine/${partitionPrefix(table, partition)}${name}-${tag}${EXTENSION}.broken`;
}

/** The name of the file at a key of a partition, or undefined where it is none of the lake's. */
export function fileNameIn(prefix: string, key: string): string | undefined {
  if (!key.startsWith(prefix) || !key.endsWith(EXTENSION)) return undefined;
  const name = key.slice(prefix.length, -EXTENSION.length);
  return name === '' || name.includes('/') ? undefined : name;
}

/** The file of the lake that a key names, or undefined where the key is not one of the lake's. */
export function fileOfKey(key: string): LakeFile | undefined {
  const [tableName, folder = ''] = key.split('/');
  const table = tables.find(({ name }) => name === tableName);
  const value = folder.startsWith(`${PARTITION_COLUMN}=`)
    ? folder.slice(PARTITION_COLUMN.length + 1)
    : '';
  const partition = partitionOfValue(value);
  if (table === undefined || partition === undefined) return undefined;
  const name = fileNameIn(partitionPrefix(table, partition), key);
  return name === undefined ? undefined : { table, partition, name };
}

/** An object as people and the AWS CLI write it. */
export function s3Uri(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

/** An object as the source of a copy. The header is part of an address: a name may hold any character. */
export function copySource(bucket: string, key: string): string {
  return [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
}
