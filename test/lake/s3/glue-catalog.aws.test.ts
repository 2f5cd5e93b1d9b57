/** A partition's columns are those of its table, whenever it was made. */
import {
  BatchDeletePartitionCommand,
  CreatePartitionCommand,
  GetPartitionCommand,
  GetTableCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import { parsePartition } from '../../../src/catalog/partition.ts';
import { LakeError } from '../../../src/errors.ts';
import { createS3Lake } from '../../../src/lake/s3/lake.ts';
import { type AwsAccount, hasAws, newAccount } from '../../support/aws-account.ts';
import { type AwsLake, clientsOf, makeAwsLake } from '../../support/aws-lake.ts';
import { specTable } from '../../support/tables.ts';

const day = parsePartition('2026-11-20');
const names = specTable.columns.map(({ name }) => name);
const row: Row = {
  ...Object.fromEntries(names.map((name) => [name, null])),
  codigo_ticker_ativo: 'PETR4',
};
const file = { table: specTable, partition: day, name: 'acoes-1.cotacao' };

describe.runIf(hasAws)('a partition that was registered before its table changed', () => {
  let account: AwsAccount;
  let aws: AwsLake;

  beforeAll(async () => {
    account = newAccount();
    aws = await makeAwsLake(account);
  });

  const ofTable = () => ({ DatabaseName: aws.databases.spec, TableName: specTable.name });
  const theDay = { PartitionValues: [String(day)] };
  const partition = async () => {
    const { Partition: found } = await aws.glue.send(
      new GetPartitionCommand({ ...ofTable(), ...theDay }),
    );
    return found;
  };
  const columns = async () =>
    (await partition())?.StorageDescriptor?.Columns?.map(({ Name }) => Name);
  const forget = () =>
    aws.glue.send(
      new BatchDeletePartitionCommand({
        ...ofTable(),
        PartitionsToDelete: [{ Values: [String(day)] }],
      }),
    );
  const tableEntry = async () => {
    const { Table: entry } = await aws.glue.send(
      new GetTableCommand({ DatabaseName: aws.databases.spec, Name: specTable.name }),
    );
    return entry;
  };

  /** As an earlier edition made it: without the last column, by a comment of its own. */
  beforeEach(async () => {
    await forget();
    const descriptor = (await tableEntry())?.StorageDescriptor;
    await aws.glue.send(
      new CreatePartitionCommand({
        ...ofTable(),
        PartitionInput: {
          Values: [String(day)],
          Parameters: { owner: 'somebody' },
          StorageDescriptor: {
            ...descriptor,
            Location: `s3://${aws.buckets.spec}/${specTable.name}/anomesdia_exec=${day}/`,
            Columns: descriptor?.Columns?.slice(0, -1),
          },
        },
      }),
    );
  });

  /** A lake whose calls of Glue are counted, and which another may disturb just before one of them. */
  function watched(before: Readonly<Record<string, () => Promise<unknown>>> = {}) {
    const { glue } = clientsOf(account);
    const calls: string[] = [];
    glue.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (call) => {
          calls.push(commandName);
          await before[commandName]?.();
          return next(call);
        },
      { step: 'initialize' },
    );
    return { lake: createS3Lake({ ...aws, glue }), calls };
  }

  test('has its columns once a file of that day is written, and all else as it was', async () => {
    expect(await columns()).toEqual(names.slice(0, -1));
    const before = await partition();
    await createS3Lake(aws).write(file, [row]);
    expect(await columns()).toEqual(names);
    const after = await partition();
    expect(after?.Parameters).toEqual({ owner: 'somebody' });
    expect({ ...after?.StorageDescriptor, Columns: [] }).toEqual({
      ...before?.StorageDescriptor,
      Columns: [],
    });
  });

  test('is changed once, and by several writers at once to the same', async () => {
    await Promise.all(
      ['a', 'b', 'c'].map((name) => createS3Lake(aws).write({ ...file, name }, [row])),
    );
    expect(await columns()).toEqual(names);
    const { lake, calls } = watched();
    await lake.write(file, [row]);
    expect(calls).toEqual(['GetPartitionCommand', 'GetTableCommand']);
  });

  test('and is taken out just then, is made anew', async () => {
    const { lake, calls } = watched({ UpdatePartitionCommand: forget });
    await lake.write(file, [row]);
    expect(calls.slice(-2)).toEqual(['UpdatePartitionCommand', 'CreatePartitionCommand']);
    expect(await columns()).toEqual(names);
  });

  test('and the table has columns that this edition does not know: the table is right', async () => {
    const entry = await tableEntry();
    const all = [...(entry?.StorageDescriptor?.Columns ?? []), { Name: 'novo', Type: 'string' }];
    const withColumns = (Columns: typeof all) =>
      aws.glue.send(
        new UpdateTableCommand({
          DatabaseName: aws.databases.spec,
          TableInput: {
            Name: specTable.name,
            PartitionKeys: entry?.PartitionKeys,
            StorageDescriptor: { ...entry?.StorageDescriptor, Columns },
          },
        }),
      );
    await withColumns(all);
    await createS3Lake(aws).write(file, [row]);
    expect(await columns()).toEqual([...names, 'novo']);
    await withColumns(all.slice(0, -1));
  });

  test('what AWS refuses is an error: the writer does not go on as if it were done', async () => {
    const { lake } = watched({
      UpdatePartitionCommand: () =>
        Promise.reject(Object.assign(new Error('no'), { name: 'AccessDeniedException' })),
    });
    await expect(lake.write(file, [row])).rejects.toThrow(LakeError);
  });
});
