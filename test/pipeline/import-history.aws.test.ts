import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetPartitionCommand } from '@aws-sdk/client-glue';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Partition } from '../../src/catalog/partition.ts';
import { FileChangedError } from '../../src/errors.ts';
import type { ColumnarLake } from '../../src/lake/lake.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { GlueCatalog } from '../../src/lake/s3/glue-catalog.ts';
import { createS3Lake, readS3Note, writeS3Note } from '../../src/lake/s3/lake.ts';
import { historyTable, importHistory } from '../../src/pipeline/import-history.ts';
import type { ImportNotes } from '../../src/pipeline/imported-years.ts';
import {
  createYearFile,
  defaultB3Settings,
  findPriceFiles,
  type PriceFile,
} from '../../src/sources/b3/files.ts';
import { createHttpClient } from '../../src/sources/http/client.ts';
import { hasAws, newAccount } from '../support/aws-account.ts';
import { type AwsLake, makeAwsLake } from '../support/aws-lake.ts';
import { formatCotahist, formatRecord } from '../support/cotahist.ts';
import { newFolder } from '../support/folders.ts';
import { serve } from '../support/raw-server.ts';

const records = ['TUCA3', 'JABU4'].map((ticker) => formatRecord({ ticker }));

describe.runIf(hasAws)('an import of prices into AWS', () => {
  let aws: AwsLake;
  let folder: string;

  beforeAll(async () => {
    aws = await makeAwsLake(newAccount());
    folder = await newFolder();
    await writeFile(join(folder, 'a.txt'), formatCotahist(records));
  });

  const importInto = async (
    lake: ColumnarLake,
    notes: ImportNotes,
    files?: readonly PriceFile[],
    baseUrl = 'http://127.0.0.1:1',
  ) => {
    const { signal } = new AbortController();
    const settings = { ...defaultB3Settings, baseUrl, pauseMs: 0, retries: 0 };
    return importHistory({
      files: files ?? (await findPriceFiles(folder)),
      markets: new Set(['010']),
      ...{ lake, notes, signal, folder: join(folder, 'fetched'), again: false },
      client: createHttpClient(settings, signal),
      now: () => new Date(),
      events: { onBytes: () => undefined, onFile: () => undefined },
    });
  };
  const notes: ImportNotes = {
    read: (name) => readS3Note(aws.s3, aws.buckets.sor, name),
    write: (name, text) => writeS3Note(aws.s3, aws.buckets.sor, name, text),
  };
  const noNotes: ImportNotes = { read: async () => undefined, write: async () => undefined };
  const key = `${historyTable.name}/ano=2024/dedup.parquet`;
  const storedBytes = async (): Promise<Buffer> => {
    const command = new GetObjectCommand({ Bucket: aws.buckets.sot, Key: key });
    const { Body: body } = await aws.s3.send(command);
    return Buffer.from((await body?.transformToByteArray()) ?? []);
  };
  const location = async (): Promise<string | undefined> => {
    const { Partition: partition } = await aws.glue.send(
      new GetPartitionCommand({
        DatabaseName: aws.databases.sot,
        TableName: historyTable.name,
        PartitionValues: ['2024'],
      }),
    );
    return partition?.StorageDescriptor?.Location;
  };

  test('stores the bytes of a local lake, and their year in the catalog', async () => {
    const root = join(folder, 'lake');
    await mkdir(root);
    const local = await importInto(createLocalLake(root), noNotes);
    expect(await importInto(createS3Lake(aws), notes)).toEqual(local);
    expect(local.years).toEqual([{ year: 2024, added: 2, changed: 0, rows: 2 }]);
    expect(await storedBytes()).toEqual(await readFile(join(root, 'sot', key)));
    expect(await location()).toBe(`s3://${aws.buckets.sot}/${historyTable.name}/ano=2024/`);
  });

  test('completes the catalog where an import died before it', async () => {
    await new GlueCatalog(aws).forget(historyTable, 2024 as Partition);
    const { years } = await importInto(createS3Lake(aws), notes);
    expect(years).toEqual([{ year: 2024, added: 0, changed: 0, rows: 2 }]);
    expect(await location()).toContain('ano=2024');
  });

  test('overwrites nothing that another import has written meanwhile', async () => {
    const lake = createS3Lake(aws);
    const [other, path] = [createS3Lake(aws), join(folder, 'b.txt')];
    await writeFile(path, formatCotahist([formatRecord({ ticker: 'ONCA11' })]));
    const late: ColumnarLake = {
      ...lake,
      async writeColumns(...write) {
        await importInto(other, notes, await findPriceFiles(path));
        return lake.writeColumns(...write);
      },
    };
    const changed = join(folder, 'c.txt');
    await writeFile(changed, formatCotahist([formatRecord({ close: 7 })]));
    const written = importInto(late, notes, await findPriceFiles(changed));
    await expect(written).rejects.toThrow(FileChangedError);
    const { years } = await importInto(lake, notes, await findPriceFiles(changed));
    expect(years).toEqual([{ year: 2024, added: 0, changed: 1, rows: 3 }]);
  });

  test('fetches a year once', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.end(formatCotahist(records, { made: '20241231' }));
    });
    for (const skipped of [[], [2024]]) {
      const report = await importInto(createS3Lake(aws), notes, [createYearFile(2024)], url);
      expect(report).toMatchObject({ skipped, failed: [] });
    }
    expect(asked).toBe(1);
  });
});
