import { randomBytes } from 'node:crypto';
import { GetPartitionCommand, GetPartitionsCommand } from '@aws-sdk/client-glue';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import type { Table } from '../../../src/catalog/dataset.ts';
import { parsePartition } from '../../../src/catalog/partition.ts';
import {
  BrokenFileError,
  FileChangedError,
  LakeError,
  MissingFileError,
  UnstorableValueError,
} from '../../../src/errors.ts';
import type { LakeFile } from '../../../src/lake/lake.ts';
import { createS3Inspector, createS3Lake, deletePartition } from '../../../src/lake/s3/lake.ts';
import { formatObjectKey } from '../../../src/lake/s3/layout.ts';
import { type AwsAccount, hasAws, newAccount } from '../../support/aws-account.ts';
import { type AwsLake, clientsOf, makeAwsLake } from '../../support/aws-lake.ts';
import { sorTables, sotTables, specTable } from '../../support/tables.ts';

const day = parsePartition('2026-11-20');
const nextDay = parsePartition('2026-11-21');

describe.runIf(hasAws)('the lake in S3', () => {
  let account: AwsAccount;
  let aws: AwsLake;

  beforeAll(async () => {
    account = newAccount();
    aws = await makeAwsLake(account);
  });

  const quote = (ticker: string, price = 10): Row => ({
    ...Object.fromEntries(specTable.columns.map(({ name }) => [name, null])),
    codigo_ticker_ativo: ticker,
    vlr_cot: price,
  });
  const fileOf = (name: string, partition = day, table: Table = specTable): LakeFile => ({
    table,
    partition,
    name,
  });
  /** A lake of its own each time, over the same buckets: what one learns, another does not know. */
  const lake = () => createS3Lake(aws);
  const emptyDay = () => deletePartition(aws, specTable, day);

  test('what is written is read back, and the catalog knows where it is', async () => {
    await emptyDay();
    const bytes = await lake().write(fileOf('acoes-1.cotacao'), [quote('PETR4'), quote('VALE3')]);
    expect(await lake().read(fileOf('acoes-1.cotacao'))).toEqual([quote('PETR4'), quote('VALE3')]);
    const head = await aws.s3.send(
      new HeadObjectCommand({
        Bucket: aws.buckets.spec,
        Key: `${specTable.name}/anomesdia_exec=20261120/acoes-1.cotacao.parquet`,
      }),
    );
    expect(head.ContentLength).toBe(bytes);
    const { Partition: partition } = await aws.glue.send(
      new GetPartitionCommand({
        DatabaseName: aws.databases.spec,
        TableName: specTable.name,
        PartitionValues: ['20261120'],
      }),
    );
    expect(partition?.StorageDescriptor).toMatchObject({
      Location: `s3://${aws.buckets.spec}/${specTable.name}/anomesdia_exec=20261120/`,
      SerdeInfo: {
        SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
      },
    });
    expect(partition?.StorageDescriptor?.Columns?.map(({ Name }) => Name)).toEqual(
      specTable.columns.map(({ name }) => name),
    );
  });

  test('no rows write no object and no partition', async () => {
    const table = sorTables.fiis;
    expect(await lake().write(fileOf('fiis-1.raw', day, table), [])).toBe(0);
    expect(await lake().files(table, day)).toEqual([]);
    expect(await lake().partitions(table)).toEqual([]);
  });

  test('a value that does not fit its column writes nothing', async () => {
    await emptyDay();
    const bad = { ...quote('PETR4'), vlr_cot: 'ten' };
    await expect(lake().write(fileOf('acoes-1.cotacao'), [bad])).rejects.toThrow(
      UnstorableValueError,
    );
    expect(await lake().files(specTable, day)).toEqual([]);
  });

  test('writers at the same time register a partition once', async () => {
    const table = sotTables.acoes;
    const row = Object.fromEntries(table.columns.map(({ name }) => [name, null]));
    await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((name) =>
        lake().write(fileOf(`acoes-${name}.prep`, day, table), [{ ...row, nome_papel: name }]),
      ),
    );
    const { Partitions: partitions } = await aws.glue.send(
      new GetPartitionsCommand({ DatabaseName: aws.databases.sot, TableName: table.name }),
    );
    expect(partitions).toHaveLength(1);
  });

  test('partitions come from the catalog, in order, page by page', async () => {
    const { glue } = clientsOf(account);
    const pages = [['20261121'], ['not-a-day'], ['20261119', '20261120']];
    glue.middlewareStack.add(
      (_next, { commandName }) =>
        async ({ input }) => {
          expect(commandName).toBe('GetPartitionsCommand');
          expect(input).toMatchObject({ ExcludeColumnSchema: true });
          const page = Number((input as { NextToken?: string }).NextToken ?? 0);
          const more = page + 1 < pages.length ? { NextToken: String(page + 1) } : {};
          const Partitions = pages[page]?.map((value) => ({ Values: [value] })) ?? [];
          return { output: { $metadata: {}, Partitions, ...more }, response: {} };
        },
      { step: 'initialize' },
    );
    expect(await createS3Lake({ ...aws, glue }).partitions(specTable)).toEqual([
      20261119, 20261120, 20261121,
    ]);
  });

  test('files come oldest first, those of one second by name, page by page', async () => {
    await emptyDay();
    const names = ['b.cotacao', 'a.cotacao', 'd.cotacao', 'c.cotacao', 'e.cotacao'];
    for (const name of names) await lake().write(fileOf(name), [quote('PETR4')]);
    await aws.s3.send(
      new PutObjectCommand({
        Bucket: aws.buckets.spec,
        Key: `${specTable.name}/anomesdia_exec=20261120/notes.txt`,
        Body: 'not a file of the lake',
      }),
    );
    const { s3 } = clientsOf(account);
    let calls = 0;
    s3.middlewareStack.add(
      (next) => async (call) => {
        calls += 1;
        const answer = await next({ ...call, input: { ...call.input, MaxKeys: 2 } as never });
        const { Contents: contents } = answer.output as {
          Contents?: { Key: string; LastModified: Date }[];
        };
        for (const object of contents ?? []) {
          const old = object.Key.includes('/d.cotacao');
          object.LastModified = new Date(old ? '2026-11-20T21:00:00Z' : '2026-11-20T22:00:00Z');
        }
        return answer;
      },
      { step: 'initialize' },
    );
    const files = await createS3Lake({ ...aws, s3 }).files(specTable, day);
    expect(files.map(({ name }) => name)).toEqual([
      'd.cotacao',
      'a.cotacao',
      'b.cotacao',
      'c.cotacao',
      'e.cotacao',
    ]);
    expect(calls).toBe(3);
  });

  test('a file that is not there, and one that is no Parquet file, are two errors', async () => {
    const missing = lake().read(fileOf('nobody.cotacao'));
    await expect(missing).rejects.toThrow(MissingFileError);
    await expect(missing).rejects.toThrow(/s3:\/\/pynvest-spec\/.*nobody\.cotacao\.parquet/);
    await aws.s3.send(
      new PutObjectCommand({
        Bucket: aws.buckets.spec,
        Key: formatObjectKey(fileOf('broken.cotacao')),
        Body: 'PAR1, but no more',
      }),
    );
    const broken = lake().read(fileOf('broken.cotacao'));
    await expect(broken).rejects.toThrow(BrokenFileError);
    await expect(broken).rejects.not.toThrow(MissingFileError);
  });

  test('a condition lets the second of two writers know of the first', async () => {
    await emptyDay();
    const dedup = fileOf('dedup');
    await lake().write(dedup, [quote('PETR4')], { expected: undefined });
    await expect(lake().write(dedup, [quote('X')], { expected: undefined })).rejects.toThrow(
      FileChangedError,
    );
    const [listed] = await lake().files(specTable, day);
    await lake().write(dedup, [quote('PETR4', 11)], { expected: listed });
    await expect(lake().write(dedup, [quote('X')], { expected: listed })).rejects.toThrow(
      FileChangedError,
    );
    expect(await lake().read(dedup)).toEqual([quote('PETR4', 11)]);
    if (listed === undefined) throw new Error('nothing was listed');
    await expect(lake().read(listed)).rejects.toThrow(FileChangedError);
  });

  test('a file that changed since it was listed is not removed; the others are', async () => {
    await emptyDay();
    await lake().write(fileOf('a.cotacao'), [quote('PETR4')]);
    await lake().write(fileOf('b.cotacao'), [quote('VALE3')]);
    const listed = await lake().files(specTable, day);
    await lake().write(fileOf('a.cotacao'), [quote('PETR4', 11)]);
    await expect(lake().remove(listed)).rejects.toThrow(FileChangedError);
    const left = await lake().files(specTable, day);
    expect(left.map(({ name }) => name)).toEqual(['a.cotacao']);
    await lake().remove(left);
    expect(await lake().files(specTable, day)).toEqual([]);
    await lake().remove([fileOf('gone.cotacao')]);
  });

  test('removing takes a thousand objects at a time, and its errors are errors', async () => {
    const { s3 } = clientsOf(account);
    const chunks: number[] = [];
    s3.middlewareStack.add(
      (_next) =>
        async ({ input }) => {
          const { Objects: objects } = (input as { Delete: { Objects: { Key: string }[] } }).Delete;
          chunks.push(objects.length);
          const denied = objects.some(({ Key }) => Key.includes('/denied.'));
          const Errors = denied ? [{ Key: 'k', Code: 'AccessDenied', Message: 'no' }] : undefined;
          return { output: { $metadata: {}, Errors }, response: {} };
        },
      { step: 'initialize' },
    );
    const watched = createS3Lake({ ...aws, s3 });
    await watched.remove(Array.from({ length: 2_001 }, (_, index) => fileOf(`n${index}.cotacao`)));
    expect(chunks).toEqual([1000, 1000, 1]);
    await expect(watched.remove([fileOf('denied.cotacao')])).rejects.toThrow(/AccessDenied/);
    await watched.remove([]);
    expect(chunks).toHaveLength(4);
  });

  test('deleting a partition leaves nothing of it and nothing else out, twice as well', async () => {
    await emptyDay();
    await lake().write(fileOf('a.cotacao'), [quote('PETR4')]);
    await lake().write(fileOf('a.cotacao', nextDay), [quote('PETR4')]);
    await aws.s3.send(
      new PutObjectCommand({
        Bucket: aws.buckets.spec,
        Key: `${specTable.name}/anomesdia_exec=20261120/_SUCCESS`,
        Body: 'left by another tool',
      }),
    );
    expect(await deletePartition(aws, specTable, day)).toBe(2);
    expect(await deletePartition(aws, specTable, day)).toBe(0);
    expect(await lake().partitions(specTable)).toEqual([nextDay]);
    expect(await lake().files(specTable, nextDay)).toHaveLength(1);
    await deletePartition(aws, specTable, nextDay);
  });

  test('a bucket or a table that is not there is named, with what to do', async () => {
    const noBucket = createS3Lake({ ...aws, buckets: { ...aws.buckets, spec: 'not-there' } });
    const noTable = createS3Lake({ ...aws, databases: { ...aws.databases, spec: 'db_not_there' } });
    await expect(noBucket.files(specTable, day)).rejects.toThrow(
      /s3:\/\/not-there\/.*NoSuchBucket/,
    );
    await expect(noBucket.write(fileOf('a.cotacao'), [quote('PETR4')])).rejects.toMatchObject({
      name: 'LakeError',
      hint: expect.stringContaining('pynvest deploy'),
    });
    await expect(noTable.write(fileOf('a.cotacao'), [quote('PETR4')])).rejects.toThrow(
      /db_not_there\.tbspec_fundamentus_cotacao_ativos/,
    );
    await expect(noTable.partitions(specTable)).rejects.toThrow(LakeError);
    await emptyDay();
  });

  test('a byte that is wrong in any part of an object is found, of an older one on demand', async () => {
    await emptyDay();
    const rows = Array.from({ length: 30 }, (_, at) => quote(`AB${at}3`, at * 46.48));
    await lake().write(fileOf('dedup'), rows);
    const name = { Bucket: aws.buckets.spec, Key: formatObjectKey(fileOf('dedup')) };
    const { Body: body } = await aws.s3.send(new GetObjectCommand(name));
    const bytes = (await body?.transformToByteArray()) ?? new Uint8Array();
    const afterMonths = Date.now() + 90 * 24 * 3_600_000;
    const look = async (settings: Parameters<typeof createS3Inspector>[1]) => {
      const inspector = createS3Inspector(aws, settings);
      const { files } = await inspector.contents(specTable);
      const file = files.find(({ partition }) => partition === day);
      if (file === undefined) throw new Error('the object is not listed');
      return inspector.shape(file).catch((error: unknown) => error);
    };
    expect(await look({})).toMatchObject({ rows: 30 });
    const parts = Array.from({ length: 48 }, (_, at) => Math.floor((at * bytes.length) / 48));
    for (const at of [...parts, bytes.length - 1]) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      await aws.s3.send(new PutObjectCommand({ ...name, Body: damaged }));
      expect(await look({}), `byte ${at}`).toBeInstanceOf(BrokenFileError);
      expect(await look({ rereads: true, now: afterMonths })).toBeInstanceOf(BrokenFileError);
      await expect(lake().read(fileOf('dedup')), `byte ${at}`).rejects.toThrow(BrokenFileError);
    }
    const inValues = Uint8Array.from(bytes);
    inValues[200] = (inValues[200] ?? 0) ^ 0x10;
    await aws.s3.send(new PutObjectCommand({ ...name, Body: inValues }));
    expect(await look({ now: afterMonths })).toMatchObject({ rows: 30 });
    await emptyDay();
  });

  test('an object of the size of a day is read once for its shape and its rows, one of a year is not kept', async () => {
    await emptyDay();
    const text = (): string => randomBytes(600).toString('base64');
    const large = Array.from({ length: 2_000 }, () => quote(text()));
    expect(await lake().write(fileOf('large'), large)).toBeGreaterThan(2 ** 20);
    await lake().write(fileOf('small'), large.slice(0, 100));
    const { s3 } = clientsOf(account);
    const read: string[] = [];
    s3.middlewareStack.add(
      (next, { commandName }) =>
        async (call) => {
          const { Key: key = '' } = call.input as { readonly Key?: string };
          if (commandName === 'GetObjectCommand') read.push(key.split('/').at(-1) ?? '');
          return next(call);
        },
      { step: 'initialize' },
    );
    const inspector = createS3Inspector({ ...aws, s3 });
    const { files } = await inspector.contents(specTable);
    const counts: (number | undefined)[] = [];
    for (const file of files) {
      const { rows } = await inspector.shape(file);
      counts.push(rows, (await inspector.rows?.(file))?.length);
    }
    expect(counts).toEqual([2_000, 2_000, 100, 100]);
    expect(read).toEqual(['large.parquet', 'large.parquet', 'small.parquet']);
    await emptyDay();
  });
});
