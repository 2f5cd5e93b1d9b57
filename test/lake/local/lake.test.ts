import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tables } from '../../../src/catalog/datasets.ts';
import { type Partition, parsePartition } from '../../../src/catalog/partition.ts';
import { BrokenFileError, LakeError, UnstorableValueError } from '../../../src/errors.ts';
import type { LakeFile } from '../../../src/lake/lake.ts';
import { createLocalLake } from '../../../src/lake/local/lake.ts';
import {
  findNewestPartition,
  getFilePath,
  getPartitionFolder,
  getTableFolder,
} from '../../../src/lake/local/layout.ts';
import { contentsBelow, filesBelow, newFolder } from '../../support/folders.ts';
import { sampleRow, wholeRow } from '../../support/rows.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';
import { sotTables, specTable } from '../../support/tables.ts';

const disk = mountSmallDisk();
const day = parsePartition('2026-11-20');
const fileOf = (name: string, partition = day, table = specTable): LakeFile => ({
  table,
  partition,
  name,
});

test.each(tables)('rows of $name come back from a file where users look for it', async (table) => {
  const root = await newFolder();
  const lake = createLocalLake(root);
  const partition = table.partition.grain === 'day' ? day : (2026 as Partition);
  const file = { table, partition, name: 'um' };
  const rows = [sampleRow(table), wholeRow(table, { [table.tickerColumn]: 'JABU4' })];
  const bytes = await lake.write(file, rows);
  const path = join(
    ...[table.layer, table.name, `${table.partition.column}=${partition}`, 'um.parquet'],
  );
  expect(await filesBelow(root)).toEqual([path]);
  expect(bytes).toBeGreaterThan(0);
  expect(await lake.files(table, partition)).toEqual([file]);
  expect(await lake.read(file)).toEqual(rows);
});

test('no rows write no file and make no folder', async () => {
  const root = await newFolder();
  const lake = createLocalLake(join(root, 'lake'));
  expect(await lake.write(fileOf('um'), [])).toBe(0);
  expect(await lake.partitions(specTable)).toEqual([]);
  expect(await lake.files(specTable, day)).toEqual([]);
  await expect(createLocalLake(root).partitions(specTable)).resolves.toEqual([]);
  expect(await findNewestPartition(join(root, 'lake'), specTable)).toBeUndefined();
});

test('a file of the same name is replaced', async () => {
  const lake = createLocalLake(await newFolder());
  await lake.write(fileOf('um'), [sampleRow(specTable), sampleRow(specTable)]);
  const newer = sampleRow(specTable, { vlr_cot: 7 });
  await lake.write(fileOf('um'), [newer]);
  expect(await lake.files(specTable, day)).toHaveLength(1);
  expect(await lake.read(fileOf('um'))).toEqual([newer]);
});

test('a row that cannot be stored leaves the file as it was', async () => {
  const root = await newFolder();
  const lake = createLocalLake(root);
  await lake.write(fileOf('um'), [sampleRow(specTable)]);
  const before = await contentsBelow(root);
  const bad = [sampleRow(specTable), sampleRow(specTable, { vlr_cot: 'caro' })];
  await expect(lake.write(fileOf('um'), bad)).rejects.toThrow(UnstorableValueError);
  await expect(lake.write(fileOf('dois'), bad)).rejects.toThrow(UnstorableValueError);
  expect(await contentsBelow(root)).toEqual(before);
});

test('the files of a day come the oldest first, and by name where they are equally old', async () => {
  const root = await newFolder();
  const lake = createLocalLake(root);
  const ages = { c: 3_000, a: 1_000, d: 2_000, b: 2_000, e: 2_000.5 };
  for (const [name, age] of Object.entries(ages)) {
    await lake.write(fileOf(name), [sampleRow(specTable)]);
    await utimes(getFilePath(root, fileOf(name)), age, age);
  }
  const names = (await lake.files(specTable, day)).map(({ name }) => name);
  expect(names).toEqual(['a', 'b', 'd', 'e', 'c']);
});

