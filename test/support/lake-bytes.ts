/** A lake as bytes under paths, the same for a folder and for buckets: to spoil it, and to compare it. */
import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Layer, Table } from '../../src/catalog/dataset.ts';
import { tables } from '../../src/catalog/datasets.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import type { S3LakeLocation } from '../../src/lake/s3/layout.ts';
import { objectsIn, partitionsIn } from './account-contents.ts';
import type { AwsAccount, PlainRequest } from './aws-account.ts';
import { callAws } from './aws-calls.ts';
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

/** A lake in the stand-in. */
export interface LakeInAccount extends Pick<S3LakeLocation, 'buckets' | 'databases'> {
  readonly account: AwsAccount;
}

/** As the catalog of Glue describes it. */
interface DescribedTable {
  readonly Name: string;
  readonly PartitionKeys?: readonly unknown[];
  readonly StorageDescriptor: Readonly<Record<string, unknown>>;
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

/** Without the SDK, which takes most of the time of a request; and the tests that spoil a lake look at it often. */
export function bytesInBuckets({ account, buckets, databases }: LakeInAccount): LakeBytes {
  const pathTo = (path: string): string => {
    const [layer = '', ...key] = path.split('/');
    return `/${buckets[layer as Layer]}/${key.map(encodeURIComponent).join('/')}`;
  };
  const ask = async (path: string, init?: PlainRequest): Promise<Buffer> => {
    const { ok, status, bytes } = await account.fetch(path, init);
    if (!ok) throw new Error(`${init?.method ?? 'GET'} ${path}: ${status} ${bytes}`);
    return bytes;
  };
  return {
    get: (path) => ask(pathTo(path)),
    async put(path, bytes) {
      await ask(pathTo(path), { method: 'PUT', body: bytes });
    },
    async remove(path) {
      await ask(pathTo(path), { method: 'DELETE' });
    },
    async contents() {
      const contents: Record<string, string> = {};
      const listed = await Promise.all(
        Object.entries(buckets).map(
          async ([layer, bucket]) => [layer, await objectsIn(account, bucket)] as const,
        ),
      );
      for (const [layer, objects] of listed) {
        for (const { Key: key, ETag: hash } of objects) {
          const aside = key.startsWith('_quarantine/');
          const path = aside ? key.replace('/', `/${layer}/`) : `${layer}/${key}`;
          if (!key.startsWith('_runs/')) contents[path] = hash;
        }
      }
      return contents;
    },
    async catalog() {
      const partitions = tables.map(async ({ layer, name }) => {
        const named = { DatabaseName: databases[layer], TableName: name };
        const listed = await partitionsIn(account, named);
        return listed.map(({ Values, Location }) => `${name} ${Values.join()} ${Location}`);
      });
      const shapes = [...new Set(Object.values(databases))].map(async (DatabaseName) => {
        const { TableList: all } = (await callAws(account, 'AWSGlue.GetTables', {
          DatabaseName,
        })) as { readonly TableList: readonly DescribedTable[] };
        return all.map(({ Name, StorageDescriptor, PartitionKeys }) => {
          const { Columns, ...descriptor } = StorageDescriptor;
          return JSON.stringify([Name, Columns, descriptor, PartitionKeys]);
        });
      });
      return (await Promise.all([...partitions, ...shapes])).flat().sort().join('\n');
    },
  };
}
