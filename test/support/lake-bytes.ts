/** A lake as bytes under paths, the same for a folder and for buckets: to spoil it, and to compare it. */
import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GetPartitionsCommand, GetTablesCommand } from '@aws-sdk/client-glue';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { Layer, Table } from '../../src/catalog/dataset.ts';
import { tables } from '../../src/catalog/datasets.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import type { S3LakeLocation } from '../../src/lake/s3/layout.ts';
import { contentsBelow } from './folders.ts';

export interface LakeBytes {
  /** Paths begin with the layer, such as `spec/tbspec_…/anomesdia_exec=20261120/dedup.parquet`. */
  get(path: string): Promise<Buffer>;
  put(path: string, bytes: Uint8Array | string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Every file by its path with a hash of what it holds; what lies aside begins with `_quarantine`. */
  contents(): Promise<Record<string, string>>;
  /** What the catalog says, as text; "" where there is none. */
  catalog(): Promise<string>;
}

export function pathOf({ layer, name }: Table, day: Partition, file = 'dedup.parquet'): string {
  return `${layer}/${name}/anomesdia_exec=${day}/${file}`;
}

export function bytesInFolder(root: string): LakeBytes {
  return {
    get: (path) => readFile(join(root, path)),
    async put(path, bytes) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), bytes);
    },
    async remove(path) {
      await rm(join(root, path));
      // The last file takes its folder along, as it does in a bucket.
      await rmdir(dirname(join(root, path))).catch(() => undefined);
    },
    async contents() {
      const all = Object.entries(await contentsBelow(root));
      return Object.fromEntries(all.filter(([path]) => !path.startsWith('_runs')));
    },
    catalog: async () => '',
  };
}

export function bytesInBuckets({ s3, glue, buckets, databases }: S3LakeLocation): LakeBytes {
  const place = (path: string): { Bucket: string; Key: string } => {
    const [layer = '', ...key] = path.split('/');
    return { Bucket: buckets[layer as Layer], Key: key.join('/') };
  };
  return {
    async get(path) {
      const { Body } = await s3.send(new GetObjectCommand(place(path)));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    async put(path, bytes) {
      await s3.send(new PutObjectCommand({ ...place(path), Body: Buffer.from(bytes) }));
    },
    async remove(path) {
      await s3.send(new DeleteObjectCommand(place(path)));
    },
    async contents() {
      const contents: Record<string, string> = {};
      const listed = await Promise.all(
        Object.entries(buckets).map(
          async ([layer, Bucket]) =>
            [layer, await s3.send(new ListObjectsV2Command({ Bucket }))] as const,
        ),
      );
      for (const [layer, { Contents = [] }] of listed) {
        for (const { Key = '', ETag = '' } of Contents) {
          const aside = Key.startsWith('_quarantine/');
          const path = aside ? Key.replace('/', `/${layer}/`) : `${layer}/${Key}`;
          if (!Key.startsWith('_runs/')) contents[path] = ETag;
        }
      }
      return contents;
    },
    async catalog() {
      const partitions = tables.map(async ({ layer, name }) => {
        const table = { DatabaseName: databases[layer], TableName: name };
        const { Partitions = [] } = await glue.send(new GetPartitionsCommand(table));
        return Partitions.map(
          ({ Values, StorageDescriptor }) =>
            `${name} ${Values?.join()} ${StorageDescriptor?.Location}`,
        );
      });
      const shapes = [...new Set(Object.values(databases))].map(async (DatabaseName) => {
        const { TableList = [] } = await glue.send(new GetTablesCommand({ DatabaseName }));
        return TableList.map(({ Name, StorageDescriptor, PartitionKeys }) => {
          const { Columns, ...descriptor } = StorageDescriptor ?? {};
          return JSON.stringify([Name, Columns, descriptor, PartitionKeys]);
        });
      });
      return (await Promise.all([...partitions, ...shapes])).flat().sort().join('\n');
    },
  };
}