test('the days of a table come in order, without those that hold no file and what is no day', async () => {
  const root = await newFolder();
  const lake = createLocalLake(root);
  for (const date of ['2026-11-20', '2025-12-31', '2026-01-02']) {
    await lake.write(fileOf('um', parsePartition(date)), [sampleRow(specTable)]);
  }
  const folder = getTableFolder(root, specTable);
  await mkdir(join(folder, 'anomesdia_exec=20261121'));
  await mkdir(join(folder, 'anomesdia_exec=20261122'));
  await writeFile(join(folder, 'anomesdia_exec=20261122', 'note.txt'), 'no rows');
  await mkdir(join(folder, 'anomesdia_exec=20261341'));
  await writeFile(join(folder, 'anomesdia_exec=20261341', 'x.parquet'), 'x');
  await writeFile(join(folder, '.DS_Store'), 'x');
  expect(await lake.partitions(specTable)).toEqual([20251231, 20260102, 20261120]);
  expect(await lake.partitions(sotTables.acoes)).toEqual([]);
  expect(await findNewestPartition(root, specTable)).toBe(20261120);
  expect(await findNewestPartition(root, sotTables.acoes)).toBeUndefined();
});

test('files are removed; one that was deleted before is no error', async () => {
  const root = await newFolder();
  const lake = createLocalLake(root);
  for (const name of ['um', 'dois', 'tres']) await lake.write(fileOf(name), [sampleRow(specTable)]);
  await rm(getFilePath(root, fileOf('dois')));
  await lake.remove([fileOf('um'), fileOf('dois')]);
  expect(await lake.files(specTable, day)).toEqual([fileOf('tres')]);
});

describe('what cannot be read or written', () => {
  test('a file that is missing, and one that is garbage, are named', async () => {
    const root = await newFolder();
    const lake = createLocalLake(root);
    const path = getFilePath(root, fileOf('um'));
    await expect(lake.read(fileOf('um'))).rejects.toThrow(BrokenFileError);
    await expect(lake.read(fileOf('um'))).rejects.toThrow(path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'garbage');
    await expect(lake.read(fileOf('um'))).rejects.toThrow(BrokenFileError);
    await expect(lake.read(fileOf('um'))).rejects.toThrow(path);
  });

  test('a file in the place of a table is named', async () => {
    const root = await newFolder();
    const folder = getTableFolder(root, specTable);
    await mkdir(dirname(folder), { recursive: true });
    await writeFile(folder, 'in the way');
    const lake = createLocalLake(root);
    await expect(lake.partitions(specTable)).rejects.toThrow(`${folder} cannot be read`);
    await expect(lake.files(specTable, day)).rejects.toThrow(
      `${getPartitionFolder(root, specTable, day)} cannot be read`,
    );
    const writing = lake.write(fileOf('um'), [sampleRow(specTable)]);
    await expect(writing).rejects.toThrow(LakeError);
    await expect(writing).rejects.toThrow(/is a file, not a folder/);
    expect(await filesBelow(join(root, '_tmp'))).toEqual([]);
  });

  test.runIf(disk)('a full disk: the earlier rows stay, and nothing half written', async () => {
    const root = String(disk);
    const lake = createLocalLake(root);
    await lake.write(fileOf('um'), [sampleRow(specTable)]);
    const before = await contentsBelow(root);
    const many = Array.from({ length: 5_000 }, (_, at) =>
      sampleRow(specTable, { codigo_ticker_ativo: `T${at}`, vlr_cot: Math.sqrt(at) }),
    );
    await expect(lake.write(fileOf('um'), many)).rejects.toThrow(/the disk is full$/);
    await expect(lake.write(fileOf('dois'), many)).rejects.toThrow(/the disk is full$/);
    expect(await contentsBelow(root)).toEqual(before);
  });
});
